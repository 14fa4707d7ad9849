/** The page of vacuum and pressure against the real server, on the synthetic session. */
import { readFileSync } from "node:fs";

import { expect, test } from "@playwright/test";

import { Instrument, price } from "./instrument.ts";
import { LiveServer, SYNTHETIC, tail } from "./live.ts";
import { expectNear, read } from "./readout.ts";
import { IS_SOAK } from "./load.ts";

let server: LiveServer;

test.beforeAll(async () => {
  server = await LiveServer.start();
});
test.afterAll(() => server.stop());

test("the picture is not blank, and it changes", async ({ page }) => {
  await page.goto(server.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.updates(80);
  const first = await instrument.picture();
  expect(first.colours).toBeGreaterThan(200);
  await instrument.updates(160);
  const second = await instrument.picture();
  expect(second.fingerprint).not.toBe(first.fingerprint);
});

test("@soak the first grid is on the screen (long form: within a second)", async ({ page }) => {
  await page.goto(server.page(SYNTHETIC));
  await new Instrument(page).updates(1);
  const ms = await page.evaluate(() => performance.getEntriesByName("first-grid")[0]?.startTime);
  console.log(`first grid: ${ms?.toFixed(0)} ms`);
  expect(ms).toBeGreaterThan(0);
  if (IS_SOAK) expect(ms).toBeLessThan(1000);
});

test("values shown equal those of the Rust client on the same stream", async ({ page }) => {
  await page.goto(server.page(`${SYNTHETIC}&start_time=09:30`));
  const instrument = new Instrument(page);
  await instrument.updates(200);
  await instrument.pause();
  const eventId = await instrument.count("event");

  // A cell in the middle of the picture, three columns before the newest one or so.
  const box = await instrument.at("picture").boundingBox();
  if (box === null) throw new Error("no picture");
  await page.mouse.move(box.x + box.width - 60, box.y + box.height / 2 - 40);
  await instrument.drawn();
  const readout = await instrument.at("readout").innerText();
  const cellEvent = Number(/\bevent\s+([\d,]+)\s*$/.exec(readout)?.[1]?.replaceAll(",", ""));

  const grids = await tail(
    server.stream(`${SYNTHETIC}&start_time=09:30&speed=0&lossless=1`),
    new Set([eventId, cellEvent]),
  );
  const grid = grids.get(eventId);
  if (grid === undefined) throw new Error(`the Rust client saw no event ${eventId}`);
  await expect(instrument.at("spot")).toHaveText(price(grid.spot_ref_price_int));
  await expect(instrument.at("best-bid")).toHaveText(price(grid.best_bid_price_int));
  await expect(instrument.at("best-ask")).toHaveText(price(grid.best_ask_price_int));
  const millis = grid.ts_ns / 1_000_000n;
  await expect(instrument.at("time")).toHaveText(
    new Date(Number(millis)).toLocaleTimeString("en-GB", { timeZone: "America/New_York" }) +
      `.${String(millis % 1000n).padStart(3, "0")}`,
  );

  // The sums at the side, added up anew.
  const column = (name: string): readonly number[] => grid.columns[name] ?? [];
  const sum = (values: readonly number[], from: number, to: number): number =>
    values.slice(from, to).reduce((total, value) => total + value, 0);
  const depth = column("rest_depth");
  expect(await instrument.count("depth-above")).toBe(sum(depth, 51, 101));
  expect(await instrument.count("depth-below")).toBe(sum(depth, 0, 50));
  const resistance = column("resistance_variant");
  await expect(instrument.at("resistance-above")).toHaveText(sum(resistance, 51, 101).toFixed(1));

  // The cell under the crosshair, in the grid that it came with.
  const cell = grids.get(cellEvent);
  if (cell === undefined) throw new Error(`the Rust client saw no event ${cellEvent}`);
  const k = Number(/k ([+−]?\d+)/.exec(readout)?.[1]?.replace("−", "-"));
  const row = k + 50;
  const shown = (label: string): number => read(new RegExp(`${label}\\s+(\\S+)`).exec(readout)?.[1]);
  expect(readout).toContain(price(cell.spot_ref_price_int + k * 250_000_000));
  for (const [label, name] of [
    ["add", "add_mass"],
    ["rest", "rest_depth"],
    ["pressure", "pressure_variant"],
    ["vacuum", "vacuum_variant"],
    ["resistance", "resistance_variant"],
  ] as const) {
    const value = cell.columns[name]?.[row] ?? NaN;
    expectNear(shown(label), value, label);
  }
});

test("pause stops, resume goes on", async ({ page }) => {
  await page.goto(server.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.updates(20);
  await page.keyboard.press("Space");
  await instrument.state("PAUSED");
  await instrument.rest();
  // Two more statuses come, and no grid.
  const event = await instrument.text("event");
  await page.waitForTimeout(2200);
  expect(await instrument.text("event")).toBe(event);
  await page.keyboard.press("Space");
  await instrument.playing();
  await expect(instrument.at("event")).not.toHaveText(event);
});

test("seek lands", async ({ page }) => {
  await page.goto(server.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.updates(40);
  await instrument.at("seek-time").fill("10:15");
  await instrument.at("seek-time").press("Enter");
  await expect(instrument.at("time")).toHaveText(/^10:15:/);
  await instrument.playing();
});

test("the form rejects an invalid time", async ({ page }) => {
  await page.goto(server.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.updates(5);
  await instrument.at("seek-time").fill("quarter past");
  await instrument.at("seek-time").press("Enter");
  await expect(instrument.at("seek-time")).toHaveJSProperty("validity.customError", true);
});

test("restart begins again", async ({ page }) => {
  await page.goto(server.page(`${SYNTHETIC}&start_time=09:30&speed=10`));
  const instrument = new Instrument(page);
  await instrument.updates(800);
  const before = await instrument.count("event");
  await page.keyboard.press("r");
  // It looks often: after a while the event comes again.
  await expect.poll(() => instrument.count("event"), { intervals: [100] }).toBeLessThan(before);
});

test("the speed can be changed", async ({ page }) => {
  await page.goto(server.page(`${SYNTHETIC}&speed=0.01`));
  const instrument = new Instrument(page);
  await instrument.updates(1);
  await instrument.at("speed").selectOption("20");
  // At the first speed these would take more than eight minutes, which is more than the patience.
  await instrument.updates((await instrument.count("updates")) + 200);
});

test("it comes back after the server was restarted, and keeps the picture", async ({ page }) => {
  let other = await LiveServer.start();
  await page.goto(other.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.updates(60);
  await other.stop();
  await expect(instrument.banner("link")).toContainText("No connection");
  await instrument.state("RECONNECTING");
  expect((await instrument.picture()).colours).toBeGreaterThan(60);
  const before = await instrument.count("updates");
  other = await LiveServer.start(other.port);
  await instrument.reconnect();
  await instrument.updates(before + 20);
  await expect(instrument.banner("link")).toHaveCount(0);
  await other.stop();
});

test("a wrong symbol shows the server's error and its hint", async ({ page }) => {
  await page.goto(server.page("product_type=future_mbo&symbol=NOPEZ9&dt=2026-02-06"));
  const instrument = new Instrument(page);
  await instrument.state("REFUSED");
  const banner = instrument.banner("server");
  await expect(banner).toContainText("NOPE");
  await expect(banner.locator(".hint")).not.toBeEmpty();
  await banner.getByRole("button", { name: "Choose a session" }).click();
  await expect(page.getByRole("dialog")).toContainText("Which session?");
});

test("a session is chosen in a form, filled with what the server has", async ({ page }) => {
  await page.goto(`http://127.0.0.1:${server.port}/?speed=2`);
  await new Instrument(page).updates(1);
  await page.getByRole("button", { name: "Session", exact: true }).click();
  const form = page.getByRole("dialog", { name: "Which session?" });
  await expect(form.getByLabel("Symbol")).toHaveValue("MNQH6");
  await expect(form.getByLabel("Product type")).toHaveValue("future_mbo");
  await expect(form.getByLabel("Date")).toHaveValue("2026-02-06");
  await expect(form.getByLabel("Speed")).toHaveValue("2");
  await expect(form.getByLabel("Session", { exact: true })).toContainText("MNQH6 · 2026-02-06");
  await form.getByLabel("Start time (ET)").fill("9:45");
  await form.getByRole("button", { name: "Open" }).click();
  await expect(new Instrument(page).at("time")).toHaveText(/^09:45:/);
  expect(page.url()).toContain("start_time=09:45");
});

test("another field and another palette redraw the past", async ({ page }) => {
  await page.goto(server.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.updates(120);
  await instrument.pause();
  const seen = new Set([(await instrument.picture()).fingerprint]);
  for (const field of ["rest_depth", "vacuum_variant", "v_fill", "resistance_variant"]) {
    await instrument.at("field").selectOption(field);
    seen.add((await instrument.picture()).fingerprint);
  }
  await instrument.at("palette").selectOption("safe");
  seen.add((await instrument.picture()).fingerprint);
  expect(seen.size).toBe(6);
});

test("zoom, pan and follow by pointer and by keyboard", async ({ page }) => {
  await page.goto(server.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.updates(60);
  const follow = instrument.at("follow");
  await expect(follow).toHaveAttribute("aria-pressed", "true");
  await instrument.pause();
  await instrument.at("picture").hover();
  const still = await instrument.picture();
  await page.mouse.wheel(0, -200);
  await expect.poll(async () => (await instrument.picture()).fingerprint).not.toBe(still.fingerprint);
  await page.keyboard.press("ArrowLeft");
  await expect(follow).toHaveAttribute("aria-pressed", "false");
  await page.keyboard.press("f");
  await expect(follow).toHaveAttribute("aria-pressed", "true");
  await page.mouse.down();
  await page.mouse.move(400, 300, { steps: 4 });
  await page.mouse.up();
  await expect(follow).toHaveAttribute("aria-pressed", "false");
  await instrument.at("picture").dblclick();
  await expect(follow).toHaveAttribute("aria-pressed", "true");
});

test("the shortcuts are listed under ?", async ({ page }) => {
  await page.goto(server.page(SYNTHETIC));
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keyboard and pointer" });
  await expect(dialog).toContainText("pause or play");
  await expect(dialog).toContainText("Double click");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("the view is saved as a PNG", async ({ page }) => {
  await page.goto(server.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.updates(60);
  const download = page.waitForEvent("download");
  await instrument.at("png").click();
  const file = await (await download).path();
  const bytes = readFileSync(file);
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(bytes.length).toBeGreaterThan(20_000);
});

for (const [width, height] of [
  [1280, 720],
  [2560, 1440],
] as const) {
  test(`everything fits at ${width} × ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.goto(server.page(`${SYNTHETIC}&speed=4`));
    const instrument = new Instrument(page);
    await instrument.updates(400);
    for (const bar of [".bar", ".tools", ".signals", ".foot"]) {
      const overflow = await page
        .locator(bar)
        .evaluate((node) => [node.scrollWidth - node.clientWidth, node.scrollHeight - node.clientHeight]);
      expect(overflow, bar).toEqual([0, 0]);
    }
    await page.screenshot({ path: test.info().outputPath(`synthetic-${width}x${height}.png`) });
  });
}

test("every control has a name, and errors are announced", async ({ page }) => {
  await page.goto(server.page(SYNTHETIC));
  for (const control of await page.locator("button, input, select").all()) {
    if (await control.isHidden()) continue;
    const name = await control.evaluate(
      (node: HTMLButtonElement | HTMLInputElement | HTMLSelectElement) =>
        node.ariaLabel ?? (node.labels?.[0]?.textContent || node.textContent),
    );
    expect(name?.trim(), await control.evaluate((node) => node.outerHTML)).toBeTruthy();
  }
  await expect(page.getByRole("alert")).toHaveAttribute("aria-live", "assertive");
});
