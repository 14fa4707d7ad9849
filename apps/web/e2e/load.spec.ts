/**
 * The page under load: 40 updates a second. Short in the gate, ten minutes in the soak
 * (`SPYMASTER_SOAK=1`).
 */
import { expect, test } from "@playwright/test";

import { Instrument } from "./instrument.ts";
import { LAKE, LiveServer, SYNTHETIC } from "./live.ts";

const IS_SOAK = process.env["SPYMASTER_SOAK"] === "1";
const WARM_UP_S = IS_SOAK ? 120 : 8;
const WATCH_S = IS_SOAK ? 480 : 16;

/** The most that our own work on a picture may take, at the 95th percentile. */
const OWN_WORK_MS = 8;

/** What the heap may differ by between two collections without anything growing. */
const HEAP_MB = 4;

test("@soak frames stay short, the heap flat, and nothing is lost that was not conflated", async ({ page }) => {
  test.setTimeout((WARM_UP_S + WATCH_S + 60) * 1000);
  const server = await LiveServer.start();
  await page.goto(server.page(SYNTHETIC));
  const instrument = new Instrument(page);
  const session = await page.context().newCDPSession(page);
  const heapMb = async (): Promise<number> => {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize / 1e6;
  };
  await page.waitForTimeout(WARM_UP_S * 1000);
  const heapBefore = await heapMb();
  const updatesBefore = await instrument.count("updates");
  await page.waitForTimeout(WATCH_S * 1000);
  const rate = ((await instrument.count("updates")) - updatesBefore) / WATCH_S;
  const heapAfter = await heapMb();
  const ownWork = Number(/([\d.]+) ms/.exec(await instrument.text("frame"))?.[1]);
  // At rest, so that the server's count and ours are of the same grids.
  await instrument.pause();
  const conflated = async (): Promise<number> =>
    Number(/^[\d,]+/.exec((await instrument.at("missed").getAttribute("title")) ?? "")?.[0].replaceAll(",", ""));
  const missed = await instrument.count("missed");
  const measured = `${rate.toFixed(1)} updates/s, own work p95 ${ownWork} ms, heap ${heapBefore.toFixed(1)} to ${heapAfter.toFixed(1)} MB, ${missed} missed`;
  console.log(`load: ${measured}`);
  expect(rate).toBeGreaterThan(34);
  expect(ownWork).toBeLessThan(OWN_WORK_MS);
  expect(heapAfter - heapBefore).toBeLessThan(HEAP_MB);
  // What did not come was replaced by something newer: nothing was lost on the way.
  await expect.poll(conflated).toBe(missed);
  await server.stop();
});

test("a real session is shown as well as a synthetic one (needs ../shared)", async ({ page }) => {
  test.skip(LAKE === null, "no ../shared (SPYMASTER_SHARED)");
  const session = ["--product-type", "future_mbo", "--symbol", "ESH4", "--dt", "2023-12-25"];
  const server = await LiveServer.start(0, "--lake", LAKE ?? "", ...session);
  await page.goto(
    server.page(
      "source=file&product_type=future_mbo&symbol=ESH4&dt=2023-12-25&start_time=18:00&speed=10",
    ),
  );
  const instrument = new Instrument(page);
  await instrument.updates(150);
  await expect(instrument.at("symbol")).toHaveText("ESH4");
  await expect(instrument.at("spot")).toHaveText(/^4,\d{3}\.\d{2}$/);
  expect((await instrument.picture()).colours).toBeGreaterThan(150);
  await page.screenshot({ path: test.info().outputPath("real.png") });
  await server.stop();
});
