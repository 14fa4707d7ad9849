/** What the crosshair reads out: time, price, k, and every field of the cell. */
import { element, make } from "../../controls/elements.ts";
import { easternInstant } from "../../market/eastern.ts";
import { formatValue } from "../../market/numbers.ts";
import { formatPrice, priceOfBucket } from "../../market/price.ts";
import type { Cell } from "../state/history.ts";
import type { Point } from "../../state/viewport.ts";

const QUANTITIES = [
  ["add", "add_mass"],
  ["pull", "pull_mass"],
  ["fill", "fill_mass"],
  ["rest_depth", "rest_depth"],
] as const;

const FORCES = [
  ["pressure", "pressure_variant"],
  ["vacuum", "vacuum_variant"],
  ["resistance", "resistance_variant"],
] as const;

export class Readout {
  readonly #panel = element("readout", HTMLElement);

  hide(): void {
    this.#panel.hidden = true;
  }

  /** Shows a cell, on the side of the picture where the pointer is not. */
  show(cell: Cell, bucketInt: bigint, decimals: number, at: Point, width: number): void {
    const value = (name: string): string => {
      const known = cell.values.get(name);
      return known === undefined ? "·" : formatValue(known);
    };
    const bucket = cell.head.spot + cell.k;
    const rows = QUANTITIES.map(([name, amount]) =>
      row(name.replace("_depth", ""), [amount, `v_${name}`, `a_${name}`, `j_${name}`].map(value)),
    );
    const forces = FORCES.map(([label, name]) => row(label, [value(name)]));
    const event = cell.lastEventId === null ? "·" : cell.lastEventId.toLocaleString("en-US");
    this.#panel.replaceChildren(
      make(
        "header",
        {},
        make("span", {}, formatPrice(priceOfBucket(bucket, bucketInt), decimals)),
        make("span", {}, `k ${cell.k > 0 ? "+" : ""}${String(cell.k).replace("-", "−")}`),
        make("span", {}, easternInstant(cell.head.tsNs)),
      ),
      make("table", {}, head(["", "amount", "v", "a", "j"]), ...rows),
      make("table", {}, ...forces, row("last event", [event]), row("event", [cell.head.eventId.toLocaleString("en-US")])),
    );
    this.#panel.dataset["side"] = at.x < width / 2 ? "right" : "left";
    this.#panel.hidden = false;
  }
}

function head(labels: readonly string[]): HTMLElement {
  return make("tr", {}, ...labels.map((label) => make("th", { scope: "col" }, label)));
}

function row(label: string, values: readonly string[]): HTMLElement {
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, label),
    ...values.map((value) => make("td", {}, value)),
  );
}
