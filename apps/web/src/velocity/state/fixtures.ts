/** Streams made up for the tests of this folder. */
import type { Batch, ColumnValues, Field, Surface, SurfacesConfig } from "../../wire/messages.ts";

export const QUARTER = 250_000_000n;

const floats = (...names: readonly string[]): Field[] =>
  names.map((name) => ({ name, dtype: "f64" }));

export function config(overrides: Partial<SurfacesConfig> = {}): SurfacesConfig {
  return {
    type: "runtime_config",
    format: "surfaces",
    protocol: 1,
    productType: "future_mbo",
    symbol: "MNQH6",
    symbolRoot: "MNQ",
    tickInt: QUARTER,
    bucketInt: QUARTER,
    qtyUnit: "contracts",
    priceDecimals: 2,
    configVersion: "000000000000",
    tickSize: 0.25,
    contractMultiplier: 2,
    source: "file",
    dt: "2026-02-06",
    speed: 1,
    startTime: null,
    endTime: null,
    shared: false,
    gridMaxTicks: 2,
    surfaces: {
      snap: [...floats("mid_price"), { name: "book_valid", dtype: "u8" }],
      velocity: [
        { name: "rel_ticks", dtype: "i32" },
        { name: "side", dtype: "u8" },
        ...floats("liquidity_velocity", "rho"),
      ],
      options: [{ name: "strike_price_int", dtype: "i64" }, ...floats("liquidity_velocity")],
      forecast: [],
    },
    strikeTicks: 20,
    calibrated: true,
    beta: 1,
    gamma: 0.5,
    horizonS: 2,
    ...overrides,
  };
}

/** A row of the surface: distance from the spot, side, velocity, depth. */
export type Row = readonly [rel: number, side: "A" | "B", velocity: number, rho: number];

/** A strike in buckets, and its velocity. */
export type StrikeRow = readonly [place: number, velocity: number];

export function surface(rows: number, columns: Readonly<Record<string, ColumnValues>>): Surface {
  return { rows, columns: new Map(Object.entries(columns)) };
}

export function batch(
  seq: number,
  spot: number | null,
  rows: readonly Row[],
  strikes: readonly StrikeRow[] = [],
): Batch {
  return {
    type: "batch",
    seq: BigInt(seq),
    epoch: 1n,
    windowEndTsNs: 1_770_388_200_000_000_000n + BigInt(seq) * 1_000_000_000n,
    spotRefPriceInt: spot === null ? null : BigInt(spot) * QUARTER,
    surfaces: {
      snap: surface(1, {
        mid_price: Float64Array.of(spot === null ? 0 : (spot + 0.5) / 4),
        book_valid: Uint8Array.of(spot === null ? 0 : 1),
      }),
      velocity: surface(rows.length, {
        rel_ticks: Int32Array.from(rows, ([rel]) => rel),
        side: Uint8Array.from(rows, ([, side]) => side.charCodeAt(0)),
        liquidity_velocity: Float64Array.from(rows, ([, , velocity]) => velocity),
        rho: Float64Array.from(rows, ([, , , rho]) => rho),
      }),
      options: surface(strikes.length, {
        strike_price_int: BigInt64Array.from(strikes, ([place]) => BigInt(place) * QUARTER),
        liquidity_velocity: Float64Array.from(strikes, ([, velocity]) => velocity),
      }),
      forecast: surface(0, {}),
    },
  };
}
