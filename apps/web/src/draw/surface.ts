/** A canvas that is as sharp as the screen, whatever its size. */
import { faded, font, THEME } from "./theme.ts";

export class Surface {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  width = 0;
  height = 0;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("this browser draws on no canvas");
    this.canvas = canvas;
    this.context = context;
  }

  /** Takes the size of the element, in CSS pixels, and clears the canvas. */
  begin(scale: number): CanvasRenderingContext2D {
    fit(this.canvas, this.width, this.height, scale);
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    return this.context;
  }
}

/**
 * Gives surfaces the sizes of their elements, now and whenever they change: asking for them while
 * drawing would lay the page out.
 */
export function followSizes(surfaces: readonly Surface[], resized: () => void): void {
  const observer = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const surface = surfaces.find(({ canvas }) => canvas === target);
      if (surface === undefined) continue;
      surface.width = contentRect.width;
      surface.height = contentRect.height;
    }
    resized();
  });
  for (const { canvas } of surfaces) observer.observe(canvas);
}

/** Gives a canvas as many pixels as the screen has in its place. */
export function fit(canvas: HTMLCanvasElement, width: number, height: number, scale: number): void {
  const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== columns) canvas.width = columns;
  if (canvas.height !== rows) canvas.height = rows;
}

/**
 * Writes words along the foot of a canvas, left, in the middle and right. Where not all of them have
 * room, the middle ones are written alone, and none where they have no room either.
 */
export function writeFoot(
  { context, width, height }: Surface,
  left: string,
  middle: string,
  right: string,
): void {
  const size = (text: string): number => context.measureText(text).width;
  context.fillStyle = faded(THEME.panel, 0.85);
  context.fillRect(0, height - FOOT_PX, width, FOOT_PX);
  context.font = font(10);
  context.textBaseline = "middle";
  context.fillStyle = THEME.muted;
  const side = Math.max(size(left), size(right)) + FOOT_MARGIN_PX;
  const hasRoom = 2 * side + size(middle) + (middle === "" ? 1 : 2) * FOOT_MARGIN_PX <= width;
  const all = [
    [left, "left", FOOT_MARGIN_PX],
    [middle, "center", width / 2],
    [right, "right", width - FOOT_MARGIN_PX],
  ] as const;
  for (const [text, align, x] of all) {
    if (align !== "center" ? !hasRoom : size(text) > width) continue;
    context.textAlign = align;
    context.fillText(text, x, height - 8);
  }
  context.textAlign = "left";
}

const FOOT_PX = 18;
const FOOT_MARGIN_PX = 6;
