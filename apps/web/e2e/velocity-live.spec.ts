/** The velocity page against the real server, on a lake that the programs made. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "@playwright/test";

import { SURFACE_PALETTES } from "../src/velocity/draw/palettes.ts";
import { columnOf, Instrument, isLike, price } from "./instrument.ts";
import { coefficients, makeLake, MINUTES, STRIKE_TICKS, TICK, WITH_OPTIONS } from "./lake.ts";
import { LiveServer, SYNTHETIC, tailBatches, type TailBatch, type TailColumns } from "./live.ts";
import { cellUnder, expectNear, read, stepUnder } from "./readout.ts";

let lake: string;
let server: LiveServer;
/** Every window of the session with options, as the Rust client decoded it. */
let decoded: readonly TailBatch[];

test.beforeAll(async () => {
  lake = mkdtempSync(join(tmpdir(), "spymaster-lake-"));
  makeLake(lake);
  server = await LiveServer.serve(lake);
  decoded = await tailBatches(server.stream(`${WITH_OPTIONS}&speed=0&lossless=1`));
});

test.afterAll(async () => {
  await server.stop();
  rmSync(lake, { recursive: true });
});

/** Returns the window that ends at that Eastern time, `HH:MM:SS`. */
function windowAt(time: string): TailBatch {
  const found = decoded.find((batch) => clock(batch) === time);
  if (found === undefined) throw new Error(`no window at ${time}`);
  return found;
}

function clock({ window_end_ts_ns }: TailBatch): string {
  const options = { timeZone: "America/New_York" };
  return new Date(window_end_ts_ns / 1e6).toLocaleTimeString("en-GB", options);
}

