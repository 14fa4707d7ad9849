/**
 * Everything that is drawn on the page of vacuum and pressure: which canvas, in which order.
 *
 * It reads the state and changes none of it.
 */
import { clockLabels, drawPriceAxis, drawTimeAxis, priceTag, priceTicks, type Tag } from "../../draw/axis.ts";
import { ScaleLegend } from "../../draw/scale-legend.ts";
import { drawCross, drawGraticule } from "../../draw/steps.ts";
import { Heatmap, type GridLook } from "./heatmap.ts";
import { drawLines, type Overlays } from "./lines.ts";
import { drawProfile } from "./profile.ts";
import { drawSparkline } from "./sparkline.ts";
import { fit, followSizes, Surface } from "../../draw/surface.ts";
import { THEME } from "../../draw/theme.ts";
import { formatValue } from "../../market/numbers.ts";
import { BLOCK, type History } from "../state/history.ts";
import type { Trades } from "../state/trades.ts";
import type { Trail } from "../state/trail.ts";
import type { Point, Viewport } from "../../state/viewport.ts";

/** What there is to draw. */
export interface Scene {
  readonly history: History | null;
  readonly trades: Trades;
  readonly net: Trail;
  readonly view: Viewport;
  readonly look: GridLook | null;
  readonly overlays: Overlays;
  readonly decimals: number;
  readonly cross: Point | null;
}

/** The elements that are drawn on. */
export interface Canvases {
  readonly heat: HTMLCanvasElement;
  readonly lines: HTMLCanvasElement;
  readonly profile: HTMLCanvasElement;
  readonly axis: HTMLCanvasElement;
  readonly times: HTMLCanvasElement;
  readonly sparkline: HTMLCanvasElement;
  readonly legend: HTMLCanvasElement;
}

/** A net below this fills no sparkline: it is neutral. */
const QUIET_NET = 10;

export class Stage {
  readonly #heatCanvas: HTMLCanvasElement;
  readonly #lines: Surface;
  readonly #profile: Surface;
  readonly #axis: Surface;
  readonly #times: Surface;
  readonly #sparkline: Surface;
  readonly #legend: ScaleLegend;
  #heatmap: Heatmap | null = null;
  #history: History | null = null;

  constructor(canvases: Canvases, resized: () => void) {
    this.#heatCanvas = canvases.heat;
    this.#legend = new ScaleLegend(canvases.legend);
    this.#lines = new Surface(canvases.lines);
    this.#profile = new Surface(canvases.profile);
    this.#axis = new Surface(canvases.axis);
    this.#times = new Surface(canvases.times);
    this.#sparkline = new Surface(canvases.sparkline);
    const surfaces = [this.#lines, this.#profile, this.#axis, this.#times, this.#sparkline];
    followSizes(surfaces, resized);
  }

  /** @throws {NoWebGl2} if there is no heatmap to be had; everything else is drawn without it. */
  openHeatmap(lost: (isLost: boolean) => void): void {
    this.#heatmap = new Heatmap(this.#heatCanvas, lost);
  }

  get width(): number {
    return this.#lines.width;
  }

  get height(): number {
    return this.#lines.height;
  }

  draw(scene: Scene): void {
    const scale = window.devicePixelRatio;
    const { history, view, look } = scene;
    if (look === null) return;
    this.#drawHeat(scene, look, scale);
    const lines = this.#lines.begin(scale);
    const labels = history === null ? [] : clockLabels(view.width, clockOf(history, view));
    if (history !== null && view.centre !== null) {
      drawGraticule(
        lines,
        view,
        priceTicks(view),
        labels.map(({ x }) => x),
      );
      drawLines(lines, history, scene.trades, view, look.palette, scene.overlays);
    }
    if (scene.cross !== null) drawCross(lines, scene.cross, view);
    drawTimeAxis(this.#times, scale, labels);
    if (history !== null) {
      const tags = tagsOf(history, scene, look);
      drawPriceAxis(this.#axis, scale, view, history.bucketInt, scene.decimals, tags);
    }
    drawProfile(this.#profile, scale, history, view, look.palette, look.gain);
    drawSparkline(this.#sparkline, scale, scene.net, look.palette, QUIET_NET);
    this.#legend.draw(look.palette, look.field.shade !== "logarithmic" && look.field.shade !== "linear");
  }

  /** Returns the values at the ends of the scale of colours, as texts. */
  legendOf(history: History, look: GridLook): { low: string; high: string } {
    const layer = history.fine;
    const scale = layer.fields.get(look.field.name)?.scale[layer.slot(layer.count - 1)] ?? 0;
    const isSigned = look.field.shade === "composite" || look.field.shade === "signed";
    // Nine tenths of the colours lie within that value: tanh(1.5) is 0.905.
    const end = isSigned ? (1.5 * scale) / look.gain : scale;
    return { low: isSigned ? formatValue(-end) : "0", high: formatValue(end) };
  }

  #drawHeat({ history, view }: Scene, look: GridLook, scale: number): void {
    if (this.#heatmap === null || history === null) return;
    fit(this.#heatCanvas, this.#lines.width, this.#lines.height, scale);
    if (history !== this.#history) {
      this.#history = history;
      this.#heatmap.setHistory(history);
    }
    this.#heatmap.draw(view, look, scale);
  }
}

/** Returns what gives the time at a place of the picture. */
function clockOf({ fine, coarse }: History, view: Viewport): (x: number) => number {
  return (x) => {
    const column = view.columnAt(x);
    if (fine.has(column)) return fine.seconds[fine.slot(column)] ?? NaN;
    const block = Math.floor(column / BLOCK);
    return coarse.has(block) ? (coarse.seconds[coarse.slot(block)] ?? NaN) : NaN;
  };
}

/** Returns the prices that stand out: that under the crosshair, and the spot over it. */
function tagsOf(history: History, scene: Scene, look: GridLook): Tag[] {
  const { fine, bucketInt } = history;
  const tag = (bucket: number, colour: string, isFilled: boolean): Tag =>
    priceTag(bucket, bucketInt, scene.decimals, colour, isFilled);
  const tags: Tag[] = [];
  const spot = fine.count === 0 ? NaN : fine.head(fine.count - 1).spot;
  if (!Number.isNaN(spot)) tags.push(tag(spot, look.palette.trail, true));
  if (scene.cross !== null && scene.view.centre !== null) {
    tags.push(tag(scene.view.bucketAt(scene.cross.y), THEME.ink, false));
  }
  return tags;
}
