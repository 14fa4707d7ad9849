/** What the picture shows and in which colours. The choice is kept for the next visit. */
import { element, make } from "./elements.ts";
import { stylesOf, type FieldStyle } from "../vacuum-pressure/draw/fields.ts";
import type { Look } from "../vacuum-pressure/draw/heatmap.ts";
import type { Overlays } from "../vacuum-pressure/draw/lines.ts";
import { PALETTES, type Palette } from "../draw/palette.ts";

const KEPT = "spymaster.look";

/** The middle of the slider, at which most of a quiet market is visible. */
const MIDDLE_GAIN = 6;

export class LookControls {
  readonly #field = element("field", HTMLSelectElement);
  readonly #palette = element("palette", HTMLSelectElement);
  readonly #gain = element("gain", HTMLInputElement);
  readonly #trail = element("show-trail", HTMLInputElement);
  readonly #quotes = element("show-quotes", HTMLInputElement);
  readonly #trades = element("show-trades", HTMLInputElement);
  #styles: readonly FieldStyle[] = [];
  #wished = "";

  constructor(changed: () => void) {
    for (const { id, label } of PALETTES) this.#palette.append(make("option", { value: id }, label));
    this.#recall();
    this.#paint();
    const inputs = [this.#field, this.#palette, this.#gain, this.#trail, this.#quotes, this.#trades];
    for (const input of inputs) {
      input.addEventListener("input", () => {
        if (input === this.#field) this.#wished = this.#field.value;
        this.#paint();
        this.#keep();
        changed();
      });
    }
  }

  /** Offers the fields of a stream; the chosen one stays if it is among them. */
  setFields(names: Iterable<string>): void {
    this.#styles = stylesOf(names);
    const groups = new Map<string, HTMLOptGroupElement>();
    for (const { name, label, group } of this.#styles) {
      const parent = groups.get(group) ?? make("optgroup", { label: group });
      groups.set(group, parent);
      parent.append(make("option", { value: name }, label));
    }
    this.#field.replaceChildren(...groups.values());
    if (this.#styles.some(({ name }) => name === this.#wished)) this.#field.value = this.#wished;
  }

  /** Steps to the next field, or to the one before. */
  stepField(by: 1 | -1): void {
    const count = this.#field.options.length;
    if (count === 0) return;
    this.#field.selectedIndex = (this.#field.selectedIndex + by + count) % count;
    this.#field.dispatchEvent(new Event("input"));
  }

  get palette(): Palette {
    return PALETTES.find(({ id }) => id === this.#palette.value) ?? PALETTES[0];
  }

  /** `null` while no field is known. */
  get look(): Look | null {
    const field = this.#styles.find(({ name }) => name === this.#field.value);
    return field === undefined ? null : { field, palette: this.palette, gain: this.gain };
  }

  get gain(): number {
    return MIDDLE_GAIN * 10 ** ((Number(this.#gain.value) - 50) / 50);
  }

  get overlays(): Overlays {
    return {
      trail: this.#trail.checked,
      quotes: this.#quotes.checked,
      trades: this.#trades.checked,
    };
  }

  /** Gives the rest of the page the colours of the palette. */
  #paint(): void {
    const { style } = document.documentElement;
    for (const name of ["up", "down", "trail"] as const) {
      style.setProperty(`--${name}`, this.palette[name]);
    }
  }

  #keep(): void {
    const kept = { field: this.#wished, palette: this.#palette.value, gain: this.#gain.value };
    try {
      localStorage.setItem(KEPT, JSON.stringify(kept));
    } catch {
      // A browser that stores nothing shows the page all the same.
    }
  }

  #recall(): void {
    let kept: unknown = null;
    try {
      kept = JSON.parse(localStorage.getItem(KEPT) ?? "null");
    } catch {
      return;
    }
    if (typeof kept !== "object" || kept === null) return;
    if ("field" in kept && typeof kept.field === "string") this.#wished = kept.field;
    if ("gain" in kept && typeof kept.gain === "string") this.#gain.value = kept.gain;
    const palette = "palette" in kept ? kept.palette : null;
    if (PALETTES.some(({ id }) => id === palette)) this.#palette.value = String(palette);
  }
}
