/** A made-up stream of grids: the golden messages with some of their fields replaced. */
import { decode, encode } from "@msgpack/msgpack";

import { golden } from "./fake.ts";

type Message = Readonly<Record<string, unknown>>;

const CONFIG = unpack("runtime_config.bin");
const GRID = unpack("grid_update.bin");
const STATUS = unpack("status.bin");

function unpack(name: string): Message {
  return decode(golden(name), { useBigInt64: true }) as Message;
}

function pack(message: Message, changes: Message): Uint8Array {
  return encode({ ...message, ...changes }, { useBigInt64: true });
}

export function config(changes: Message = {}): Uint8Array {
  return pack(CONFIG, changes);
}

export function status(phase: string, changes: Message = {}): Uint8Array {
  return pack(STATUS, { phase, anomalies: {}, notice: null, ...changes });
}

export function failure(code: string, message: string, hint: string | null = null): Uint8Array {
  return encode({ type: "error", code, message, hint });
}

/** Returns an instant of 2026-02-06, `HH:MM:SS` in New York, in nanoseconds. */
export function nanosAt(clock: string): bigint {
  return BigInt(Date.parse(`2026-02-06T${clock}-05:00`)) * 1_000_000n;
}

/** Returns a grid at that instant; the spot, the best prices and the last trade are near that price. */
export function grid(seq: number, tsNs: bigint, spotInt: bigint, changes: Message = {}): Uint8Array {
  return pack(GRID, {
    seq,
    epoch: 1,
    ts_ns: tsNs,
    event_id: 1000 + seq,
    mid_price: Number(spotInt) / 1e9,
    spot_ref_price_int: spotInt,
    best_bid_price_int: spotInt,
    best_ask_price_int: spotInt,
    last_trade_price_int: spotInt,
    book_valid: true,
    ...changes,
  });
}

/** Replaces the values of one column of a grid, lowest price first. */
export function withColumn(name: string, values: readonly number[]): Message {
  const columns = GRID["columns"] as Message;
  const bytes = new Uint8Array(Float64Array.from(values).buffer);
  return { columns: { ...columns, [name]: bytes } };
}
