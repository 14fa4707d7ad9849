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

/** The share of what is not nothing that a typical size stays above, but for a few outliers. */
const TYPICAL = 0.97;

/** Returns the size that nearly all values other than 0 stay under: one outlier sets no scale. */
export function typical(parts: readonly Float32Array[]): number {
  const sizes = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let count = 0;
  for (const part of parts) {
    for (const value of part) {
      if (value === 0) continue;
      sizes[count] = Math.abs(value);
      count += 1;
    }
  }
  return count === 0 ? 0 : ranked(sizes.subarray(0, count), Math.floor((count - 1) * TYPICAL));
}

/**
 * Returns the value that would have that place if they were sorted, and mixes them up.
 *
 * Sorting all of them for the sake of one was most of what a window took.
 */
function ranked(values: Float32Array, place: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1] ?? 0;
    let [left, right] = [low, high];
    while (left <= right) {
      while ((values[left] ?? 0) < pivot) left += 1;
      while ((values[right] ?? 0) > pivot) right -= 1;
      if (left > right) break;
      const swapped = values[left] ?? 0;
      values[left] = values[right] ?? 0;
      values[right] = swapped;
      left += 1;
      right -= 1;
    }
    if (place <= right) high = right;
    else if (place >= left) low = left;
    else break;
  }
  return values[place] ?? 0;
}
