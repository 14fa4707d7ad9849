/** The golden bytes of the wire, which the Rust encoder writes, as this page reads them. */
import { readFileSync } from "node:fs";

import { decode, encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";

import { DecodeError, Decoder, ProtocolError } from "./decode.ts";
import type { GridUpdate, ServerMessage } from "./messages.ts";

const GOLDEN = new URL("../../../../crates/vp-wire/tests/golden/", import.meta.url);

interface Golden {
  readonly files: Readonly<Record<string, { readonly message: Readonly<Record<string, unknown>> }>>;
}

// Integers beyond 2^53 are quoted before JSON is parsed: as numbers they would lose digits.
const golden = JSON.parse(
  readFileSync(new URL("metadata.json", GOLDEN), "utf8").replace(
    /(?<=[[:,])-?\d{16,}(?=[,\]}])/g,
    '"$&"',
  ),
) as Golden;

function bytes(name: string): Uint8Array {
  return readFileSync(new URL(name, GOLDEN));
}

function decoded(config: string, name: string): ServerMessage {
  const decoder = new Decoder();
  decoder.decode(bytes(config));
  return decoder.decode(bytes(name));
}

function grid(config: string, name: string): GridUpdate {
  const message = decoded(config, name);
  if (message.type !== "grid_update") throw new Error(`${name} is a ${message.type}`);
  return message;
}

function expected(name: string): Readonly<Record<string, unknown>> {
  const message = golden.files[name]?.message;
  if (message === undefined) throw new Error(`no golden message ${name}`);
  return message;
}

describe("the runtime config", () => {
  it("is read whole", () => {
    const config = new Decoder().decode(bytes("runtime_config.bin"));
    const message = expected("runtime_config.bin");
    expect(config).toMatchObject({
      type: "runtime_config",
      protocol: message["protocol"],
      productType: message["product_type"],
      symbol: message["symbol"],
      tickInt: BigInt(Number(message["tick_int"])),
      bucketInt: BigInt(Number(message["bucket_int"])),
      halfWidth: message["half_width"],
      priceDecimals: message["price_decimals"],
      speed: message["speed"],
      startTime: message["start_time"],
      endTime: message["end_time"],
      throttleMs: message["throttle_ms"],
      gridRows: message["grid_rows"],
      fields: message["fields"],
    });
  });

  it("of a later protocol is refused before anything else is read", () => {
    const frame = encode({ type: "runtime_config", protocol: 2 });
    expect(() => new Decoder().decode(frame)).toThrow(ProtocolError);
  });

  it("whose rows do not fit its half width is refused", () => {
    const frame = encode({ type: "runtime_config", protocol: 1, stream_format: "dense_grid", half_width: 50, grid_rows: 100 });
    expect(() => new Decoder().decode(frame)).toThrow("100 rows around a half width of 50");
  });
});

describe("a grid", () => {
  const cases = [
    ["runtime_config.bin", "grid_update.bin"],
    ["runtime_config.bin", "grid_update_empty.bin"],
    ["runtime_config_f32.bin", "grid_update_f32.bin"],
  ] as const;

  it.each(cases)("has the scalars that Rust wrote (%s, %s)", (config, name) => {
    const update = grid(config, name);
    const message = expected(name);
    const scalars = {
      seq: update.seq,
      epoch: update.epoch,
      ts_ns: update.tsNs,
      event_id: update.eventId,
      spot_ref_price_int: update.spotRefPriceInt,
      best_bid_price_int: update.bestBidPriceInt,
      best_ask_price_int: update.bestAskPriceInt,
      last_trade_price_int: update.lastTradePriceInt,
    };
    for (const [key, value] of Object.entries(scalars)) {
      const told = message[key];
      expect(value, key).toBe(told === null ? null : BigInt(told as number | string));
    }
    expect(update.midPrice).toBe(message["mid_price"]);
    expect(update.bookValid).toBe(message["book_valid"]);
    expect(update.tradesDropped).toBe(message["trades_dropped"]);
  });

  it.each(cases)("has the columns that Rust wrote (%s, %s)", (config, name) => {
    const columns = expected(name)["columns"] as Readonly<Record<string, readonly unknown[]>>;
    const update = grid(config, name);
    expect([...update.columns.keys()].sort()).toEqual(Object.keys(columns).sort());
    for (const [column, values] of update.columns) {
      expect(Array.from(values, String), column).toEqual(columns[column]?.map(String));
    }
  });

  it("has its trades, extreme values included", () => {
    expect(grid("runtime_config_f32.bin", "grid_update_f32.bin").trades).toEqual([
      { tsNs: 1770388200123000000n, priceInt: -(2n ** 63n), size: 1, aggressor: "B" },
      { tsNs: 2n ** 64n - 1n, priceInt: 0n, size: 4294967295, aggressor: "A" },
      { tsNs: 0n, priceInt: 2n ** 63n - 1n, size: 7, aggressor: "N" },
    ]);
  });

  it("is a bigint wherever it has 64 bits, however few it needed", () => {
    const update = grid("runtime_config_f32.bin", "grid_update_f32.bin");
    expect(update.seq).toBe(1n);
    expect(update.eventId).toBe(65536n);
    expect(grid("runtime_config.bin", "grid_update_empty.bin").seq).toBe(2n ** 64n - 1n);
  });

  it("is read from any offset: eight-byte numbers are copied before they are viewed", () => {
    const plain = bytes("grid_update.bin");
    for (let offset = 1; offset < 8; offset += 1) {
      const shifted = new Uint8Array(plain.length + offset);
      shifted.set(plain, offset);
      const decoder = new Decoder();
      decoder.decode(bytes("runtime_config.bin"));
      expect(decoder.decode(shifted.subarray(offset))).toEqual(
        grid("runtime_config.bin", "grid_update.bin"),
      );
    }
  });

  it("before its runtime config is refused", () => {
    expect(() => new Decoder().decode(bytes("grid_update.bin"))).toThrow(
      "a grid before the runtime config",
    );
  });

  it("with a column of another length is refused", () => {
    expect(() => decoded("runtime_config.bin", "grid_update_f32.bin")).toThrow(DecodeError);
  });
});