function at(columns: TailColumns, name: string, row: number): number {
  return columns[name]?.[row] ?? NaN;
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

test.describe("of a session with options and a calibration", () => {
  let instrument: Instrument;
  let box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

  test.beforeEach(async ({ page }) => {
    // Lossless: every window is there, also if the session ends before it is paused.
    await page.goto(server.page(`${WITH_OPTIONS}&speed=40&lossless=1`));
    instrument = new Instrument(page);
    await instrument.updates(120);
    await instrument.pauseOrEnd();
    const picture = await instrument.at("picture").boundingBox();
    if (picture === null) throw new Error("no picture");
    box = picture;
  });

  /** Points at a place of the picture, in pixels from its upper left corner. */
  async function point(x: number, y: number): Promise<void> {
    await instrument.page.mouse.move(box.x + x, box.y + y);
    await instrument.drawn();
  }

  /** Returns the picture without the crosshair. */
  async function shot(): ReturnType<Instrument["shot"]> {
    await instrument.page.mouse.move(box.x + 20, box.y - 20);
    await instrument.drawn();
    return instrument.shot();
  }

  test("figures at the side equal those of the Rust client", async ({ page }) => {
    const newest = windowAt((await instrument.text("time")).slice(0, 8));
    const { forecast, snap } = newest.surfaces;
    const spot = newest.spot_ref_price_int;
    await expect(instrument.at("spot")).toHaveText(price(spot));
    expectNear(read(await instrument.text("mid")), at(snap.columns, "mid_price", 0));
    for (const [side, direction] of [["up", 1], ["down", -1]] as const) {
      expectNear(read(await instrument.text(`run-score-${side}`)), at(forecast.columns, `RunScore_${side}`, 0));
      const wall = at(forecast.columns, `D_${side}`, 0);
      await expect(instrument.at(`wall-${side}`)).toHaveText(String(wall));
      await expect(instrument.at(`wall-price-${side}`)).toHaveText(price(spot + direction * wall * TICK));
    }
    const horizons = forecast.columns["horizon_s"] ?? [];
    expect(horizons).toEqual(Array.from({ length: 31 }, (_, horizon) => horizon));
    expectNear(read(await instrument.text("confidence")), at(forecast.columns, "confidence", 30));
    const lean = /[+−]?\d+$/.exec(await instrument.text("lean"))?.[0];
    expect(read(lean)).toBe(at(forecast.columns, "predicted_tick_delta", 30));
    const rows = await page.locator("#path tr").allInnerTexts();
    expect(rows).toHaveLength(4);
    for (const row of rows) {
      const [horizon, predicted, moved] = row.split("\t");
      const place = Number(/\d+/.exec(horizon ?? "")?.[0]);
      expect(predicted).toBe(price(at(forecast.columns, "predicted_spot_tick", place) * TICK));
      expect(read(moved)).toBe(at(forecast.columns, "predicted_tick_delta", place));
    }
    const { beta, gamma } = coefficients(lake);
    const [shownBeta, shownGamma] = (await instrument.text("calibration")).split(" · ");
    expectNear(read(shownBeta), beta);
    expectNear(read(shownGamma), gamma);
    await expect(instrument.at("meanings")).toContainText("strike building");
  });

  test("cells and strikes under the crosshair equal those of the Rust client", async ({ page }) => {
    const x = Math.round(box.width * 0.7);
    let strikes = 0;
    for (const [left, share] of [[4, 0.3], [12, 0.45], [20, 0.55], [28, 0.7]] as const) {
      await point(x - left, Math.round(box.height * share));
      // Down to the next strike.
      for (let row = 0; row < STRIKE_TICKS && (await cellUnder(instrument)).strike === null; row += 1) {
        await page.keyboard.press("Shift+ArrowDown");
        await instrument.drawn();
      }
      const cell = await cellUnder(instrument);
      const { surfaces, spot_ref_price_int } = windowAt(cell.time);
      expect(cell.price).toBe(price(spot_ref_price_int + cell.relTicks * TICK));
      const { columns } = surfaces.velocity;
      expect(cell.values.size).toBe(7);
      for (const [name, shown] of cell.values) {
        for (const [index, side] of ["B", "A"].entries()) {
          const row = columns["rel_ticks"]?.findIndex(
            (tick, place) => tick === cell.relTicks && columns["side"]?.[place] === side.charCodeAt(0),
          );
          expectNear(shown[index], at(columns, name, row ?? -1), `${name} of ${side}`);
        }
      }
      const { strike } = cell;
      const options = surfaces.options.columns;
      const row = options["strike_price_int"]?.findIndex((int) => price(int ?? 0) === strike?.price) ?? -1;
      expect(row, `the strike at ${strike?.price}`).toBeGreaterThanOrEqual(0);
      expect(strike?.values.size).toBe(5);
      for (const [name, shown] of strike?.values ?? []) {
        expectNear(shown, at(options, name, row), `${name} of the strike`);
        if (at(options, name, row) !== 0) strikes += 1;
      }
    }
    // Not zeros alone.
    expect(strikes).toBeGreaterThan(4);
  });

  test("the spot's line goes through the spots, the forecast's through its prices", async ({ page }) => {
    // A window for every few pixels.
    const times = await instrument.at("times").boundingBox();
    await page.mouse.move((times?.x ?? 0) + 300, (times?.y ?? 0) + 5);
    for (let notch = 0; notch < 4; notch += 1) await page.mouse.wheel(0, -500);
    await instrument.drawn();
    const pixelsPerTick = box.height / 401;
    const middle = Math.round(box.height / 2);
    const now = Math.round(box.width * 0.7);

    const spots = [];
    for (let x = now - 420; x < now - 10; x += 23) {
      await point(x, middle);
      const { time, relTicks, price: shown } = await cellUnder(instrument);
      const spot = windowAt(time).spot_ref_price_int;
      expect(shown).toBe(price(spot + relTicks * TICK));
      spots.push({ x, spot, y: middle + relTicks * pixelsPerTick });
    }
    expect(new Set(spots.map(({ spot }) => spot)).size).toBeGreaterThan(3);
    const steps = [];
    for (let x = now + 12; x < box.width - 24; x += 11) {
      await point(x, middle);
      const { horizonS, price: shown, delta, confidence } = await stepUnder(instrument);
      const { surfaces } = windowAt((await instrument.text("time")).slice(0, 8));
      const { columns } = surfaces.forecast;
      expect(shown).toBe(price(at(columns, "predicted_spot_tick", horizonS) * TICK));
      expect(delta).toBe(at(columns, "predicted_tick_delta", horizonS));
      expectNear(confidence, at(columns, "confidence", horizonS));
      // Between two horizons the line lies between their prices.
      const around = [horizonS - 1, horizonS, horizonS + 1];
      const deltas = around.map((step) => columns["predicted_tick_delta"]?.[step] ?? delta);
      steps.push({ x, deltas: horizonS === 1 ? [0, delta, deltas[2] ?? delta] : deltas });
    }
    expect(steps.length).toBeGreaterThan(15);

    const drawn = await shot();
    const [palette] = SURFACE_PALETTES;
    const colours = (x: number, from: number, to: number): readonly number[] =>
      columnOf(drawn, x).slice(Math.floor(from), Math.ceil(to) + 1);
    for (const { x, y, spot } of spots) {
      const isThere = colours(x, y - 1, y + 1).some((pixel) => isLike(pixel, palette.trail));
      expect(isThere, `${price(spot)} at ${x}, ${y}`).toBe(true);
    }
    const start = spots.at(-1);
    if (start === undefined) throw new Error("no spot");
    const newest = windowAt((await instrument.text("time")).slice(0, 8)).spot_ref_price_int;
    const origin = start.y - ((newest - start.spot) / TICK) * pixelsPerTick;
    for (const { x, deltas } of steps) {
      const ys = deltas.map((delta) => origin - delta * pixelsPerTick);
      const isThere = colours(x, Math.min(...ys) - 1, Math.max(...ys) + 1).some((pixel) => isLike(pixel, palette.forecast));
      expect(isThere, `the path at ${x}, ${ys.join(" ")}`).toBe(true);
    }
    await instrument.at("show-spot").uncheck();
    await instrument.at("show-forecast").uncheck();
    const bare = await shot();
    for (const hex of [palette.trail, palette.forecast]) {
      expect(bare.pixels.filter((pixel) => isLike(pixel, hex)).length, hex).toBeLessThan(200);
    }
  });

  test("the bars of options lie at the strikes of the Rust client", async () => {
    const x = Math.round(box.width * 0.7) - 6;
    await point(x, Math.round(box.height / 2));
    const { time, relTicks } = await cellUnder(instrument);
    const { surfaces } = windowAt(time);
    const strikes = surfaces.options.columns["rel_ticks"] ?? [];
    expect(strikes).toHaveLength(21);
    const [withBars, without] = [await shot(), await (await instrument.at("show-strikes").uncheck(), shot())];
    const pixelsPerTick = box.height / 401;
    const bare = columnOf(without, x);
    const found = new Set<number>();
    for (const [y, pixel] of columnOf(withBars, x).entries()) {
      if (pixel === bare[y]) continue;
      const ticks = relTicks + (box.height / 2 - y) / pixelsPerTick;
      const strike = strikes.find((tick) => Math.abs((tick ?? NaN) - ticks) < 0.2 * STRIKE_TICKS);
      expect(strike, `a bar at ${ticks} ticks`).toBeDefined();
      found.add(strike ?? NaN);
    }
    const inSight = strikes.filter((tick) => Math.abs((tick ?? NaN) - relTicks) < 190);
    expect(found.size).toBeGreaterThanOrEqual(inSight.length - 2);
  });
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
  await instrument.playing();
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
  // Automatically: a person who presses the button is slower.
  await instrument.playing();
  await instrument.updates(before + 10);
  await other.stop();
});

test("a wrong symbol shows the server's error and its hint", async ({ page }) => {
  await page.goto(server.page("symbol=NOPEZ9&dt=2026-02-06"));
  const instrument = new Instrument(page);
  await instrument.state("REFUSED");
  const banner = instrument.banner("server");
  await expect(banner).toContainText("NOPE");
  await expect(banner.locator(".hint")).not.toBeEmpty();
});

test("the end of the session is shown, and is no fault", async ({ page }) => {
  await page.goto(server.page(`${SYNTHETIC}&speed=0&start_time=09:33`));
  const instrument = new Instrument(page);
  await instrument.state("ENDED");
  await expect(instrument.banner("link")).toContainText("The session has ended");
  await expect(instrument.at("time")).toHaveText(`09:3${MINUTES - 1}:59.000`);
});

test("the page opens on the newest date that is ready, and the form offers the others", async ({ page }) => {
  await page.goto(`http://127.0.0.1:${server.port}/`);
  const instrument = new Instrument(page);
  await instrument.updates(2);
  await expect(instrument.at("symbol")).toHaveText("MNQH6");
  await expect(instrument.at("pick-date").locator("option:checked")).toContainText("2026-02-06");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("button", { name: "Session", exact: true }).click();
  const form = page.getByRole("dialog", { name: "Which session?" });
  await form.getByLabel("Session", { exact: true }).selectOption({ label: "ESH6 · 2026-01-12 · future_mbo · file" });
  await form.getByRole("button", { name: "Open" }).click();
  await page.waitForURL(/symbol=ESH6/);
  await instrument.updates(2);
  await expect(instrument.at("symbol")).toHaveText("ESH6");
});
