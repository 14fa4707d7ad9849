/** What the page shows when something is wrong, and how it recovers. */
import { expect, test } from "@playwright/test";

import { FakeServer, golden, type Viewer } from "./fake.ts";
import { Instrument } from "./instrument.ts";
import { LiveServer, SYNTHETIC } from "./live.ts";

let server: FakeServer | LiveServer | null = null;

test.afterEach(async () => {
  await server?.stop();
  server = null;
});

const CONFIG = golden("runtime_config.bin");
const GRID = golden("grid_update.bin");
const STATUS = golden("status.bin");

async function fake(treat: (viewer: Viewer) => void): Promise<FakeServer> {
  const started = await FakeServer.start(treat);
  server = started;
  return started;
}

test("a malformed frame is counted and left out", async ({ page }) => {
  const { page: url } = await fake((viewer) => {
    for (const frame of [CONFIG, STATUS, Uint8Array.of(0xc1, 0x00), GRID.subarray(0, 100), GRID]) {
      viewer.send(frame);
    }
  }).then((started) => ({ page: started.page(SYNTHETIC) }));
  await page.goto(url);
  const instrument = new Instrument(page);
  await instrument.updates(1);
  await expect(instrument.banner("frame")).toContainText("2 left out so far");
});

test("a later protocol is named, and nothing more is asked", async ({ page }) => {
  let viewers = 0;
  const fakeServer = await fake((viewer) => {
    viewers += 1;
    // The golden config, but for its version.
    const later = Buffer.from(CONFIG);
    later[later.indexOf("protocol") + "protocol".length] = 2;
    viewer.send(later);
  });
  await page.goto(fakeServer.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.state("INCOMPATIBLE");
  await expect(instrument.banner("link")).toContainText("protocol 2, this page 1");
  await page.waitForTimeout(1500);
  expect(viewers).toBe(1);
});

test("a silent stream is stale after five seconds, and live again with the next message", async ({ page }) => {
  let speak: () => void = () => undefined;
  const fakeServer = await fake((viewer) => {
    for (const frame of [CONFIG, STATUS, GRID]) viewer.send(frame);
    speak = () => viewer.send(STATUS);
  });
  await page.goto(fakeServer.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.playing();
  await instrument.state("STALE");
  await expect(instrument.at("stage")).toHaveAttribute("data-stale", "true");
  await expect(instrument.banner("link")).toContainText("Stale");
  speak();
  await instrument.playing();
  await expect(instrument.at("stage")).toHaveAttribute("data-stale", "false");
});

test("a book that is not valid shows a banner", async ({ page }) => {
  const doubtful = Buffer.from(GRID);
  const place = doubtful.indexOf("book_valid") + "book_valid".length;
  expect(doubtful[place]).toBe(0xc3);
  doubtful[place] = 0xc2;
  let recover: () => void = () => undefined;
  const fakeServer = await fake((viewer) => {
    for (const frame of [CONFIG, STATUS, doubtful]) viewer.send(frame);
    recover = () => viewer.send(GRID);
  });
  await page.goto(fakeServer.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await expect(instrument.banner("book")).toContainText("Book not valid");
  recover();
  await expect(instrument.banner("book")).toHaveCount(0);
});

test("the end of the input is shown, and is no fault", async ({ page }) => {
  const fakeServer = await fake((viewer) => {
    for (const frame of [CONFIG, GRID, golden("status_ended.bin")]) viewer.send(frame);
    viewer.close(1000);
  });
  await page.goto(fakeServer.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.state("ENDED");
  await expect(instrument.banner("link")).toContainText("The session has ended");
  await expect(instrument.at("notice")).toHaveText("a gap of 3600 s was shortened to 5 s");
});

test("a server that is not there is named, with growing delays", async ({ page }) => {
  const fakeServer = await fake((viewer) => viewer.close(1011));
  // Each text stays for a second or two only, so the page itself keeps them.
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    const keep = (): void => {
      const text = document.querySelector('[data-topic="link"]')?.textContent;
      if (text != null && text !== seen.at(-1)) seen.push(text);
    };
    new MutationObserver(keep).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await page.goto(fakeServer.page(SYNTHETIC));
  const seen = (): Promise<string> =>
    page.evaluate(() => (globalThis as unknown as { readonly seen: readonly string[] }).seen.join("\n"));
  await expect.poll(seen).toMatch(/follows in 1 s[^]*follows in 2 s/);
});

test("without WebGL2 everything but the heatmap works", async ({ page }) => {
  await page.addInitScript(() => {
    const original = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...args: unknown[]) {
      return args[0] === "webgl2" ? null : Reflect.apply(original, this, args);
    } as typeof original;
  });
  const live = await LiveServer.start();
  server = live;
  await page.goto(live.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await expect(instrument.banner("graphics")).toContainText("WebGL2");
  await instrument.updates(20);
  await expect(instrument.at("regime")).toHaveText(/LIFT|DRAG|NEUTRAL/);
});

test("a lost graphics context is shown, and the whole picture comes back", async ({ page }) => {
  const live = await LiveServer.start();
  server = live;
  await page.goto(live.page(SYNTHETIC));
  const instrument = new Instrument(page);
  await instrument.updates(100);
  const handle = await page.evaluateHandle(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("#heat");
    const extension = canvas?.getContext("webgl2")?.getExtension("WEBGL_lose_context");
    if (!extension) throw new Error("this browser cannot lose a context");
    extension.loseContext();
    return extension;
  });
  await expect(instrument.banner("graphics")).toContainText("dropped the heatmap");
  await handle.evaluate((extension) => extension.restoreContext());
  await expect(instrument.banner("graphics")).toHaveCount(0);
  await instrument.pause();
  expect((await instrument.picture()).colours).toBeGreaterThan(200);
});
