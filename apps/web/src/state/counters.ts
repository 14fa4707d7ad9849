/** Counts what came and what this page missed. */
import type { GridUpdate } from "../wire/messages.ts";

export class Counters {
  updates = 0n;
  missed = 0n;
  malformed = 0n;
  tradesDropped = 0n;
  #lastSeq: bigint | null = null;

  /** Counts a grid. The replay numbers its grids from 1, so a hole is what was left out for us. */
  take(update: GridUpdate): void {
    this.updates += 1n;
    this.tradesDropped += BigInt(update.tradesDropped);
    const last = this.#lastSeq;
    if (last !== null && update.seq > last + 1n) this.missed += update.seq - last - 1n;
    this.#lastSeq = update.seq;
  }

  /** Another connection may be another replay: what lies between the two is no hole. */
  reconnected(): void {
    this.#lastSeq = null;
  }
}
