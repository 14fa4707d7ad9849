/** What a page opens on, what it calls it, and how another session is chosen. */
import { expect, test } from "@playwright/test";

import { FakeServer } from "./fake.ts";
import { config, failure, grid, nanosAt, status } from "./grids.ts";
import { Instrument } from "./instrument.ts";
import { LiveServer } from "./live.ts";
import { FakeSurfaces, status as surfacesStatus } from "./surfaces.ts";

let server: FakeServer | LiveServer | null = null;

test.afterEach(async () => {
  await server?.stop();
  server = null;
});

const SPOT = 25_000_000_000_000n;

function session(symbol: string, dt: string, ready = true): unknown {
  return { product_type: "future_mbo", symbol, dt, source: "file", ready, missing: ready ? [] : ["gold"] };
}

/** Serves one grid of a session that the query may name. */
async function fake(sessions: readonly unknown[], changes: Readonly<Record<string, unknown>> = {}): Promise<FakeServer> {
  const started = await FakeServer.start(
    ({ send }) => {
      for (const frame of [config(changes), status("live"), grid(1, nanosAt("09:30:00"), SPOT)]) send(frame);
    },
    { page: "vacuum-pressure.html", sessions },
  );
  server = started;
  return started;
}

test("the root shows the session that the server plays, and no dialog over it", async ({ page }) => {
  const live = await LiveServer.start();
  server = live;
  await page.goto(`http://127.0.0.1:${live.port}/`);
  const instrument = new Instrument(page);
  await instrument.updates(20);
  await expect(instrument.at("symbol")).toHaveText("MNQH6");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("alert")).toBeEmpty();
  await expect(instrument.at("state")).toHaveText("SYNTHETIC 1×");
  await expect(instrument.at("product")).toHaveText("2026-02-06 · tick 0.25 = $0.50 · $2 a point");
  await instrument.at("speed").selectOption("10");
  await expect(instrument.at("state")).toHaveText("SYNTHETIC 10×");
});

test("only a live feed is called LIVE", async ({ page }) => {
  for (const [source, words] of [["file", "REPLAY 10×"], ["live", "LIVE"], ["synthetic", "SYNTHETIC 10×"]] as const) {
    const started = await fake([], { source, speed: 10 });
    await page.goto(started.page(""));
    const instrument = new Instrument(page);
    await instrument.updates(1);
    await expect(instrument.at("state")).toHaveText(words);
    await started.stop();
  }
});

test("the velocity page opens the newest date that is ready, and the address stays", async ({ page }) => {
  const sessions = [
    session("MNQH6", "2026-02-04"),
    session("ESH6", "2026-02-06"),
    session("MNQH6", "2026-02-06"),
    session("MNQH6", "2026-02-07", false),
  ];
  const asked: string[] = [];
  const started = await FakeServer.start(
    ({ query, send }) => {
      asked.push(`${query.get("symbol")} ${query.get("dt")}`);
      const surfaces = new FakeSurfaces({ reach: 50 });
      const symbol = query.get("symbol");
      for (const frame of [surfaces.config({ symbol }), surfacesStatus("live"), surfaces.next().frame]) send(frame);
    },
    { page: "velocity.html", sessions },
  );
  server = started;
  await page.goto(started.page("").replace("?", ""));
  const instrument = new Instrument(page);
  await instrument.updates(1);
  expect(asked).toEqual(["ESH6 2026-02-06"]);
  expect(new URL(page.url()).search).toBe("");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(instrument.at("pick-symbol").locator("option")).toHaveText(["MNQH6", "ESH6"]);
  // The picker offers the others.
  await instrument.at("pick-symbol").selectOption({ label: "MNQH6" });
  await page.waitForURL(/symbol=MNQH6&dt=2026-02-06/);
});

test("a lake without a date that is ready says what to do", async ({ page }) => {
  const started = await FakeServer.start(({ close }) => close(1008), {
    page: "velocity.html",
    sessions: [session("MNQH6", "2026-02-07", false)],
  });
  server = started;
  await page.goto(started.page(""));
  const banner = new Instrument(page).banner("session");
  await expect(banner).toContainText("No session is ready");
  await expect(banner.locator(".hint")).toContainText("velocity run");
  await banner.getByRole("button", { name: "Choose a session" }).click();
  const choice = page.getByRole("dialog").getByLabel("Session", { exact: true });
  await expect(choice).toContainText("MNQH6 · 2026-02-07 · future_mbo · file · lacks gold");
});

test("an error without a hint is shown with its code, and a way on", async ({ page }) => {
  const started = await FakeServer.start(
    ({ send, close }) => {
      send(failure("internal", "the replay broke down"));
      close(1008);
    },
    { page: "vacuum-pressure.html", sessions: [] },
  );
  server = started;
  await page.goto(started.page(""));
  const instrument = new Instrument(page);
  const banner = instrument.banner("server");
  await expect(banner).toContainText("Internal");
  await expect(banner.locator("code")).toHaveText("internal");
  await expect(banner).toContainText("the replay broke down");
  await expect(banner.locator(".hint")).toHaveCount(0);
  await expect(instrument.banner("frame")).toHaveCount(0);
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await banner.getByRole("button", { name: "Choose a session" }).click();
  await expect(page.getByRole("dialog", { name: "Which session?" })).toBeVisible();
});

