/** How long the page works for one frame, over the last 1,200 of them. */

const KEPT = 1200;

/** The first pictures wait for shaders and code to be compiled, which says nothing of later ones. */
const LEFT_OUT = 10;

export class Meter {
  readonly #samples = new Float64Array(KEPT);
  #count = 0;
  #leftOut = 0;
  #open = 0;

  /** Adds time that was spent since the last picture. */
  spend(ms: number): void {
    this.#open += ms;
  }

  /** Ends a picture: everything spent since the last one belongs to it. */
  lap(): void {
    if (this.#leftOut < LEFT_OUT) this.#leftOut += 1;
    else {
      this.#samples[this.#count % KEPT] = this.#open;
      this.#count += 1;
    }
    this.#open = 0;
  }

  /** How many pictures were measured. */
  get count(): number {
    return this.#count;
  }

  /** Returns the time that this share of the pictures takes at most, in milliseconds. */
  quantile(share: number): number {
    const kept = this.#samples.slice(0, Math.min(this.#count, KEPT)).sort();
    return kept[Math.max(Math.ceil(kept.length * share) - 1, 0)] ?? 0;
  }
}
