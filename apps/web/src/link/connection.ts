/**
 * Keeps a stream alive: connects, notices silence, reconnects with growing delays, and gives up
 * where another attempt would be refused again.
 *
 * Socket and timers come in as arguments, so that the rules can be tested without either. What a
 * frame means is not its business, beyond what ends a connection.
 */
import { delayMs } from "./backoff.ts";
import { DecodeError, Decoder, ProtocolError } from "../wire/decode.ts";
import type { ClientMessage, ServerError, ServerMessage } from "../wire/messages.ts";

/** How the connection is. */
export type LinkState =
  | { readonly kind: "connecting"; readonly attempt: number }
  | { readonly kind: "open" }
  /** Open, but silent for longer than a live server ever is. */
  | { readonly kind: "stale" }
  | {
      readonly kind: "waiting";
      readonly attempt: number;
      readonly retryInMs: number;
      readonly cause: Cause;
    }
  /** The input ended and everything has arrived. */
  | { readonly kind: "ended" }
  /** The server will not take this query, however often it is asked. */
  | { readonly kind: "refused" }
  /** The input cannot be read any further; another attempt would end at the same place. */
  | { readonly kind: "failed" }
  /** The server speaks a later version than this page. */
  | { readonly kind: "incompatible"; readonly reason: string };

/** Why a connection is lost. */
export type Cause = "unreachable" | "stopped" | "failed" | "full" | "slow";

/** What a connection tells its owner. */
export type LinkEvent =
  | { readonly type: "link"; readonly state: LinkState }
  | { readonly type: "message"; readonly message: ServerMessage }
  /** A frame that could not be read and was left out. */
  | { readonly type: "malformed"; readonly reason: string }
  /** When the data of the session begins; `null` if that could not be found out. */
  | { readonly type: "first"; readonly tsNs: bigint | null };

/** As much of a `WebSocket` as a connection needs. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((frame: Uint8Array) => void) | null;
  onclose: ((code: number) => void) | null;
  send(text: string): void;
  close(): void;
}

/** What a connection takes from its surroundings. */
export interface Surroundings {
  open(url: string): Socket;
  after(ms: number, action: () => void): () => void;
}

/** A server sends a status each second; silence for this long means that it does not. */
export const STALE_MS = 5_000;

const ENDED = 1000;
const CLIENT_AT_FAULT = 1008;
const CAUSES: ReadonlyMap<number, Cause> = new Map([
  [1001, "stopped"],
  [CLIENT_AT_FAULT, "slow"],
  [1011, "failed"],
  [1013, "full"],
]);

/** The one fault of a client after which it may well try again. */
const WORTH_A_RETRY = "too_slow";

/** The one fault of a server after which it is pointless to. */
const POINTLESS_TO_RETRY = "source_failed";

export class Connection {
  #url: string;
  readonly #surroundings: Surroundings;
  readonly #tell: (event: LinkEvent) => void;
  #socket: Socket | null = null;
  #attempt = 0;
  #lastError: ServerError | null = null;
  #cancelTimer: () => void = () => undefined;
  #isStale = false;

  constructor(url: string, surroundings: Surroundings, tell: (event: LinkEvent) => void) {
    this.#url = url;
    this.#surroundings = surroundings;
    this.#tell = tell;
    this.#connect();
  }

  /** Sends a message if the connection is open; one that is not has no replay to steer. */
  send(message: ClientMessage): void {
    if (this.#attempt === 0) this.#socket?.send(JSON.stringify(message));
  }

  /** Sets where the next attempt connects to. */
  redirect(url: string): void {
    this.#url = url;
  }

  /** Connects at once instead of waiting for the next attempt. */
  retry(): void {
    if (this.#socket === null) this.#connect();
  }

  close(): void {
    this.#cancelTimer();
    this.#drop();
  }

  #connect(): void {
    this.#cancelTimer();
    this.#attempt += 1;
    this.#state({ kind: "connecting", attempt: this.#attempt });
    const decoder = new Decoder();
    const socket = this.#surroundings.open(this.#url);
    this.#socket = socket;
    this.#lastError = null;
    // An open socket proves little: a refused query is upgraded too. The first message counts.
    socket.onopen = () => this.#watch();
    socket.onmessage = (frame) => this.#take(decoder, frame);
    socket.onclose = (code) => this.#closed(code);
    this.#watch();
  }

  #take(decoder: Decoder, frame: Uint8Array): void {
    this.#watch();
    try {
      const message = decoder.decode(frame);
      if (message.type === "error") {
        this.#lastError = message;
      } else if (this.#attempt > 0) {
        this.#attempt = 0;
        this.#state({ kind: "open" });
      }
      this.#tell({ type: "message", message });
    } catch (error) {
      if (error instanceof ProtocolError) {
        this.close();
        this.#state({ kind: "incompatible", reason: error.message });
      } else if (error instanceof DecodeError) {
        this.#tell({ type: "malformed", reason: error.message });
      } else {
        throw error;
      }
    }
  }

  /** Begins to wait for the next sign of life. */
  #watch(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#surroundings.after(STALE_MS, () => this.#silent());
    if (this.#isStale) {
      this.#isStale = false;
      if (this.#attempt === 0) this.#state({ kind: "open" });
    }
  }

  #silent(): void {
    if (this.#attempt === 0) {
      this.#isStale = true;
      this.#state({ kind: "stale" });
    } else {
      // A server that accepts the connection and sends nothing is as good as none.
      this.#drop();
      this.#wait("unreachable");
    }
  }

  #closed(code: number): void {
    this.#cancelTimer();
    this.#drop();
    if (code === ENDED) {
      this.#state({ kind: "ended" });
    } else if (code === CLIENT_AT_FAULT && this.#lastError?.code !== WORTH_A_RETRY) {
      this.#state({ kind: "refused" });
    } else if (this.#lastError?.code === POINTLESS_TO_RETRY) {
      this.#state({ kind: "failed" });
    } else {
      this.#wait(CAUSES.get(code) ?? "unreachable");
    }
  }

  #wait(cause: Cause): void {
    const attempt = this.#attempt + 1;
    const retryInMs = delayMs(attempt);
    this.#state({ kind: "waiting", attempt, retryInMs, cause });
    this.#cancelTimer = this.#surroundings.after(retryInMs, () => this.#connect());
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#isStale = false;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #state(state: LinkState): void {
    this.#tell({ type: "link", state });
  }
}
