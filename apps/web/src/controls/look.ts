/** What the picture shows and in which colours. The choice is kept for the next visit. */
import { element, make } from "./elements.ts";
import { MIDDLE_GAIN, type FieldStyle, type Look } from "../draw/look.ts";
import type { Palette } from "../draw/palette.ts";

/** What a page offers to choose from. */
export interface Choices<S extends string, P extends Palette, T extends string> {
  /** The name under which the choice is kept. */
  readonly kept: string;
  readonly palettes: readonly [P, ...P[]];
  readonly stylesOf: (names: Iterable<string>) => readonly FieldStyle<S>[];
  /** What is drawn over the picture or left out; each has a checkbox `show-…`. */
  readonly overlays: readonly T[];
}

export class LookControls<S extends string, P extends Palette, T extends string> {
  readonly #choices: Choices<S, P, T>;
  readonly #field = element("field", HTMLSelectElement);
  readonly #palette = element("palette", HTMLSelectElement);
  readonly #gain = element("gain", HTMLInputElement);
  readonly #overlays: ReadonlyMap<T, HTMLInputElement>;
  #styles: readonly FieldStyle<S>[] = [];
  #wished = "";

  constructor(choices: Choices<S, P, T>, changed: () => void) {
    this.#choices = choices;
    this.#overlays = new Map(
      choices.overlays.map((name) => [name, element(`show-${name}`, HTMLInputElement)]),
    );
    for (const { id, label } of choices.palettes) {
      this.#palette.append(make("option", { value: id }, label));
    }
    this.#recall();
    this.#paint();
    for (const input of [this.#field, this.#palette, this.#gain, ...this.#overlays.values()]) {
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
    this.#styles = this.#choices.stylesOf(names);
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

  get palette(): P {
    const { palettes } = this.#choices;
    return palettes.find(({ id }) => id === this.#palette.value) ?? palettes[0];
  }

  /** `null` while no field is known. */
  get look(): Look<S, P> | null {
    const field = this.#styles.find(({ name }) => name === this.#field.value);
    return field === undefined ? null : { field, palette: this.palette, gain: this.gain };
  }

  get gain(): number {
    return MIDDLE_GAIN * 10 ** ((Number(this.#gain.value) - 50) / 50);
  }

  /** Returns whether that is to be drawn over the picture. */
  shows(overlay: T): boolean {
    return this.#overlays.get(overlay)?.checked ?? false;
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
      localStorage.setItem(this.#choices.kept, JSON.stringify(kept));
    } catch {
      // A browser that stores nothing shows the page all the same.
    }
  }

  #recall(): void {
    let kept: unknown = null;
    try {
      kept = JSON.parse(localStorage.getItem(this.#choices.kept) ?? "null");
    } catch {
      return;
    }
    if (typeof kept !== "object" || kept === null) return;
    if ("field" in kept && typeof kept.field === "string") this.#wished = kept.field;
    if ("gain" in kept && typeof kept.gain === "string") this.#gain.value = kept.gain;
    const palette = "palette" in kept ? kept.palette : null;
    if (this.#choices.palettes.some(({ id }) => id === palette)) this.#palette.value = String(palette);
  }
}
