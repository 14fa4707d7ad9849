/** Where a page is in its replay, and how it gets there again. */
import { describe, expect, it } from "vitest";

import { ReplayPlace } from "./replay-place.ts";
import type { ClientMessage, GridConfig } from "../wire/messages.ts";

const CONFIG: GridConfig = {
  type: "runtime_config",
  format: "dense_grid",
  protocol: 1,
  productType: "future_mbo",
  symbol: "ESH4",
  symbolRoot: "ES",
  tickInt: 250_000_000n,
  bucketInt: 250_000_000n,
  qtyUnit: "contracts",
  priceDecimals: 2,
  configVersion: "fa4efa4efa4e",
  tickSize: 0.25,
  contractMultiplier: 50,
  source: "file",
  dt: "2023-12-25",
  speed: 10,
  startTime: "18:00:00",
  endTime: null,
  shared: false,
  halfWidth: 50,
  throttleMs: 25,
  view: "decayed",
  gridRows: 101,
  fields: [],
};

/** An instant of the session, `HH:MM:SS` in New York and milliseconds. */
function at(clock: string, millis = 0): bigint {
  return BigInt(Date.parse(`2023-12-25T${clock}-05:00`) + millis) * 1_000_000n;
}

const SESSION = { product_type: "future_mbo", symbol: "ESH4", dt: "2023-12-25", source: "file" };

function playing(): ReplayPlace {
  const place = new ReplayPlace();
  expect(place.takeConfig(CONFIG)).toEqual([]);
  place.takePhase("live");
  expect(place.takeUpdate(at("18:05:10", 250)).isShown).toBe(true);
  return place;
}

describe("after a lost connection", () => {
  it("the replay goes on at the time that was reached, at its speed", () => {
    const place = playing();
    place.asked({ type: "speed", value: 20 });
    expect(place.isKept).toBe(true);
    expect(place.returning()).toEqual({ ...SESSION, start_time: "18:05:10", speed: "20" });
    expect(place.takeConfig({ ...CONFIG, speed: 20 })).toEqual([]);
    // What the whole second repeats is not shown twice.
    expect(place.takeUpdate(at("18:05:10", 100)).isShown).toBe(false);
    expect(place.takeUpdate(at("18:05:10", 250)).isShown).toBe(false);
    expect(place.takeUpdate(at("18:05:10", 275)).isShown).toBe(true);
  });

  it("a replay that was paused is paused again before anything of it is shown", () => {
    const place = playing();
    place.takePhase("paused");
    expect(place.returning()).toEqual({ ...SESSION, start_time: "18:05:10", speed: "1" });
    expect(place.takeConfig({ ...CONFIG, speed: 1 })).toEqual([
      { type: "pause" },
      { type: "speed", value: 10 },
      { type: "seek", start_time: "18:05:10" },
    ] satisfies ClientMessage[]);
    place.takePhase("live");
    expect(place.takeUpdate(at("18:05:11")).isShown).toBe(false);
    expect(place.takeConfig(CONFIG)).toEqual([]);
    place.takePhase("paused");
    expect(place.takeUpdate(at("18:05:10", 10)).isShown).toBe(false);
    expect(place.takeUpdate(at("18:05:12")).isShown).toBe(true);
    // And again, should that connection be lost too.
    expect(place.returning()).toMatchObject({ start_time: "18:05:12", speed: "1" });
  });

  it("a shared replay and a live feed are joined as they are", () => {
    for (const changes of [{ shared: true }, { source: "live" }]) {
      const place = new ReplayPlace();
      place.takeConfig({ ...CONFIG, ...changes });
      place.takeUpdate(at("18:05:10"));
      expect(place.isKept).toBe(false);
    }
    expect(new ReplayPlace().isKept).toBe(false);
  });

  it("a restart begins where the query says", () => {
    const place = playing();
    expect(place.isRestartedAnew).toBe(false);
    place.returning();
    place.takeConfig(CONFIG);
    expect(place.isRestartedAnew).toBe(true);
    expect(place.beginning()).toEqual({ speed: "10" });
    expect(place.takeConfig(CONFIG)).toEqual([]);
    expect(place.takeUpdate(at("18:00:00")).isShown).toBe(true);
    expect(place.isRestartedAnew).toBe(false);
  });
});

describe("a seek", () => {
  it("goes to the replay, and forgets a refusal", () => {
    const place = playing();
    expect(place.seek("18:47:10")).toEqual({
      kind: "send",
      message: { type: "seek", start_time: "18:47:10" },
    });
    place.refused();
    expect(place.ended()).toEqual({ kind: "ended" });
  });

  it("to a time outside the session is refused with its window", () => {
    const place = new ReplayPlace();
    place.takeConfig({ ...CONFIG, productType: "equity_mbo", dt: "2025-07-17" });
    expect(place.seek("17:00")).toEqual({
      kind: "refuse",
      reason: "17:00 is outside the session, which runs from 02:00:00 to 16:00:00 ET.",
    });
  });

  it("to a time before the data is refused, once it is known when that begins", () => {
    const place = playing();
    expect(place.wantsFirst).toBe(true);
    expect(place.probe()).toEqual({ ...SESSION, start_time: "19:00:00" });
    place.takeFirst(at("18:00:00", 3));
    expect(place.wantsFirst).toBe(false);
    expect(place.seek("17:30")).toEqual({
      kind: "refuse",
      reason: "There is no data at 17:30 ET. The data begins at 18:00:00.",
    });
    expect(place.seek("18:00").kind).toBe("send");
  });

  it("to a time after the data goes back to where it was, and is refused from then on", () => {
    const place = playing();
    place.takePhase("paused");
    place.seek("18:59:00");
    place.takeConfig(CONFIG);
    expect(place.ended()).toEqual({ kind: "return", reason: "There is no data at or after 18:59:00 ET." });
    expect(place.returning()).toMatchObject({ start_time: "18:05:10", speed: "1" });
    expect(place.takeConfig(CONFIG)).toHaveLength(3);
    place.takeConfig(CONFIG);
    expect(place.seek("18:59:30").kind).toBe("refuse");
    expect(place.seek("18:58:59").kind).toBe("send");
  });

  it("that lands much later says where", () => {
    const place = playing();
    place.seek("18:10");
    // Of before the seek.
    expect(place.takeUpdate(at("18:05:11"))).toEqual({ isShown: true, remark: null });
    place.takeConfig(CONFIG);
    expect(place.takeUpdate(at("18:40:05"))).toEqual({
      isShown: true,
      remark: "There is no data at 18:10 ET. The next data is at 18:40:05.",
    });
    place.seek("18:41");
    place.takeConfig(CONFIG);
    expect(place.takeUpdate(at("18:41:30")).remark).toBeNull();
  });

  it("works after the end, and stays there where it finds nothing", () => {
    const place = playing();
    place.takeUpdate(at("18:59:58"));
    expect(place.ended()).toEqual({ kind: "ended" });
    expect(place.isRestartedAnew).toBe(true);
    expect(place.seek("18:59:59").kind).toBe("refuse");
    expect(place.seek("18:30").kind).toBe("connect");
    expect(place.returning()).toEqual({ ...SESSION, start_time: "18:30", speed: "10" });
    place.takeConfig(CONFIG);
    expect(place.takeUpdate(at("18:30:00")).isShown).toBe(true);
    place.takeUpdate(at("18:59:58"));
    place.ended();
    place.seek("18:59");
    place.returning();
    place.takeConfig(CONFIG);
    expect(place.ended()).toMatchObject({ kind: "stay" });
  });
});
