/**
 * Reads arrays of numbers out of bytes.
 *
 * The bytes of a message may begin anywhere, while an array of 8-byte numbers must begin at a
 * multiple of eight: they are copied first, always.
 */
import type { ColumnValues, DType } from "./messages.ts";

const WIDTH: Readonly<Record<DType, number>> = { u8: 1, i32: 4, f32: 4, i64: 8, f64: 8 };

/** Whether this machine stores numbers as the wire does. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Returns the bytes that an array takes in a shared buffer, so that the next one is aligned. */
export function stride(dtype: DType, count: number): number {
  return Math.ceil((WIDTH[dtype] * count) / 8) * 8;
}

/**
 * Copies the `count` numbers in `bytes` to `offset` of a buffer and returns a view of them, or
 * `null` if there are more or fewer.
 */
export function numbersInto(
  buffer: ArrayBuffer,
  offset: number,
  bytes: Uint8Array,
  dtype: DType,
  count: number,
): ColumnValues | null {
  const width = WIDTH[dtype];
  if (bytes.byteLength !== width * count) return null;
  const copy = new Uint8Array(buffer, offset, bytes.byteLength);
  copy.set(bytes);
  if (!IS_LITTLE_ENDIAN) swap(copy, width);
  switch (dtype) {
    case "u8":
      return copy;
    case "i32":
      return new Int32Array(buffer, offset, count);
    case "f32":
      return new Float32Array(buffer, offset, count);
    case "i64":
      return new BigInt64Array(buffer, offset, count);
    case "f64":
      return new Float64Array(buffer, offset, count);
  }
}

/** Returns the `count` 64-bit integers in `bytes`, or `null` if there are more or fewer. */
export function integersOf(bytes: Uint8Array, count: number): BigInt64Array | null {
  const numbers = numbersInto(new ArrayBuffer(8 * count), 0, bytes, "i64", count);
  return numbers instanceof BigInt64Array ? numbers : null;
}

function swap(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) {
    bytes.subarray(start, start + width).reverse();
  }
}
