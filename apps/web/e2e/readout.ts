/** What the velocity page says in figures, as numbers, and how near they must come to what was sent. */
import { expect } from "@playwright/test";

import type { Instrument } from "./instrument.ts";

/** How the crosshair names the columns of the surface, and of a strike. */
const COLUMNS = {
  velocity: "liquidity_velocity",
  rho: "rho",
  nu: "nu",
  kappa: "kappa",
  pressure: "pressure_grad",
  "wave energy": "u_wave_energy",
  Omega: "Omega",
} as const;

/** A cell of the surface as the crosshair reads it out. */
export interface CellReadout {
  /** `HH:MM:SS` of its window's end. */
  readonly time: string;
  readonly price: string;
  readonly relTicks: number;
  /** By column, the bid's value and the ask's. */
  readonly values: ReadonlyMap<string, readonly [bid: number, ask: number]>;
  readonly strike: StrikeReadout | null;
}

export interface StrikeReadout {
  readonly price: string;
  /** By column. */
  readonly values: ReadonlyMap<string, number>;
}

/** A step of the forecast as the crosshair reads it out. */
export interface StepReadout {
  readonly horizonS: number;
  readonly price: string;
  readonly delta: number;
  readonly confidence: number;
}

/** Reads a number as the page writes it; a bound, `<0.001` or `>−0.001`, is read as half of it. */
export function read(text: string | undefined | null): number {
  if (text == null) return NaN;
  const bare = text.replaceAll(",", "").replaceAll("−", "-");
  return /^[<>]/.test(bare) ? Number(bare.slice(1)) / 2 : Number(bare);
}

/** Compares what the page shows with what was sent: it writes three decimals, or four digits. */
export function expectNear(shown: number | undefined, value: number, what?: string): void {
  const tolerance = 5.1e-4 * Math.max(1, Math.abs(value));
  expect(Math.abs((shown ?? NaN) - value), what).toBeLessThanOrEqual(tolerance);
}

/** Reads out the cell under the crosshair. */
export async function cellUnder(instrument: Instrument): Promise<CellReadout> {
  const text = await instrument.at("readout").innerText();
  // The strike has a table of its own, below the one of the cell.
  const [cell = "", strike] = text.split(/^(?=strike\s)/m);
  return {
    time: /\d\d:\d\d:\d\d/.exec(cell)?.[0] ?? "",
    price: /[\d,]+\.\d+/.exec(cell)?.[0] ?? "",
    relTicks: read(/([+−]?\d+) ticks/.exec(cell)?.[1]),
    values: new Map(columnsIn(cell).map(([name, [bid, ask]]) => [name, [read(bid), read(ask)]])),
    strike:
      strike === undefined
        ? null
        : {
            price: /strike\s+(\S+)/.exec(strike)?.[1] ?? "",
            values: new Map(columnsIn(strike).map(([name, [value]]) => [name, read(value)])),
          },
  };
}

/** Reads out the step of the forecast under the crosshair. */
export async function stepUnder(instrument: Instrument): Promise<StepReadout> {
  const text = await instrument.at("readout").innerText();
  const after = (label: string): string => new RegExp(`^${label}\\s+(\\S+)`, "m").exec(text)?.[1] ?? "";
  return {
    horizonS: Number(/\+(\d+) s/.exec(text)?.[1]),
    price: after("predicted"),
    delta: read(after("delta")),
    confidence: read(after("confidence")),
  };
}

/** Returns the figures of each column that a table names. */
function columnsIn(table: string): [string, string[]][] {
  return Object.entries(COLUMNS).flatMap(([label, name]) => {
    const figures = new RegExp(`^${label}\\s+(.+)$`, "m").exec(table)?.[1];
    return figures === undefined ? [] : [[name, figures.trim().split(/\s+/)]];
  });
}