test("an input that cannot be read any further is not asked for again", async ({ page }) => {
  let viewers = 0;
  const started = await FakeServer.start(
    ({ send, close }) => {
      viewers += 1;
      for (const frame of [config(), grid(1, nanosAt("09:30:00"), SPOT)]) send(frame);
      send(failure("source_failed", "record 7 is cut short", "fetch the file again"));
      close(1011);
    },
    { page: "vacuum-pressure.html", sessions: [] },
  );
  server = started;
  await page.goto(started.page(""));
  const instrument = new Instrument(page);
  await instrument.state("FAILED");
  await expect(instrument.banner("server")).toContainText("record 7 is cut short");
  await expect(instrument.at("stage")).toHaveAttribute("data-stale", "true");
  await page.waitForTimeout(1500);
  expect(viewers).toBe(1);
});

test.describe("the form", () => {
  const sessions = [session("ESH4", "2023-12-25"), session("ESM4", "2023-12-25"), session("NQH4", "2023-12-25")];

  test("takes a symbol in small letters and a date without dashes", async ({ page }) => {
    await page.goto((await fake(sessions)).page(""));
    await new Instrument(page).updates(1);
    await page.getByRole("button", { name: "Session", exact: true }).click();
    const form = page.getByRole("dialog", { name: "Which session?" });
    await form.getByLabel("Symbol").fill(" esh4");
    await form.getByLabel("Date").fill("20231225");
    await form.getByRole("button", { name: "Open" }).click();
    await page.waitForURL(/symbol=ESH4&dt=2023-12-25/);
  });

  test("offers the contracts of a root", async ({ page }) => {
    await page.goto((await fake(sessions)).page(""));
    await new Instrument(page).updates(1);
    await page.getByRole("button", { name: "Session", exact: true }).click();
    const form = page.getByRole("dialog", { name: "Which session?" });
    for (const root of ["es.fut", "ES"]) {
      await form.getByLabel("Symbol").fill(root);
      await form.getByLabel("Date").fill("2023-12-25");
      await form.getByRole("button", { name: "Open" }).click();
      const contracts = form.getByRole("group", { name: "Contracts" });
      await expect(contracts.getByRole("button")).toHaveText(["ESH4 · 2023-12-25", "ESM4 · 2023-12-25"]);
    }
    await form.getByRole("button", { name: "ESM4 · 2023-12-25" }).click();
    await page.waitForURL(/symbol=ESM4&dt=2023-12-25/);
  });

  test("says that a root has no contract here", async ({ page }) => {
    const started = await fake(sessions);
    await page.goto(started.page(""));
    await new Instrument(page).updates(1);
    await page.getByRole("button", { name: "Session", exact: true }).click();
    const form = page.getByRole("dialog", { name: "Which session?" });
    await form.getByLabel("Symbol").fill("CL.FUT");
    await form.getByRole("button", { name: "Open" }).click();
    await expect(form.getByRole("alert")).toHaveText("This server lists no contract of CL.FUT.");
  });
});

test("the width of a row is chosen, and one that fits is suggested", async ({ page }) => {
  const asked: (string | null)[] = [];
  const started = await FakeServer.start(
    ({ query, send }) => {
      const bucket = query.get("bucket");
      asked.push(bucket);
      const bucketInt = bucket === null ? 500_000_000n : BigInt(Math.round(Number(bucket) * 1e9));
      const changes = { product_type: "equity_mbo", symbol: "ARL", tick_int: 10_000_000n, bucket_int: bucketInt };
      for (const frame of [config(changes), status("live"), grid(1, nanosAt("09:30:00"), 14_000_000_000n)]) send(frame);
    },
    { page: "vacuum-pressure.html", sessions: [] },
  );
  server = started;
  await page.goto(started.page(""));
  const instrument = new Instrument(page);
  await instrument.updates(1);
  await expect(instrument.at("row-width").locator("option:checked")).toHaveText("↕ 0.50");
  const banner = instrument.banner("rows");
  await expect(banner).toContainText("101 rows of 0.50 span 50.50");
  await banner.getByRole("button", { name: "Use rows of 0.01" }).click();
  await expect(page).toHaveURL(/bucket=0\.01/);
  await instrument.updates(1);
  await expect(instrument.at("row-width").locator("option:checked")).toHaveText("↕ 0.01");
  await expect(banner).toHaveCount(0);
  await instrument.at("row-width").selectOption("0.1");
  await expect(page).toHaveURL(/bucket=0\.1/);
  await instrument.updates(1);
  expect(asked).toEqual([null, "0.01", "0.1"]);
});
