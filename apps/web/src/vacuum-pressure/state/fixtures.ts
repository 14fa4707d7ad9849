/** Streams made up for the tests of this folder. */
import type { ColumnValues, GridUpdate, GridConfig } from "../../wire/messages.ts";

export const QUARTER = 250_000_000n;

export function config(overrides: Partial<GridConfig> = {}): GridConfig {
  return {
    type: "runtime_config",
    format: "dense_grid",
    protocol: 1,
    productType: "future_mbo",
    symbol: "MNQH6",
    symbolRoot: "MNQ",
    tickInt: QUARTER,
    bucketInt: QUARTER,
    halfWidth: 2,
    qtyUnit: "contracts",
    priceDecimals: 2,
    configVersion: "000000000000",
    tickSize: 0.25,
    contractMultiplier: 2,
    source: "synthetic",
    dt: "2026-02-06",
    speed: 1,
    startTime: null,
    endTime: null,
    throttleMs: 25,
    view: "frozen",
    shared: false,
    gridRows: 5,
    fields: [
      { name: "k", dtype: "i32" },
      { name: "rest_depth", dtype: "f64" },
      { name: "last_event_id", dtype: "i64" },
    ],
    ...overrides,
  };
}

/** A grid with the spot at that bucket, and these depths, lowest price first. */
export function grid(seq: number, spot: number, depths: readonly number[]): GridUpdate {
  return {
    type: "grid_update",
    seq: BigInt(seq),
    epoch: 1n,
    tsNs: 1_770_388_200_000_000_000n + BigInt(seq) * 25_000_000n,
    eventId: BigInt(seq) * 3n,
    midPrice: spot / 4,
    spotRefPriceInt: BigInt(spot) * QUARTER,
    bestBidPriceInt: BigInt(spot - 1) * QUARTER,
    bestAskPriceInt: BigInt(spot + 1) * QUARTER,
    lastTradePriceInt: null,
    bookValid: true,
    trades: [],
    tradesDropped: 0,
    columns: new Map<string, ColumnValues>([
      ["rest_depth", Float64Array.from(depths)],
      ["last_event_id", BigInt64Array.from(depths, (_, row) => BigInt(seq * 10 + row))],
    ]),
  };
}
