import { expect, test } from "vitest";

import { Meter } from "./meter.ts";

/** Returns a meter that has seen pictures of these times, and before them ten that took long. */
function metered(times: readonly number[]): Meter {
  const meter = new Meter();
  for (const ms of [...Array<number>(10).fill(500), ...times]) {
    meter.spend(ms / 2);
    meter.spend(ms / 2);
    meter.lap();
  }
  return meter;
}

test("the first pictures, which wait for shaders, are left out", () => {
  const meter = metered([3]);
  expect([meter.count, meter.quantile(0.95)]).toEqual([1, 3]);
  expect(metered([]).quantile(0.95)).toBe(0);
});

test("a share of the pictures takes that long at most", () => {
  const meter = metered(Array.from({ length: 20 }, (_, picture) => 20 - picture));
  expect([0.05, 0.5, 0.95, 1].map((share) => meter.quantile(share))).toEqual([1, 10, 19, 20]);
});

test("only the last pictures count", () => {
  expect(metered([...Array<number>(100).fill(90), ...Array<number>(1200).fill(2)]).quantile(1)).toBe(2);
});
