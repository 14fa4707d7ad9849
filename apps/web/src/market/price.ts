/**
 * Prices as the user reads them, and where they lie on the price axis.
 *
 * A price is an integer of 1e-9 from the wire to the text on the screen. Only its place on the
 * screen is a float: a number of buckets, in which bucket `b` reaches from `b - 0.5` to `b + 0.5`.
 */

const NANOS_PER_UNIT = 1_000_000_000n;

/** Writes a price with that many decimals (at most 9); what lies beyond them is cut off. */
export function formatPrice(price: bigint, decimals: number): string {
  const sign = price < 0n ? "−" : "";
  const nanos = price < 0n ? -price : price;
  const units = (nanos / NANOS_PER_UNIT).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  if (decimals === 0) return sign + units;
  const fraction = (nanos % NANOS_PER_UNIT).toString().padStart(9, "0").slice(0, decimals);
  return `${sign}${units}.${fraction}`;
}

/** Returns the price in the middle of a bucket. */
export function priceOfBucket(bucket: number, bucketInt: bigint): bigint {
  return BigInt(Math.round(bucket)) * bucketInt;
}

/** Returns where a price lies, in buckets; whole numbers are the middles of buckets. */
export function bucketsOf(price: bigint, bucketInt: bigint): number {
  return Number(price / bucketInt) + Number(price % bucketInt) / Number(bucketInt);
}

/** Writes what a tick and a point are worth: `tick 0.25 = $12.50 · $50 a point`; a share is worth its price. */
export function formatWorth(tickInt: bigint, decimals: number, multiplier: number, qtyUnit: string): string {
  const tick = `tick ${formatPrice(tickInt, decimals)}`;
  if (qtyUnit !== "contracts") return `${tick} · ${qtyUnit}`;
  // A multiplier may be large and a tick small: cents are rounded, digits of a float are not shown.
  return `${tick} = ${dollars((Number(tickInt) / 1e9) * multiplier)} · ${dollars(multiplier)} a point`;
}

function dollars(amount: number): string {
  const isWhole = Number.isInteger(amount);
  const text = amount.toLocaleString("en-US", {
    minimumFractionDigits: isWhole ? 0 : 2,
    maximumFractionDigits: isWhole ? 0 : amount < 1 ? 4 : 2,
  });
  return `$${text}`;
}
