/**
 * Where the spot may go: the forecast of one window, and how wide to draw its cone.
 *
 * A forecast says a path and how far it trusts it, and no spread: the cone takes that from how the
 * spot has moved of late.
 */
import type { ColumnValues, Surface } from "../../wire/messages.ts";

/** What the forecast sees on one side of the spot. `null` where the window has none. */
export interface Run {
  /** How freely the spot may run: what is empty up to the wall, less what fills the wall. */
  readonly score: number | null;
  /** Buckets to the wall. */
  readonly wall: number | null;
}

/** One step of the path. */
export interface Step {
  readonly horizonS: number;
  /** Buckets from the spot. */
  readonly delta: number;
  readonly confidence: number;
}

export interface Forecast {
  readonly up: Run;
  readonly down: Run;
  /** In the order of their horizons. */
  readonly path: readonly Step[];
}

/** Returns the forecast of a window, or `null` where it has none. */
export function forecastOf({ rows, columns }: Surface): Forecast | null {
  const at = (name: string, row: number): number | null => present(columns.get(name), row);
  const path: Step[] = [];
  let runs: Pick<Forecast, "up" | "down"> | null = null;
  for (let row = 0; row < rows; row += 1) {
    const horizonS = at("horizon_s", row);
    if (horizonS === 0) {
      runs = {
        up: { score: at("RunScore_up", row), wall: at("D_up", row) },
        down: { score: at("RunScore_down", row), wall: at("D_down", row) },
      };
    } else if (horizonS !== null) {
      const delta = at("predicted_tick_delta", row);
      if (delta === null) continue;
      path.push({ horizonS, delta, confidence: at("confidence", row) ?? 0 });
    }
  }
  path.sort((one, next) => one.horizonS - next.horizonS);
  const none: Run = { score: null, wall: null };
  if (runs === null && path.length === 0) return null;
  return { up: none, down: none, ...runs, path };
}

/** Returns a number of a column; what is absent is NaN among floats and the least integer. */
function present(values: ColumnValues | undefined, row: number): number | null {
  const value = values?.[row];
  if (value === undefined) return null;
  if (values instanceof BigInt64Array) return value === LEAST_I64 ? null : Number(value);
  if (values instanceof Int32Array) return value === LEAST_I32 ? null : Number(value);
  return Number.isNaN(value) ? null : Number(value);
}

const LEAST_I64 = -(2n ** 63n);
const LEAST_I32 = -(2 ** 31);

/** Time in which a move of the spot counts half. */
const HALF_LIFE_S = 120;

/** How far the spot wanders in a second, from its moves of late. */
export class Wander {
  #variance = 0;
  #weight = 0;
  #spot = NaN;
  #seconds = NaN;

  /** Takes the spot, in buckets, at a time; what does not follow on the last one moves nothing. */
  push(seconds: number, spot: number, isBreak: boolean): void {
    const elapsed = seconds - this.#seconds;
    if (!isBreak && elapsed > 0 && !Number.isNaN(spot - this.#spot)) {
      const kept = 2 ** (-elapsed / HALF_LIFE_S);
      this.#variance = kept * this.#variance + ((spot - this.#spot) ** 2 / elapsed) * (1 - kept);
      this.#weight = kept * this.#weight + (1 - kept);
    }
    this.#seconds = seconds;
    this.#spot = spot;
  }

  /** Returns the root of the mean square of a second's move, in buckets; 0 before there was one. */
  get perRootSecond(): number {
    return this.#weight === 0 ? 0 : Math.sqrt(this.#variance / this.#weight);
  }
}

/** A step of the path, and how far the cone reaches on each side of it, in buckets. */
export interface ConeStep extends Step {
  readonly spread: number;
}

/**
 * Returns the cone of a forecast: at each horizon what the spot wanders in that time, less the
 * share that the forecast is confident of.
 */
export function coneOf({ path }: Forecast, perRootSecond: number): ConeStep[] {
  return path.map((step) => ({
    ...step,
    spread: (1 - Math.min(Math.max(step.confidence, 0), 1)) * perRootSecond * Math.sqrt(step.horizonS),
  }));
}

/** Returns the step that is nearest to a horizon. */
export function stepAt<S extends Step>(path: readonly S[], horizonS: number): S | null {
  let nearest: S | null = null;
  for (const step of path) {
    const isNearer =
      nearest === null ||
      Math.abs(step.horizonS - horizonS) < Math.abs(nearest.horizonS - horizonS);
    if (isNearer) nearest = step;
  }
  return nearest;
}
