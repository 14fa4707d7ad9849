/** What came and what was missed. */
import { expect, it } from "vitest";

import { Counters } from "./counters.ts";

function counted(sequence: readonly (number | "reconnected")[]): Counters {
  const counters = new Counters();
  for (const seq of sequence) {
    if (seq === "reconnected") counters.reconnected();
    else counters.take({ seq: BigInt(seq) });
  }
  return counters;
}

it("a hole in the sequence is counted by its width", () => {
  expect(counted([1, 2, 5, 6, 10])).toMatchObject({ updates: 5n, missed: 5n });
});

it("joining late or coming back misses nothing", () => {
  expect(counted([700, 701]).missed).toBe(0n);
  expect(counted([1, 2, "reconnected", 90, 91]).missed).toBe(0n);
});

it("a replay that starts over counts from one again", () => {
  expect(counted([1, 2, 3, 1, 2]).missed).toBe(0n);
});
