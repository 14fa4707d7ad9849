/** What the page remembers, and where it finds it again. */
import { describe, expect, it } from "vitest";

import { config, grid, QUARTER } from "./fixtures.ts";
import { BLOCK, History } from "./history.ts";
import { LAYER_COLUMNS } from "./layer.ts";

function depth(history: History, column: number, bucket: number): number | undefined {
  return history.cell(column, bucket)?.values.get("rest_depth");
}

describe("a cell", () => {
  it("is found by its price, wherever the spot was", () => {
    const history = new History(config());
    history.push(grid(1, 100, [1, 2, 3, 4, 5]));
    history.push(grid(2, 101, [6, 7, 8, 9, 10]));
    expect(depth(history, 0, 100)).toBe(3);
    expect(depth(history, 0, 98)).toBe(1);
    expect(depth(history, 1, 100)).toBe(7);
    expect(depth(history, 1, 103)).toBe(10);
  });

  it("has time, k and the event that touched it", () => {
    const history = new History(config());
    history.push(grid(1, 100, [1, 2, 3, 4, 5]));
    expect(history.cell(0, 99)).toMatchObject({
      head: { tsNs: 1_770_388_200_025_000_000n, eventId: 3n, spot: 100, bid: 99, ask: 101 },
      k: -1,
      lastEventId: 11n,
    });
  });

  it("is none beyond the grid, before the first column and after the last", () => {
    const history = new History(config());
    history.push(grid(1, 100, [1, 2, 3, 4, 5]));
    expect(history.cell(0, 103)).toBeNull();
    expect(history.cell(0, 97)).toBeNull();
    expect(history.cell(-1, 100)).toBeNull();
    expect(history.cell(1, 100)).toBeNull();
  });

  it("is none while there is no spot", () => {
    const history = new History(config());
    history.push({ ...grid(1, 0, [0, 0, 0, 0, 0]), spotRefPriceInt: null });
    expect(history.cell(0, 0)).toBeNull();
  });
});

describe("the coarse layer", () => {
  it("holds means of five columns, aligned by price to the last of them", () => {
    const history = new History(config());
    for (let seq = 1; seq <= 4; seq += 1) history.push(grid(seq, 100, [10, 20, 30, 40, 50]));
    history.push(grid(5, 101, [25, 35, 45, 55, 65]));
    const means = history.coarse.fields.get("rest_depth")?.values.subarray(0, 5);
    // Bucket 99 had 20 four times and 25 once; bucket 103 is in the last grid alone.
    expect(Array.from(means ?? [])).toEqual([21, 31, 41, 51, 65]);
    expect(history.coarse.count).toBe(1);
  });

  it("answers for what the fine layer has forgotten", () => {
    const history = new History(config());
    for (let seq = 0; seq < LAYER_COLUMNS + BLOCK; seq += 1) {
      history.push(grid(seq, 100, [0, 0, Math.floor(seq / BLOCK), 0, 0]));
    }
    expect(history.fine.oldest).toBe(BLOCK);
    expect(depth(history, 0, 100)).toBe(0);
    expect(depth(history, BLOCK, 100)).toBe(1);
    expect(depth(history, LAYER_COLUMNS, 100)).toBe(LAYER_COLUMNS / BLOCK);
  });
});

describe("a history", () => {
  it("never grows: it allocates everything at first", () => {
    const history = new History(config());
    const before = history.bytes;
    for (let seq = 0; seq < 3 * LAYER_COLUMNS; seq += 1) history.push(grid(seq, 100, [1, 2, 3, 4, 5]));
    expect(history.bytes).toBe(before);
    expect(history.fine.count - history.fine.oldest).toBe(LAYER_COLUMNS);
  });

  it("of the whole grid stays within 260 MB", () => {
    const fields = Array.from({ length: 19 }, (_, index) => ({
      name: `field_${index}`,
      dtype: "f64" as const,
    }));
    const history = new History(
      config({ halfWidth: 50, gridRows: 101, fields: [...fields, { name: "last_event_id", dtype: "i64" }] }),
    );
    expect(history.bytes / 1e6).toBeGreaterThan(220);
    expect(history.bytes / 1e6).toBeLessThan(260);
  });

  it("marks a new epoch, and what its owner calls a break", () => {
    const history = new History(config());
    history.push(grid(1, 100, [1, 2, 3, 4, 5]));
    history.push({ ...grid(2, 100, [1, 2, 3, 4, 5]), epoch: 2n });
    history.push({ ...grid(3, 100, [1, 2, 3, 4, 5]), epoch: 2n });
    history.break();
    history.push({ ...grid(1, 100, [1, 2, 3, 4, 5]), epoch: 2n });
    expect([0, 1, 2, 3].map((column) => history.fine.isBreak(column))).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it("goes on with a stream of the same shape only", () => {
    const history = new History(config());
    expect(history.fits(config({ dt: "2026-02-09", speed: 10 }))).toBe(true);
    expect(history.fits(config({ bucketInt: 2n * QUARTER }))).toBe(false);
    expect(history.fits(config({ halfWidth: 3, gridRows: 7 }))).toBe(false);
    expect(history.fits(config({ fields: [{ name: "v_add", dtype: "f64" }] }))).toBe(false);
  });

  it("remembers what was much when each column came", () => {
    const history = new History(config());
    history.push(grid(1, 100, [0, 0, -80, 0, 0]));
    history.push(grid(2, 100, [0, 0, 10, 0, 0]));
    const scale = history.fine.fields.get("rest_depth")?.scale;
    expect(scale?.[0]).toBe(80);
    expect(scale?.[1]).toBeCloseTo(80 * 2 ** (-0.025 / 60), 3);
  });
});
