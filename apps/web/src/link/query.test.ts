/** The query string of the page, handed to the stream as it is. */
import { expect, it } from "vitest";

import { isComplete, streamUrl, withValues } from "./query.ts";

it("is complete when it names a session", () => {
  const required = ["product_type", "symbol", "dt"];
  expect(isComplete("?product_type=future_mbo&symbol=MNQH6&dt=2026-02-06", required)).toBe(true);
  expect(isComplete("?product_type=future_mbo&symbol=&dt=2026-02-06", required)).toBe(false);
  expect(isComplete("?speed=4", required)).toBe(false);
  expect(isComplete("", required)).toBe(false);
  expect(isComplete("?symbol=MNQH6&dt=2026-02-06", ["symbol", "dt"])).toBe(true);
});

it("reaches the stream unchanged, mistakes included", () => {
  const page = { protocol: "http:", host: "127.0.0.1:8002", search: "?symbol=MNQH6&nonsense=1" };
  expect(streamUrl(page, "/v1/vacuum-pressure/stream")).toBe(
    "ws://127.0.0.1:8002/v1/vacuum-pressure/stream?symbol=MNQH6&nonsense=1",
  );
  expect(streamUrl({ ...page, protocol: "https:" }, "/s")).toMatch(/^wss:/);
});

it("keeps what a form does not ask for", () => {
  expect(withValues("?shared=1&speed=2", { symbol: "ESH4", start_time: "09:30", speed: "" })).toBe(
    "?shared=1&symbol=ESH4&start_time=09:30",
  );
  expect(withValues("", { speed: "" })).toBe("");
});
