/** What the top bar says of the stream. */
import { expect, it } from "vitest";

import { stateWords, type StreamState } from "./state-words.ts";

const REPLAY: StreamState = { link: "open", phase: "live", progress: 0.37, speed: 10, source: "file" };

function check(changes: Partial<StreamState>, expected: string): void {
  expect(stateWords({ ...REPLAY, ...changes })).toBe(expected);
}

it("names a replay with its speed, and only a live feed LIVE", () => {
  check({}, "REPLAY 10×");
  check({ speed: 0.25 }, "REPLAY 0.25×");
  check({ speed: 0 }, "REPLAY max");
  check({ source: "synthetic", speed: 1 }, "SYNTHETIC 1×");
  check({ source: "live" }, "LIVE");
});

it("names the other phases, whatever the source", () => {
  for (const source of ["file", "synthetic", "live"]) {
    check({ source, phase: "paused" }, "PAUSED");
    check({ source, phase: "ended" }, "ENDED");
    check({ source, phase: "fast_forward" }, "FAST-FORWARD 37 %");
  }
  check({ phase: "fast_forward", progress: null }, "FAST-FORWARD");
});

it("names the connection where there is no stream", () => {
  check({ link: "connecting", source: null }, "CONNECTING");
  check({ link: "connecting" }, "RECONNECTING");
  check({ link: "waiting" }, "RECONNECTING");
  check({ link: "ended" }, "ENDED");
  check({ link: "stale" }, "STALE");
  check({ link: "refused" }, "REFUSED");
  check({ link: "failed" }, "FAILED");
  check({ link: "incompatible" }, "INCOMPATIBLE");
});
