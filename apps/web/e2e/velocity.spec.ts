/** The velocity page against a made-up stream, whose every number is known. */
import { readFileSync } from "node:fs";

import { encode } from "@msgpack/msgpack";
import { expect, test } from "@playwright/test";

import { FakeServer, type Viewer } from "./fake.ts";
import { Instrument, price } from "./instrument.ts";
import { cellUnder, expectNear, read, stepUnder } from "./readout.ts";
import { FakeSurfaces, HORIZON_S, status, type Choices, type Window } from "./surfaces.ts";

const QUERY = "symbol=MNQH6&dt=2026-02-06";
const TICK = 250_000_000n;

const SESSIONS = [
  session("MNQH6", "2026-02-06", true, []),
  session("MNQH6", "2026-02-05", true, ["options"]),
  session("MNQH6", "2026-02-04", false, ["silver", "gold"]),
  session("ESH6", "2026-02-06", true, []),
];

function session(symbol: string, dt: string, ready: boolean, missing: readonly string[]): unknown {
  return { product_type: "future_mbo", symbol, dt, source: "file", ready, missing };
}

/** A replay of its own for one viewer, which executes commands like the real one. */
class Replay {
  readonly windows: Window[] = [];
  readonly #viewer: Viewer;
  readonly #surfaces: FakeSurfaces;
  readonly #timer: ReturnType<typeof setInterval>;
  #epoch = 1;
  #isPaused = false;

