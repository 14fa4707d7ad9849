/** What a grid says of the market beside the picture: the best prices, the last trade, the event. */
import { element, setText } from "../../controls/elements.ts";
import { formatCount } from "../../market/numbers.ts";
import { formatPrice } from "../../market/price.ts";
import type { GridUpdate, Status } from "../../wire/messages.ts";

export class MarketReadings {
  readonly #event = element("event", HTMLElement);
  readonly #bid = element("best-bid", HTMLElement);
  readonly #ask = element("best-ask", HTMLElement);
  readonly #spread = element("spread", HTMLElement);
  readonly #lastTrade = element("last-trade", HTMLElement);
  readonly #eventRate = element("event-rate", HTMLElement);

  setGrid(grid: GridUpdate, decimals: number): void {
    const price = (value: bigint | null): string =>
      value === null ? "—" : formatPrice(value, decimals);
    const { bestBidPriceInt: bid, bestAskPriceInt: ask } = grid;
    setText(this.#event, grid.eventId.toLocaleString("en-US"));
    setText(this.#bid, price(bid));
    setText(this.#ask, price(ask));
    setText(this.#spread, bid === null || ask === null ? "—" : price(ask - bid));
    setText(this.#lastTrade, price(grid.lastTradePriceInt));
  }

  setStatus(status: Status): void {
    setText(this.#eventRate, formatCount(status.eventRate));
  }
}
