/** How long our own work takes between two pictures, over the last 1,200 of them. */

const KEPT = 1200;

export class Meter {
  readonly #samples = new Float64Array(KEPT);
  #count = 0;
  #open = 0;

  /** Adds time that was spent since the last picture. */
  spend(ms: number): void {
    this.#open += ms;
  }

  /** Ends a picture: everything spent since the last one belongs to it. */
  lap(): void {
    this.#samples[this.#count % KEPT] = this.#open;
    this.#count += 1;
    this.#open = 0;
  }

  get count(): number {
    return this.#count;
  }

  /** Returns the time that this share of the pictures stays under, in milliseconds. */
  quantile(share: number): number {
    const kept = this.#samples.slice(0, Math.min(this.#count, KEPT)).sort();
    return kept[Math.min(Math.floor(kept.length * share), kept.length - 1)] ?? 0;
  }
}
