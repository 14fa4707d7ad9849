/** The page's end of the worker: tells what arrives, and passes on what the user asks for. */
import type { LinkEvent } from "./connection.ts";
import type { Order } from "./worker.ts";
import type { ClientMessage } from "../wire/messages.ts";

export class Stream {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

  constructor(listen: (event: LinkEvent) => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<LinkEvent>) => listen(data);
  }

  /** Leaves the stream it had, if any, for another one. */
  connect(url: string): void {
    this.#order({ type: "connect", url });
  }

  send(message: ClientMessage): void {
    this.#order({ type: "send", message });
  }

  /** Sets where the next attempt connects to. */
  redirect(url: string): void {
    this.#order({ type: "redirect", url });
  }

  /** Asks another stream when its data begins; the answer is an event of the type `first`. */
  probe(url: string): void {
    this.#order({ type: "probe", url });
  }

  /** Connects at once instead of waiting for the next attempt. */
  retry(): void {
    this.#order({ type: "retry" });
  }

  #order(order: Order): void {
    this.#worker.postMessage(order);
  }
}
