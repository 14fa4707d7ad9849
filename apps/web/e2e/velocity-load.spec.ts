/**
 * The velocity page under load: 40 windows a second, each with surface, options and forecast. Short
 * in the gate, ten minutes in the soak (`SPYMASTER_SOAK=1`).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "@playwright/test";

import { makeOptions } from "./lake.ts";
import { LiveServer } from "./live.ts";
import { watchUnderLoad, type Bounds } from "./load.ts";

/** At 40 windows a second these take 30 s; the session restarts after half of them. */
const MINUTES = 20;

const BOUNDS: Bounds = {
  // A window is some thousand numbers, and where the processor draws there are six to a picture.
  frameMs: 20,
  restartAfter: "09:40",
};

let lake: string;

test.beforeAll(() => {
  lake = mkdtempSync(join(tmpdir(), "spymaster-lake-"));
  makeOptions(lake, 1, MINUTES);
});

test.afterAll(() => rmSync(lake, { recursive: true }));

test("@soak under load every update is drawn or conflated (long form: frames short, heap flat)", async ({ page }) => {
  const server = await LiveServer.serve(lake);
  await page.goto(server.page("symbol=ESH6&dt=2026-01-12&speed=40"));
  await watchUnderLoad(page, BOUNDS);
  await server.stop();
});
