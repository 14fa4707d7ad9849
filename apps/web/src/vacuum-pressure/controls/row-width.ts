/** The choice of a row's width, and the suggestion of one that makes a better picture. */
import type { Banners } from "../../controls/banners.ts";
import { element, make } from "../../controls/elements.ts";
import { withValues } from "../../link/query.ts";
import { formatPrice } from "../../market/price.ts";
import { betterWidth, widthsOf } from "../../market/row-width.ts";
import type { GridConfig } from "../../wire/messages.ts";

export class RowWidth {
  readonly #select = element("row-width", HTMLSelectElement);
  readonly #banners: Banners;
  readonly #go: (search: string) => void;
  #config: GridConfig | null = null;
  /** Whether the spot of this session has been looked at. */
  #isJudged = false;

  constructor(banners: Banners, go: (search: string) => void) {
    this.#banners = banners;
    this.#go = go;
    this.#select.addEventListener("change", () => this.#choose(this.#select.value));
  }

  setConfig(config: GridConfig): void {
    this.#config = config;
    // Who chose a width needs no other.
    this.#isJudged = new URLSearchParams(location.search).has("bucket");
    this.#banners.clear("rows");
    const { tickInt, bucketInt } = config;
    this.#select.replaceChildren(
      ...widthsOf(tickInt, bucketInt).map((width) => make("option", { value: plain(width) }, `↕ ${words(width)}`)),
    );
    this.#select.value = plain(bucketInt);
    this.#select.disabled = config.shared;
  }

  /** Judges the rows by the first spot of the session. */
  takeSpot(spot: bigint | null): void {
    const config = this.#config;
    if (this.#isJudged || config === null || spot === null) return;
    this.#isJudged = true;
    const { tickInt, bucketInt, gridRows, shared } = config;
    const better = betterWidth(tickInt, bucketInt, gridRows, spot);
    if (better === null || shared) return;
    const span = formatPrice(bucketInt * BigInt(gridRows), 2);
    this.#banners.show("rows", {
      level: "note",
      title: "Rows are wide",
      text: `${gridRows} rows of ${words(bucketInt)} span ${span}, more than a tenth of the price.`,
      action: { label: `Use rows of ${words(better)}`, run: () => this.#choose(plain(better)) },
    });
  }

  #choose(bucket: string): void {
    this.#go(withValues(location.search, { bucket }));
  }
}

/** Writes a width as the query takes it. */
function plain(width: bigint): string {
  return formatPrice(width, 9).replaceAll(",", "").replace(/0+$/, "").replace(/\.$/, "");
}

/** Writes a width for people: at least cents. */
function words(width: bigint): string {
  const text = plain(width);
  const decimals = text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
  return formatPrice(width, Math.max(decimals, 2));
}
