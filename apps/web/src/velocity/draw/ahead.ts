/**
 * Right of now: the forecast's path with its cone, and the walls that it runs into.
 *
 * The horizon fills the width ahead whatever the zoom of the past: seconds there are wider.
 */
import { faded, font, THEME } from "../../draw/theme.ts";
import type { TimeLabel } from "../../draw/axis.ts";
import type { Viewport } from "../../state/viewport.ts";
import type { ConeStep, Forecast, Run } from "../state/forecast.ts";
import type { SurfacePalette } from "./palettes.ts";

/** Where "now" is and how far the forecast reaches, on the screen. */
export interface Ahead {
  /** The place of now, in pixels. */
  readonly now: number;
  readonly width: number;
  readonly horizonS: number;
}

/** Pixels right of the horizon, for its label. */
const MARGIN_PX = 22;

/** What the words at a wall take at its right end. */
const WALL_TEXT_PX = 50;
const WALL_TEXT_HEIGHT_PX = 18;

export function aheadOf(view: Viewport, columns: number, horizonS: number): Ahead {
  return { now: view.xOf(columns), width: view.aheadPx - MARGIN_PX, horizonS };
}

export function xOfHorizon({ now, width, horizonS }: Ahead, seconds: number): number {
  return now + (seconds / Math.max(horizonS, 1)) * width;
}

/** Returns the horizon at a place, or `null` left of now. */
export function horizonAt({ now, width, horizonS }: Ahead, x: number): number | null {
  return x <= now ? null : ((x - now) / width) * horizonS;
}

/** Round numbers of seconds. */
const STEPS_S = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300] as const;

const LABEL_GAP_PX = 58;

/** Returns the labels of the time axis right of now. */
export function horizonLabels(ahead: Ahead): TimeLabel[] {
  const gap = (LABEL_GAP_PX / ahead.width) * ahead.horizonS;
  const step = STEPS_S.find((candidate) => candidate >= gap) ?? ahead.horizonS;
  const labels: TimeLabel[] = [{ x: ahead.now, text: "now" }];
  for (let seconds = step; seconds <= ahead.horizonS; seconds += step) {
    labels.push({ x: xOfHorizon(ahead, seconds), text: `+${seconds} s` });
  }
  return labels;
}

/** Draws the ground that the forecast lies on, and where now is. */
export function drawNow(context: CanvasRenderingContext2D, ahead: Ahead, height: number): void {
  const { now, width } = ahead;
  const shade = context.createLinearGradient(now, 0, now + width + MARGIN_PX, 0);
  shade.addColorStop(0, "#0d142166");
  shade.addColorStop(1, "#0d142100");
  context.fillStyle = shade;
  context.fillRect(now, 0, width + MARGIN_PX, height);
  context.fillStyle = faded(THEME.ink, 0.34);
  context.fillRect(Math.round(now), 0, 1, height);
}

export interface Outlook {
  readonly forecast: Forecast;
  readonly cone: readonly ConeStep[];
  /** In buckets. */
  readonly spot: number;
}

export function drawOutlook(
  context: CanvasRenderingContext2D,
  { forecast, cone, spot }: Outlook,
  ahead: Ahead,
  view: Viewport,
  palette: SurfacePalette,
): void {
  const y = (place: number): number => view.yOf(spot + place);
  const points = cone.map((step) => ({ ...step, x: xOfHorizon(ahead, step.horizonS) }));
  const beside = points.filter(({ x }) => x > ahead.now + ahead.width - WALL_TEXT_PX);
  const taken = {
    top: Math.min(...beside.map(({ delta, spread }) => y(delta + spread))),
    bottom: Math.max(...beside.map(({ delta, spread }) => y(delta - spread))),
  };
  drawWall(context, forecast.up, spot, 1, ahead, view, palette.above, palette.wall, taken);
  drawWall(context, forecast.down, spot, -1, ahead, view, palette.below, palette.wall, taken);
  // The cone first in full and once more at half its width: where it is likelier it is brighter.
  for (const share of [1, 0.5]) {
    context.beginPath();
    context.moveTo(ahead.now, y(0));
    for (const { x, delta, spread } of points) context.lineTo(x, y(delta + share * spread));
    for (const { x, delta, spread } of [...points].reverse()) {
      context.lineTo(x, y(delta - share * spread));
    }
    context.closePath();
    context.fillStyle = faded(palette.forecast, 0.13);
    context.fill();
    if (share === 1) {
      context.strokeStyle = faded(palette.forecast, 0.4);
      context.lineWidth = 1;
      context.stroke();
    }
  }
  for (const [colour, width] of [
    ["#000000c0", 4.5],
    [palette.forecast, 2],
  ] as const) {
    context.beginPath();
    context.moveTo(ahead.now, y(0));
    for (const { x, delta } of points) context.lineTo(x, y(delta));
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.stroke();
  }
  context.fillStyle = palette.trail;
  context.beginPath();
  context.arc(ahead.now, y(0), 3.5, 0, 2 * Math.PI);
  context.fill();
}

/** Draws the wall of one side as a bar at its price, with its distance, which keeps off the cone. */
function drawWall(
  context: CanvasRenderingContext2D,
  { wall }: Run,
  spot: number,
  direction: 1 | -1,
  ahead: Ahead,
  view: Viewport,
  colour: string,
  pale: string,
  taken: { readonly top: number; readonly bottom: number },
): void {
  if (wall === null) return;
  const y = Math.round(view.yOf(spot + direction * wall));
  const left = ahead.now + 8;
  const right = ahead.now + ahead.width + 10;
  context.strokeStyle = faded(pale, 0.85);
  context.lineWidth = 2;
  context.setLineDash([10, 5]);
  context.beginPath();
  context.moveTo(left, y);
  context.lineTo(right, y);
  context.stroke();
  context.setLineDash([]);
  context.font = font(10, 600);
  context.textAlign = "right";
  context.textBaseline = direction === 1 ? "bottom" : "top";
  context.lineWidth = 3;
  context.strokeStyle = "#07090dd0";
  const text = `wall ${direction === 1 ? "+" : "−"}${wall}`;
  const far = y - direction * WALL_TEXT_HEIGHT_PX;
  const isFree = Math.max(y, far) < taken.top || Math.min(y, far) > taken.bottom;
  const edge = isFree ? y : direction === 1 ? taken.top : taken.bottom;
  context.strokeText(text, right, edge - direction * 4);
  context.fillStyle = colour;
  context.fillText(text, right, edge - direction * 4);
  context.textAlign = "left";
}
