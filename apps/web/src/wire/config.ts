/**
 * Reads what a stream says of itself: the instrument, the session, and the columns that follow.
 *
 * Nothing about an instrument is known but from here.
 */
import { DecodeError, WireMap } from "./map.ts";
import {
  PROTOCOL,
  SURFACES,
  type DType,
  type Field,
  type GridConfig,
  type RuntimeConfig,
  type SessionConfig,
  type SurfaceName,
  type SurfacesConfig,
} from "./messages.ts";

/** A server that speaks a later version than this page. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";

  constructor(readonly protocol: number) {
    super(`the server speaks protocol ${protocol}, this page ${PROTOCOL}`);
  }
}

const DTYPES: readonly DType[] = ["u8", "i32", "i64", "f32", "f64"];

/** Most rows that a page makes room for; a config with more is malformed. */
const MAX_ROWS = 2001;

/** @throws {ProtocolError} before anything else is read, as a later version may change all of it. */
export function runtimeConfig(map: WireMap): RuntimeConfig {
  const protocol = map.count("protocol");
  if (protocol > PROTOCOL) throw new ProtocolError(protocol);
  const format = map.text("stream_format");
  switch (format) {
    case "dense_grid":
      return gridConfig(map);
    case "surfaces":
      return surfacesConfig(map);
    default:
      throw new DecodeError(`a stream of the unknown format ${JSON.stringify(format)}`);
  }
}

function gridConfig(map: WireMap): GridConfig {
  const halfWidth = map.count("half_width");
  const gridRows = map.count("grid_rows");
  if (gridRows !== 2 * halfWidth + 1 || gridRows > MAX_ROWS) {
    throw new DecodeError(`a grid of ${gridRows} rows around a half width of ${halfWidth}`);
  }
  return {
    ...sessionConfig(map),
    format: "dense_grid",
    halfWidth,
    throttleMs: map.number("throttle_ms"),
    view: map.text("view"),
    gridRows,
    fields: fields(map, "fields"),
  };
}

function surfacesConfig(map: WireMap): SurfacesConfig {
  const gridMaxTicks = map.count("grid_max_ticks");
  if (gridMaxTicks < 1 || 2 * gridMaxTicks + 1 > MAX_ROWS) {
    throw new DecodeError(`surfaces of ±${gridMaxTicks} ticks`);
  }
  const surfaces = map.map("surfaces");
  const strikeTicks = map.numberOrNull("strike_ticks");
  if (strikeTicks !== null && !(strikeTicks > 0)) {
    throw new DecodeError("strikes that are no distance apart");
  }
  return {
    ...sessionConfig(map),
    format: "surfaces",
    gridMaxTicks,
    surfaces: everySurface((name) => fields(surfaces, name)),
    strikeTicks,
    calibrated: map.flag("calibrated"),
    beta: map.number("beta"),
    gamma: map.number("gamma"),
    horizonS: map.count("horizon_s"),
  };
}

function sessionConfig(map: WireMap): SessionConfig {
  const bucketInt = map.big("bucket_int");
  if (bucketInt <= 0n) throw new DecodeError("a bucket that is not wider than nothing");
  return {
    type: "runtime_config",
    protocol: map.count("protocol"),
    productType: map.text("product_type"),
    symbol: map.text("symbol"),
    symbolRoot: map.text("symbol_root"),
    tickInt: map.big("tick_int"),
    bucketInt,
    qtyUnit: map.text("qty_unit"),
    priceDecimals: Math.min(map.count("price_decimals"), 9),
    configVersion: map.text("config_version"),
    tickSize: map.number("tick_size"),
    contractMultiplier: map.number("contract_multiplier"),
    source: map.text("source"),
    dt: map.text("dt"),
    speed: map.number("speed"),
    startTime: map.textOrNull("start_time"),
    endTime: map.textOrNull("end_time"),
    shared: map.flag("shared"),
  };
}

/** Makes something for each surface, in their order. */
export function everySurface<T>(make: (name: SurfaceName) => T): Record<SurfaceName, T> {
  const [snap, velocity, options, forecast] = SURFACES;
  return {
    snap: make(snap),
    velocity: make(velocity),
    options: make(options),
    forecast: make(forecast),
  };
}

function fields(map: WireMap, key: string): Field[] {
  return map.list(key).map((value, index) => {
    const entry = new WireMap(value, `${map.pathOf(key)}[${index}]`);
    const dtype = DTYPES.find((known) => known === entry.text("dtype"));
    if (dtype === undefined) throw new DecodeError(`${entry.pathOf("dtype")} is unknown`);
    return { name: entry.text("name"), dtype };
  });
}
