/** The velocity page against the real server, on the synthetic session. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "@playwright/test";

import { Instrument, price } from "./instrument.ts";
import { canServe, LiveServer, makeLake, SYNTHETIC, tailBatch } from "./live.ts";

const MINUTES = 4;
const TICK = 250_000_000;

test.skip(!canServe(), "the program velocity that was built has no server");

let lake: string;
let server: LiveServer;

test.beforeAll(async () => {
  lake = mkdtempSync(join(tmpdir(), "spymaster-lake-"));
  makeLake(lake, MINUTES);
  server = await LiveServer.serve(lake);
});

test.afterAll(async () => {
  await server.stop();
  rmSync(lake, { recursive: true });
});

/** Reads a number as the page writes it. */
function read(text: string | undefined): number {
  return Number(text?.replaceAll(",", "").replaceAll("−", "-"));
}

function near(shown: number, value: number): void {
  expect(Math.abs(shown - value)).toBeLessThanOrEqual(5.1e-4 * Math.max(1, Math.abs(value)));
}

test("the picture is not blank, and it changes", async ({ page }) => {
  await page.goto(server.page(`${SYNTHETIC}&speed=20`));
  const instrument = new Instrument(page);
  await instrument.updates(60);
  const first = await instrument.picture();
  expect(first.colours).toBeGreaterThan(100);
  await instrument.updates(100);
  expect((await instrument.picture()).fingerprint).not.toBe(first.fingerprint);
});

test("values shown equal those of the Rust client on the same stream", async ({ page }) => {
  await page.goto(server.page(`${SYNTHETIC}&speed=20`));
  const instrument = new Instrument(page);
  await instrument.updates(90);
  await instrument.pause();
  const stream = server.stream(`${SYNTHETIC}&speed=0&lossless=1`);
  const newest = await tailBatch(stream, await instrument.count("updates"));
  await expect(instrument.at("spot")).toHaveText(price(newest.spot_ref_price_int));
  const forecast = newest.surfaces["forecast"]?.columns ?? {};
  for (const side of ["up", "down"] as const) {
    near(read(await instrument.text(`run-score-${side}`)), forecast[`RunScore_${side}`]?.[0] ?? NaN);
    await expect(instrument.at(`wall-${side}`)).toHaveText(String(forecast[`D_${side}`]?.[0]));
  }
  near(read(await instrument.text("confidence")), forecast["confidence"]?.[30] ?? NaN);
  const rows = await page.locator("#path tr").allInnerTexts();
  expect(rows).toHaveLength(4);
  for (const row of rows) {
    const [horizon, predicted] = row.split("\t");
    const tick = forecast["predicted_spot_tick"]?.[Number(/\d+/.exec(horizon ?? "")?.[0])] ?? NaN;
    expect(predicted).toBe(price(tick * TICK));
  }

  // A cell of an earlier window: the readout says which.
  const box = await instrument.at("picture").boundingBox();
  if (box === null) throw new Error("no picture");
  await page.mouse.move(box.x + box.width * 0.7 - 10, box.y + box.height * 0.55);
  await instrument.drawn();
  const readout = await instrument.at("readout").innerText();
  const [, minutes, seconds] = /09:(\d\d):(\d\d)/.exec(readout) ?? [];
  // Windows end each second from 09:30:00 on.
  const cell = await tailBatch(stream, (Number(minutes) - 30) * 60 + Number(seconds) + 1);
  const velocity = cell.surfaces["velocity"]?.columns ?? {};
  const rel = read(/([+−]?\d+) ticks/.exec(readout)?.[1]);
  expect(readout).toContain(price(cell.spot_ref_price_int + rel * TICK));
  for (const [label, name] of [
    ["velocity", "liquidity_velocity"],
    ["rho", "rho"],
    ["nu", "nu"],
    ["kappa", "kappa"],
    ["pressure", "pressure_grad"],
    ["wave energy", "u_wave_energy"],
    ["Omega", "Omega"],
  ] as const) {
    const texts = new RegExp(`^${label}\\s+(\\S+)\\s+(\\S+)$`, "m").exec(readout);
    for (const [index, side] of ["B", "A"].entries()) {
      const row = velocity["rel_ticks"]?.findIndex(
        (tick, place) => tick === rel && velocity["side"]?.[place] === side.charCodeAt(0),
      );
      near(read(texts?.[index + 1]), velocity[name]?.[row ?? -1] ?? NaN);
    }
  }
});

test("pause stops, resume goes on, seek lands", async ({ page }) => {
  await page.goto(server.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.updates(3);
  await instrument.pause();
  const before = await instrument.text("time");
  await page.waitForTimeout(1500);
  expect(await instrument.text("time")).toBe(before);
  await page.keyboard.press("Space");
  await instrument.state("live");
  await expect(instrument.at("time")).not.toHaveText(before);
  await instrument.at("seek-time").fill("09:33");
  await instrument.at("seek-time").press("Enter");
  await expect(instrument.at("time")).toHaveText(/^09:33:/);
});

test("a forecast that was not calibrated says so, and there are no strikes without options", async ({ page }) => {
  await page.goto(server.page(`${SYNTHETIC}&speed=20`));
  const instrument = new Instrument(page);
  await instrument.updates(10);
  await expect(instrument.at("calibration")).toHaveText("not calibrated: drift only");
  await expect(instrument.at("meanings")).toContainText("building below");
  await expect(instrument.at("meanings")).not.toContainText("strike");
  await expect(instrument.at("symbol")).toHaveText("MNQH6");
  await expect(instrument.at("pick-date").locator("option:checked")).toContainText("2026-02-06");
});

test("it comes back after the server was restarted, and keeps the picture", async ({ page }) => {
  let other = await LiveServer.serve(lake);
  await page.goto(other.page(`${SYNTHETIC}&speed=10`));
  const instrument = new Instrument(page);
  await instrument.updates(30);
  await other.stop();
  await expect(instrument.banner("link")).toContainText("No connection");
  const before = await instrument.count("updates");
  other = await LiveServer.serve(lake, other.port);
  await instrument.banner("link").getByRole("button").click();
  await instrument.state("live");
  await instrument.updates(before + 10);
  await other.stop();
});

test("a wrong symbol shows the server's error and its hint", async ({ page }) => {
  await page.goto(server.page("symbol=NOPEZ9&dt=2026-02-06"));
  const instrument = new Instrument(page);
  await instrument.state("refused");
  const banner = instrument.banner("server");
  await expect(banner).toContainText("NOPE");
  await expect(banner.locator(".hint")).not.toBeEmpty();
});

test("the end of the session is told, not taken for a fault", async ({ page }) => {
  await page.goto(server.page(`${SYNTHETIC}&speed=0&start_time=09:33`));
  const instrument = new Instrument(page);
  await instrument.state("ended");
  await expect(instrument.banner("link")).toContainText("The session has ended");
  await expect(instrument.at("time")).toHaveText(`09:3${2 + MINUTES - 3}:59.000`);
});

test("a query without a session asks for one, from what the lake has", async ({ page }) => {
  await page.goto(`http://127.0.0.1:${server.port}/`);
  const form = page.getByRole("dialog", { name: "Which session?" });
  const choice = form.getByLabel("Session", { exact: true });
  await expect(choice).toContainText("MNQH6 · 2026-02-06");
  await choice.selectOption({ index: 1 });
  await form.getByRole("button", { name: "Open" }).click();
  await new Instrument(page).updates(2);
});
