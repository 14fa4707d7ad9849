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

/** Writes a quantity in at most six characters: 1,234 or 12.3k. */
export function formatCount(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${(value / 1e6).toFixed(size >= 1e8 ? 0 : 1)}M`;
  if (size >= 1e4) return `${(value / 1e3).toFixed(size >= 1e5 ? 0 : 1)}k`;
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** Writes a measured value with about four significant digits, and a true minus sign. */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  const text =
    size >= 1e6 || (size > 0 && size < 1e-3)
      ? value.toExponential(2)
      : value.toFixed(size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
  return text.replaceAll("-", "−");
}
