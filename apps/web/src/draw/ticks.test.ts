/** Where the axes bear labels. */
import { describe, expect, it } from "vitest";

import { apart, bucketTicks, timeTicks } from "./ticks.ts";

describe("price labels", () => {
  it("lie at round numbers of buckets, far enough apart", () => {
    expect(bucketTicks(99.5, 110.5, 3)).toEqual([100, 104, 108]);
    expect(bucketTicks(-11, 11, 10)).toEqual([-10, 0, 10]);
    expect(bucketTicks(0.2, 0.8, 0.5)).toEqual([]);
  });
});

describe("time labels", () => {
  it("lie at round times of an even stretch", () => {
    const ticks = timeTicks(400, 100, (x) => 1000 + x / 10);
    expect(ticks.map(({ seconds }) => seconds)).toEqual([1010, 1020, 1030, 1040]);
    expect(ticks.map(({ x }) => x)).toEqual([100, 200, 300, 400]);
  });

  it("are none without columns, and none where there are no columns", () => {
    expect(timeTicks(400, 100, () => NaN)).toEqual([]);
    const half = timeTicks(400, 50, (x) => (x < 200 ? NaN : 1000 + x / 10));
    expect(half.every(({ x }) => x >= 200)).toBe(true);
    expect(half.length).toBeGreaterThan(1);
  });

  it("survive a time that goes back", () => {
    const ticks = timeTicks(400, 50, (x) => (x < 200 ? 5000 + x / 10 : 1000 + x / 10));
    expect(ticks.some(({ seconds }) => seconds > 5000)).toBe(true);
    expect(ticks.some(({ seconds }) => seconds < 2000)).toBe(true);
  });
});

describe("labels that must not hide one another", () => {
  const limits = { min: 9, max: 500 };

  it("stay where they want to be if there is room", () => {
    expect(apart([100, 300, 200], 19, limits)).toEqual([100, 300, 200]);
  });

  it("give way to later ones, by as little as they can", () => {
    expect(apart([104, 100], 19, limits)).toEqual([119, 100]);
    expect(apart([206.52, 206.1], 19, limits)).toEqual([225.1, 206.1]);
    expect(apart([96, 104, 100], 19, limits)).toEqual([81, 119, 100]);
    expect(apart([100, 110, 119], 19, limits)).toEqual([81, 100, 119]);
  });

  it("stay in sight", () => {
    expect(apart([-50, 4], 19, limits)).toEqual([28, 9]);
    expect(apart([495, 600], 19, limits)).toEqual([481, 500]);
  });
});
