/** What the colours mean: a list for the composite, a scale for a single field. */
import { element, make, setText } from "../../controls/elements.ts";
import { ScaleLegend } from "../../draw/scale-legend.ts";
import type { LegendEntry } from "../../controls/snapshot.ts";
import type { SurfaceLook } from "../draw/fields.ts";
import type { SurfacePalette } from "../draw/palettes.ts";

export class Legend {
  readonly #list = element("meanings", HTMLUListElement);
  readonly #strip = element("legend", HTMLElement);
  readonly #label = element("legend-low", HTMLElement);
  readonly #end = element("legend-high", HTMLElement);
  readonly #canvas = element("legend-scale", HTMLCanvasElement);
  readonly #scale = new ScaleLegend(this.#canvas);
  #listed = "";
  #entries: readonly LegendEntry[] = [];

  /** What is shown, for a picture of the page. */
  get entries(): readonly LegendEntry[] {
    const { hidden } = this.#strip;
    const [low, high] = [this.#label.textContent ?? "", this.#end.textContent ?? ""];
    const scale = { kind: "scale", low, high, strip: this.#canvas } as const;
    return hidden ? this.#entries : [scale, ...this.#entries];
  }

  show(look: SurfaceLook, hasStrikes: boolean): void {
    const isComposite = look.field.shade === "composite";
    this.#strip.hidden = isComposite;
    if (!isComposite) {
      const isSigned = look.field.shade === "signed";
      this.#scale.draw(look.palette, isSigned);
      setText(this.#label, isSigned ? `${look.field.label}  −` : `${look.field.label}  0`);
      setText(this.#end, isSigned ? "+" : "much");
    }
    const wanted = `${look.palette.id} ${isComposite} ${hasStrikes}`;
    if (wanted === this.#listed) return;
    this.#listed = wanted;
    const listed = meanings(look.palette, isComposite, hasStrikes);
    this.#entries = listed.map(([kind, colour, words]) => ({ kind, colour, words }));
    this.#list.replaceChildren(
      ...listed.map(([kind, colour, words]) => {
        const swatch = make("i", { "data-kind": kind, "aria-hidden": "true" });
        swatch.style.setProperty("--swatch", colour);
        return make("li", {}, swatch, words);
      }),
    );
  }
}

type Meaning = readonly [kind: "area" | "bar" | "line" | "cone" | "dash", colour: string, words: string];

function meanings(palette: SurfacePalette, isComposite: boolean, hasStrikes: boolean): Meaning[] {
  const surface: readonly Meaning[] = [
    ["area", palette.below, "building below"],
    ["area", palette.above, "building above"],
    ["area", palette.eroding, "eroding"],
    ["area", palette.wall, "wall"],
  ];
  const options: readonly Meaning[] = [
    ["bar", palette.optionsBuilding, "strike building"],
    ["bar", palette.optionsEroding, "strike eroding"],
  ];
  return [
    ...(isComposite ? surface : []),
    ...(hasStrikes ? options : []),
    ["line", palette.trail, "spot"],
    ["line", palette.forecast, "forecast"],
    ["cone", palette.forecast, "its cone"],
    ["dash", palette.wall, "nearest wall"],
  ];
}
