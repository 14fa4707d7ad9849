/** Where the axes bear labels. */
import { describe, expect, it } from "vitest";

import { apart, bucketTicks, secondDecimals, timeTicks, type TimeTick } from "./ticks.ts";

describe("price labels", () => {
  it("lie at round numbers of buckets, far enough apart", () => {
    expect(bucketTicks(99.5, 110.5, 3)).toEqual([100, 104, 108]);
    expect(bucketTicks(-11, 11, 10)).toEqual([-10, 0, 10]);
    expect(bucketTicks(0.2, 0.8, 0.5)).toEqual([]);
  });
});

describe("time labels", () => {
  const seconds = (ticks: readonly TimeTick[]): number[] => ticks.map((tick) => tick.seconds);

  it("lie at round times of an even stretch, where there is room to write them", () => {
    const ticks = timeTicks({ width: 430, gap: 100, margin: 30 }, (x) => 1000 + x / 10);
    expect(seconds(ticks)).toEqual([1010, 1020, 1030, 1040]);
    expect(ticks.map(({ x }) => x)).toEqual([100, 200, 300, 400]);
    // One label, where there is no room for two: at the roundest time.
    const short = timeTicks({ width: 430, gap: 100, margin: 30 }, (x) => (x < 360 ? NaN : 1000 + x / 10));
    expect(short.map(({ seconds: named }) => named)).toEqual([1040]);
    const cut = timeTicks({ width: 410, gap: 100, margin: 30 }, (x) => 1000 + x / 10);
    expect(seconds(cut)).toEqual([1010, 1020, 1030]);
  });

  it("are none without columns, and none where there are no columns", () => {
    expect(timeTicks({ width: 400, gap: 100, margin: 0 }, () => NaN)).toEqual([]);
    const half = timeTicks({ width: 400, gap: 50, margin: 0 }, (x) => (x < 200 ? NaN : 1000 + x / 10));
    expect(half.every(({ x }) => x >= 200)).toBe(true);
    expect(half.length).toBeGreaterThan(1);
  });

  it("survive a time that goes back", () => {
    const ticks = timeTicks({ width: 400, gap: 50, margin: 0 }, (x) => (x < 200 ? 5000 + x / 10 : 1000 + x / 10));
    expect(ticks.some((tick) => tick.seconds > 5000)).toBe(true);
    expect(ticks.some((tick) => tick.seconds < 2000)).toBe(true);
  });

  it("name a time that is in view after a jump of hours", () => {
    // 18:47:10 after 10:00: only the last hundred pixels are of the new time.
    const after = 67_630;
    const timeAt = (x: number): number => (x < 700 ? 36_000 + x / 40 : after + (x - 700) / 40);
    const ticks = timeTicks({ width: 900, gap: 90, margin: 30 }, timeAt);
    const landed = ticks.filter((tick) => tick.seconds > 40_000);
    expect(landed.length).toBeGreaterThan(0);
    for (const tick of ticks) expect(Math.abs(tick.seconds - timeAt(tick.x))).toBeLessThan(1);
    // With nothing but the new time the first columns are named at once.
    const fresh = timeTicks({ width: 900, gap: 90, margin: 30 }, (x) => (x < 860 ? NaN : after + (x - 860) / 40));
    expect(seconds(fresh)).toEqual([after + 0.25]);
    const newest = timeTicks({ width: 900, gap: 90, margin: 30 }, (x) => (x < 880 || x > 888 ? NaN : after));
    expect(newest).toEqual([{ x: 888, seconds: after }]);
  });

  it("are at least two where there is room, however little time is in view", () => {
    for (const perPixel of [1e-5, 0.0003, 0.011, 0.4, 3, 90, 4000]) {
      for (const start of [67_630, 1_703_545_630.25]) {
        const timeAt = (x: number): number => start + x * perPixel;
        const ticks = timeTicks({ width: 500, gap: 90, margin: 30 }, timeAt);
        expect(ticks.length, `${perPixel} s a pixel`).toBeGreaterThan(1);
        for (const { x, seconds: named } of ticks) {
          expect(named).toBeGreaterThanOrEqual(timeAt(0) - 1e-6);
          expect(named).toBeLessThanOrEqual(timeAt(x) + 1e-6);
        }
        expect(ticks.every(({ x }, index) => index === 0 || x - (ticks[index - 1]?.x ?? 0) >= 72)).toBe(true);
      }
    }
  });

  it("stay apart where the market is quiet and busy by turns", () => {
    const timeAt = (x: number): number => 36_000 + Math.floor(x / 50) * 400 + (x % 50) / 10;
    const ticks = timeTicks({ width: 900, gap: 90, margin: 30 }, timeAt);
    expect(ticks.length).toBeGreaterThan(1);
    for (const { x, seconds: named } of ticks) {
      expect(named).toBeGreaterThan(timeAt(x - 1));
      expect(named).toBeLessThanOrEqual(timeAt(x));
    }
  });

  it("have as many decimals of a second as tell them apart", () => {
    const at = (...times: number[]): TimeTick[] => times.map((time, x) => ({ x, seconds: time }));
    expect(secondDecimals(at(10, 20))).toBe(0);
    expect(secondDecimals(at(10.5, 10.6))).toBe(1);
    expect(secondDecimals(at(10.5, 10.55))).toBe(2);
    expect(secondDecimals(at(10.501, 10.502))).toBe(3);
    expect(secondDecimals([])).toBe(0);
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
