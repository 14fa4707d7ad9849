/** A lake for tests of the velocity page, made from synthetic records by the programs themselves. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";

import { RAW_LAKE, VELOCITY, VP_LIVE } from "./live.ts";

/** The query that names a future with options and a calibration. */
export const WITH_OPTIONS = "product_type=future_mbo&symbol=ESH6&dt=2026-01-13";

/** The price increment of both. */
export const TICK = 250_000_000;

/** Distance of two strikes, in ticks. */
export const STRIKE_TICKS = 20;

/** Minutes from 09:30 that each date of `makeLake` has. */
export const MINUTES = 4;

/** What the dates of a future with options are. */
const DATES = ["2026-01-12", "2026-01-13"] as const;

/**
 * Makes the lake in that folder: raw files, then every layer of them, then the calibration. The
 * future of `SYNTHETIC` has no options in it and no calibration, that of `WITH_OPTIONS` has both.
 */
export function makeLake(folder: string): void {
  const raw = `${folder}/raw/source=databento/product_type=future_mbo/symbol=MNQ/table=market_by_order_dbn`;
  mkdirSync(raw, { recursive: true });
  const file = `${raw}/glbx-mdp3-20260206.mbo.dbn.zst`;
  complete(VP_LIVE, ["synth", "--minutes", String(MINUTES), "--out", file]);
  runAll(folder, "future_mbo", "MNQH6", "--dt", "2026-02-06", "--session", hours(MINUTES));
  makeOptions(folder, 2, MINUTES);
  complete(VELOCITY, ["calibrate", "--lake", folder, "--root", "ES", "--days", "2", "--holdout", "1"]);
}

/** Makes every layer of the future of `WITH_OPTIONS` and of its options, on so many dates of so many minutes. */
export function makeOptions(folder: string, dates: 1 | 2, minutes: number): void {
  complete(RAW_LAKE, [folder, String(dates), String(minutes)]);
  const range = ["--start-date", DATES[0], "--end-date", DATES[dates - 1] ?? ""];
  runAll(folder, "future_mbo", "ESH6", ...range, "--session", hours(minutes));
  runAll(folder, "future_option_mbo", "ESH6", ...range);
}

function runAll(folder: string, productType: string, symbol: string, ...more: readonly string[]): void {
  const what = ["--product-type", productType, "--layer", "all", "--symbol", symbol];
  complete(VELOCITY, ["run", "--lake", folder, ...what, ...more]);
}

function hours(minutes: number): string {
  return `09:30-09:${30 + minutes}`;
}

/** Returns the coefficients that the calibration wrote. */
export function coefficients(folder: string): { readonly beta: number; readonly gamma: number } {
  return JSON.parse(readFileSync(`${folder}/params/physics_beta_gamma/ES.json`, "utf8")) as {
    beta: number;
    gamma: number;
  };
}

function complete(path: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(path, args);
  if (status !== 0) throw new Error(`${path} ${args.join(" ")}: ${error?.message ?? String(stderr)}`);
}
