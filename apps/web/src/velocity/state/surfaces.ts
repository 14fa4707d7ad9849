/**
 * What the velocity page remembers: every field of both sides over the last 30 minutes of windows.
 *
 * A column keeps its surface as it came, by distance from the spot, and beside it the bucket of
 * that spot, so nothing is moved when the spot moves. Everything is allocated when the stream
 * begins and never more; see `bytes`. It draws nothing.
 */
import { Strikes, type Strike } from "./strikes.ts";
import { secondsOf } from "../../market/eastern.ts";
import { bucketsOf } from "../../market/price.ts";
import { decayed, typical } from "../../state/scale.ts";
import type { Batch, Surface, SurfacesConfig } from "../../wire/messages.ts";

/** Columns that are kept: 30 minutes of windows of one second. */
export const COLUMNS_KEPT = 1800;

export type SideLetter = "B" | "A";

const SIDES: readonly SideLetter[] = ["B", "A"];

/** Which side of a bucket holds more decides what is seen at the spot itself. */
const DEPTH = "rho";

/** The rings of one field. */
export interface SidedRing {
  readonly B: Float32Array;
  readonly A: Float32Array;
  /** What counted as much of this field when the column came. */
  readonly scale: Float32Array;
}

/** What a column has beside its fields. */
export interface ColumnHead {
  readonly tsNs: bigint;
  readonly seconds: number;
  /** In buckets; NaN where the window has no spot. */
  readonly spot: number;
  /** Whether it is the first one of an epoch: what came before is not connected to it. */
  readonly isBreak: boolean;
  readonly isValid: boolean;
}

/** One cell, as it is read out. A side without rows in the window is `null`. */
export interface Cell {
  readonly head: ColumnHead;
  /** Buckets above the spot. */
  readonly relTicks: number;
  readonly B: ReadonlyMap<string, number> | null;
  readonly A: ReadonlyMap<string, number> | null;
  /** The strike at that price, if there is one. */
  readonly strike: Strike | null;
}

export class SurfaceHistory {
  readonly bucketInt: bigint;
  /** Buckets on each side of the spot. */
  readonly reach: number;
  /** Rows of a column, `2 * reach + 1`, lowest price first. */
  readonly rows: number;
  readonly fields: ReadonlyMap<string, SidedRing>;
  readonly strikes: Strikes;
  readonly spot = new Float64Array(COLUMNS_KEPT);
  readonly seconds = new Float64Array(COLUMNS_KEPT);
  readonly #tsNs = new BigInt64Array(COLUMNS_KEPT);
  readonly #flags = new Uint8Array(COLUMNS_KEPT);
  #count = 0;
  #epoch: bigint | null = null;
  #isBroken = false;

  constructor(config: SurfacesConfig) {
    this.bucketInt = config.bucketInt;
    this.reach = config.gridMaxTicks;
    this.rows = 2 * this.reach + 1;
    const size = COLUMNS_KEPT * this.rows;
    this.fields = new Map(
      quantities(config).map((name) => [
        name,
        {
          B: new Float32Array(size),
          A: new Float32Array(size),
          scale: new Float32Array(COLUMNS_KEPT),
        },
      ]),
    );
    this.strikes = new Strikes(config, COLUMNS_KEPT);
  }

  /** Returns whether batches of that stream can go on in this history. */
  fits(config: SurfacesConfig): boolean {
    const names = quantities(config);
    return (
      config.bucketInt === this.bucketInt &&
      config.gridMaxTicks === this.reach &&
      names.length === this.fields.size &&
      names.every((name) => this.fields.has(name)) &&
      this.strikes.fits(config)
    );
  }

  /** Columns that ever came; the newest one has this number less one. */
  get count(): number {
    return this.#count;
  }

