/** Where trades lie in the picture. */
import { expect, it } from "vitest";

import { QUARTER } from "./fixtures.ts";
import { Trades, type PlacedTrade } from "./trades.ts";

it("a trade lies between the grids before and after it", () => {
  const trades = new Trades();
  const at = (tsNs: bigint, size: number) =>
    ({ tsNs, priceInt: 100n * QUARTER, size, aggressor: "B" }) as const;
  trades.push([at(10_250_000_000n, 1), at(10_500_000_000n, 2)], 7, QUARTER, 10, 11);
  trades.push([at(99_000_000_000n, 3)], 8, QUARTER, 11, 12);
  const seen: PlacedTrade[] = [];
  trades.forEach(7, 9, (trade) => seen.push(trade));
  expect(seen.map(({ column, size }) => [column, size])).toEqual([
    [9, 3],
    [7.5, 2],
    [7.25, 1],
  ]);
  expect(seen[0]).toMatchObject({ bucket: 100, aggressor: "B" });
});