  constructor(viewer: Viewer, choices: Choices, atOnce: number) {
    this.#viewer = viewer;
    this.#surfaces = new FakeSurfaces(choices);
    viewer.send(this.#surfaces.config());
    viewer.send(status("live"));
    for (let count = 0; count < atOnce; count += 1) this.#step();
    let tick = 0;
    this.#timer = setInterval(() => {
      tick += 1;
      if (!this.#isPaused) this.#step();
      if (tick % 5 === 0) viewer.send(status(this.#isPaused ? "paused" : "live"));
    }, 200);
    viewer.listen((text) => this.#execute(JSON.parse(text) as { type: string; start_time?: string }));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #step(): void {
    const window = this.#surfaces.next(this.#epoch);
    this.windows.push(window);
    this.#viewer.send(window.frame);
  }

  #execute({ type, start_time }: { type: string; start_time?: string }): void {
    if (type === "pause" || type === "resume") {
      this.#isPaused = type === "pause";
      this.#viewer.send(status(this.#isPaused ? "paused" : "live"));
    } else {
      // Windows are counted from 09:30:01 on.
      const [hours = 9, minutes = 30] = (start_time ?? "09:30").split(":").map(Number);
      this.#surfaces.jump((hours * 60 + minutes - 570) * 60);
      this.#epoch += 1;
      this.#viewer.send(this.#surfaces.config({ start_time: start_time ?? null }));
      this.#step();
    }
  }
}

let server: FakeServer;
let replays: Replay[] = [];

async function start(choices: Choices = {}, atOnce = 120, port = 0): Promise<FakeServer> {
  const guise = { page: "velocity.html", sessions: SESSIONS };
  server = await FakeServer.start(
    (viewer) => replays.push(new Replay(viewer, { reach: 200, ...choices }, atOnce)),
    guise,
    port,
  );
  return server;
}

test.afterEach(() => {
  for (const replay of replays) replay.stop();
  replays = [];
  server.stop();
});

/** Returns the window that the page shows as its newest. */
async function shown(instrument: Instrument): Promise<Window> {
  const count = await instrument.count("updates");
  const window = replays.at(-1)?.windows[count - 1];
  if (window === undefined) throw new Error(`no window ${count}`);
  return window;
}

function column(columns: Window["velocity"], name: string): readonly (number | bigint)[] {
  const found = columns[name];
  if (found === undefined) throw new Error(`no column ${name}`);
  return found[1];
}

test("the picture is not blank, and it changes", async ({ page }) => {
  await page.goto((await start()).page(QUERY));
  const instrument = new Instrument(page);
  await instrument.updates(125);
  const first = await instrument.picture();
  expect(first.colours).toBeGreaterThan(200);
  await instrument.updates(130);
  expect((await instrument.picture()).fingerprint).not.toBe(first.fingerprint);
});

test("the forecast at the side is the one that was sent", async ({ page }) => {
  await page.goto((await start()).page(QUERY));
  const instrument = new Instrument(page);
  await instrument.updates(125);
  await instrument.pause();
  const { spot, endNs, forecast } = await shown(instrument);
  const at = (name: string, row: number): number => Number(column(forecast, name)[row]);
  await expect(instrument.at("spot")).toHaveText(price(BigInt(spot) * TICK));
  const time = new Date(Number(endNs / 1_000_000n));
  await expect(instrument.at("time")).toHaveText(
    `${time.toLocaleTimeString("en-GB", { timeZone: "America/New_York" })}.000`,
  );
  for (const [side, direction] of [["up", 1], ["down", -1]] as const) {
    const score = at(`RunScore_${side}`, 0);
    expectNear(read(await instrument.text(`run-score-${side}`)), score);
    const wall = at(`D_${side}`, 0);
    await expect(instrument.at(`wall-${side}`)).toHaveText(String(wall));
    await expect(instrument.at(`wall-price-${side}`)).toHaveText(price(BigInt(spot + direction * wall) * TICK));
  }
  const delta = at("predicted_tick_delta", HORIZON_S);
  expect(read(/[+−]?\d+$/.exec(await instrument.text("lean"))?.[0])).toBe(delta);
  expectNear(read(await instrument.text("confidence")), at("confidence", HORIZON_S));
  const rows = await page.locator("#path tr").allInnerTexts();
  expect(rows.map((row) => Number(/\+(\d+) s/.exec(row)?.[1]))).toEqual([1, 5, 10, 30]);
  for (const row of rows) {
    const [horizon, predicted, moved] = row.split("\t");
    const index = Number(/\d+/.exec(horizon ?? "")?.[0]);
    expect(predicted).toBe(price((column(forecast, "predicted_spot_tick")[index] as bigint) * TICK));
    expect(read(moved)).toBe(at("predicted_tick_delta", index));
  }
});

test("the crosshair reads the cell and the strike that were sent", async ({ page }) => {
  await page.goto((await start()).page(QUERY));
  const instrument = new Instrument(page);
  await instrument.updates(125);
  await instrument.pause();
  const box = await instrument.at("picture").boundingBox();
  if (box === null) throw new Error("no picture");
  // Some columns left of now, on the bids; then down to the next strike.
  await page.mouse.move(box.x + box.width * 0.7 - 12, box.y + box.height * 0.6);
  await instrument.drawn();
  for (let row = 0; row < 25 && (await cellUnder(instrument)).strike === null; row += 1) {
    await page.keyboard.press("Shift+ArrowDown");
    await instrument.drawn();
  }
  const { time, relTicks, price: shownPrice, values, strike } = await cellUnder(instrument);
  const window = replays[0]?.windows.find(
    ({ endNs }) =>
      new Date(Number(endNs / 1_000_000n)).toLocaleTimeString("en-GB", { timeZone: "America/New_York" }) === time,
  );
  if (window === undefined) throw new Error(`no window at ${time}`);
  expect(shownPrice).toBe(price(BigInt(window.spot + relTicks) * TICK));
  const ticks = column(window.velocity, "rel_ticks");
  const sides = column(window.velocity, "side");
  expect(values.size).toBe(7);
  for (const [name, shownValues] of values) {
    for (const [index, side] of ["B", "A"].entries()) {
      const row = ticks.findIndex((tick, place) => tick === relTicks && sides[place] === side.charCodeAt(0));
      expectNear(shownValues[index], Number(column(window.velocity, name)[row]), `${name} of ${side}`);
    }
  }
  const row = column(window.options, "strike_price_int").findIndex((int) => price(int) === strike?.price);
  expect(row).toBeGreaterThanOrEqual(0);
  expect(strike?.values.size).toBe(5);
  for (const [name, value] of strike?.values ?? []) {
    expectNear(value, Number(column(window.options, name)[row]), `${name} of the strike`);
  }
});

test("right of now the crosshair reads the forecast", async ({ page }) => {
  await page.goto((await start()).page(QUERY));
  const instrument = new Instrument(page);
  await instrument.updates(125);
  await instrument.pause();
  const box = await instrument.at("picture").boundingBox();
  if (box === null) throw new Error("no picture");
  await page.mouse.move(box.x + box.width * 0.85, box.y + box.height / 2);
  await instrument.drawn();
  const { horizonS, price: predicted } = await stepUnder(instrument);
  expect(horizonS).toBeGreaterThan(10);
  expect(horizonS).toBeLessThan(22);
  const { forecast } = await shown(instrument);
  expect(predicted).toBe(price((column(forecast, "predicted_spot_tick")[horizonS] as bigint) * TICK));
  await expect(instrument.at("show-forecast")).toBeChecked();
  await instrument.at("show-forecast").uncheck();
  await page.mouse.move(box.x + box.width * 0.85, box.y + box.height / 2 + 3);
  await expect(instrument.at("readout")).toBeHidden();
});

test("pause stops, resume goes on, seek lands", async ({ page }) => {
  await page.goto((await start()).page(QUERY));
  const instrument = new Instrument(page);
  await instrument.updates(125);
  await page.keyboard.press("Space");
  await instrument.state("PAUSED");
  await instrument.rest();
  const before = await instrument.text("time");
  await page.waitForTimeout(1200);
  expect(await instrument.text("time")).toBe(before);
  await page.keyboard.press("Space");
  await instrument.playing();
  await expect(instrument.at("time")).not.toHaveText(before);
  await instrument.at("seek-time").fill("10:15");
  await instrument.at("seek-time").press("Enter");
  await expect(instrument.at("time")).toHaveText(/^10:15:/);
  // The first seek asks another replay when the data begins.
  expect(replays).toHaveLength(2);
});

test("it comes back after the server was restarted, and keeps the picture", async ({ page }) => {
  const { port } = await start();
  await page.goto(server.page(QUERY));
  const instrument = new Instrument(page);
  await instrument.updates(125);
  for (const replay of replays) replay.stop();
  server.stop();
  await expect(instrument.banner("link")).toContainText("No connection");
  await expect(instrument.at("stage")).toHaveAttribute("data-stale", "true");
  expect((await instrument.picture()).colours).toBeGreaterThan(60);
  const before = await instrument.count("updates");
  await start({}, 20, port);
  await instrument.reconnect();
  await instrument.updates(before + 20);
  await expect(instrument.banner("link")).toHaveCount(0);
});

test("a wrong symbol shows the server's error and its hint", async ({ page }) => {
  server = await FakeServer.start(
    (viewer) => {
      const symbol = viewer.query.get("symbol") ?? "";
      viewer.send(encode({ type: "error", code: "unknown_symbol", message: `no ${symbol} in the lake`, hint: "there are: MNQH6, ESH6" }));
      viewer.close(1008);
    },
    { page: "velocity.html", sessions: SESSIONS },
  );
  await page.goto(server.page("symbol=NOPEZ9&dt=2026-02-06"));
  const instrument = new Instrument(page);
  await instrument.state("REFUSED");
  await expect(instrument.at("pick-symbol").locator("option")).toHaveText(["symbol…", "MNQH6", "ESH6"]);
  const banner = instrument.banner("server");
  await expect(banner).toContainText("no NOPEZ9 in the lake");
  await expect(banner.locator(".hint")).toHaveText("there are: MNQH6, ESH6");
  await banner.getByRole("button", { name: "Choose a session" }).click();
  const form = page.getByRole("dialog", { name: "Which session?" });
  await expect(form.getByLabel("Session", { exact: true })).toContainText("MNQH6 · 2026-02-04 · future_mbo · file · lacks silver, gold");
  await form.getByLabel("Session", { exact: true }).selectOption({ label: "ESH6 · 2026-02-06 · future_mbo · file" });
  await form.getByRole("button", { name: "Open" }).click();
  await page.waitForURL(/symbol=ESH6/);
  // The stream takes no `source`: one that is unknown would be an error.
  expect(page.url()).not.toContain("source=");
});

test("symbol and date are picked from what the server has", async ({ page }) => {
  await page.goto((await start()).page(`${QUERY}&speed=10&start_time=10:00`));
  const instrument = new Instrument(page);
  await instrument.updates(20);
  const dates = instrument.at("pick-date");
  await expect(dates.locator("option")).toHaveText(["2026-02-06", "2026-02-05 · without options", "2026-02-04 · lacks silver, gold"]);
  await expect(dates.locator("option").last()).toBeDisabled();
  await dates.selectOption("2026-02-05");
  await page.waitForURL(/dt=2026-02-05/);
  expect(page.url()).toContain("speed=10");
  expect(page.url()).not.toContain("start_time");
  await instrument.updates(20);
  await instrument.at("pick-symbol").selectOption({ label: "ESH6" });
  await page.waitForURL(/symbol=ESH6&dt=2026-02-06/);
});

test("without options there are no bars, and a forecast that was not calibrated says so", async ({ page }) => {
  await page.goto((await start({ hasOptions: false, calibrated: false })).page(QUERY));
  const instrument = new Instrument(page);
  await instrument.updates(125);
  await expect(instrument.at("calibration")).toHaveText("not calibrated: drift only");
  await expect(instrument.at("meanings")).toContainText("building below");
  await expect(instrument.at("meanings")).not.toContainText("strike");
  expect((await instrument.picture()).colours).toBeGreaterThan(200);
});

test("a malformed frame is counted and left out", async ({ page }) => {
  const surfaces = new FakeSurfaces({ reach: 50 });
  server = await FakeServer.start(
    (viewer) => {
      const { frame } = surfaces.next();
      for (const sent of [surfaces.config(), status("live"), frame.subarray(0, 900), frame]) viewer.send(sent);
    },
    { page: "velocity.html", sessions: [] },
  );
  await page.goto(server.page(QUERY));
  const instrument = new Instrument(page);
  await instrument.updates(1);
  await expect(instrument.banner("frame")).toContainText("1 left out so far");
});

test("another field and another palette redraw the past; without overlays less is drawn", async ({ page }) => {
  await page.goto((await start()).page(QUERY));
  const instrument = new Instrument(page);
  await instrument.updates(125);
  await instrument.pause();
  const seen = new Set([(await instrument.picture()).fingerprint]);
  const look = async (change: () => Promise<unknown>): Promise<void> => {
    await change();
    seen.add((await instrument.picture()).fingerprint);
  };
  for (const field of ["liquidity_velocity", "pressure_grad", "Omega", "kappa"]) {
    await look(() => instrument.at("field").selectOption(field));
  }
  await look(() => instrument.at("palette").selectOption("safe"));
  for (const overlay of ["spot", "strikes", "forecast"]) {
    // On one that leaves room for the bars behind.
    await instrument.at("field").selectOption("composite");
    await look(() => instrument.at(`show-${overlay}`).uncheck());
  }
  expect(seen.size).toBe(9);
});

test("zoom, pan and follow by pointer and by keyboard", async ({ page }) => {
  await page.goto((await start()).page(QUERY));
  const instrument = new Instrument(page);
  await instrument.updates(125);
  await instrument.pause();
  const follow = instrument.at("follow");
  await expect(follow).toHaveAttribute("aria-pressed", "true");
  await instrument.at("picture").hover();
  const still = await instrument.picture();
  await page.mouse.wheel(0, -200);
  await expect.poll(async () => (await instrument.picture()).fingerprint).not.toBe(still.fingerprint);
  await page.keyboard.press("ArrowLeft");
  await expect(follow).toHaveAttribute("aria-pressed", "false");
  await page.keyboard.press("f");
  await expect(follow).toHaveAttribute("aria-pressed", "true");
});

test("the view is saved as a PNG", async ({ page }) => {
  await page.goto((await start()).page(QUERY));
  await new Instrument(page).updates(125);
  const download = page.waitForEvent("download");
  await page.keyboard.press("p");
  const bytes = readFileSync(await (await download).path());
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(bytes.length).toBeGreaterThan(20_000);
});

for (const [width, height] of [
  [1280, 720],
  [2560, 1440],
] as const) {
  test(`everything fits at ${width} × ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.goto((await start({}, 600)).page(QUERY));
    await new Instrument(page).updates(600);
    for (const bar of [".bar", ".tools", ".signals", ".foot"]) {
      const overflow = await page
        .locator(bar)
        .evaluate((node) => [node.scrollWidth - node.clientWidth, node.scrollHeight - node.clientHeight]);
      expect(overflow, bar).toEqual([0, 0]);
    }
    await page.screenshot({ path: test.info().outputPath(`velocity-${width}x${height}.png`) });
  });
}

test("every control has a name", async ({ page }) => {
  await page.goto((await start()).page(QUERY));
  for (const control of await page.locator("button, input, select").all()) {
    if (await control.isHidden()) continue;
    const name = await control.evaluate(
      (node: HTMLButtonElement | HTMLInputElement | HTMLSelectElement) =>
        node.ariaLabel ?? (node.labels?.[0]?.textContent || node.textContent),
    );
    expect(name?.trim(), await control.evaluate((node) => node.outerHTML)).toBeTruthy();
  }
});
