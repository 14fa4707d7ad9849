/** What came and what was missed. */
import { expect, it } from "vitest";

import { Counters } from "./counters.ts";
import { grid, QUARTER } from "./fixtures.ts";
import { Trades, type PlacedTrade } from "./trades.ts";
import { Trail, TRAIL_STEPS } from "./trail.ts";

function counted(sequence: readonly (number | "reconnected")[]): Counters {
  const counters = new Counters();
  for (const seq of sequence) {
    if (seq === "reconnected") counters.reconnected();
    else counters.take(grid(seq, 100, []));
  }
  return counters;
}

it("a hole in the sequence is counted by its width", () => {
  expect(counted([1, 2, 5, 6, 10])).toMatchObject({ updates: 5n, missed: 5n });
});

it("joining late or coming back misses nothing", () => {
  expect(counted([700, 701]).missed).toBe(0n);
  expect(counted([1, 2, "reconnected", 90, 91]).missed).toBe(0n);
});

it("a replay that starts over counts from one again", () => {
  expect(counted([1, 2, 3, 1, 2]).missed).toBe(0n);
});

it("a trade lies between the grids before and after it", () => {
  const trades = new Trades();
  const at = (tsNs: bigint, size: number) =>
    ({ tsNs, priceInt: 100n * QUARTER, size, aggressor: "B" }) as const;
  trades.push([at(10_250_000_000n, 1), at(10_500_000_000n, 2)], 7, QUARTER, 10, 11);
  trades.push([at(99_000_000_000n, 3)], 8, QUARTER, 11, 12);
  const seen: PlacedTrade[] = [];
  trades.forEach(7, 9, (trade) => seen.push(trade));
  expect(seen.map(({ column, size }) => [column, size])).toEqual([
    [9, 3],
    [7.5, 2],
    [7.25, 1],
  ]);
  expect(seen[0]).toMatchObject({ bucket: 100, aggressor: "B" });
});

it("a trail holds a minute, and the last value between two grids", () => {
  const trail = new Trail();
  trail.push(100.05, 1);
  trail.push(100.35, 2);
  const seen: [number, number][] = [];
  trail.forEach((value, step) => seen.push([value, step]));
  expect(seen).toEqual([
    [1, TRAIL_STEPS - 4],
    [1, TRAIL_STEPS - 3],
    [1, TRAIL_STEPS - 2],
    [2, TRAIL_STEPS - 1],
  ]);
});

it("a trail that goes back in time begins anew", () => {
  const trail = new Trail();
  trail.push(100, 1);
  trail.push(50, 2);
  const seen: number[] = [];
  trail.forEach((value) => seen.push(value));
  expect(seen).toEqual([2]);
});
