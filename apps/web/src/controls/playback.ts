/**
 * The stream behind a page: which session it opens, where it connects again, and what a seek does.
 *
 * It shows nothing itself; what there is to show it passes on.
 */
import { delayMs } from "../link/backoff.ts";
import type { LinkEvent, LinkState } from "../link/connection.ts";
import { isComplete, streamUrl, withValues } from "../link/query.ts";
import { fetchSessions, newestReady } from "../link/sessions.ts";
import { Stream } from "../link/stream.ts";
import { ReplayPlace, type Values } from "../state/replay-place.ts";
import type { ClientMessage, RuntimeConfig } from "../wire/messages.ts";

/** Which stream a page shows. */
export interface Source {
  readonly streamPath: string;
  /** Whether a query that names no session opens the newest one; otherwise the server chooses. */
  readonly opensNewest: boolean;
  /** Whether the stream takes the parameter `source`. */
  readonly asksSource: boolean;
}

export interface PlaybackListener {
  listen(event: Exclude<LinkEvent, { readonly type: "first" }>): void;
  /** A seek went nowhere, or elsewhere. */
  missed(reason: string): void;
  /** The speed that was asked for. */
  speed(speed: number): void;
  /** The server has no session that could be shown. */
  empty(): void;
}

/** What a query must name where the server chooses no session. */
const SESSION = ["symbol", "dt"] as const;

const STAYS = "The picture stays where it was.";

export class Playback {
  readonly #source: Source;
  readonly #listener: PlaybackListener;
  readonly #stream: Stream;
  readonly #place = new ReplayPlace();
  /** The query of the stream: the page's, with the session that it opened on. */
  #search = location.search;
  #hasEnded = false;
  /** A seek that waits to know when the data begins. */
  #soughtClock: string | null = null;

  constructor(source: Source, listener: PlaybackListener) {
    this.#source = source;
    this.#listener = listener;
    this.#stream = new Stream((event) => this.#listen(event));
  }

  begin(): void {
    const isNamed = isComplete(location.search, SESSION);
    if (this.#source.opensNewest && !isNamed) void this.#openNewest();
    else this.#connect({});
  }

  /** Connects at once instead of waiting for the next attempt. */
  retry(): void {
    this.#stream.retry();
  }

  /** Plays the session from where the query starts it. */
  playAgain(): void {
    this.#connect(this.#place.beginning());
  }

  /** Carries out what a control asks for; where the replay is over, another one is begun. */
  ask(message: ClientMessage): void {
    this.#place.asked(message);
    switch (message.type) {
      case "seek":
        this.#seek(message.start_time);
        break;
      case "speed":
        this.#listener.speed(message.value);
        this.#stream.send(message);
        break;
      case "restart":
        if (this.#place.isRestartedAnew) this.playAgain();
        else this.#stream.send(message);
        break;
      case "pause":
      case "resume":
        if (this.#hasEnded) this.playAgain();
        else this.#stream.send(message);
        break;
    }
  }

  /** Takes the time of an update, and says whether it is to be shown. */
  takesUpdate(tsNs: bigint): boolean {
    const { isShown, remark } = this.#place.takeUpdate(tsNs);
    if (remark !== null) this.#listener.missed(remark);
    return isShown;
  }

  // --- What comes in ---

  #listen(event: LinkEvent): void {
    switch (event.type) {
      case "first":
        this.#place.takeFirst(event.tsNs);
        if (this.#soughtClock !== null) this.#seek(this.#soughtClock);
        return;
      case "link":
        if (this.#goesOn(event.state)) return;
        break;
      case "message":
        if (event.message.type === "runtime_config") this.#takeConfig(event.message);
        else if (event.message.type === "status") this.#place.takePhase(event.message.phase);
        else if (event.message.type === "error") this.#place.refused();
        break;
      case "malformed":
        break;
    }
    this.#listener.listen(event);
  }

  #takeConfig(config: RuntimeConfig): void {
    for (const reply of this.#place.takeConfig(config)) this.#stream.send(reply);
  }

  /** Follows the connection; returns whether the end of a replay is but the end of a seek. */
  #goesOn(link: LinkState): boolean {
    this.#hasEnded = link.kind === "ended";
    // The next attempt goes on where this connection was.
    if (link.kind === "waiting" && this.#place.isKept) {
      this.#stream.redirect(this.#url(this.#place.returning()));
    }
    if (link.kind !== "ended") return false;
    const ending = this.#place.ended();
    if (ending.kind === "ended") return false;
    this.#listener.missed(`${ending.reason} ${STAYS}`);
    if (ending.kind === "stay") return false;
    this.#connect(this.#place.returning());
    return true;
  }

  // --- What goes out ---

  /** Seeks to a time of day, or says why not. The first seek finds out when the data begins. */
  #seek(clock: string): void {
    const isAsking = this.#soughtClock !== null;
    const probe = !isAsking && this.#place.wantsFirst ? this.#place.probe() : null;
    if (probe !== null) {
      this.#soughtClock = clock;
      this.#stream.probe(this.#url(probe, ""));
      return;
    }
    this.#soughtClock = null;
    const plan = this.#place.seek(clock);
    if (plan.kind === "send") this.#stream.send(plan.message);
    else if (plan.kind === "connect") this.#connect(this.#place.returning());
    else this.#listener.missed(`${plan.reason} ${STAYS}`);
  }

  /** Opens the newest session that is ready. The address stays as it is: it means the newest. */
  async #openNewest(attempt = 1): Promise<void> {
    let sessions;
    try {
      sessions = await fetchSessions();
    } catch {
      const retryInMs = delayMs(attempt);
      const state = { kind: "waiting", attempt: attempt + 1, retryInMs, cause: "unreachable" } as const;
      this.#listener.listen({ type: "link", state });
      setTimeout(() => void this.#openNewest(attempt + 1), retryInMs);
      return;
    }
    const newest = newestReady(sessions, location.search);
    if (newest === null) {
      this.#listener.listen({ type: "link", state: { kind: "refused" } });
      this.#listener.empty();
      return;
    }
    const { productType, symbol, dt } = newest;
    this.#search = withValues(location.search, { product_type: productType, symbol, dt });
    this.#connect({});
  }

  /** Connects anew, with some values of the query replaced. */
  #connect(values: Values): void {
    this.#hasEnded = false;
    this.#stream.connect(this.#url(values));
  }

  #url(values: Values, search = this.#search): string {
    const { source, ...others } = values;
    const isTaken = this.#source.asksSource && source !== undefined;
    const query = withValues(search, isTaken ? { ...others, source } : others);
    const { protocol, host } = location;
    return streamUrl({ protocol, host, search: query }, this.#source.streamPath);
  }
}
