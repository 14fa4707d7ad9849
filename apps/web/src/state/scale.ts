/** What counts as much of a quantity: its slowly decaying maximum. */

/** Time in which a scale halves when nothing comes near it. */
const HALF_LIFE_S = 60;

/** A scale is never nothing, so that it can be divided by. */
const LEAST = 1e-6;

/** Returns the scale after `elapsed` seconds in which the largest size was `largest`. */
export function decayed(scale: number, largest: number, elapsed: number): number {
  const kept = scale * 2 ** (-Math.max(elapsed, 0) / HALF_LIFE_S);
  return Math.max(kept, largest, LEAST);
}

/** Returns the largest size among the values. */
export function largest(values: ArrayLike<number>): number {
  let size = 0;
  for (let row = 0; row < values.length; row += 1) {
    size = Math.max(size, Math.abs(values[row] ?? 0));
  }
  return size;
}
