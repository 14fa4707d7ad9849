/**
 * The pages under the headers of the real servers: nothing that a page does is forbidden, and
 * nothing foreign is loaded or loads it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test, type Page } from "@playwright/test";

import { Instrument } from "./instrument.ts";
import { makeOptions } from "./lake.ts";
import { LiveServer, SYNTHETIC } from "./live.ts";

/** Long enough for a few pictures. */
const MINUTES = 1;

/** Collects what the browser forbids the page and its worker, and what else goes wrong. */
function complaints(page: Page): readonly string[] {
  const found: string[] = [];
  page.on("pageerror", (error) => found.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") found.push(message.text());
  });
  return found;
}

/** Does on a page what needs more than its own scripts: worker, pictures, dialogs, a file. */
async function use(page: Page): Promise<void> {
  const instrument = new Instrument(page);
  await instrument.updates(20);
  expect((await instrument.picture()).colours).toBeGreaterThan(20);
  const download = page.waitForEvent("download");
  await instrument.at("png").click();
  await (await download).path();
  await instrument.at("help").click();
  await expect(instrument.at("help-panel")).toBeVisible();
  await page.keyboard.press("Escape");
  await instrument.at("session").click();
  await expect(instrument.at("session-form")).toBeVisible();
  await page.keyboard.press("Escape");
}

/** Returns whether the page may open a websocket to that address. */
function opens(page: Page, url: string): Promise<boolean> {
  return page.evaluate(
    (address) =>
      new Promise<boolean>((done) => {
        addEventListener("securitypolicyviolation", () => done(false));
        const socket = new WebSocket(address);
        socket.onopen = () => done(true);
      }),
    url,
  );
}

test("the page of vacuum and pressure works under its policy", async ({ page }) => {
  const server = await LiveServer.start();
  try {
    const found = complaints(page);
    await page.goto(server.page(SYNTHETIC));
    await use(page);
    expect(found).toEqual([]);
    expect(await opens(page, server.stream(SYNTHETIC))).toBe(true);
    expect(await opens(page, "ws://127.0.0.1:9/stream")).toBe(false);
  } finally {
    await server.stop();
  }
});

test("the page of velocity works under its policy", async ({ page }) => {
  const lake = mkdtempSync(join(tmpdir(), "spymaster-lake-"));
  makeOptions(lake, 1, MINUTES);
  const server = await LiveServer.serve(lake);
  try {
    const found = complaints(page);
    await page.goto(server.page("symbol=ESH6&dt=2026-01-12&speed=10"));
    await use(page);
    expect(found).toEqual([]);
    expect(await opens(page, "ws://127.0.0.1:9/stream")).toBe(false);
  } finally {
    await server.stop();
    rmSync(lake, { recursive: true });
  }
});

test("no other site can show the page in a frame", async ({ page }) => {
  const server = await LiveServer.start();
  const other = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><iframe src="${server.page(SYNTHETIC)}"></iframe>`);
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  try {
    const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
    await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    await refused;
    await expect(page.frameLocator("iframe").locator("#stage")).toHaveCount(0);
  } finally {
    other.closeAllConnections();
    other.close();
    await server.stop();
  }
});

test("a page that is loaded again asks only whether it has changed", async ({ page }) => {
  const server = await LiveServer.start();
  try {
    await page.goto(server.page(SYNTHETIC));
    await new Instrument(page).updates(1);
    const statuses: number[] = [];
    const cached: string[] = [];
    page.on("response", (response) => {
      const path = new URL(response.url()).pathname;
      if (path.endsWith(".html")) statuses.push(response.status());
      if (path.startsWith("/assets/") && !response.url().includes("worker")) {
        expect(response.headers()["content-encoding"]).toMatch(/^(gzip|br)$/);
        cached.push(response.headers()["cache-control"] ?? "");
      }
    });
    await page.goto(server.page(SYNTHETIC));
    await new Instrument(page).updates(1);
    for (const status of statuses) expect([200, 304]).toContain(status);
    for (const value of cached) expect(value).toContain("immutable");
    expect(cached.length).toBeGreaterThan(0);
  } finally {
    await server.stop();
  }
});
