/** A canvas that is as sharp as the screen, whatever its size. */

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
