/**
 * Quantities as people read them: digits and thousands separators, never an exponent. Prices have a
 * form of their own, in `price.ts`.
 */

/** The least size that is written with its digits. */
const LEAST = 0.001;

/** A size below this is noise of the arithmetic: what decays halves again and again. */
const NOTHING = 1e-6;

/** Writes a count with thousands separators: 1,234,567. */
export function formatCount(value: number): string {
  return digits(value, 0);
}

/**
 * Writes a measured value with three decimals, or fewer where it is larger. A size below 0.001 is
 * written as a bound, `<0.001`, and one below a millionth as 0.
 */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  if (size < NOTHING) return "0";
  if (size < LEAST) return value > 0 ? "<0.001" : ">−0.001";
  return digits(value, size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

/** One for each number of decimals: making one takes longer than all that a picture writes. */
const FORMATS = [0, 1, 2, 3].map(
  (decimals) =>
    new Intl.NumberFormat("en-US", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    }),
);

function digits(value: number, decimals: 0 | 1 | 2 | 3): string {
  if (!Number.isFinite(value)) return "—";
  const text = FORMATS[decimals]?.format(value) ?? "";
  return text === "-0" ? "0" : text.replace("-", "−");
}
