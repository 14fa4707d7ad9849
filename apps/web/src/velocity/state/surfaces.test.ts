/** What the page remembers of a stream of surfaces, and how it reads it out. */
import { describe, expect, it } from "vitest";

import { batch, config, QUARTER, type Row } from "./fixtures.ts";
import { COLUMNS_KEPT, snapOf, spotOf, SurfaceHistory } from "./surfaces.ts";

function history(...batches: readonly ReturnType<typeof batch>[]): SurfaceHistory {
  const made = new SurfaceHistory(config());
  for (const one of batches) made.push(one);
  return made;
}

const ROWS: readonly Row[] = [
  [-2, "B", 0.5, 2],
  [0, "B", 0.125, 1],
  [0, "A", -0.25, 3],
  [2, "A", -1, 2],
];

describe("a cell", () => {
  it("is read by column and bucket, each side for itself", () => {
    const cell = history(batch(1, 1000, ROWS)).cell(0, 1000);
    expect(cell?.relTicks).toBe(0);
    expect(cell?.B?.get("liquidity_velocity")).toBe(0.125);
    expect(cell?.A?.get("liquidity_velocity")).toBe(-0.25);
    expect(cell?.head).toMatchObject({ spot: 1000, isValid: true, isBreak: false });
  });

  it("stays where its price is when the spot moves", () => {
    const two = history(batch(1, 1000, ROWS), batch(2, 1001, [[-2, "B", 0.75, 2]]));
    expect(two.cell(0, 998)?.B?.get("liquidity_velocity")).toBe(0.5);
    expect(two.cell(1, 999)?.B?.get("liquidity_velocity")).toBe(0.75);
    expect(two.cell(1, 998)).toBeNull();
  });

  it("has no values for a side that had no rows in the window", () => {
    const cell = history(batch(1, 1000, [[-1, "B", 0.5, 1]])).cell(0, 1001);
    expect(cell?.A).toBeNull();
    expect(cell?.B?.get("liquidity_velocity")).toBe(0);
  });

  it("is nothing beyond the reach, before the first column and without a spot", () => {
    const one = history(batch(1, 1000, ROWS), batch(2, null, []));
    expect(one.cell(0, 1003)).toBeNull();
    expect(one.cell(-1, 1000)).toBeNull();
    expect(one.cell(2, 1000)).toBeNull();
    expect(one.cell(1, 1000)).toBeNull();
  });

  it("forgets what its slot held half an hour ago", () => {
    const ring = history(batch(0, 1000, ROWS));
    for (let seq = 1; seq <= COLUMNS_KEPT; seq += 1) ring.push(batch(seq, 1000, [[1, "A", 0.5, 1]]));
    expect(ring.has(0)).toBe(false);
    expect(ring.oldest).toBe(1);
    expect(ring.cell(COLUMNS_KEPT, 998)?.B).toBeNull();
    expect(ring.cell(COLUMNS_KEPT, 1001)?.A?.get("liquidity_velocity")).toBe(0.5);
  });
});

describe("the side that is seen", () => {
  const one = history(batch(1, 1000, ROWS));

  it("is the bids below the spot and the asks above it", () => {
    expect([0, 1, 3, 4].map((row) => one.sideAt(0, row))).toEqual(["B", "B", "A", "A"]);
  });

  it("is the deeper one at the spot", () => {
    expect(one.sideAt(0, 2)).toBe("A");
    expect(history(batch(1, 1000, [[0, "B", 0, 1]])).sideAt(0, 2)).toBe("B");
  });
});

describe("malformed surfaces", () => {
  it("a row beyond the reach, or of no side, is left out", () => {
    const odd = batch(1, 1000, [...ROWS, [3, "A", 9, 9], [-3, "B", 9, 9]]);
    const sides = odd.surfaces.velocity.columns.get("side");
    if (sides instanceof Uint8Array) sides[0] = 0;
    const cell = history(odd).cell(0, 998);
    expect(cell?.B?.get("liquidity_velocity")).toBe(0);
    expect(history(odd).cell(0, 1002)?.A?.get("liquidity_velocity")).toBe(-1);
  });

  it("an absent value is drawn as nothing", () => {
    const cell = history(batch(1, 1000, [[1, "A", NaN, 1]])).cell(0, 1001);
    expect(cell?.A?.get("liquidity_velocity")).toBe(0);
  });
});

