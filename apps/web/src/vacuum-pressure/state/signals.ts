/**
 * What a whole grid says about the next move, in a few numbers (`docs/wire.md` has the columns).
 *
 * Above is `k > 0`, below is `k < 0`; the bucket of the spot belongs to neither.
 */
import type { ColumnValues } from "../../wire/messages.ts";

/** A quantity summed over the buckets on each side of the spot. */
export interface Sides {
  readonly above: number;
  readonly below: number;
}

export type Regime = "LIFT" | "DRAG" | "NEUTRAL";
export type Direction = "up" | "down" | "flat";

export interface Signals {
  /** The positive part of the pressure. */
  readonly pressure: Sides;
  /** The negative part of `v_pull - v_add`: how much faster depth is added than pulled. */
  readonly vacuum: Sides;
  readonly resistance: Sides;
  readonly depth: Sides;
  readonly net: number;
  /** `tanh(net / 200)`, from -1 to 1. */
  readonly lift: number;
  readonly direction: Direction;
  readonly regime: Regime;
  readonly lamps: { readonly vacuum: boolean; readonly pressure: boolean; readonly resistance: boolean };
  /** `(below - above) / (below + above)` of the depth at rest; `null` without depth. */
  readonly imbalance: number | null;
}

/** Columns without which there are no signals. */
export const SIGNAL_COLUMNS = [
  "pressure_variant",
  "resistance_variant",
  "rest_depth",
  "v_add",
  "v_pull",
] as const;

const LIFT_SCALE = 200;
const REGIME_NET = 10;
const LAMP_VACUUM = -1;
const LAMP_PRESSURE = 5;
const LAMP_RESISTANCE = 50;

/** Returns the signals of a grid, or `null` if the stream lacks a column that they need. */
export function signalsOf(columns: ReadonlyMap<string, ColumnValues>): Signals | null {
  const [pressures, resistances, depths, adds, pulls] = SIGNAL_COLUMNS.map((name) =>
    floats(columns.get(name)),
  );
  if (!pressures || !resistances || !depths || !adds || !pulls) return null;
  const pressure = sides(pressures, (value) => Math.max(value, 0));
  const vacuum = sides(pulls, (pull, row) => Math.min(pull - (adds[row] ?? 0), 0));
  const resistance = sides(resistances, (value) => value);
  const depth = sides(depths, (value) => value);
  const net = pressure.below - pressure.above + (vacuum.above - vacuum.below);
  const direction = net > 0 ? "up" : net < 0 ? "down" : "flat";
  const inTheWay =
    direction === "up" ? resistance.above : direction === "down" ? resistance.below : Infinity;
  const total = depth.above + depth.below;
  return {
    pressure,
    vacuum,
    resistance,
    depth,
    net,
    lift: Math.tanh(net / LIFT_SCALE),
    direction,
    regime: net > REGIME_NET ? "LIFT" : net < -REGIME_NET ? "DRAG" : "NEUTRAL",
    lamps: {
      vacuum: vacuum.above < LAMP_VACUUM || vacuum.below < LAMP_VACUUM,
      pressure: pressure.above > LAMP_PRESSURE || pressure.below > LAMP_PRESSURE,
      resistance: inTheWay < LAMP_RESISTANCE,
    },
    imbalance: total > 0 ? (depth.below - depth.above) / total : null,
  };
}

type Floats = Float64Array | Float32Array;

function floats(values: ColumnValues | undefined): Floats | null {
  return values instanceof Float64Array || values instanceof Float32Array ? values : null;
}

function sides(values: Floats, part: (value: number, row: number) => number): Sides {
  const spot = (values.length - 1) / 2;
  let above = 0;
  let below = 0;
  values.forEach((value: number, row: number) => {
    if (row > spot) above += part(value, row);
    else if (row < spot) below += part(value, row);
  });
  return { above, below };
}
