/** The signals at the side: regime, lift, lamps, sums on both sides, imbalance. */
import { element, setText } from "../../controls/elements.ts";
import { formatCount, formatValue } from "../../market/numbers.ts";
import type { Sides, Signals } from "../state/signals.ts";

const ARROWS = { up: "▲ up", down: "▼ down", flat: "■ flat" } as const;

export class SignalsPanel {
  readonly #regime = element("regime", HTMLOutputElement);
  readonly #direction = element("direction", HTMLElement);
  readonly #lift = element("lift", HTMLElement);
  readonly #net = element("net", HTMLElement);
  readonly #imbalance = element("imbalance", HTMLElement);
  readonly #balance = element("balance", HTMLElement);
  readonly #lamps = {
    vacuum: element("lamp-vacuum", HTMLElement),
    pressure: element("lamp-pressure", HTMLElement),
    resistance: element("lamp-resistance", HTMLElement),
  };
  readonly #sums = (["pressure", "vacuum", "resistance", "depth"] as const).map((name) => ({
    name,
    above: element(`${name}-above`, HTMLElement),
    below: element(`${name}-below`, HTMLElement),
  }));

  /** Shows the signals of a grid; `null` where the stream lacks the columns for them. */
  show(signals: Signals | null): void {
    if (signals === null) {
      setText(this.#regime, "no signals");
      setText(this.#direction, "columns left out");
      return;
    }
    setText(this.#regime, signals.regime);
    this.#regime.dataset["regime"] = signals.regime;
    setText(this.#direction, ARROWS[signals.direction]);
    setText(this.#net, formatValue(signals.net));
    const half = Math.abs(signals.lift) * 50;
    const isUp = signals.lift >= 0;
    this.#lift.style.left = isUp ? "50%" : `${50 - half}%`;
    this.#lift.style.right = isUp ? `${50 - half}%` : "50%";
    this.#lift.style.background = isUp ? "var(--up)" : "var(--down)";
    for (const [name, lamp] of Object.entries(this.#lamps)) {
      lamp.dataset["on"] = String(signals.lamps[name as keyof Signals["lamps"]]);
    }
    for (const { name, above, below } of this.#sums) {
      const sums: Sides = signals[name];
      const text = name === "depth" ? formatCount : formatValue;
      setText(above, text(sums.above));
      setText(below, text(sums.below));
    }
    const { imbalance } = signals;
    setText(this.#imbalance, imbalance === null ? "—" : formatValue(imbalance));
    this.#balance.style.transform = `scaleX(${((imbalance ?? 0) + 1) / 2})`;
  }
}
