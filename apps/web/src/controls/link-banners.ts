/** Says across the page what is wrong with the connection, and what to do about it. */
import type { Banners } from "./banners.ts";
import type { LinkState } from "../link/connection.ts";
import type { ServerError } from "../wire/messages.ts";

/** Errors that answer a message and end nothing. */
const PASSING: ReadonlySet<string> = new Set(["bad_message", "shared_replay"]);

/** How long a passing error stays. */
const PASSING_MS = 10_000;

export class LinkBanners {
  readonly #banners: Banners;
  readonly #retry: () => void;
  readonly #choose: () => void;
  /** What to start if nothing answers. */
  readonly #server: string;
  #hide: ReturnType<typeof setTimeout> | undefined;
  #malformed = 0;

  constructor(banners: Banners, server: string, retry: () => void, choose: () => void) {
    this.#server = server;
    this.#banners = banners;
    this.#retry = retry;
    this.#choose = choose;
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
          text: "Nothing has come from the server for 5 seconds. The picture is the last that was known.",
        });
        break;
      case "waiting":
        banners.show("link", {
          level: "warning",
          title: "No connection",
          text: `The server at ${location.host} does not answer. Attempt ${link.attempt} follows in ${link.retryInMs / 1000} s; the picture stays.`,
          hint: link.attempt > 3 ? `Is ${this.#server} running there?` : "",
          action: { label: "Try now", run: this.#retry },
        });
        break;
      case "ended":
        banners.show("link", {
          level: "note",
          title: "The session has ended",
          text: "Everything of it has arrived.",
          action: { label: "Play again", run: this.#retry },
        });
        break;
      case "refused":
        banners.clear("link");
        break;
      case "incompatible":
        banners.show("link", {
          level: "error",
          title: "This page is too old",
          text: `${link.reason}.`,
          hint: "Reload the page without its cache, or rebuild it with just build.",
        });
        break;
    }
  }

  showError({ code, message, hint }: ServerError): void {
    clearTimeout(this.#hide);
    this.#banners.show("server", {
      level: "error",
      title: code.replaceAll("_", " "),
      text: message,
      hint,
      ...(PASSING.has(code) ? {} : { action: { label: "Choose a session", run: this.#choose } }),
    });
    if (PASSING.has(code)) {
      this.#hide = setTimeout(() => this.#banners.clear("server"), PASSING_MS);
    }
  }

  showMalformed(reason: string): void {
    this.#malformed += 1;
    this.#banners.show("frame", {
      level: "warning",
      title: "Unreadable frame",
      text: `${this.#malformed} left out so far; the last one: ${reason}.`,
    });
  }
}
