/**
 * The options of the last 30 minutes, by strike: what is shown as bars behind the surface.
 *
 * In a single second most strikes are silent, so the bars show the velocity averaged over some
 * seconds; what is read out is what came.
 */
import { bucketsOf } from "../../market/price.ts";
import { decayed, typical } from "../../state/scale.ts";
import type { Surface, SurfacesConfig } from "../../wire/messages.ts";

/** Strikes of a window that are kept; no product has as many. */
export const STRIKES_KEPT = 128;

/** Time in which the average of a strike's velocity comes within 1/e of a new value. */
const AVERAGING_S = 8;

const VELOCITY = "liquidity_velocity";

/** One strike of one window. */
export interface Strike {
  /** In buckets. */
  readonly place: number;
  readonly values: ReadonlyMap<string, number>;
}

export class Strikes {
  /** Distance of two strikes in buckets; 0 without options. */
  readonly step: number;
  /** The lowest strike of each column, in buckets; NaN where there is none. */
  readonly first: Float64Array;
  /** The averaged velocity: `STRIKES_KEPT` values for each column, lowest strike first. */
  readonly bars: Float32Array;
  /** What counted as much of it when the column came. */
  readonly scale: Float32Array;
  readonly #bucketInt: bigint;
  readonly #count: Uint16Array;
  readonly #values: ReadonlyMap<string, Float32Array>;
  #hasCome = false;

  constructor(config: SurfacesConfig, columns: number) {
    this.step = config.strikeTicks ?? 0;
    this.#bucketInt = config.bucketInt;
    const kept = this.step === 0 ? 0 : columns;
    this.first = new Float64Array(kept).fill(NaN);
    this.bars = new Float32Array(kept * STRIKES_KEPT);
    this.scale = new Float32Array(kept);
    this.#count = new Uint16Array(kept);
    this.#values = new Map(
      names(config).map((name) => [name, new Float32Array(kept * STRIKES_KEPT)]),
    );
  }

  fits(config: SurfacesConfig): boolean {
    const wanted = names(config);
    return (
      (config.strikeTicks ?? 0) === this.step &&
      wanted.length === this.#values.size &&
      wanted.every((name) => this.#values.has(name))
    );
  }

  get bytes(): number {
    let bytes = this.first.byteLength + this.bars.byteLength + this.scale.byteLength;
    for (const values of this.#values.values()) bytes += values.byteLength;
    return bytes + this.#count.byteLength;
  }

  /** Whether a strike ever came: a product may have strikes, and its lake no options. */
  get hasCome(): boolean {
    return this.#hasCome;
  }

  /** Strikes of a column. */
  count(slot: number): number {
    return this.#count[slot] ?? 0;
  }

  /** Writes the strikes of a window; `before` is the slot of the one that it goes on from. */
  push({ rows, columns }: Surface, slot: number, before: number | null, elapsed: number): void {
    if (this.step === 0) return;
    const start = slot * STRIKES_KEPT;
    this.bars.fill(0, start, start + STRIKES_KEPT);
    for (const values of this.#values.values()) values.fill(0, start, start + STRIKES_KEPT);
    const prices = columns.get("strike_price_int");
    const places =
      prices instanceof BigInt64Array
        ? Array.from(prices, (price) => bucketsOf(price, this.#bucketInt))
        : [];
    const first = Math.min(...places);
    let count = 0;
    for (const [row, place] of places.slice(0, rows).entries()) {
      const index = Math.round((place - first) / this.step);
      if (index >= STRIKES_KEPT) continue;
      count = Math.max(count, index + 1);
      for (const [name, values] of this.#values) {
        const column = columns.get(name);
        const value = column instanceof BigInt64Array ? NaN : (column?.[row] ?? NaN);
        values[start + index] = Number.isNaN(value) ? 0 : value;
      }
    }
    this.first[slot] = count === 0 ? NaN : first;
    this.#count[slot] = count;
    this.#hasCome ||= count > 0;
    this.#average(slot, before, elapsed);
    const size = typical([this.bars.subarray(start, start + count)]);
    this.scale[slot] = decayed(before === null ? 0 : (this.scale[before] ?? 0), size, elapsed);
  }

  /** Returns the strike of a column that is nearest to a bucket, if its bar reaches there. */
  at(slot: number, bucket: number): Strike | null {
    const first = this.first[slot] ?? NaN;
    const index = Math.round((bucket - first) / this.step);
    if (!(index >= 0 && index < this.count(slot))) return null;
    const place = first + index * this.step;
    if (Math.abs(bucket - place) > this.halfThickness) return null;
    const values = new Map<string, number>();
    for (const [name, ring] of this.#values) values.set(name, ring[slot * STRIKES_KEPT + index] ?? 0);
    return { place, values };
  }

  /** How far a bar reaches from its strike, in buckets. */
  get halfThickness(): number {
    return Math.max(this.step * 0.14, 0.5);
  }

  /** Carries the average of each strike on, wherever it lay in the column before. */
  #average(slot: number, before: number | null, elapsed: number): void {
    const velocities = this.#values.get(VELOCITY);
    if (velocities === undefined) return;
    const share = before === null ? 1 : 1 - Math.exp(-Math.max(elapsed, 0) / AVERAGING_S);
    const shift =
      before === null
        ? NaN
        : Math.round(((this.first[slot] ?? NaN) - (this.first[before] ?? NaN)) / this.step);
    for (let index = 0; index < this.count(slot); index += 1) {
      const now = velocities[slot * STRIKES_KEPT + index] ?? 0;
      const from = index + shift;
      const wasThere = before !== null && from >= 0 && from < this.count(before);
      const was = wasThere ? (this.bars[before * STRIKES_KEPT + from] ?? 0) : 0;
      this.bars[slot * STRIKES_KEPT + index] = was + share * (now - was);
    }
  }
}

/** Returns the fields of an option's strike that are quantities. */
function names(config: SurfacesConfig): string[] {
  return config.surfaces.options
    .filter(({ dtype }) => dtype === "f64" || dtype === "f32")
    .map(({ name }) => name);
}
