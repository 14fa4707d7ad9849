/** What the picture shows: contrast in every field, the legend of a PNG, the prices of a share. */
import { readFileSync } from "node:fs";

import { expect, test, type Page } from "@playwright/test";

import { SURFACE_PALETTES } from "../src/velocity/draw/palettes.ts";
import { FakeServer } from "./fake.ts";
import { config, grid, nanosAt, status, withColumn } from "./grids.ts";
import { Instrument, isLike } from "./instrument.ts";
import { LiveServer, SYNTHETIC } from "./live.ts";
import { FakeSurfaces, status as surfacesStatus } from "./surfaces.ts";

let server: FakeServer | LiveServer;

// Small, as many pictures are compared.
test.use({ viewport: { width: 960, height: 540 } });
test.setTimeout(240_000);
test.afterEach(() => server.stop());

async function vacuumPressure(page: Page): Promise<Instrument> {
  const live = await LiveServer.start();
  server = live;
  await page.goto(live.page(`${SYNTHETIC}&speed=4`));
  const instrument = new Instrument(page);
  await instrument.updates(300);
  await instrument.pause();
  return instrument;
}

async function velocity(page: Page): Promise<Instrument> {
  const fake = await FakeServer.start(
    ({ send }) => {
      const surfaces = new FakeSurfaces({ reach: 200 });
      send(surfaces.config());
      send(surfacesStatus("paused"));
      for (let count = 0; count < 300; count += 1) send(surfaces.next().frame);
    },
    { page: "velocity.html", sessions: [] },
  );
  server = fake;
  await page.goto(fake.page("symbol=MNQH6&dt=2026-02-06"));
  const instrument = new Instrument(page);
  await instrument.updates(300);
  return instrument;
}

for (const [name, open] of [["vacuum and pressure", vacuumPressure], ["velocity", velocity]] as const) {
  test(`the contrast changes every field of ${name}`, async ({ page }) => {
    const instrument = await open(page);
    const fields = await instrument.at("field").locator("option").all();
    expect(fields.length).toBeGreaterThan(6);
    for (const option of fields) {
      const field = (await option.getAttribute("value")) ?? "";
      await instrument.at("field").selectOption(field);
      const seen = new Set<number>();
      for (const gain of ["5", "50", "95"]) {
        await instrument.at("gain").fill(gain);
        seen.add((await instrument.picture()).fingerprint);
      }
      expect(seen.size, field).toBe(3);
    }
  });
}

/** Saves the view, and returns the pixels below the time axis: those of the legend. */
async function legendOf(instrument: Instrument): Promise<number[]> {
  const { page } = instrument;
  const download = page.waitForEvent("download");
  await instrument.at("png").click();
  const png = readFileSync(await (await download).path()).toString("base64");
  const times = await instrument.at("times").boundingBox();
  const stage = await instrument.at("stage").boundingBox();
  if (times === null || stage === null) throw new Error("no stage");
  const CAPTION_PX = 30;
  const from = Math.round(times.y + times.height - stage.y + CAPTION_PX);
  return page.evaluate(
    async ([encoded, top]) => {
      const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      if (context === null || bitmap.height <= top) return [];
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, top, bitmap.width, bitmap.height - top);
      return [...new Uint32Array(data.buffer)];
    },
    [png, from] as const,
  );
}

test("a PNG has the legend of the field", async ({ page }) => {
  const instrument = await vacuumPressure(page);
  const signed = await legendOf(instrument);
  // A scale of 256 steps, drawn 120 pixels wide.
  expect(new Set(signed).size).toBeGreaterThan(60);
  await instrument.at("field").selectOption("rest_depth");
  await instrument.drawn();
  const other = await legendOf(instrument);
  expect(new Set(other).size).toBeGreaterThan(60);
  expect(other.join()).not.toBe(signed.join());
});

test("a PNG of the velocity page has the meanings of its colours, or the scale of a field", async ({ page }) => {
  const instrument = await velocity(page);
  const [palette] = SURFACE_PALETTES;
  const meanings = await legendOf(instrument);
  for (const colour of [palette.below, palette.above, palette.eroding, palette.wall, palette.optionsBuilding]) {
    expect(meanings.filter((pixel) => isLike(pixel, colour)).length, colour).toBeGreaterThan(20);
  }
  await instrument.at("field").selectOption("pressure_grad");
  await instrument.drawn();
  expect(new Set(await legendOf(instrument)).size).toBeGreaterThan(60);
});

test("the axis of a share shows no negative price, and a future's may", async ({ page }) => {
  const half = 500_000_000n;
  for (const [productType, isShare] of [["equity_mbo", true], ["future_mbo", false]] as const) {
    const fake = await FakeServer.start(
      ({ send }) => {
        send(config({ product_type: productType, qty_unit: isShare ? "shares" : "contracts", bucket_int: half, tick_int: 10_000_000n }));
        send(status("live"));
        for (let seq = 1; seq < 20; seq += 1) {
          send(grid(seq, nanosAt("09:30:00") + BigInt(seq) * 1_000_000_000n, 27n * half));
        }
      },
      { page: "vacuum-pressure.html", sessions: [] },
    );
    server = fake;
    await page.goto(fake.page(""));
    const instrument = new Instrument(page);
    await instrument.updates(19);
    const prices = async (): Promise<string[]> => {
      await instrument.drawn();
      return ((await instrument.at("axis").getAttribute("aria-label")) ?? "").split(" ").slice(2);
    };
    expect((await prices()).length).toBeGreaterThan(5);
    expect((await prices()).some((text) => text.startsWith("−"))).toBe(!isShare);
    // However the view is moved.
    await instrument.at("picture").hover();
    for (let count = 0; count < 8; count += 1) await page.keyboard.press("ArrowDown");
    for (let notch = 0; notch < 5; notch += 1) await page.mouse.wheel(0, 400);
    expect((await prices()).some((text) => text.startsWith("−"))).toBe(!isShare);
    await expect(instrument.at("product")).toHaveText(isShare ? /tick 0\.01 · shares$/ : /tick 0\.01 = \$[\d.]+ · \$[\d,]+ a point$/);
    fake.stop();
  }
});

test("numbers are written for people: no exponents, tiny ones as a bound or 0", async ({ page }) => {
  const rows = 101;
  const fake = await FakeServer.start(
    ({ send }) => {
      send(config());
      send(status("live"));
      for (let seq = 1; seq < 200; seq += 1) {
        const values = Array.from({ length: rows }, () => (seq < 150 ? 9.43e-34 : 0.000_4));
        const columns = withColumn("pressure_variant", values);
        send(grid(seq, nanosAt("09:30:00") + BigInt(seq) * 25_000_000n, 25_000_000_000_000n, columns));
      }
    },
    { page: "vacuum-pressure.html", sessions: [] },
  );
  server = fake;
  await page.goto(fake.page(""));
  const instrument = new Instrument(page);
  await instrument.updates(199);
  const box = await instrument.at("picture").boundingBox();
  if (box === null) throw new Error("no picture");
  const pressureAt = async (fromRight: number): Promise<string> => {
    await page.mouse.move(box.x + box.width - fromRight, box.y + box.height / 2);
    await instrument.drawn();
    return /pressure\s+(\S+)/.exec(await instrument.at("readout").innerText())?.[1] ?? "";
  };
  expect(await pressureAt(20)).toBe("<0.001");
  expect(await pressureAt(100)).toBe("0");
  const words = await page.locator("body").innerText();
  expect(words).not.toMatch(/\de[+−-]?\d/);
});
