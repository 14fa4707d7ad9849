/** What the server offers, as it says it. */
import { expect, it } from "vitest";

import { contractsOf, missingWords, newestReady, sessionsOf } from "./sessions.ts";

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

const LISTED = sessionsOf({
  sessions: [
    { ...entry, product_type: "equity_mbo", symbol: "ES", dt: "2023-12-22", ready: true },
    { ...entry, symbol: "ESH4", dt: "2023-12-22", ready: true },
    { ...entry, symbol: "ESH4", dt: "2023-12-25", ready: true },
    { ...entry, symbol: "ESM4", dt: "2023-12-25", ready: true },
    { ...entry, symbol: "MESH4", dt: "2023-12-25", ready: true },
    { ...entry, symbol: "ESU4", dt: "2023-12-26", ready: false },
  ],
});

it("a page opens on the newest date that is ready, and on the first symbol of it", () => {
  const opened = (search: string): string | null => {
    const session = newestReady(LISTED, search);
    return session === null ? null : `${session.symbol} ${session.dt}`;
  };
  expect(opened("")).toBe("ESH4 2023-12-25");
  expect(opened("?speed=10")).toBe("ESH4 2023-12-25");
  expect(opened("?symbol=ESM4")).toBe("ESM4 2023-12-25");
  expect(opened("?symbol=&dt=2023-12-22&product_type=future_mbo")).toBe("ESH4 2023-12-22");
  expect(opened("?symbol=ESU4")).toBeNull();
  expect(newestReady([], "")).toBeNull();
});

it("a root offers its contracts, those of the date first", () => {
  const offered = (text: string, dt = ""): string[] =>
    contractsOf(LISTED, text, dt).map((session) => `${session.symbol} ${session.dt}`);
  expect(offered("ES.FUT", "2023-12-25")).toEqual(["ESH4 2023-12-25", "ESM4 2023-12-25"]);
  expect(offered("ES.FUT", "2020-01-01")).toHaveLength(4);
  expect(offered("MES")).toEqual(["MESH4 2023-12-25"]);
  // A ticker that is listed is meant as it stands.
  expect(offered("ES")).toEqual([]);
  expect(offered("ESH4")).toEqual([]);
  expect(offered("NQ.FUT")).toEqual([]);
});
