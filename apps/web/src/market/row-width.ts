/** How wide rows may be, and how wide they should be for a picture. */

/** Whole multiples of the tick, as people count. */
const MULTIPLES = [1n, 2n, 4n, 5n, 10n, 20n, 25n, 50n, 100n, 200n, 500n, 1000n];

/** The server has no wider rows than a thousand currency units. */
const WIDEST = 1_000_000_000_000n;

/** Returns the widths to choose from, the current one among them, the narrowest first. */
export function widthsOf(tickInt: bigint, bucketInt: bigint): bigint[] {
  const widths = new Set([...MULTIPLES.map((multiple) => multiple * tickInt), bucketInt]);
  return [...widths].filter((width) => width <= WIDEST).sort((a, b) => (a < b ? -1 : 1));
}

/**
 * Returns a width that shows more where the rows span more than a tenth of the price: the widest that
 * does not. `null` where the rows are narrow enough, or none are narrower.
 */
export function betterWidth(tickInt: bigint, bucketInt: bigint, rows: number, spot: bigint): bigint | null {
  const limit = spot / (10n * BigInt(rows));
  if (spot <= 0n || bucketInt <= limit) return null;
  const narrower = widthsOf(tickInt, bucketInt).filter((width) => width < bucketInt);
  return narrower.filter((width) => width <= limit).at(-1) ?? narrower[0] ?? null;
}
