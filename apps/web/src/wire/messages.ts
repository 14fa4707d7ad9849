/**
 * What a server says and what a page may answer, as `docs/wire.md` defines it.
 *
 * Every 64-bit field is a `bigint`. Nothing here knows how a message arrives.
 */

/** The version of the messages that this page understands. */
export const PROTOCOL = 1;

/** How the numbers of a column are stored. */
export type DType = "u8" | "i32" | "i64" | "f32" | "f64";

/** A column of the grid, or of a surface. */
export interface Field {
  readonly name: string;
  readonly dtype: DType;
}

/** What every stream says of itself before its data, and again after every restart and seek. */
export interface SessionConfig {
  readonly type: "runtime_config";
  readonly protocol: number;
  readonly productType: string;
  readonly symbol: string;
  readonly symbolRoot: string;
  /** Price increment of the product in units of 1e-9. */
  readonly tickInt: bigint;
  /** Width of a bucket in units of 1e-9. */
  readonly bucketInt: bigint;
  readonly qtyUnit: string;
  readonly priceDecimals: number;
  readonly configVersion: string;
  readonly tickSize: number;
  readonly contractMultiplier: number;
  readonly source: string;
  readonly dt: string;
  readonly speed: number;
  readonly startTime: string | null;
  readonly endTime: string | null;
  readonly shared: boolean;
}

/** The stream of dense grids. */
export interface GridConfig extends SessionConfig {
  readonly format: "dense_grid";
  /** Buckets on each side of the spot. */
  readonly halfWidth: number;
  readonly throttleMs: number;
  readonly view: string;
  /** Buckets of a grid, `2 * halfWidth + 1`. */
  readonly gridRows: number;
  readonly fields: readonly Field[];
}

/** The surfaces that a batch holds. */
export const SURFACES = ["snap", "velocity", "options", "forecast"] as const;

export type SurfaceName = (typeof SURFACES)[number];

/** The stream of surfaces, a batch for each window of one second. */
export interface SurfacesConfig extends SessionConfig {
  readonly format: "surfaces";
  /** How far a surface reaches on each side of the spot, in buckets. */
  readonly gridMaxTicks: number;
  readonly surfaces: Readonly<Record<SurfaceName, readonly Field[]>>;
  /** Distance of two strikes in buckets; `null` without options. */
  readonly strikeTicks: number | null;
  /** Whether the forecast's coefficients were fitted, or it only drifts. */
  readonly calibrated: boolean;
  readonly beta: number;
  readonly gamma: number;
  /** How far the forecast looks ahead. */
  readonly horizonS: number;
}

export type RuntimeConfig = GridConfig | SurfacesConfig;

/** Who crossed the spread. */
export type Aggressor = "B" | "A" | "N";

/** One print since the previous grid. */
export interface Trade {
  readonly tsNs: bigint;
  readonly priceInt: bigint;
  readonly size: number;
  readonly aggressor: Aggressor;
}

/** The values of one column, lowest price first. */
export type ColumnValues = Float64Array | Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** One emission of the dense grid. */
export interface GridUpdate {
  readonly type: "grid_update";
  readonly seq: bigint;
  readonly epoch: bigint;
  readonly tsNs: bigint;
  readonly eventId: bigint;
  readonly midPrice: number | null;
  readonly spotRefPriceInt: bigint | null;
  readonly bestBidPriceInt: bigint | null;
  readonly bestAskPriceInt: bigint | null;
  readonly lastTradePriceInt: bigint | null;
  readonly bookValid: boolean;
  readonly trades: readonly Trade[];
  readonly tradesDropped: number;
  readonly columns: ReadonlyMap<string, ColumnValues>;
}

/** The rows of one surface; a column has one value for each. */
export interface Surface {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, ColumnValues>;
}

/** The surfaces of one window. */
export interface Batch {
  readonly type: "batch";
  readonly seq: bigint;
  readonly epoch: bigint;
  readonly windowEndTsNs: bigint;
  /** `null` where the window has no spot. */
  readonly spotRefPriceInt: bigint | null;
  readonly surfaces: Readonly<Record<SurfaceName, Surface>>;
}

/** Where the replay stands. */
export type Phase = "fast_forward" | "live" | "paused" | "ended";

/** How the stream is going. */
export interface Status {
  readonly type: "status";
  readonly phase: Phase;
  readonly records: bigint;
  readonly events: bigint;
  readonly eventRate: number;
  readonly behindMs: number;
  readonly conflatedTotal: bigint;
  readonly anomalies: ReadonlyMap<string, bigint>;
  /** Share of the input that has been read, 0 to 1; `null` where the source does not know. */
  readonly progress: number | null;
  readonly notice: string | null;
}

/** What went wrong, and what to do about it. */
export interface ServerError {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
  /** What to do about it; `null` where the server has no advice. */
  readonly hint: string | null;
}

export type ServerMessage = RuntimeConfig | GridUpdate | Batch | Status | ServerError;

/** What a page may ask of its private replay. */
export type ClientMessage =
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "restart" }
  | { readonly type: "speed"; readonly value: number }
  | { readonly type: "seek"; readonly start_time: string };
