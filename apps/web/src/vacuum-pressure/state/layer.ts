/**
 * The columns of the picture at one resolution: a ring with every field of every column.
 *
 * A column keeps the grid as it came, by `k`, and beside it the bucket of its spot. Where a bucket
 * lies on the screen follows from that, so nothing is moved when the spot moves.
 *
 * Everything is allocated at once: a layer never grows.
 */

/** Columns that are drawn with one texture. No texture is wider or higher than 4096. */
export const TILE_COLUMNS = 3600;

/** Columns that a layer keeps: six minutes at 40 updates a second. */
export const LAYER_COLUMNS = 4 * TILE_COLUMNS;

/** What a column has beside its fields. Prices are in buckets; an absent one is NaN. */
export interface ColumnHead {
  readonly tsNs: bigint;
  readonly eventId: bigint;
  readonly seconds: number;
  readonly spot: number;
  readonly bid: number;
  readonly ask: number;
  /** Whether it is the first one of an epoch: what came before is not connected to it. */
  readonly isBreak: boolean;
  readonly isValid: boolean;
}

/** The rings of one field. */
export interface FieldRing {
  /** `rows` values of each column, lowest price first. */
  readonly values: Float32Array;
  /** What counted as much of this field when the column came. */
  readonly scale: Float32Array;
}

export class Layer {
  readonly rows: number;
  readonly fields: ReadonlyMap<string, FieldRing>;
  readonly lastEventIds = new BigInt64Array(0);
  readonly spot = new Float64Array(LAYER_COLUMNS);
  readonly bid = new Float64Array(LAYER_COLUMNS);
  readonly ask = new Float64Array(LAYER_COLUMNS);
  readonly seconds = new Float64Array(LAYER_COLUMNS);
  readonly #tsNs = new BigInt64Array(LAYER_COLUMNS);
  readonly #eventId = new BigInt64Array(LAYER_COLUMNS);
  readonly #flags = new Uint8Array(LAYER_COLUMNS);
  #count = 0;

  constructor(rows: number, fields: readonly string[], hasEventIds: boolean) {
    this.rows = rows;
    this.fields = new Map(
      fields.map((name) => [
        name,
        {
          values: new Float32Array(LAYER_COLUMNS * rows),
          scale: new Float32Array(LAYER_COLUMNS),
        },
      ]),
    );
    if (hasEventIds) this.lastEventIds = new BigInt64Array(LAYER_COLUMNS * rows);
  }

  /** Columns that ever came; the newest one has this number less one. */
  get count(): number {
    return this.#count;
  }

  /** The oldest column that is still there. */
  get oldest(): number {
    return Math.max(0, this.#count - LAYER_COLUMNS);
  }

  /** Bytes that this layer holds. */
  get bytes(): number {
    let bytes = this.lastEventIds.byteLength + this.#flags.byteLength;
    for (const { values, scale } of this.fields.values()) bytes += values.byteLength + scale.byteLength;
    for (const ring of [this.spot, this.bid, this.ask, this.seconds, this.#tsNs, this.#eventId]) {
      bytes += ring.byteLength;
    }
    return bytes;
  }

  /** Returns where in the rings a column lies. */
  slot(column: number): number {
    return column % LAYER_COLUMNS;
  }

  has(column: number): boolean {
    return column >= this.oldest && column < this.#count;
  }

  head(column: number): ColumnHead {
    const slot = this.slot(column);
    const flags = this.#flags[slot] ?? 0;
    return {
      tsNs: this.#tsNs[slot] ?? 0n,
      eventId: this.#eventId[slot] ?? 0n,
      seconds: this.seconds[slot] ?? NaN,
      spot: this.spot[slot] ?? NaN,
      bid: this.bid[slot] ?? NaN,
      ask: this.ask[slot] ?? NaN,
      isBreak: (flags & BREAK) !== 0,
      isValid: (flags & VALID) !== 0,
    };
  }

  isBreak(column: number): boolean {
    return ((this.#flags[this.slot(column)] ?? 0) & BREAK) !== 0;
  }

  isValid(column: number): boolean {
    return ((this.#flags[this.slot(column)] ?? 0) & VALID) !== 0;
  }

  /**
   * Adds a column, in place of the oldest one when the ring is full. The caller has written its
   * fields to the slot of `count`.
   */
  push(head: ColumnHead): void {
    const slot = this.slot(this.#count);
    this.#tsNs[slot] = BigInt.asIntN(64, head.tsNs);
    this.#eventId[slot] = BigInt.asIntN(64, head.eventId);
    this.seconds[slot] = head.seconds;
    this.spot[slot] = head.spot;
    this.bid[slot] = head.bid;
    this.ask[slot] = head.ask;
    this.#flags[slot] = (head.isBreak ? BREAK : 0) | (head.isValid ? VALID : 0);
    this.#count += 1;
  }
}

const BREAK = 1;
const VALID = 2;