  /** The oldest column that is still there. */
  get oldest(): number {
    return Math.max(0, this.#count - COLUMNS_KEPT);
  }

  get bytes(): number {
    let bytes = this.strikes.bytes + this.#flags.byteLength + this.#tsNs.byteLength;
    for (const { B, A, scale } of this.fields.values()) {
      bytes += B.byteLength + A.byteLength + scale.byteLength;
    }
    for (const ring of [this.spot, this.seconds]) bytes += ring.byteLength;
    return bytes;
  }

  /** Returns where in the rings a column lies. */
  slot(column: number): number {
    return column % COLUMNS_KEPT;
  }

  has(column: number): boolean {
    return column >= this.oldest && column < this.#count;
  }

  head(column: number): ColumnHead {
    const slot = this.slot(column);
    return {
      tsNs: this.#tsNs[slot] ?? 0n,
      seconds: this.seconds[slot] ?? NaN,
      spot: this.spot[slot] ?? NaN,
      isBreak: this.isBreak(column),
      isValid: this.isValid(column),
    };
  }

  isBreak(column: number): boolean {
    return ((this.#flags[this.slot(column)] ?? 0) & BREAK) !== 0;
  }

  isValid(column: number): boolean {
    return ((this.#flags[this.slot(column)] ?? 0) & VALID) !== 0;
  }

  /** Marks the next column as the first of something new. */
  break(): void {
    this.#isBroken = true;
  }

  /** Adds a window as the newest column, in place of the oldest one when the rings are full. */
  push(batch: Batch): void {
    const slot = this.slot(this.#count);
    const before = this.slot(this.#count + COLUMNS_KEPT - 1);
    const isFirst = this.#count === 0;
    const isBreak = this.#isBroken || (this.#epoch !== null && batch.epoch !== this.#epoch);
    const seconds = secondsOf(batch.windowEndTsNs);
    const spot = spotOf(batch);
    const there = this.#write(batch.surfaces.velocity, slot);
    const elapsed = isFirst ? 0 : seconds - (this.seconds[before] ?? seconds);
    for (const ring of this.fields.values()) {
      const size = typical(
        [ring.B, ring.A].map((side) => side.subarray(slot * this.rows, (slot + 1) * this.rows)),
      );
      ring.scale[slot] = decayed(isFirst ? 0 : (ring.scale[before] ?? 0), size, elapsed);
    }
    this.strikes.push(batch.surfaces.options, slot, isFirst || isBreak ? null : before, elapsed);
    const snap = snapOf(batch);
    this.spot[slot] = spot === null ? NaN : bucketsOf(spot, this.bucketInt);
    this.seconds[slot] = seconds;
    this.#tsNs[slot] = BigInt.asIntN(64, batch.windowEndTsNs);
    this.#flags[slot] =
      (isBreak && !isFirst ? BREAK : 0) |
      (snap.bookValid ? VALID : 0) |
      (there.has("B") ? HAS_BIDS : 0) |
      (there.has("A") ? HAS_ASKS : 0);
    this.#epoch = batch.epoch;
    this.#isBroken = false;
    this.#count += 1;
  }

  /**
   * Returns the side that is seen at a row: bids below the spot, asks above it, and at the spot
   * whichever has more depth.
   */
  sideAt(column: number, row: number): SideLetter {
    if (row !== this.reach) return row < this.reach ? "B" : "A";
    const ring = this.fields.get(DEPTH);
    const index = this.slot(column) * this.rows + row;
    return (ring?.A[index] ?? 0) > (ring?.B[index] ?? 0) ? "A" : "B";
  }

  /** Reads a cell out; `null` where there is none. */
  cell(column: number, bucket: number): Cell | null {
    if (!this.has(column)) return null;
    const head = this.head(column);
    const relTicks = bucket - head.spot;
    const row = relTicks + this.reach;
    if (!Number.isInteger(row) || row < 0 || row >= this.rows) return null;
    const index = this.slot(column) * this.rows + row;
    const flags = this.#flags[this.slot(column)] ?? 0;
    const read = (side: SideLetter, flag: number): ReadonlyMap<string, number> | null =>
      (flags & flag) === 0
        ? null
        : new Map([...this.fields].map(([name, ring]) => [name, ring[side][index] ?? 0]));
    return {
      head,
      relTicks,
      B: read("B", HAS_BIDS),
      A: read("A", HAS_ASKS),
      strike: this.strikes.at(this.slot(column), bucket),
    };
  }

  /** Writes a surface to a slot and returns the sides that have rows. */
  #write({ rows, columns }: Surface, slot: number): ReadonlySet<SideLetter> {
    const start = slot * this.rows;
    for (const ring of this.fields.values()) {
      for (const side of SIDES) ring[side].fill(0, start, start + this.rows);
    }
    const there = new Set<SideLetter>();
    const ticks = columns.get("rel_ticks");
    const sides = columns.get("side");
    if (!(ticks instanceof Int32Array) || !(sides instanceof Uint8Array)) return there;
    // Where each row goes, found once for all fields; -1 for nowhere.
    const places = new Int32Array(rows).fill(-1);
    const letters = new Array<SideLetter>(rows);
    for (let row = 0; row < rows; row += 1) {
      const side = SIDES.find((letter) => letter.charCodeAt(0) === sides[row]);
      if (side === undefined) continue;
      there.add(side);
      letters[row] = side;
      const place = (ticks[row] ?? NaN) + this.reach;
      if (place >= 0 && place < this.rows) places[row] = start + place;
    }
    for (const [name, ring] of this.fields) {
      const values = columns.get(name);
      if (!(values instanceof Float64Array) && !(values instanceof Float32Array)) continue;
      for (let row = 0; row < rows; row += 1) {
        const place = places[row] ?? -1;
        const value = values[row] ?? NaN;
        if (place >= 0) ring[letters[row] ?? "B"][place] = Number.isNaN(value) ? 0 : value;
      }
    }
    return there;
  }
}

const BREAK = 1;
const VALID = 2;
const HAS_BIDS = 4;
const HAS_ASKS = 8;

/** What the book looked like at the end of a window. */
export interface Snap {
  /** In the currency; NaN where a side is missing. */
  readonly midPrice: number;
  readonly bookValid: boolean;
}

export function snapOf({ surfaces: { snap } }: Batch): Snap {
  const mid = snap.columns.get("mid_price");
  const valid = snap.columns.get("book_valid");
  const price = mid instanceof Float64Array || mid instanceof Float32Array ? (mid[0] ?? NaN) : NaN;
  return {
    // A window with an empty side has a mid of 0. One of 0.00 cannot be told from that.
    midPrice: price === 0 ? NaN : price,
    bookValid: valid instanceof Uint8Array && valid[0] === 1,
  };
}

/** Returns the spot of a window, 0 included; null before the first trade and without a book. */
export function spotOf({ spotRefPriceInt }: Batch): bigint | null {
  return spotRefPriceInt;
}

/** Returns the fields of the surface that are quantities. */
export function quantities(config: SurfacesConfig): string[] {
  return config.surfaces.velocity
    .filter(({ dtype }) => dtype === "f64" || dtype === "f32")
    .map(({ name }) => name);
}
