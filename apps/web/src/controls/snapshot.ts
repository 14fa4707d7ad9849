/** A PNG of the view, as it is on the screen, under a caption and over a legend. */
import { faded, font, THEME } from "../draw/theme.ts";

/** What a colour of the picture means. */
export type LegendEntry =
  | { readonly kind: "scale"; readonly low: string; readonly high: string; readonly strip: HTMLCanvasElement }
  | {
      readonly kind: "area" | "bar" | "line" | "cone" | "dash";
      readonly colour: string;
      readonly words: string;
    };

/** What the page saves as a picture. */
export interface Snapshot {
  readonly canvases: readonly HTMLCanvasElement[];
  readonly caption: string;
  readonly legend: readonly LegendEntry[];
  /** Without its ending. */
  readonly name: string;
}

const CAPTION_PX = 30;
const LEGEND_ROW_PX = 22;
const MARGIN_PX = 12;
const STRIP_PX = 120;
const SWATCH_PX = 14;

/** Between a swatch and its words, and between two entries. */
const NEAR_PX = 6;
const APART_PX = 18;

/** Puts the canvases where they are on the page, and hands the file over. */
export function savePng(stage: HTMLElement, { canvases, caption, legend, name }: Snapshot): void {
  const scale = window.devicePixelRatio;
  const frame = stage.getBoundingClientRect();
  const boxes = canvases.map((canvas) => canvas.getBoundingClientRect());
  const width = Math.max(...boxes.map(({ right }) => right)) - frame.left;
  const bottom = Math.max(...boxes.map((box) => box.bottom)) - frame.top + CAPTION_PX;
  const picture = document.createElement("canvas");
  const context = picture.getContext("2d");
  if (context === null) return;
  context.font = font(11);
  const rows = rowsOf(context, legend, width);
  const height = bottom + rows.length * LEGEND_ROW_PX + (rows.length > 0 ? NEAR_PX : 0);
  picture.width = Math.round(width * scale);
  picture.height = Math.round(height * scale);
  context.scale(scale, scale);
  context.fillStyle = THEME.panel;
  context.fillRect(0, 0, width, height);
  context.fillStyle = THEME.ink;
  context.font = font(12, 600);
  context.textBaseline = "middle";
  context.fillText(caption, MARGIN_PX, CAPTION_PX / 2, width - 2 * MARGIN_PX);
  canvases.forEach((canvas, index) => {
    const box = boxes[index];
    if (box === undefined || canvas.width === 0 || canvas.height === 0) return;
    context.drawImage(
      canvas,
      box.left - frame.left,
      box.top - frame.top + CAPTION_PX,
      box.width,
      box.height,
    );
  });
  context.font = font(11);
  rows.forEach((row, index) => {
    const y = bottom + NEAR_PX / 2 + (index + 0.5) * LEGEND_ROW_PX;
    let x = MARGIN_PX;
    for (const entry of row) {
      drawEntry(context, entry, x, y);
      x += widthOf(context, entry) + APART_PX;
    }
  });
  picture.toBlob((blob) => {
    if (blob === null) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${name}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }, "image/png");
}

/** Breaks the legend into rows that fit the width. */
function rowsOf(
  context: CanvasRenderingContext2D,
  legend: readonly LegendEntry[],
  width: number,
): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let x = Infinity;
  for (const entry of legend) {
    const needed = widthOf(context, entry);
    if (x + needed > width - MARGIN_PX) {
      rows.push([]);
      x = MARGIN_PX;
    }
    rows.at(-1)?.push(entry);
    x += needed + APART_PX;
  }
  return rows;
}

function widthOf(context: CanvasRenderingContext2D, entry: LegendEntry): number {
  const text = (words: string): number => context.measureText(words).width;
  return entry.kind === "scale"
    ? text(entry.low) + STRIP_PX + 2 * NEAR_PX + text(entry.high)
    : SWATCH_PX + NEAR_PX + text(entry.words);
}

/** Draws an entry whose left end is at `x` and whose middle is at `y`. */
function drawEntry(context: CanvasRenderingContext2D, entry: LegendEntry, x: number, y: number): void {
  context.fillStyle = THEME.muted;
  if (entry.kind === "scale") {
    const left = x + context.measureText(entry.low).width + NEAR_PX;
    context.fillText(entry.low, x, y);
    context.fillText(entry.high, left + STRIP_PX + NEAR_PX, y);
    context.drawImage(entry.strip, left, y - 4, STRIP_PX, 8);
    return;
  }
  context.fillText(entry.words, x + SWATCH_PX + NEAR_PX, y);
  drawSwatch(context, entry.kind, entry.colour, x, y);
}

function drawSwatch(
  context: CanvasRenderingContext2D,
  kind: Exclude<LegendEntry["kind"], "scale">,
  colour: string,
  x: number,
  y: number,
): void {
  context.fillStyle = kind === "cone" ? faded(colour, 0.35) : colour;
  switch (kind) {
    case "area":
      context.fillRect(x, y - 5, SWATCH_PX, 9);
      break;
    case "bar":
      context.fillRect(x, y - 3, SWATCH_PX, 5);
      break;
    case "line":
      context.fillRect(x, y - 1, SWATCH_PX, 2);
      break;
    case "dash":
      for (const part of [0, 5, 10]) context.fillRect(x + part, y - 1, 4, 2);
      break;
    case "cone":
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x + SWATCH_PX, y - 5);
      context.lineTo(x + SWATCH_PX, y + 5);
      context.closePath();
      context.fill();
      break;
  }
}
