/** What the server offers, as it says it. */
import { expect, it } from "vitest";

import { missingWords, sessionsOf } from "./sessions.ts";

const entry = { product_type: "future_mbo", symbol: "ESH4", dt: "2023-12-25", source: "file" };

it("a session that lacks something says what", () => {
  const [whole, bare, lacking, other] = sessionsOf({
    sessions: [
      { ...entry, ready: true },
      { ...entry, ready: true, missing: ["options"] },
      { ...entry, ready: false, missing: ["silver", "gold"] },
      { ...entry, ready: false },
    ],
  }).map(missingWords);
  expect([whole, bare, lacking, other]).toEqual([
    "",
    "without options",
    "lacks silver, gold",
    "not ready",
  ]);
});

it("what names no session is left out", () => {
  expect(sessionsOf({ sessions: [null, 3, {}, { ...entry, dt: 7 }, entry] })).toHaveLength(1);
  expect(sessionsOf("nonsense")).toEqual([]);
  expect(sessionsOf({ sessions: {} })).toEqual([]);
});
