/** Seeks, the end of a session, and how the page goes on after a restart of the server. */
import { expect, test, type Page } from "@playwright/test";

import { Instrument } from "./instrument.ts";
import { LiveServer, SYNTHETIC } from "./live.ts";

let server: LiveServer;

// A test that hangs is distinguished from a busy machine.
test.setTimeout(240_000);

test.beforeEach(async () => {
  server = await LiveServer.start();
});
test.afterEach(() => server.stop());

async function open(page: Page, query: string): Promise<Instrument> {
  await page.goto(server.page(query));
  const instrument = new Instrument(page);
  await instrument.updates(20);
  return instrument;
}

async function seek(instrument: Instrument, time: string): Promise<void> {
  await instrument.at("seek-time").fill(time);
  await instrument.at("seek-time").press("Enter");
}

/** Seconds since midnight of the time that the page shows. */
async function seconds(instrument: Instrument): Promise<number> {
  const [hours = NaN, minutes = NaN, rest = NaN] = (await instrument.text("time")).split(":").map(Number);
  return hours * 3600 + minutes * 60 + rest;
}

test("after a restart of the server a replay goes on where it was, at its speed", async ({ page }) => {
  const instrument = await open(page, `${SYNTHETIC}&start_time=09:35`);
  await instrument.at("speed").selectOption("5");
  await instrument.updates(300);
  const { port } = server;
  await server.stop();
  await expect(instrument.banner("link")).toContainText("No connection");
  await instrument.state("RECONNECTING");
  const before = await seconds(instrument);
  expect(before).toBeGreaterThan(9 * 3600 + 35 * 60 + 2);
  expect((await instrument.picture()).colours).toBeGreaterThan(60);
  const updates = await instrument.count("updates");
  server = await LiveServer.start(port);
  await instrument.playing();
  await expect(instrument.at("state")).toHaveText("SYNTHETIC 5×");
  await instrument.updates(updates + 10);
  const after = await seconds(instrument);
  expect(after).toBeGreaterThanOrEqual(before);
  // A replay from the beginning would have to make up minutes.
  expect(after).toBeLessThan(before + 120);
  // Restart begins where the query says, not at the place.
  await instrument.at("restart").click();
  await expect(instrument.at("time")).toHaveText(/^09:35:/);
});

test("after a restart of the server a paused replay is paused at its time", async ({ page }) => {
  const instrument = await open(page, `${SYNTHETIC}&start_time=09:35&speed=10`);
  await instrument.updates(200);
  await instrument.pause();
  const before = await instrument.text("time");
  const { port } = server;
  await server.stop();
  await expect(instrument.banner("link")).toContainText("No connection");
  server = await LiveServer.start(port);
  await instrument.state("PAUSED");
  await instrument.rest();
  expect(await instrument.text("time")).toBe(before);
  await page.keyboard.press("Space");
  await instrument.playing();
  await expect(instrument.at("state")).toHaveText("SYNTHETIC 10×");
  await expect(instrument.at("time")).not.toHaveText(before);
});

test("the server's own session is kept, whatever the new server plays", async ({ page }) => {
  const instrument = await open(page, "start_time=09:40");
  const { port } = server;
  await server.stop();
  await expect(instrument.banner("link")).toContainText("No connection");
  const urls: string[] = [];
  page.on("websocket", (socket) => urls.push(socket.url()));
  server = await LiveServer.start(port);
  await instrument.playing();
  await expect(instrument.at("symbol")).toHaveText("MNQH6");
  await expect(instrument.at("time")).toHaveText(/^09:4/);
});

test("a seek before the data says so and stays", async ({ page }) => {
  const instrument = await open(page, `${SYNTHETIC}&start_time=09:40`);
  await seek(instrument, "05:00");
  const banner = instrument.banner("seek");
  await expect(banner).toContainText("There is no data at 05:00 ET. The data begins at 09:30:00.");
  await instrument.playing();
  await expect(instrument.at("time")).toHaveText(/^09:4/);
  await banner.getByRole("button", { name: "Close" }).click();
  await expect(banner).toHaveCount(0);
});

test("a seek after the data says so and stays", async ({ page }) => {
  const instrument = await open(page, `${SYNTHETIC}&start_time=09:30&end_time=09:31`);
  await instrument.pause();
  const before = await instrument.text("time");
  await seek(instrument, "09:45");
  await expect(instrument.banner("seek")).toContainText("There is no data at or after 09:45 ET.");
  await instrument.state("PAUSED");
  await instrument.rest();
  expect(await instrument.text("time")).toBe(before);
  await expect(instrument.banner("link")).toHaveCount(0);
  await expect(instrument.banner("server")).toHaveCount(0);
});

test("after the end seek, play and restart work", async ({ page }) => {
  const instrument = await open(page, `${SYNTHETIC}&start_time=09:30&end_time=09:30:20&speed=50`);
  await instrument.state("ENDED");
  await expect(instrument.banner("link")).toContainText("The session has ended");
  await instrument.at("speed").selectOption("1");
  await seek(instrument, "09:30:05");
  await expect(instrument.at("time")).toHaveText(/^09:30:0[5-9]/);
  await expect(instrument.at("state")).toHaveText("SYNTHETIC 1×");
  await expect(instrument.banner("link")).toHaveCount(0);
  await instrument.at("speed").selectOption("0");
  await instrument.state("ENDED");
  // Nothing is there: it stays at the end.
  await seek(instrument, "09:45");
  await expect(instrument.banner("seek")).toContainText("There is no data at or after 09:45 ET.");
  await instrument.state("ENDED");
  await expect(instrument.at("time")).toHaveText(/^09:30:19/);
  await instrument.at("speed").selectOption("1");
  await page.keyboard.press("Space");
  await expect(instrument.at("time")).toHaveText(/^09:30:0/);
  await instrument.playing();
});

test("the time axis names a time that is in view after a seek", async ({ page }) => {
  const instrument = await open(page, `${SYNTHETIC}&start_time=09:30&speed=10`);
  await instrument.updates(200);
  await instrument.pause();
  const times = async (): Promise<string[]> => {
    const words = (await instrument.at("times").getAttribute("aria-label")) ?? "";
    return words.match(/\d\d:\d\d(:\d\d(\.\d+)?)?/g) ?? [];
  };
  expect((await times()).length).toBeGreaterThan(1);
  await seek(instrument, "09:42:10");
  await expect(instrument.at("time")).toHaveText(/^09:42:1/);
  await page.keyboard.press("Space");
  await instrument.playing();
  await expect.poll(async () => (await times()).filter((time) => time.startsWith("09:42:")).length).toBeGreaterThan(0);
  const now = await seconds(instrument);
  for (const time of await times()) {
    const [hours = 0, minutes = 0, rest = 0] = time.split(":").map(Number);
    const named = hours * 3600 + minutes * 60 + rest;
    const isOld = named < 9 * 3600 + 32 * 60;
    expect(isOld || (named >= 9 * 3600 + 42 * 60 + 10 && named <= now + 60), time).toBe(true);
  }
});
