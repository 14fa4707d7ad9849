/** Lines through the columns of a picture, and what lies beneath and above all lines. */
import { faded, font, THEME } from "./theme.ts";
import type { Point, Viewport } from "../state/viewport.ts";

/** A column that a line goes through, and whether the line ends before it. */
export interface Place {
  readonly column: number;
  readonly isBreak: boolean;
}

/** Draws a price that holds from one column to the next; where it is NaN there is no line. */
export function strokeSteps<P extends Place>(
  context: CanvasRenderingContext2D,
  line: readonly P[],
  view: Viewport,
  colour: string,
  width: number,
  price: (place: P) => number,
): void {
  context.beginPath();
  let isDown = false;
  let y = 0;
  let x = 0;
  for (const place of line) {
    const value = price(place);
    x = view.xOf(place.column);
    if (Number.isNaN(value) || place.isBreak) isDown = false;
    if (Number.isNaN(value)) continue;
    const next = view.yOf(value);
    if (!isDown) context.moveTo(x, next);
    else if (next !== y) {
      context.lineTo(x, y);
      context.lineTo(x, next);
    }
    y = next;
    isDown = true;
  }
  // The last price holds until the next column.
  if (isDown) context.lineTo(x + Math.max(1, 1 / view.columnsPerPixel), y);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.stroke();
}

/** Marks where something begins that is not connected with what came before. */
export function drawBreaks(
  context: CanvasRenderingContext2D,
  line: readonly Place[],
  view: Viewport,
): void {
  context.font = font(10);
  context.textBaseline = "top";
  for (const { column, isBreak } of line) {
    if (!isBreak) continue;
    const x = Math.round(view.xOf(column)) + 0.5;
    context.strokeStyle = faded(THEME.ink, 0.55);
    context.lineWidth = 1;
    context.setLineDash([3, 4]);
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, view.height);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = faded(THEME.ink, 0.75);
    context.fillText("epoch", x + 4, 4);
  }
}

/** Draws faint lines at the labelled prices and times, so that the eye finds the axes. */
export function drawGraticule(
  context: CanvasRenderingContext2D,
  view: Viewport,
  buckets: readonly number[],
  xs: readonly number[],
): void {
  context.fillStyle = "#ffffff0a";
  for (const bucket of buckets) context.fillRect(0, Math.round(view.yOf(bucket)), view.width, 1);
  for (const x of xs) context.fillRect(Math.round(x), 0, 1, view.height);
}

/** Draws the crosshair. */
export function drawCross(context: CanvasRenderingContext2D, { x, y }: Point, view: Viewport): void {
  context.fillStyle = faded(THEME.ink, 0.45);
  context.fillRect(Math.round(x), 0, 1, view.height);
  context.fillRect(0, Math.round(y), view.width, 1);
}
