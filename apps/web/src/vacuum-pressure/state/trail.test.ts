/** What the last minute of a number keeps. */
import { expect, it } from "vitest";

import { Trail, TRAIL_STEPS } from "./trail.ts";

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
