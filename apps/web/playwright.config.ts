/** How the pages are tested in a browser: headless Chromium against real servers on loopback. */
import { defineConfig } from "@playwright/test";

/** Debian's Chromium; a browser of Playwright's own is never downloaded. */
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  // One at a time: the long forms assert frame times, for which one test needs the machine alone.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  // No test asserts how fast the machine is: these end what would otherwise never end.
  timeout: 900_000,
  expect: { timeout: 300_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 720 },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath,
      args: [
        "--no-sandbox",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        // Drawn by the processor: a machine that tests has no other.
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
      ],
    },
  },
});
