/**
 * How a page is watched while 40 updates a second come. The short form asserts what does not depend
 * on how busy the machine is: counts and pixels. The long form (`SPYMASTER_SOAK=1`) takes ten minutes
 * and also asserts rate, frame time and memory, for which it needs the machine for itself.
 */
import { expect, test, type Page } from "@playwright/test";

import { Instrument } from "./instrument.ts";

/** Whether this is the long form. */
export const IS_SOAK = process.env["SPYMASTER_SOAK"] === "1";

/** What a page must keep to. */
export interface Bounds {
  /** The longest frame time, at the 95th percentile; asserted in the long form. */
  readonly frameMs: number;
  /** The Eastern time, `HH:MM`, after which the session is restarted, because it would end. */
  readonly restartAfter?: string;
}

/** How many updates each half of the short form waits for. */
const UPDATES = 300;

/** Seconds of the long form. */
const WARM_UP_S = 120;
const WATCH_S = 480;

/** How much the memory may differ between two collections although nothing grows. */
const HEAP_MB = 4;

/** Watches a page whose replay runs at 40 updates a second: every update is drawn or conflated. */
export async function watchUnderLoad(page: Page, { frameMs, restartAfter }: Bounds): Promise<void> {
  if (IS_SOAK) test.setTimeout((WARM_UP_S + WATCH_S) * 1000 + test.info().timeout);
  const instrument = new Instrument(page);
  const session = await page.context().newCDPSession(page);
  const heapMb = async (): Promise<number> => {
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize, backingStorageSize } = await session.send("Runtime.getHeapUsage");
    return (usedSize + backingStorageSize) / 1e6;
  };
  /** Returns how many updates have come, and restarts a session that would end. */
  const updates = async (): Promise<number> => {
    if (restartAfter !== undefined && (await instrument.text("time")) > restartAfter) {
      await instrument.at("restart").click();
    }
    return instrument.count("updates");
  };
  const watch = async (seconds: number): Promise<void> => {
    const end = performance.now() + seconds * 1000;
    const enough = (await updates()) + UPDATES;
    const isOver = async (): Promise<boolean> =>
      (await updates()) >= enough && (!IS_SOAK || performance.now() >= end);
    await expect.poll(isOver, { intervals: [200], timeout: test.info().timeout }).toBe(true);
  };

  await watch(WARM_UP_S);
  const first = await instrument.picture();
  const heapBefore = await heapMb();
  const updatesBefore = await updates();
  const begun = performance.now();
  await watch(WATCH_S);
  const rate = ((await updates()) - updatesBefore) / ((performance.now() - begun) / 1000);
  const heapAfter = await heapMb();
  const second = await instrument.picture();
  const frameP95 = Number(/([\d.]+) ms/.exec(await instrument.text("frame"))?.[1]);
  // At rest, so that the server's count and ours are of the same updates.
  await instrument.pause();
  const conflated = async (): Promise<number> =>
    Number(/^[\d,]+/.exec((await instrument.at("missed").getAttribute("title")) ?? "")?.[0].replaceAll(",", ""));
  const missed = await instrument.count("missed");
  const measured = `${rate.toFixed(1)} updates/s, frame time p95 ${frameP95} ms, memory ${heapBefore.toFixed(1)} to ${heapAfter.toFixed(1)} MB, ${missed} conflated`;
  console.log(`load: ${measured}`);
  // What did not come was replaced by something newer: nothing was lost on the way.
  await expect.poll(conflated).toBe(missed);
  // What came was drawn.
  expect(first.colours).toBeGreaterThan(100);
  expect(second.colours).toBeGreaterThan(100);
  expect(second.fingerprint).not.toBe(first.fingerprint);
  if (!IS_SOAK) return;
  expect(rate).toBeGreaterThan(34);
  expect(frameP95).toBeLessThan(frameMs);
  expect(heapAfter - heapBefore).toBeLessThan(HEAP_MB);
}
