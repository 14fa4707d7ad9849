/** The page under load: 40 updates a second, synthetic and real. */
import { expect, test } from "@playwright/test";

import { Instrument } from "./instrument.ts";
import { LAKE, LiveServer, SYNTHETIC } from "./live.ts";
import { watchUnderLoad } from "./load.ts";

test("@soak under load every update is drawn or conflated (long form: frames short, heap flat)", async ({ page }) => {
  const server = await LiveServer.start();
  await page.goto(server.page(SYNTHETIC));
  await watchUnderLoad(page, { frameMs: 8 });
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
