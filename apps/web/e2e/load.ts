/** How a page is watched while 40 updates a second come: shortly in the gate, for minutes in the soak. */
import { expect, test, type CDPSession, type Page } from "@playwright/test";

import { Instrument } from "./instrument.ts";

const IS_SOAK = process.env["SPYMASTER_SOAK"] === "1";
const WARM_UP_S = IS_SOAK ? 120 : 8;
const WATCH_S = IS_SOAK ? 480 : 16;

/** Whatever else the machine does makes a page slower, never faster: a short watch has three tries. */
const TRIES = IS_SOAK ? 1 : 3;

/** The least updates a second that the page must take in. */
const RATE = 34;

/** What the memory may differ by between two collections without anything growing. */
const HEAP_MB = 4;

/** What a page has to keep to. */
export interface Bounds {
  /** The most that our own work on a picture may take, at the 95th percentile. */
  readonly ownWorkMs: number;
  /** Begins a session anew that would end too soon. */
  readonly restartEveryS?: number;
}

/** What was seen of a page. */
interface Watched {
  /** Updates a second. */
  readonly rate: number;
  readonly ownWorkMs: number;
  readonly grownMb: number;
  readonly missed: number;
}

/**
 * Watches a page whose replay runs at 40 updates a second: our own work on a picture stays short,
 * the memory flat, and what did not come was replaced by something newer.
 */
export async function watchUnderLoad(page: Page, url: string, bounds: Bounds): Promise<void> {
  test.setTimeout((WARM_UP_S + WATCH_S + 60) * TRIES * 1000);
  const session = await page.context().newCDPSession(page);
  let watched: Watched;
  let tries = 0;
  do {
    await page.goto(url);
    watched = await watch(new Instrument(page), session, bounds.restartEveryS ?? Infinity);
    console.log(`load: ${describe(watched)}`);
    // However busy the machine is.
    expect(watched.grownMb).toBeLessThan(HEAP_MB);
    tries += 1;
  } while (tries < TRIES && !(watched.rate > RATE && watched.ownWorkMs < bounds.ownWorkMs));
  expect(watched.rate).toBeGreaterThan(RATE);
  expect(watched.ownWorkMs).toBeLessThan(bounds.ownWorkMs);
}

function describe({ rate, ownWorkMs, grownMb, missed }: Watched): string {
  return `${rate.toFixed(1)} updates/s, own work p95 ${ownWorkMs} ms, memory grew by ${grownMb.toFixed(1)} MB, ${missed} missed`;
}

async function watch(instrument: Instrument, session: CDPSession, restartEveryS: number): Promise<Watched> {
  const wait = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= restartEveryS) {
      await instrument.page.waitForTimeout(Math.min(left, restartEveryS) * 1000);
      if (restartEveryS < Infinity) await instrument.at("restart").click();
    }
  };
  await wait(WARM_UP_S);
  const heapBefore = await heapMb(session);
  const updatesBefore = await instrument.count("updates");
  const begun = performance.now();
  await wait(WATCH_S);
  const rate = ((await instrument.count("updates")) - updatesBefore) / ((performance.now() - begun) / 1000);
  const grownMb = (await heapMb(session)) - heapBefore;
  const ownWorkMs = Number(/([\d.]+) ms/.exec(await instrument.text("frame"))?.[1]);
  // At rest, so that the server's count and ours are of the same updates.
  await instrument.pause();
  const missed = await instrument.count("missed");
  const conflated = async (): Promise<number> =>
    Number(/^[\d,]+/.exec((await instrument.at("missed").getAttribute("title")) ?? "")?.[0].replaceAll(",", ""));
  // What did not come was replaced by something newer: nothing was lost on the way.
  await expect.poll(conflated).toBe(missed);
  return { rate, ownWorkMs, grownMb, missed };
}

async function heapMb(session: CDPSession): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize } = await session.send("Runtime.getHeapUsage");
  return (usedSize + backingStorageSize) / 1e6;
}
