/** The signals of the grids that Rust committed, against the values that Rust computed for them. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { SIGNAL_COLUMNS, signalsOf, type Sides, type Signals } from "./signals.ts";
import type { ColumnValues } from "../../wire/messages.ts";

const GOLDEN = new URL("../../../../vp-live/tests/golden/", import.meta.url);

interface Grid {
  readonly event_id: number;
  readonly columns: Readonly<Record<string, readonly number[]>>;
}

type Expected = Omit<Signals, "lift"> & { readonly event_id: number };

const grids = readFileSync(new URL("synthetic.jsonl", GOLDEN), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Grid);
const expected = JSON.parse(readFileSync(new URL("signals.json", GOLDEN), "utf8")) as Expected[];

function columnsOf(grid: Grid): Map<string, ColumnValues> {
  return new Map(
    SIGNAL_COLUMNS.map((name) => [name, Float64Array.from(grid.columns[name] ?? [])]),
  );
}

function check(found: Sides, told: Sides): void {
  expect(found.above).toBeCloseTo(told.above, 9);
  expect(found.below).toBeCloseTo(told.below, 9);
}

describe("the signals of a grid", () => {
  it.each(grids.map((grid, index) => [grid.event_id, grid, expected[index]] as const))(
    "are those that Rust computes (event %i)",
    (eventId, grid, told) => {
      const found = signalsOf(columnsOf(grid));
      if (found === null || told === undefined) throw new Error("nothing to compare");
      expect(told.event_id).toBe(eventId);
      for (const name of ["pressure", "vacuum", "resistance", "depth"] as const) {
        check(found[name], told[name]);
      }
      expect(found.net).toBeCloseTo(told.net, 9);
      expect(found.lift).toBeCloseTo(Math.tanh(told.net / 200), 12);
      expect(found.direction).toBe(told.direction);
      expect(found.regime).toBe(told.regime);
      expect(found.lamps).toEqual(told.lamps);
      expect(found.imbalance ?? NaN).toBeCloseTo(told.imbalance ?? NaN, 12);
    },
  );

  it("are none without the columns that they need", () => {
    const [grid] = grids;
    if (grid === undefined) throw new Error("no golden grid");
    for (const name of SIGNAL_COLUMNS) {
      const columns = columnsOf(grid);
      columns.delete(name);
      expect(signalsOf(columns)).toBeNull();
    }
  });

  it("are neutral in an empty book", () => {
    const columns = new Map<string, ColumnValues>(
      SIGNAL_COLUMNS.map((name) => [name, new Float64Array(101)]),
    );
    expect(signalsOf(columns)).toMatchObject({
      net: 0,
      lift: 0,
      direction: "flat",
      regime: "NEUTRAL",
      lamps: { vacuum: false, pressure: false, resistance: false },
      imbalance: null,
    });
  });
});
