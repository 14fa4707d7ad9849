/** What the crosshair reads out: a cell of the surface on both sides, or a step of the forecast. */
import { signed } from "./outlook-panel.ts";
import { element, make } from "../../controls/elements.ts";
import { easternInstant } from "../../market/eastern.ts";
import { formatValue } from "../../market/numbers.ts";
import { formatPrice, priceOfBucket } from "../../market/price.ts";
import type { Point } from "../../state/viewport.ts";
import type { ConeStep } from "../state/forecast.ts";
import type { Cell } from "../state/surfaces.ts";

/** How the fields are named where there is little room. */
const LABELS: Readonly<Record<string, string>> = {
  liquidity_velocity: "velocity",
  pressure_grad: "pressure",
  u_wave_energy: "wave energy",
};

export class Readout {
  readonly #panel = element("readout", HTMLElement);

  hide(): void {
    this.#panel.hidden = true;
  }

  /** Shows a cell, on the side of the picture where the pointer is not. */
  showCell(cell: Cell, bucketInt: bigint, decimals: number, at: Point, width: number): void {
    const price = (place: number): string => formatPrice(priceOfBucket(place, bucketInt), decimals);
    const names = [...(cell.B ?? cell.A ?? new Map<string, number>()).keys()];
    const value = (side: ReadonlyMap<string, number> | null, name: string): string => {
      const known = side?.get(name);
      return known === undefined ? "·" : formatValue(known);
    };
    const { strike } = cell;
    const tables = [
      make(
        "table",
        {},
        row("th", ["", "bid", "ask"]),
        ...names.map((name) =>
          row("td", [LABELS[name] ?? name, value(cell.B, name), value(cell.A, name)]),
        ),
      ),
    ];
    if (strike !== null) {
      tables.push(
        make(
          "table",
          { class: "strike" },
          row("th", ["strike", price(strike.place)]),
          ...[...strike.values].map(([name, known]) =>
            row("td", [LABELS[name] ?? name, formatValue(known)]),
          ),
        ),
      );
    }
    const heads = [
      price(cell.head.spot + cell.relTicks),
      `${signed(cell.relTicks)} ticks`,
      easternInstant(cell.head.tsNs),
    ];
    this.#show(heads, tables, at, width);
  }

  /** Shows what the forecast says of the horizon under the crosshair. */
  showStep(step: ConeStep, spot: number, bucketInt: bigint, decimals: number, at: Point, width: number): void {
    const price = formatPrice(priceOfBucket(spot + step.delta, bucketInt), decimals);
    const table = make(
      "table",
      {},
      row("td", ["predicted", price]),
      row("td", ["delta", `${signed(step.delta)} ticks`]),
      row("td", ["cone", `±${step.spread.toFixed(1)} ticks`]),
      row("td", ["confidence", formatValue(step.confidence)]),
    );
    this.#show(["forecast", `+${step.horizonS} s`], [table], at, width);
  }

  #show(heads: readonly string[], tables: readonly HTMLElement[], at: Point, width: number): void {
    const header = make("header", {}, ...heads.map((text) => make("span", {}, text)));
    this.#panel.replaceChildren(header, ...tables);
    this.#panel.dataset["side"] = at.x < width / 2 ? "right" : "left";
    this.#panel.hidden = false;
  }
}

function row(cell: "td" | "th", [label = "", ...values]: readonly string[]): HTMLElement {
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, label),
    ...values.map((value) => make(cell, {}, value)),
  );
}
