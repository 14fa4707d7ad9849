/** Nothing is cut off, off the screen or written over, at any of the sizes that the pages are made for. */
import { expect, test, type Browser, type Page } from "@playwright/test";

import { FakeServer } from "./fake.ts";
import { config, failure, grid, nanosAt, status } from "./grids.ts";
import { Instrument } from "./instrument.ts";
import { faultsOf, SIZES } from "./layout.ts";
import { FakeSurfaces, status as surfacesStatus } from "./surfaces.ts";

const SPOT = 25_111_250_000_000n;

let server: FakeServer;

test.setTimeout(240_000);

test.afterEach(() => server.stop());

const SESSIONS = ["ESH4", "ESM4"].map((symbol) => ({
  product_type: "future_mbo",
  symbol,
  dt: "2026-02-06",
  source: "file",
  ready: true,
}));

/** Serves grids with large numbers, many anomalies and a notice: what takes most room. */
async function vacuumPressure(): Promise<FakeServer> {
  const anomalies = { off_tick: 123_456, unknown_order: 70_000, crossed_book: 12 };
  return FakeServer.start(
    ({ send, query }) => {
      send(config({ dt: "2026-02-06", source: "synthetic", speed: 0.25 }));
      send(status("live", { anomalies, notice: "a gap of 3600 s was shortened to 5 s; `keep_gaps` keeps it", behind_ms: 98_765 }));
      for (let seq = 1; seq <= 400; seq += 1) {
        send(grid(seq, nanosAt("09:30:00") + BigInt(seq) * 250_000_000n, SPOT, { event_id: 123_456_789 + seq }));
      }
      if (query.get("speed") === "9") send(failure("bad_message", "speed must be from 0.01 to 10000, found 99999", "speeds are factors of real time"));
    },
    { page: "vacuum-pressure.html", sessions: SESSIONS },
  );
}

async function velocity(): Promise<FakeServer> {
  return FakeServer.start(
    ({ send }) => {
      const surfaces = new FakeSurfaces({ reach: 200, calibrated: false });
      send(surfaces.config());
      send(surfacesStatus("live"));
      for (let count = 0; count < 400; count += 1) send(surfaces.next().frame);
    },
    { page: "velocity.html", sessions: SESSIONS },
  );
}

async function open(browser: Browser, size: (typeof SIZES)[number], query: string): Promise<Page> {
  const { width, height, scale } = size;
  const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: scale });
  await page.goto(server.page(query));
  await new Instrument(page).updates(400);
  return page;
}

for (const [name, start, query] of [
  ["vacuum and pressure", vacuumPressure, "symbol=MNQH6&dt=2026-02-06"],
  ["velocity", velocity, "symbol=MNQH6&dt=2026-02-06"],
] as const) {
  for (const size of SIZES) {
    test(`${name} fits at ${size.name}`, async ({ browser }) => {
      server = await start();
      const page = await open(browser, size, query);
      const instrument = new Instrument(page);
      const box = await instrument.at("picture").boundingBox();
      if (box === null) throw new Error("no picture");
      // The foot says how long a picture takes, once some have been drawn.
      for (let count = 0; count < 15; count += 1) {
        await page.mouse.move(box.x + box.width * 0.65, box.y + box.height / 2 + count);
        await instrument.drawn();
      }
      await expect(instrument.at("frame")).not.toBeEmpty();
      await page.keyboard.press("Escape");
      await instrument.drawn();
      expect(await faultsOf(page)).toEqual([]);
      // On a laptop the controls take one row.
      const tools = await page.locator(".tools").boundingBox();
      if (size.width === 1280) expect(tools?.height).toBeLessThan(40);
      await page.screenshot({ path: test.info().outputPath(`${name}.png`) });

      await page.mouse.move(box.x + box.width * 0.65, box.y + box.height / 2);
      await instrument.drawn();
      await expect(instrument.at("readout")).toBeVisible();
      expect(await faultsOf(page), "with the crosshair").toEqual([]);

      // Every field and every palette has a name that fits.
      for (const list of ["field", "palette"]) {
        for (const option of await instrument.at(list).locator("option").all()) {
          await instrument.at(list).selectOption((await option.getAttribute("value")) ?? "");
          await instrument.drawn();
          expect(await faultsOf(page), (await option.textContent()) ?? "").toEqual([]);
        }
      }

      await instrument.at("session").click();
      await expect(page.getByRole("dialog")).toContainText("Which session?");
      await page.getByRole("dialog").getByLabel("Symbol").fill("ES");
      await page.getByRole("dialog").getByRole("button", { name: "Open" }).click();
      await expect(page.getByRole("group", { name: "Contracts" })).toBeVisible();
      expect(await faultsOf(page), "the form").toEqual([]);
      await page.getByRole("button", { name: "Cancel" }).click();
      await instrument.at("help").click();
      expect(await faultsOf(page), "the help").toEqual([]);
      await page.close();
    });
  }
}

for (const size of SIZES) {
  test(`banners fit at ${size.name}`, async ({ browser }) => {
    server = await vacuumPressure();
    const page = await open(browser, size, "symbol=MNQH6&dt=2026-02-06&speed=9");
    const instrument = new Instrument(page);
    await expect(instrument.banner("server")).toContainText("Bad message");
    expect(await faultsOf(page)).toEqual([]);
    server.stop();
    await expect(instrument.banner("link")).toContainText("No connection");
    expect(await faultsOf(page)).toEqual([]);
    await page.close();
  });
}
