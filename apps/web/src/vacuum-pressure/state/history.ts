/**
 * What the page remembers: every field of the last 14,400 columns, and the means of five columns
 * each over the last 72,000 (30 minutes at 40 updates a second).
 *
 * With all fields of a grid of 101 rows both take 250 MB, allocated when the stream begins; see
 * `bytes`. It draws nothing.
 */
import { LAYER_COLUMNS, Layer, type ColumnHead } from "./layer.ts";
import { decayed, largest } from "../../state/scale.ts";
import { secondsOf } from "../../market/eastern.ts";
import { bucketsOf } from "../../market/price.ts";
import type { Field, GridConfig, GridUpdate } from "../../wire/messages.ts";

/** Columns of the fine layer that make one of the coarse layer. */
export const BLOCK = 5;

/** A column of integers that is kept exactly and cannot be drawn. */
const EVENT_IDS = "last_event_id";

/** One cell, as it is read out. */
export interface Cell {
  readonly head: ColumnHead;
  readonly k: number;
  readonly values: ReadonlyMap<string, number>;
  readonly lastEventId: bigint | null;
}

export class History {
  readonly fine: Layer;
  readonly coarse: Layer;
  readonly bucketInt: bigint;
  readonly halfWidth: number;
  #epoch: bigint | null = null;
  #isBroken = false;

  constructor(config: GridConfig) {
    this.bucketInt = config.bucketInt;
    this.halfWidth = config.halfWidth;
    const fields = drawable(config.fields);
    const hasEventIds = config.fields.some(({ name }) => name === EVENT_IDS);
    this.fine = new Layer(config.gridRows, fields, hasEventIds);
    this.coarse = new Layer(config.gridRows, fields, hasEventIds);
  }

  /** Returns whether grids of that stream can go on in this history. */
  fits(config: GridConfig): boolean {
    const fields = drawable(config.fields);
    return (
      config.bucketInt === this.bucketInt &&
      config.halfWidth === this.halfWidth &&
      fields.length === this.fine.fields.size &&
      fields.every((name) => this.fine.fields.has(name)) &&
      config.fields.some(({ name }) => name === EVENT_IDS) === this.fine.lastEventIds.length > 0
    );
  }

  get bytes(): number {
    return this.fine.bytes + this.coarse.bytes;
  }

  /** Marks the next column as the first of something new. */
  break(): void {
    this.#isBroken = true;
  }

  /** Adds a grid as the newest column. */
  push(update: GridUpdate): void {
    const { fine } = this;
    const seconds = secondsOf(update.tsNs);
    const isBreak = this.#isBroken || (this.#epoch !== null && update.epoch !== this.#epoch);
    const slot = fine.slot(fine.count);
    const before = fine.slot(fine.count + LAYER_COLUMNS - 1);
    const elapsed = fine.count === 0 ? 0 : seconds - (fine.seconds[before] ?? seconds);
    for (const [name, ring] of fine.fields) {
      const values = update.columns.get(name);
      if (values === undefined || values instanceof BigInt64Array) continue;
      ring.values.set(values, slot * fine.rows);
      const scale = fine.count === 0 ? 0 : (ring.scale[before] ?? 0);
      ring.scale[slot] = decayed(scale, largest(values), elapsed);
    }
    const ids = update.columns.get(EVENT_IDS);
    if (ids instanceof BigInt64Array) fine.lastEventIds.set(ids, slot * fine.rows);
    const place = (price: bigint | null): number =>
      price === null ? NaN : bucketsOf(price, this.bucketInt);
    fine.push({
      tsNs: update.tsNs,
      eventId: update.eventId,
      seconds,
      spot: place(update.spotRefPriceInt),
      bid: place(update.bestBidPriceInt),
      ask: place(update.bestAskPriceInt),
      isBreak: isBreak && fine.count > 0,
      isValid: update.bookValid,
    });
    this.#epoch = update.epoch;
    this.#isBroken = false;
    if (fine.count % BLOCK === 0) this.#condense();
  }

  /** Reads a cell out: by columns of the fine layer, from the coarse one where that is past. */
  cell(column: number, bucket: number): Cell | null {
    const isFine = this.fine.has(column);
    const layer = isFine ? this.fine : this.coarse;
    const place = isFine ? column : Math.floor(column / BLOCK);
    if (!layer.has(place)) return null;
    const head = layer.head(place);
    const k = bucket - head.spot;
    const row = k + this.halfWidth;
    if (Number.isNaN(k) || row < 0 || row >= layer.rows) return null;
    const index = layer.slot(place) * layer.rows + row;
    const values = new Map<string, number>();
    for (const [name, ring] of layer.fields) values.set(name, ring.values[index] ?? 0);
    return { head, k, values, lastEventId: layer.lastEventIds[index] ?? null };
  }

  /** Adds the mean of the newest columns to the coarse layer, aligned by price. */
  #condense(): void {
    const { fine, coarse, halfWidth } = this;
    const first = fine.count - BLOCK;
    const columns = Array.from({ length: BLOCK }, (_, index) => first + index);
    const last = fine.head(first + BLOCK - 1);
    const target = coarse.slot(coarse.count) * coarse.rows;
    const source = fine.slot(first + BLOCK - 1) * fine.rows;
    // Rows by which the grid of each column lies lower than that of the last one.
    const shifts = columns.map((column) => last.spot - (fine.spot[fine.slot(column)] ?? NaN));
    for (const [name, ring] of coarse.fields) {
      const values = fine.fields.get(name);
      if (values === undefined) continue;
      for (let row = 0; row < coarse.rows; row += 1) {
        let sum = 0;
        let count = 0;
        for (let index = 0; index < BLOCK; index += 1) {
          const from = row + (shifts[index] ?? NaN);
          if (!(from >= 0 && from <= 2 * halfWidth)) continue;
          sum += values.values[fine.slot(first + index) * fine.rows + from] ?? 0;
          count += 1;
        }
        ring.values[target + row] = count === 0 ? 0 : sum / count;
      }
      ring.scale[coarse.slot(coarse.count)] = values.scale[fine.slot(first + BLOCK - 1)] ?? 0;
    }
    if (coarse.lastEventIds.length > 0) {
      coarse.lastEventIds.set(fine.lastEventIds.subarray(source, source + fine.rows), target);
    }
    coarse.push({
      ...last,
      isBreak: columns.some((column) => fine.isBreak(column)),
      isValid: columns.every((column) => fine.isValid(column)),
    });
  }
}

/** Returns the columns that can be drawn: `k` is known and an id is no quantity. */
export function drawable(fields: readonly Field[]): string[] {
  return fields.filter(({ dtype }) => dtype === "f64" || dtype === "f32").map(({ name }) => name);
}
