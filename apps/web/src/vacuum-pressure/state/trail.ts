/** The last minute of one number, in steps of a tenth of a second of event time. */

const STEP_S = 0.1;

/** Steps that are kept: 60 seconds. */
export const TRAIL_STEPS = 600;

export class Trail {
  readonly #values = new Float64Array(TRAIL_STEPS).fill(NaN);
  #lastStep = -Infinity;

  /** Takes the value at a time in seconds. Going back in time forgets everything. */
  push(seconds: number, value: number): void {
    const step = Math.floor(seconds / STEP_S);
    if (step < this.#lastStep || step - this.#lastStep >= TRAIL_STEPS) {
      this.#values.fill(NaN);
    } else {
      const held = this.#values[slot(this.#lastStep)] ?? NaN;
      // Between two grids the number stays what it was.
      for (let between = this.#lastStep + 1; between < step; between += 1) {
        this.#values[slot(between)] = held;
      }
    }
    this.#values[slot(step)] = value;
    this.#lastStep = step;
  }

  /** Calls back with each value that is known, oldest first, and its step from 0 to 599. */
  forEach(visit: (value: number, step: number) => void): void {
    if (this.#lastStep === -Infinity) return;
    for (let step = 0; step < TRAIL_STEPS; step += 1) {
      const value = this.#values[slot(this.#lastStep - TRAIL_STEPS + 1 + step)] ?? NaN;
      if (!Number.isNaN(value)) visit(value, step);
    }
  }
}

function slot(step: number): number {
  return ((step % TRAIL_STEPS) + TRAIL_STEPS) % TRAIL_STEPS;
}
