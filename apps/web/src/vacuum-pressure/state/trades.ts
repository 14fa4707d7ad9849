/** The trades of the picture, each at its place between two columns. A ring that never grows. */
import { bucketsOf } from "../../market/price.ts";
import { secondsOf } from "../../market/eastern.ts";
import type { Aggressor, Trade } from "../../wire/messages.ts";

/** Trades that are kept. */
export const TRADES_KEPT = 65_536;

export interface PlacedTrade {
  /** Between two columns: 12.5 came halfway from the grid of column 11 to that of column 12. */
  readonly column: number;
  readonly bucket: number;
  readonly size: number;
  readonly aggressor: Aggressor;
}

const AGGRESSORS: readonly Aggressor[] = ["N", "B", "A"];

export class Trades {
  readonly #column = new Float64Array(TRADES_KEPT);
  readonly #bucket = new Float64Array(TRADES_KEPT);
  readonly #size = new Float64Array(TRADES_KEPT);
  readonly #aggressor = new Uint8Array(TRADES_KEPT);
  #count = 0;

  /** Takes the trades of a grid that came `since` one instant and `until` another. */
  push(trades: readonly Trade[], column: number, bucketInt: bigint, since: number, until: number): void {
    for (const trade of trades) {
      const slot = this.#count % TRADES_KEPT;
      const share = (secondsOf(trade.tsNs) - since) / (until - since);
      this.#column[slot] = column + (share >= 0 && share <= 1 ? share : 1);
      this.#bucket[slot] = bucketsOf(trade.priceInt, bucketInt);
      this.#size[slot] = trade.size;
      this.#aggressor[slot] = AGGRESSORS.indexOf(trade.aggressor);
      this.#count += 1;
    }
  }

  /** Calls back with the trades of columns `from` to `to`, newest first. */
  forEach(from: number, to: number, visit: (trade: PlacedTrade) => void): void {
    const oldest = Math.max(0, this.#count - TRADES_KEPT);
    for (let index = this.#count - 1; index >= oldest; index -= 1) {
      const slot = index % TRADES_KEPT;
      const column = this.#column[slot] ?? 0;
      // Trades come in the order of their columns: a little beyond the edge nothing more follows.
      if (column < from - 1) return;
      if (column > to) continue;
      visit({
        column,
        bucket: this.#bucket[slot] ?? 0,
        size: this.#size[slot] ?? 0,
        aggressor: AGGRESSORS[this.#aggressor[slot] ?? 0] ?? "N",
      });
    }
  }
}
