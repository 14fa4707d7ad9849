/** What a forecast says, and how wide its cone is. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { surface } from "./fixtures.ts";
import { coneOf, forecastOf, stepAt, Wander } from "./forecast.ts";
import { Decoder } from "../../wire/decode.ts";

const GOLDEN = new URL("../../../../../crates/vp-wire/tests/golden/", import.meta.url);

function golden(name: string): ReturnType<typeof forecastOf> {
  const decoder = new Decoder();
  decoder.decode(readFileSync(new URL("runtime_config_velocity.bin", GOLDEN)));
  const message = decoder.decode(readFileSync(new URL(name, GOLDEN)));
  if (message.type !== "batch") throw new Error(message.type);
  return forecastOf(message.surfaces.forecast);
}

describe("a forecast", () => {
  it("is read from the bytes that Rust wrote: runs at horizon 0, the path beyond it", () => {
    expect(golden("batch.bin")).toEqual({
      up: { score: 0.2, wall: 7 },
      down: { score: -0.1, wall: 64 },
      path: [
        { horizonS: 1, delta: -1, confidence: 0 },
        { horizonS: 2, delta: 1, confidence: 0.3 },
      ],
    });
  });

  it("of a window without gold is none", () => {
    expect(golden("batch_empty.bin")).toBeNull();
  });

  it("of a stream that leaves columns out says what it can", () => {
    const bare = surface(2, {
      horizon_s: Int32Array.of(0, 1),
      predicted_tick_delta: BigInt64Array.of(-(2n ** 63n), 4n),
    });
    expect(forecastOf(bare)).toEqual({
      up: { score: null, wall: null },
      down: { score: null, wall: null },
      path: [{ horizonS: 1, delta: 4, confidence: 0 }],
    });
  });
});

describe("the wander", () => {
  it("of a spot that moves by two each second is two", () => {
    const wander = new Wander();
    for (let second = 0; second < 50; second += 1) wander.push(second, 100 + (second % 2) * 2, false);
    expect(wander.perRootSecond).toBeCloseTo(2, 9);
  });

  it("grows with the root of time: 6 in 9 seconds are as much as 2 in one", () => {
    const wander = new Wander();
    wander.push(0, 100, false);
    wander.push(9, 106, false);
    expect(wander.perRootSecond).toBeCloseTo(2, 9);
  });

  it("does not mistake a jump in time or a missing spot for a move", () => {
    const wander = new Wander();
    wander.push(0, 100, false);
    wander.push(1, 900, true);
    wander.push(2, NaN, false);
    wander.push(3, 300, false);
    wander.push(2, 500, false);
    expect(wander.perRootSecond).toBe(0);
  });
});

describe("the cone", () => {
  const path = [
    { horizonS: 1, delta: 1, confidence: 0 },
    { horizonS: 4, delta: 3, confidence: 0.25 },
  ];
  const run = { score: null, wall: null };
  const cone = coneOf({ up: run, down: run, path }, 2);

  it("is as wide as the spot wanders, less what the forecast is confident of", () => {
    expect(cone.map(({ spread }) => spread)).toEqual([2, 3]);
  });

  it("is read at the horizon that is nearest", () => {
    expect(stepAt(cone, 2.4)?.horizonS).toBe(1);
    expect(stepAt(cone, 2.6)?.horizonS).toBe(4);
    expect(stepAt([], 1)).toBeNull();
  });
});