describe("a status", () => {
  it("counts in bigints and tells an absent progress from none", () => {
    expect(new Decoder().decode(bytes("status.bin"))).toEqual({
      type: "status",
      phase: "live",
      records: 1234567n,
      events: 456789n,
      eventRate: 1523.25,
      behindMs: 0.5,
      conflatedTotal: 3n,
      anomalies: new Map([
        ["off_tick", 2n],
        ["unknown_order", 70000n],
      ]),
      progress: 0.25,
      notice: null,
    });
    expect(new Decoder().decode(bytes("status_ended.bin"))).toMatchObject({
      phase: "ended",
      progress: null,
      notice: "a gap of 3600 s was shortened to 5 s",
    });
  });
});

describe("an error", () => {
  it("keeps its hint", () => {
    expect(new Decoder().decode(bytes("error.bin"))).toEqual({
      type: "error",
      code: "unknown_date",
      message: "no session of 2026-02-07",
      hint: "there are: 2026-02-06",
    });
  });

  it("may have none", () => {
    const frame = encode({ type: "error", code: "internal", message: "the replay broke down", hint: null });
    expect(new Decoder().decode(frame)).toEqual({
      type: "error",
      code: "internal",
      message: "the replay broke down",
      hint: null,
    });
  });
});

describe("a field that may be nil", () => {
  /** Returns a golden message with some of its fields set to nil. */
  const without = (name: string, ...keys: readonly string[]): Uint8Array => {
    const message = decode(bytes(name), { useBigInt64: true }) as Record<string, unknown>;
    for (const key of keys) {
      expect(message, key).toHaveProperty(key);
      message[key] = null;
    }
    return encode(message, { useBigInt64: true });
  };
  const read = (frame: Uint8Array, config = "runtime_config.bin"): ServerMessage => {
    const decoder = new Decoder();
    decoder.decode(bytes(config));
    return decoder.decode(frame);
  };

  it("is read as absent in every message", () => {
    const prices = ["spot_ref_price_int", "best_bid_price_int", "best_ask_price_int", "last_trade_price_int"];
    expect(read(without("grid_update.bin", "mid_price", ...prices))).toMatchObject({
      midPrice: null,
      spotRefPriceInt: null,
      bestBidPriceInt: null,
      bestAskPriceInt: null,
      lastTradePriceInt: null,
    });
    expect(read(without("status.bin", "progress", "notice"))).toMatchObject({ progress: null, notice: null });
    expect(read(without("error.bin", "hint"))).toMatchObject({ hint: null });
    expect(read(without("runtime_config.bin", "start_time", "end_time"))).toMatchObject({
      startTime: null,
      endTime: null,
    });
    expect(read(without("runtime_config_velocity.bin", "strike_ticks"))).toMatchObject({ strikeTicks: null });
    expect(read(without("batch.bin", "spot_ref_price_int"), "runtime_config_velocity.bin")).toMatchObject({
      spotRefPriceInt: null,
    });
  });
});

describe("a malformed frame", () => {
  const plain = bytes("grid_update.bin");

  it.each([
    ["nothing", new Uint8Array()],
    ["no map", encode([1, 2])],
    ["no type", encode({ seq: 1 })],
    ["an unknown type", encode({ type: "weather" })],
    ["a text where a flag belongs", encode({ type: "status", phase: 3 })],
    ["a map cut short", plain.subarray(0, plain.length - 1)],
  ])("is an error that says so: %s", (_name, frame) => {
    const decoder = new Decoder();
    decoder.decode(bytes("runtime_config.bin"));
    expect(() => decoder.decode(frame)).toThrow(DecodeError);
    // What comes after it is read as if it had never been.
    expect(decoder.decode(plain).type).toBe("grid_update");
  });
});