describe("a break", () => {
  it("comes with a new epoch and with another connection, and not with the first column", () => {
    const ring = history(batch(1, 1000, ROWS), { ...batch(2, 1000, ROWS), epoch: 2n });
    ring.push({ ...batch(3, 1000, ROWS), epoch: 2n });
    ring.break();
    ring.push({ ...batch(4, 1000, ROWS), epoch: 2n });
    expect([0, 1, 2, 3].map((column) => ring.isBreak(column))).toEqual([false, true, false, true]);
  });
});

describe("a history", () => {
  it("takes all of its memory at once", () => {
    const ring = new SurfaceHistory(config());
    const { bytes } = ring;
    for (let seq = 1; seq < 40; seq += 1) ring.push(batch(seq, 1000 + seq, ROWS));
    expect(ring.bytes).toBe(bytes);
  });

  it("goes on with a stream of the same form, and with no other", () => {
    const ring = history(batch(1, 1000, ROWS));
    expect(ring.fits(config({ speed: 10 }))).toBe(true);
    expect(ring.fits(config({ gridMaxTicks: 3 }))).toBe(false);
    expect(ring.fits(config({ bucketInt: 2n * QUARTER }))).toBe(false);
    expect(ring.fits(config({ strikeTicks: null }))).toBe(false);
  });
});

describe("strikes", () => {
  const second = (index: number): number => 1 - Math.exp(-index / 8);

  it("are read out as they came", () => {
    const one = history(batch(1, 1000, ROWS, [[980, 0.5], [1000, -0.25]]));
    expect(one.cell(0, 1000)?.strike?.values.get("liquidity_velocity")).toBe(-0.25);
    expect(one.cell(0, 999)?.strike?.place).toBe(1000);
  });

  it("average their velocity over seconds, wherever the lowest strike lies", () => {
    const ring = history(
      batch(1, 1000, ROWS, [[980, 0.5], [1000, 0.5]]),
      batch(2, 1000, ROWS, [[1000, 0], [1020, 1]]),
    );
    const [at1000, at1020] = ring.strikes.bars.subarray(128, 130);
    expect(at1000).toBeCloseTo(0.5 * (1 - second(1)), 6);
    expect(at1020).toBeCloseTo(second(1), 6);
  });

  it("that have no rows leave no bars", () => {
    const ring = history(batch(1, 1000, ROWS, [[1000, 1]]), batch(2, 1000, ROWS));
    expect(ring.strikes.count(1)).toBe(0);
    expect(ring.strikes.hasCome).toBe(true);
    expect(history(batch(1, 1000, ROWS)).strikes.hasCome).toBe(false);
    expect(ring.cell(1, 1000)?.strike).toBeNull();
  });

  it("take no memory where the product has none", () => {
    const without = new SurfaceHistory(config({ strikeTicks: null }));
    without.push(batch(1, 1000, ROWS));
    expect(without.strikes.bars).toHaveLength(0);
    expect(without.cell(0, 1000)?.strike).toBeNull();
  });

  it("beyond what is kept are left out", () => {
    const ring = history(batch(1, 1000, ROWS, [[0, 1], [20 * 5000, 1]]));
    expect(ring.strikes.count(0)).toBe(1);
  });
});

describe("the book at the end of a window", () => {
  it("has a mid, and a spot, once there are prices", () => {
    expect(snapOf(batch(1, 1000, ROWS))).toEqual({ midPrice: 250.125, bookValid: true });
    expect(spotOf(batch(1, 1000, ROWS))).toBe(250_000_000_000n);
  });

  it("says 0 where there is none", () => {
    expect(snapOf(batch(1, null, []))).toEqual({ midPrice: NaN, bookValid: false });
    expect(spotOf(batch(1, null, []))).toBeNull();
  });

  it("has a spot at and below 0", () => {
    for (const spot of [0n, -1_000_000_000n]) {
      expect(spotOf({ ...batch(1, 1000, ROWS), spotRefPriceInt: spot })).toBe(spot);
    }
  });
});
