/** The forecast at the side: scores, walls, confidence, and the path in figures. */
import { element, make, setText } from "../../controls/elements.ts";
import { formatValue } from "../../market/numbers.ts";
import { formatPrice, priceOfBucket } from "../../market/price.ts";
import type { SurfacesConfig } from "../../wire/messages.ts";
import type { Outlook } from "../draw/ahead.ts";
import { stepAt, type ConeStep } from "../state/forecast.ts";

/** Horizons that are written out, as far as the forecast reaches. */
const HORIZONS_S = [1, 5, 10, 30, 60] as const;

const SIDES = [
  ["up", 1],
  ["down", -1],
] as const;

export class OutlookPanel {
  readonly #lean = element("lean", HTMLOutputElement);
  readonly #leanPrice = element("lean-price", HTMLElement);
  readonly #confidence = element("confidence", HTMLElement);
  readonly #confidenceBar = element("confidence-bar", HTMLElement);
  readonly #path = element("path", HTMLTableSectionElement);
  readonly #mid = element("mid", HTMLElement);
  readonly #wander = element("wander", HTMLElement);
  readonly #calibration = element("calibration", HTMLElement);
  #shown: Outlook | null | undefined;
  readonly #sides = SIDES.map(([name, direction]) => ({
    name,
    direction,
    score: element(`run-score-${name}`, HTMLElement),
    bar: element(`run-bar-${name}`, HTMLElement),
    wall: element(`wall-${name}`, HTMLElement),
    price: element(`wall-price-${name}`, HTMLElement),
  }));

  setConfig({ calibrated, beta, gamma }: SurfacesConfig): void {
    const words = calibrated
      ? `${formatValue(beta)} · ${formatValue(gamma)}`
      : "not calibrated: drift only";
    setText(this.#calibration, words);
    this.#calibration.dataset["calibrated"] = String(calibrated);
  }

  /** Shows the book at the window's end; `mid` is in the currency. */
  setSnap(mid: number, decimals: number, wanderTicks: number): void {
    // Half a tick needs one decimal more than a price.
    const text = mid.toLocaleString("en-US", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals + 1,
    });
    setText(this.#mid, Number.isNaN(mid) ? "—" : text.replace("-", "−"));
    setText(this.#wander, wanderTicks === 0 ? "—" : `${formatValue(wanderTicks)} ticks/√s`);
  }

  /** Shows a forecast, once; `null` where the window has none. */
  show(outlook: Outlook | null, bucketInt: bigint, decimals: number): void {
    if (outlook === this.#shown) return;
    this.#shown = outlook;
    const price = (place: number): string => formatPrice(priceOfBucket(place, bucketInt), decimals);
    const last = outlook?.cone.at(-1) ?? null;
    const delta = last?.delta ?? 0;
    this.#lean.dataset["lean"] = delta > 0 ? "up" : delta < 0 ? "down" : "flat";
    setText(this.#lean, last === null ? "no forecast" : `${arrow(delta)} ${signed(delta)}`);
    const reach = last === null ? "" : `ticks in ${last.horizonS} s, to ${price((outlook?.spot ?? NaN) + delta)}`;
    setText(this.#leanPrice, reach);
    this.#showSides(outlook, price);
    const confidence = last?.confidence ?? null;
    setText(this.#confidence, confidence === null ? "—" : formatValue(confidence));
    this.#confidenceBar.style.transform = `scaleX(${Math.min(Math.max(confidence ?? 0, 0), 1)})`;
    this.#showPath(outlook, price);
  }

  #showSides(outlook: Outlook | null, price: (place: number) => string): void {
    const scores = [outlook?.forecast.up.score, outlook?.forecast.down.score];
    const full = Math.max(...scores.map((score) => Math.abs(score ?? 0)), 1e-9);
    for (const { name, direction, score, bar, wall, price: at } of this.#sides) {
      const run = outlook?.forecast[name];
      const value = run?.score ?? null;
      setText(score, value === null ? "—" : formatValue(value));
      bar.style.transform = `scaleX(${Math.max(value ?? 0, 0) / full})`;
      const distance = run?.wall ?? null;
      setText(wall, distance === null ? "—" : String(distance));
      const isKnown = distance !== null && outlook !== null;
      setText(at, isKnown ? price(outlook.spot + direction * distance) : "—");
    }
  }

  #showPath(outlook: Outlook | null, price: (place: number) => string): void {
    const cone = outlook?.cone ?? [];
    const rows = pathRows(cone).map((step) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, `+${step.horizonS} s`),
        make("td", {}, price((outlook?.spot ?? NaN) + step.delta)),
        make("td", {}, signed(step.delta)),
        make("td", {}, `±${step.spread.toFixed(1)}`),
        make("td", {}, formatValue(step.confidence)),
      ),
    );
    this.#path.replaceChildren(...rows);
  }
}

/** Returns the steps that are written out: at round horizons, and the last. */
function pathRows(cone: readonly ConeStep[]): ConeStep[] {
  const last = cone.at(-1);
  if (last === undefined) return [];
  const wanted = [...HORIZONS_S.filter((horizon) => horizon < last.horizonS), last.horizonS];
  return wanted.flatMap((horizon) => {
    const step = stepAt(cone, horizon);
    return step === null ? [] : [step];
  });
}

function arrow(delta: number): string {
  return delta > 0 ? "▲" : delta < 0 ? "▼" : "■";
}

export function signed(value: number): string {
  return `${value > 0 ? "+" : ""}${value}`.replace("-", "−");
}
