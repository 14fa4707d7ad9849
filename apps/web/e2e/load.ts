/** How a page is watched while 40 updates a second come: shortly in the gate, for minutes in the soak. */
import { expect, test, type Page } from "@playwright/test";

import { Instrument } from "./instrument.ts";

const IS_SOAK = process.env["SPYMASTER_SOAK"] === "1";
const WARM_UP_S = IS_SOAK ? 120 : 8;
const WATCH_S = IS_SOAK ? 480 : 16;

/** What a page has to keep to. */
export interface Bounds {
  /** The most that our own work on a picture may take, at the 95th percentile. */
  readonly ownWorkMs: number;
  /** Begins a session anew that would end too soon. */
  readonly restartEveryS?: number;
}

/** What the memory may differ by between two collections without anything growing. */
const HEAP_MB = 4;

/**
 * Watches a page whose replay runs at 40 updates a second: our own work on a picture stays short,
 * the memory flat, and what did not come was replaced by something newer.
 */
export async function watchUnderLoad(page: Page, { ownWorkMs, restartEveryS = Infinity }: Bounds): Promise<void> {
  test.setTimeout((WARM_UP_S + WATCH_S + 60) * 1000);
  const instrument = new Instrument(page);
  const session = await page.context().newCDPSession(page);
  const heapMb = async (): Promise<number> => {
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize, backingStorageSize } = await session.send("Runtime.getHeapUsage");
    return (usedSize + backingStorageSize) / 1e6;
  };
  const wait = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= restartEveryS) {
      await page.waitForTimeout(Math.min(left, restartEveryS) * 1000);
      if (restartEveryS < Infinity) await instrument.at("restart").click();
    }
  };
  await wait(WARM_UP_S);
  const heapBefore = await heapMb();
  const updatesBefore = await instrument.count("updates");
  const begun = performance.now();
  await wait(WATCH_S);
  const rate = ((await instrument.count("updates")) - updatesBefore) / ((performance.now() - begun) / 1000);
  const heapAfter = await heapMb();
  const ownWork = Number(/([\d.]+) ms/.exec(await instrument.text("frame"))?.[1]);
  // At rest, so that the server's count and ours are of the same updates.
  await instrument.pause();
  const conflated = async (): Promise<number> =>
    Number(/^[\d,]+/.exec((await instrument.at("missed").getAttribute("title")) ?? "")?.[0].replaceAll(",", ""));
  const missed = await instrument.count("missed");
  const measured = `${rate.toFixed(1)} updates/s, own work p95 ${ownWork} ms, memory ${heapBefore.toFixed(1)} to ${heapAfter.toFixed(1)} MB, ${missed} missed`;
  console.log(`load: ${measured}`);
  expect(rate).toBeGreaterThan(34);
  expect(ownWork).toBeLessThan(ownWorkMs);
  expect(heapAfter - heapBefore).toBeLessThan(HEAP_MB);
  // What did not come was replaced by something newer: nothing was lost on the way.
  await expect.poll(conflated).toBe(missed);
}
