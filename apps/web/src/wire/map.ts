/**
 * Takes typed values out of a decoded MessagePack map, and says what is wrong with one.
 *
 * MessagePack writes an integer in as few bytes as it needs, so a 64-bit field may arrive as a
 * `number` or as a `bigint`: the reader of a field decides, not the width it came in.
 */

/** A frame that is not a message of the wire. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** A map whose values have not been looked at. */
export class WireMap {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #path: string;

  /** @throws {DecodeError} if `value` is not a map. */
  constructor(value: unknown, path: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new DecodeError(`${path} is not a map`);
    }
    this.#values = new Map(Object.entries(value));
    this.#path = path;
  }

  keys(): Iterable<string> {
    return this.#values.keys();
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  text(key: string): string {
    const value = this.#values.get(key);
    return typeof value === "string" ? value : this.#refuse(key, "a text");
  }

  textOrNull(key: string): string | null {
    return this.#isNil(key) ? null : this.text(key);
  }

  flag(key: string): boolean {
    const value = this.#values.get(key);
    return typeof value === "boolean" ? value : this.#refuse(key, "true or false");
  }

  /** A quantity that is no 64-bit field. */
  number(key: string): number {
    const value = this.#values.get(key);
    return typeof value === "number" || typeof value === "bigint"
      ? Number(value)
      : this.#refuse(key, "a number");
  }

  numberOrNull(key: string): number | null {
    return this.#isNil(key) ? null : this.number(key);
  }

  /** A count that fits a `number`: no negative, no fraction. */
  count(key: string): number {
    const value = this.number(key);
    return Number.isSafeInteger(value) && value >= 0 ? value : this.#refuse(key, "a count");
  }

  /** A 64-bit field, whatever width it arrived in. */
  big(key: string): bigint {
    const value = this.#values.get(key);
    if (typeof value === "bigint") return value;
    return typeof value === "number" && Number.isSafeInteger(value)
      ? BigInt(value)
      : this.#refuse(key, "an integer");
  }

  bigOrNull(key: string): bigint | null {
    return this.#isNil(key) ? null : this.big(key);
  }

  bytes(key: string): Uint8Array {
    const value = this.#values.get(key);
    return value instanceof Uint8Array ? value : this.#refuse(key, "bytes");
  }

  map(key: string): WireMap {
    return new WireMap(this.#values.get(key), this.pathOf(key));
  }

  list(key: string): readonly unknown[] {
    const value: unknown = this.#values.get(key);
    return Array.isArray(value) ? value : this.#refuse(key, "a list");
  }

  pathOf(key: string): string {
    return `${this.#path}.${key}`;
  }

  #isNil(key: string): boolean {
    return this.#values.get(key) === null;
  }

  #refuse(key: string, expected: string): never {
    throw new DecodeError(`${this.pathOf(key)} is not ${expected}`);
  }
}
