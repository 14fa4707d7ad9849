/** Says across the page what is wrong with the connection, and what to do about it. */
import type { Banners } from "./banners.ts";
import type { Cause, LinkState } from "../link/connection.ts";
import type { ServerError } from "../wire/messages.ts";

/** Errors that answer a message and end nothing. */
const PASSING: ReadonlySet<string> = new Set(["bad_message", "shared_replay"]);

/** How long a passing error and a remark stay. */
const PASSING_MS = 15_000;

const CAUSES: Readonly<Record<Cause, string>> = {
  unreachable: "does not answer",
  stopped: "has stopped",
  failed: "closed the stream because of an error",
  full: "runs as many replays as it may",
  slow: "closed the stream because this page was too slow",
};

/** What the user can do from a banner. */
export interface Ways {
  readonly retry: () => void;
  readonly playAgain: () => void;
  readonly choose: () => void;
}

export class LinkBanners {
  readonly #banners: Banners;
  readonly #ways: Ways;
  /** What to start if nothing answers. */
  readonly #server: string;
  readonly #timers = new Map<"server" | "seek", ReturnType<typeof setTimeout>>();
  #malformed = 0;

  constructor(banners: Banners, server: string, ways: Ways) {
    this.#server = server;
    this.#banners = banners;
    this.#ways = ways;
  }

  setLink(link: LinkState): void {
    const banners = this.#banners;
    switch (link.kind) {
      case "connecting":
        break;
      case "open":
        banners.clear("link");
        banners.clear("server");
        break;
      case "stale":
        banners.show("link", {
          level: "warning",
          title: "Stale",
          text: "Nothing has come from the server for 5 seconds. The picture shows the last data.",
        });
        break;
      case "waiting":
        banners.show("link", {
          level: "warning",
          title: "No connection",
          text: `The server at ${location.host} ${CAUSES[link.cause]}. Attempt ${link.attempt} follows in ${link.retryInMs / 1000} s; the picture stays.`,
          hint: link.attempt > 3 && link.cause === "unreachable" ? `Is ${this.#server} running there?` : "",
          action: { label: "Try now", run: this.#ways.retry },
        });
        break;
      case "ended":
        banners.show("link", {
          level: "note",
          title: "The session has ended",
          text: "All of its data has arrived. Seek to a time, or play it again.",
          action: { label: "Play again", run: this.#ways.playAgain },
        });
        break;
      case "refused":
      case "failed":
        banners.clear("link");
        break;
      case "incompatible":
        banners.show("link", {
          level: "error",
          title: "This page is too old",
          text: `${link.reason}.`,
          hint: "Reload the page without its cache, or build the server again.",
        });
        break;
    }
  }

  /** Shows an error of the server; one that answers a message goes away again. */
  showError({ code, message, hint }: ServerError): void {
    const isPassing = PASSING.has(code);
    this.#banners.show("server", {
      level: "error",
      title: titleOf(code),
      code,
      text: message,
      hint: hint ?? "",
      action: isPassing
        ? { label: "Close", run: () => this.#banners.clear("server") }
        : { label: "Choose a session", run: this.#ways.choose },
    });
    this.#expire("server", isPassing);
  }

  /** Says why a seek went nowhere, or elsewhere. */
  showSeek(text: string): void {
    this.#banners.show("seek", {
      level: "note",
      title: "Seek",
      text,
      action: { label: "Close", run: () => this.#banners.clear("seek") },
    });
    this.#expire("seek", true);
  }

  showMalformed(reason: string): void {
    this.#malformed += 1;
    this.#banners.show("frame", {
      level: "warning",
      title: "Unreadable frame",
      text: `${this.#malformed} left out so far; the last one: ${reason}.`,
    });
  }

  #expire(topic: "server" | "seek", isPassing: boolean): void {
    clearTimeout(this.#timers.get(topic));
    if (isPassing) this.#timers.set(topic, setTimeout(() => this.#banners.clear(topic), PASSING_MS));
  }
}

/** Writes a code as words: `unknown_symbol` is "Unknown symbol". */
function titleOf(code: string): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
