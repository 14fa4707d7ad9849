/**
 * Everything that is drawn on the velocity page: which canvas, in which order.
 *
 * It reads the state and changes none of it.
 */
import { aheadOf, drawNow, drawOutlook, horizonLabels, type Outlook } from "./ahead.ts";
import type { SurfaceLook } from "./fields.ts";
import { drawWallProfile } from "./profile.ts";
import { SurfaceMap } from "./surface-map.ts";
import {
  clockLabels,
  drawPriceAxis,
  drawTimeAxis,
  priceTag,
  priceTicks,
  type Tag,
} from "../../draw/axis.ts";
import { drawBreaks, drawCross, drawGraticule, strokeSteps, type Place } from "../../draw/steps.ts";
import { fit, followSizes, Surface } from "../../draw/surface.ts";
import { THEME } from "../../draw/theme.ts";
import type { Point, Viewport } from "../../state/viewport.ts";
import type { SurfaceHistory } from "../state/surfaces.ts";

/** What there is to draw. */
export interface Scene {
  readonly history: SurfaceHistory | null;
  readonly outlook: Outlook | null;
  readonly horizonS: number;
  readonly view: Viewport;
  readonly look: SurfaceLook | null;
  readonly shows: Readonly<Record<Overlay, boolean>>;
  readonly decimals: number;
  readonly cross: Point | null;
}

/** What is drawn over or behind the surface, or left out. */
export const OVERLAYS = ["spot", "strikes", "forecast"] as const;

export type Overlay = (typeof OVERLAYS)[number];

/** The elements that are drawn on. */
export interface Canvases {
  readonly heat: HTMLCanvasElement;
  readonly lines: HTMLCanvasElement;
  readonly profile: HTMLCanvasElement;
  readonly axis: HTMLCanvasElement;
  readonly times: HTMLCanvasElement;
}

/** Half of what the label "now" takes. */
const NOW_PX = 20;

export class Stage {
  readonly #heat: HTMLCanvasElement;
  readonly #lines: Surface;
  readonly #profile: Surface;
  readonly #axis: Surface;
  readonly #times: Surface;
  #map: SurfaceMap | null = null;
  #history: SurfaceHistory | null = null;
  /** What the surface was last drawn from: it is not drawn anew for a crosshair that moves. */
  #drawn = "";

  constructor(canvases: Canvases, resized: () => void) {
    this.#heat = canvases.heat;
    this.#lines = new Surface(canvases.lines);
    this.#profile = new Surface(canvases.profile);
    this.#axis = new Surface(canvases.axis);
    this.#times = new Surface(canvases.times);
    followSizes([this.#lines, this.#profile, this.#axis, this.#times], resized);
  }

  /** @throws {NoWebGl2} if there is no surface to be had; everything else is drawn without it. */
  openSurface(lost: (isLost: boolean) => void): void {
    this.#map = new SurfaceMap(this.#heat, (isLost) => {
      this.#drawn = "";
      lost(isLost);
    });
  }

  get width(): number {
    return this.#lines.width;
  }

  get height(): number {
    return this.#lines.height;
  }

  /** Draws the scene; `isWhole` draws the surface too if it has not changed. */
  draw(scene: Scene, isWhole: boolean): void {
    const scale = window.devicePixelRatio;
    const { history, view, look, shows, outlook } = scene;
    if (look === null) return;
    this.#drawSurface(scene, look, scale, isWhole);
    const lines = this.#lines.begin(scale);
    drawWallProfile(this.#profile, scale, history, view, look.palette, shows.strikes);
    if (history === null || view.centre === null) return;
    const ahead = aheadOf(view, history.count, scene.horizonS);
    // Left of "now", so that neither label hides the other.
    const past = clockLabels(Math.min(ahead.now - NOW_PX, view.width), clockOf(history, view));
    const labels = [...past, ...(shows.forecast ? horizonLabels(ahead) : [])];
    drawGraticule(
      lines,
      view,
      priceTicks(view),
      labels.map(({ x }) => x),
    );
    drawNow(lines, ahead, view.height);
    this.#drawPast(lines, history, view, look, shows.spot);
    if (shows.forecast && outlook !== null) drawOutlook(lines, outlook, ahead, view, look.palette);
    if (scene.cross !== null) drawCross(lines, scene.cross, view);
    drawTimeAxis(this.#times, scale, labels);
    const tags = tagsOf(history, scene, look);
    drawPriceAxis(this.#axis, scale, view, history.bucketInt, scene.decimals, tags);
  }

  #drawPast(
    context: CanvasRenderingContext2D,
    history: SurfaceHistory,
    view: Viewport,
    look: SurfaceLook,
    showsSpot: boolean,
  ): void {
    const line = places(history, view);
    drawBreaks(context, line, view);
    if (!showsSpot) return;
    const spot = (place: SpotPlace): number => place.spot;
    strokeSteps(context, line, view, "#000000b0", 4, spot);
    strokeSteps(context, line, view, look.palette.trail, 1.75, spot);
  }

  #drawSurface(scene: Scene, look: SurfaceLook, scale: number, isWhole: boolean): void {
    const { history, view, shows } = scene;
    if (this.#map === null || history === null) return;
    fit(this.#heat, this.#lines.width, this.#lines.height, scale);
    if (history !== this.#history) {
      this.#history = history;
      this.#map.setHistory(history);
      this.#drawn = "";
    }
    const { columnsPerPixel, pixelsPerBucket, right, top, width, height } = view;
    const drawn = [
      ...[history.count, columnsPerPixel, pixelsPerBucket, right, top, width, height, scale],
      ...[look.field.name, look.palette.id, look.gain, shows.strikes],
    ].join(" ");
    if (drawn === this.#drawn && !isWhole) return;
    this.#drawn = drawn;
    this.#map.draw(view, look, shows.strikes, scale);
  }
}

/** A column's spot in buckets. */
interface SpotPlace extends Place {
  readonly spot: number;
}

/** Returns what the spot's line is drawn through: each column that is in sight. */
function places(history: SurfaceHistory, view: Viewport): SpotPlace[] {
  const found: SpotPlace[] = [];
  const from = Math.max(history.oldest, Math.floor(view.left) - 1);
  for (let column = from; column < Math.min(history.count, view.right); column += 1) {
    const spot = history.spot[history.slot(column)] ?? NaN;
    found.push({ column, spot, isBreak: history.isBreak(column) });
  }
  return found;
}

/** Returns what gives the time at a place of the picture. */
function clockOf(history: SurfaceHistory, view: Viewport): (x: number) => number {
  return (x) => {
    const column = view.columnAt(x);
    return history.has(column) ? (history.seconds[history.slot(column)] ?? NaN) : NaN;
  };
}

/** Returns the prices that stand out: the forecast's end, that under the crosshair, the spot. */
function tagsOf(history: SurfaceHistory, scene: Scene, look: SurfaceLook): Tag[] {
  const tag = (bucket: number, colour: string, isFilled: boolean): Tag =>
    priceTag(bucket, history.bucketInt, scene.decimals, colour, isFilled);
  const tags: Tag[] = [];
  const end = scene.outlook?.cone.at(-1);
  if (scene.shows.forecast && scene.outlook !== null && end !== undefined && end.delta !== 0) {
    tags.push(tag(scene.outlook.spot + end.delta, look.palette.forecast, false));
  }
  const spot = history.count === 0 ? NaN : history.head(history.count - 1).spot;
  if (!Number.isNaN(spot)) tags.push(tag(spot, look.palette.trail, true));
  if (scene.cross !== null) tags.push(tag(scene.view.bucketAt(scene.cross.y), THEME.ink, false));
  return tags;
}
