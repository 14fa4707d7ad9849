/** Counts what came and what this page missed. */

export class Counters {
  updates = 0n;
  missed = 0n;
  malformed = 0n;
  #lastSeq: bigint | null = null;

  /** Counts an update. The replay numbers them from 1, so a hole is what was left out for us. */
  take(update: { readonly seq: bigint }): void {
    this.updates += 1n;
    const last = this.#lastSeq;
    if (last !== null && update.seq > last + 1n) this.missed += update.seq - last - 1n;
    this.#lastSeq = update.seq;
  }

  /** Another connection may be another replay: what lies between the two is no hole. */
  reconnected(): void {
    this.#lastSeq = null;
  }
}
