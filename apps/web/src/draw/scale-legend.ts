/** The scale of colours, as a strip. It is drawn anew only when the colours change. */
import { lookupTable, STEPS, type Palette } from "./palette.ts";

export class ScaleLegend {
  readonly #canvas: HTMLCanvasElement;
  #drawn = "";

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  draw(palette: Palette, isSigned: boolean): void {
    const wanted = `${palette.id} ${isSigned}`;
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    this.#canvas.width = STEPS;
    this.#canvas.height = 1;
    const from = isSigned ? 0 : STEPS * 4;
    const pixels = new ImageData(STEPS, 1);
    pixels.data.set(lookupTable(palette).subarray(from, from + STEPS * 4));
    this.#canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  }
}
