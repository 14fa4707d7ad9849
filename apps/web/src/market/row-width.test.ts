import { describe, expect, it } from "vitest";

import { betterWidth, widthsOf } from "./row-width.ts";

const CENT = 10_000_000n;
const QUARTER = 250_000_000n;

describe("widthsOf", () => {
  it("lists multiples of the tick, with the current width in its place", () => {
    expect(widthsOf(CENT, 3n * CENT).slice(0, 5)).toEqual([CENT, 2n * CENT, 3n * CENT, 4n * CENT, 5n * CENT]);
  });

  it("lists nothing wider than the server has", () => {
    const tick = 100_000_000_000n;
    expect(widthsOf(tick, tick).at(-1)).toBe(1_000_000_000_000n);
  });
});

describe("betterWidth", () => {
  it("finds the widest rows of which a hundred span a tenth of the price", () => {
    expect(betterWidth(CENT, 50n * CENT, 101, 14_000_000_000n)).toBe(CENT);
    expect(betterWidth(CENT, 50n * CENT, 101, 150_000_000_000n)).toBe(10n * CENT);
  });

  it("suggests the narrowest where even those are too wide", () => {
    expect(betterWidth(CENT, 50n * CENT, 101, 2_000_000_000n)).toBe(CENT);
    expect(betterWidth(CENT, CENT, 101, 2_000_000_000n)).toBeNull();
  });

  it("leaves rows alone that are narrow enough, and prices that are none", () => {
    expect(betterWidth(QUARTER, QUARTER, 101, 4_800_000_000_000n)).toBeNull();
    expect(betterWidth(QUARTER, QUARTER, 101, 0n)).toBeNull();
    expect(betterWidth(QUARTER, QUARTER, 101, -37_000_000_000n)).toBeNull();
  });
});
