/**
 * Turns the bytes of a frame into a message.
 *
 * It remembers one thing, the columns that the last `runtime_config` announced: grids and batches
 * are read by them. It opens no socket and touches no page.
 */
import { decode as unpack } from "@msgpack/msgpack";

import { everySurface, runtimeConfig } from "./config.ts";
import { DecodeError, WireMap } from "./map.ts";
import type {
  Aggressor,
  Batch,
  ColumnValues,
  Field,
  GridUpdate,
  Phase,
  RuntimeConfig,
  ServerMessage,
  Status,
  Surface,
  Trade,
} from "./messages.ts";
import { integersOf, numbersInto, stride } from "./numbers.ts";

export { ProtocolError } from "./config.ts";
export { DecodeError } from "./map.ts";

const PHASES: readonly Phase[] = ["fast_forward", "live", "paused", "ended"];

/** Most rows of a surface that are taken: both sides of the widest one, and some to spare. */
const MAX_SURFACE_ROWS = 8192;

/** Reads the frames of one connection, in order. */
export class Decoder {
  #config: RuntimeConfig | null = null;

  /**
   * @throws {DecodeError} if the frame is no message of the wire; the next one may be.
   * @throws {ProtocolError} if the server speaks a later version; nothing after it can be trusted.
   */
  decode(frame: Uint8Array): ServerMessage {
    const map = new WireMap(unpacked(frame), "message");
    const type = map.text("type");
    switch (type) {
      case "runtime_config":
        this.#config = runtimeConfig(map);
        return this.#config;
      case "grid_update":
        if (this.#config?.format !== "dense_grid") {
          throw new DecodeError("a grid before the runtime config");
        }
        return gridUpdate(map, columns(map.map("columns"), this.#config.fields, this.#config.gridRows));
      case "batch":
        if (this.#config?.format !== "surfaces") {
          throw new DecodeError("a batch before the runtime config");
        }
        return batch(map, this.#config.surfaces);
      case "status":
        return status(map);
      case "error":
        return {
          type: "error",
          code: map.text("code"),
          message: map.text("message"),
          hint: map.textOrNull("hint"),
        };
      default:
        throw new DecodeError(`a message of the unknown type ${JSON.stringify(type)}`);
    }
  }
}

/** Reads columns into one buffer, which can be handed over whole. */
function columns(map: WireMap, fields: readonly Field[], rows: number): Map<string, ColumnValues> {
  const bytes = fields.reduce((sum, { dtype }) => sum + stride(dtype, rows), 0);
  const buffer = new ArrayBuffer(bytes);
  const found = new Map<string, ColumnValues>();
  let offset = 0;
  for (const { name, dtype } of fields) {
    const values = numbersInto(buffer, offset, map.bytes(name), dtype, rows);
    if (values === null) {
      throw new DecodeError(`${map.pathOf(name)} does not hold ${rows} × ${dtype}`);
    }
    found.set(name, values);
    offset += stride(dtype, rows);
  }
  return found;
}

function unpacked(frame: Uint8Array): unknown {
  try {
    return unpack(frame, { useBigInt64: true });
  } catch (cause) {
    throw new DecodeError("the frame is not MessagePack", { cause });
  }
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

function batch(map: WireMap, fields: Readonly<Record<string, readonly Field[]>>): Batch {
  const surfaces = map.map("surfaces");
  const surface = (entry: WireMap, known: readonly Field[]): Surface => {
    const rows = entry.count("rows");
    if (rows > MAX_SURFACE_ROWS) throw new DecodeError(`${entry.pathOf("rows")} is ${rows}`);
    return { rows, columns: columns(entry.map("columns"), known, rows) };
  };
  return {
    type: "batch",
    seq: map.big("seq"),
    epoch: map.big("epoch"),
    windowEndTsNs: map.big("window_end_ts_ns"),
    spotRefPriceInt: map.bigOrNull("spot_ref_price_int"),
    surfaces: everySurface((name) => surface(surfaces.map(name), fields[name] ?? [])),
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
