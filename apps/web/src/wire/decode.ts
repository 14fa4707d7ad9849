/**
 * Turns the bytes of a frame into a message.
 *
 * It remembers one thing, the columns that the last `runtime_config` announced: a grid is read by
 * them. It opens no socket and touches no page.
 */
import { decode as unpack } from "@msgpack/msgpack";

import { DecodeError, WireMap } from "./map.ts";
import {
  PROTOCOL,
  type Aggressor,
  type ColumnValues,
  type DType,
  type Field,
  type GridUpdate,
  type Phase,
  type RuntimeConfig,
  type ServerMessage,
  type Status,
  type Trade,
} from "./messages.ts";
import { integersOf, numbersInto, stride } from "./numbers.ts";

export { DecodeError } from "./map.ts";

/** A server that speaks a later version than this page. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";

  constructor(readonly protocol: number) {
    super(`the server speaks protocol ${protocol}, this page ${PROTOCOL}`);
  }
}

const DTYPES: readonly DType[] = ["i32", "i64", "f32", "f64"];
const PHASES: readonly Phase[] = ["fast_forward", "live", "paused", "ended"];

/** Most buckets that a page makes room for; a config with more is malformed. */
const MAX_GRID_ROWS = 2001;

/** Reads the frames of one connection, in order. */
export class Decoder {
  #fields: readonly Field[] = [];
  #gridRows = 0;
  /** Bytes of all columns of a grid: they share one buffer, which can be handed over whole. */
  #gridBytes = 0;

  /**
   * @throws {DecodeError} if the frame is no message of the wire; the next one may be.
   * @throws {ProtocolError} if the server speaks a later version; nothing after it can be trusted.
   */
  decode(frame: Uint8Array): ServerMessage {
    const map = new WireMap(unpacked(frame), "message");
    const type = map.text("type");
    switch (type) {
      case "runtime_config": {
        const config = runtimeConfig(map);
        this.#fields = config.fields;
        this.#gridRows = config.gridRows;
        this.#gridBytes = config.fields.reduce(
          (bytes, { dtype }) => bytes + stride(dtype, config.gridRows),
          0,
        );
        return config;
      }
      case "grid_update":
        return gridUpdate(map, this.#columns(map.map("columns")));
      case "status":
        return status(map);
      case "error":
        return {
          type: "error",
          code: map.text("code"),
          message: map.text("message"),
          hint: map.text("hint"),
        };
      default:
        throw new DecodeError(`a message of the unknown type ${JSON.stringify(type)}`);
    }
  }

  #columns(map: WireMap): Map<string, ColumnValues> {
    if (this.#fields.length === 0) throw new DecodeError("a grid before the runtime config");
    const columns = new Map<string, ColumnValues>();
    const buffer = new ArrayBuffer(this.#gridBytes);
    let offset = 0;
    for (const { name, dtype } of this.#fields) {
      const values = numbersInto(buffer, offset, map.bytes(name), dtype, this.#gridRows);
      if (values === null) {
        throw new DecodeError(`${map.pathOf(name)} does not hold ${this.#gridRows} × ${dtype}`);
      }
      columns.set(name, values);
      offset += stride(dtype, this.#gridRows);
    }
    return columns;
  }
}

function unpacked(frame: Uint8Array): unknown {
  try {
    return unpack(frame, { useBigInt64: true });
  } catch (cause) {
    throw new DecodeError("the frame is not MessagePack", { cause });
  }
}

function runtimeConfig(map: WireMap): RuntimeConfig {
  // Asked first: a later version may change everything after it.
  const protocol = map.count("protocol");
  if (protocol > PROTOCOL) throw new ProtocolError(protocol);
  const halfWidth = map.count("half_width");
  const gridRows = map.count("grid_rows");
  if (gridRows !== 2 * halfWidth + 1 || gridRows > MAX_GRID_ROWS) {
    throw new DecodeError(`a grid of ${gridRows} rows around a half width of ${halfWidth}`);
  }
  const bucketInt = map.big("bucket_int");
  if (bucketInt <= 0n) throw new DecodeError("a bucket that is not wider than nothing");
  return {
    type: "runtime_config",
    protocol,
    productType: map.text("product_type"),
    symbol: map.text("symbol"),
    symbolRoot: map.text("symbol_root"),
    tickInt: map.big("tick_int"),
    bucketInt,
    halfWidth,
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
    throttleMs: map.number("throttle_ms"),
    view: map.text("view"),
    shared: map.flag("shared"),
    gridRows,
    fields: map.list("fields").map(field),
  };
}

function field(value: unknown, index: number): Field {
  const map = new WireMap(value, `message.fields[${index}]`);
  const dtype = DTYPES.find((known) => known === map.text("dtype"));
  if (dtype === undefined) throw new DecodeError(`${map.pathOf("dtype")} is unknown`);
  return { name: map.text("name"), dtype };
}

function gridUpdate(map: WireMap, columns: ReadonlyMap<string, ColumnValues>): GridUpdate {
  return {
    type: "grid_update",
    seq: map.big("seq"),
    epoch: map.big("epoch"),
    tsNs: map.big("ts_ns"),
    eventId: map.big("event_id"),
    midPrice: map.numberOrNull("mid_price"),
    spotRefPriceInt: map.bigOrNull("spot_ref_price_int"),
    bestBidPriceInt: map.bigOrNull("best_bid_price_int"),
    bestAskPriceInt: map.bigOrNull("best_ask_price_int"),
    lastTradePriceInt: map.bigOrNull("last_trade_price_int"),
    bookValid: map.flag("book_valid"),
    trades: trades(map.map("trades")),
    tradesDropped: map.count("trades_dropped"),
    columns,
  };
}

function trades(map: WireMap): Trade[] {
  const aggressors = map.bytes("aggressor");
  const count = aggressors.length;
  const bytes = map.bytes("size");
  const times = integersOf(map.bytes("ts_ns"), count);
  const prices = integersOf(map.bytes("price_int"), count);
  if (times === null || prices === null || bytes.length !== 4 * count) {
    throw new DecodeError("message.trades has columns of different lengths");
  }
  const sizes = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from(aggressors, (code, index) => ({
    tsNs: BigInt.asUintN(64, times[index] ?? 0n),
    priceInt: prices[index] ?? 0n,
    size: sizes.getUint32(4 * index, true),
    aggressor: aggressor(code),
  }));
}

function aggressor(code: number): Aggressor {
  const letter = String.fromCharCode(code);
  if (letter === "B" || letter === "A" || letter === "N") return letter;
  throw new DecodeError(`an aggressor of the unknown code ${code}`);
}

function status(map: WireMap): Status {
  const phase = PHASES.find((known) => known === map.text("phase"));
  if (phase === undefined) throw new DecodeError(`${map.pathOf("phase")} is unknown`);
  const anomalies = map.map("anomalies");
  return {
    type: "status",
    phase,
    records: map.big("records"),
    events: map.big("events"),
    eventRate: map.number("event_rate"),
    behindMs: map.number("behind_ms"),
    conflatedTotal: map.big("conflated_total"),
    anomalies: new Map([...anomalies.keys()].map((kind) => [kind, anomalies.big(kind)])),
    progress: map.numberOrNull("progress"),
    notice: map.textOrNull("notice"),
  };
}
