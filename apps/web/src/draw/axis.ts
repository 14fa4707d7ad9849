/** The axes beside and below a picture: prices at the right, times at the bottom. */
import type { Surface } from "./surface.ts";
import { font, letterWidth, THEME } from "./theme.ts";
import { apart, bucketTicks, secondDecimals, timeTicks, type TimeTick } from "./ticks.ts";
import { easternFraction } from "../market/eastern.ts";
import { formatPrice, priceOfBucket } from "../market/price.ts";
import type { Viewport } from "../state/viewport.ts";

/** A price that stands out on the axis. */
export interface Tag {
  /** Where, in buckets. */
  readonly place: number;
  readonly text: string;
  readonly colour: string;
  readonly isFilled: boolean;
}

/** Returns the tag of the price in the middle of a bucket. */
export function priceTag(
  bucket: number,
  bucketInt: bigint,
  decimals: number,
  colour: string,
  isFilled: boolean,
): Tag {
  const text = formatPrice(priceOfBucket(bucket, bucketInt), decimals);
  return { place: bucket, text, colour, isFilled };
}

const LABEL_GAP_PX = 26;

/** A label that is nearer to a tag than this would be hidden by half. */
const TAG_PX = 15;

/** Half the height of a label's figures. */
const HALF_LABEL_PX = 5;

/** Half the height of a tag. */
const HALF_TAG_PX = 9;

/** Pixels left and right of a price. */
const PRICE_MARGINS_PX = 12;

/** Returns the width of an axis for prices of so many letters. */
export function axisWidth(letters: number): number {
  return Math.ceil(letterWidth(11) * letters) + PRICE_MARGINS_PX;
}

/** Returns the buckets that bear a label; the picture draws its lines at the same ones. */
export function priceTicks(view: Viewport): number[] {
  return bucketTicks(view.top - view.rows, view.top, LABEL_GAP_PX / view.pixelsPerBucket);
}

/**
 * Draws the axis, and on it the tags: one that would hide a later one gives way to it. The canvas is
 * named after the prices on it, for those who cannot see it.
 */
export function drawPriceAxis(
  surface: Surface,
  scale: number,
  view: Viewport,
  bucketInt: bigint,
  decimals: number,
  tags: readonly Tag[],
): void {
  const context = surface.begin(scale);
  if (view.centre === null) return;
  context.font = font(11);
  context.textBaseline = "middle";
  context.fillStyle = THEME.muted;
  const known = tags.filter(({ place }) => !Number.isNaN(place));
  const ys = apart(
    known.map(({ place }) => view.yOf(place)),
    2 * HALF_TAG_PX + 1,
    { min: HALF_TAG_PX, max: surface.height - HALF_TAG_PX },
  );
  const written: string[] = [];
  for (const bucket of priceTicks(view)) {
    const y = view.yOf(bucket);
    context.fillRect(0, Math.round(y), 4, 1);
    // A label is written whole or not at all.
    const isCut = y < HALF_LABEL_PX || y > surface.height - HALF_LABEL_PX;
    if (isCut || ys.some((tag) => Math.abs(tag - y) < TAG_PX)) continue;
    const text = formatPrice(priceOfBucket(bucket, bucketInt), decimals);
    context.fillText(text, 8, y + 0.5);
    written.push(text);
  }
  const words = `Price axis: ${[...written, ...known.map(({ text }) => text)].join(" ")}`;
  if (surface.canvas.ariaLabel !== words) surface.canvas.ariaLabel = words;
  known.forEach((tag, index) => drawTag(context, surface.width, view, tag, ys[index] ?? 0));
}

/** Draws a tag whose middle is at `y`, and which points at its price. */
function drawTag(
  context: CanvasRenderingContext2D,
  width: number,
  view: Viewport,
  { place, text, colour, isFilled }: Tag,
  y: number,
): void {
  context.fillStyle = isFilled ? colour : THEME.panel;
  context.beginPath();
  context.moveTo(0, view.yOf(place));
  context.lineTo(6, y - HALF_TAG_PX);
  context.lineTo(width - 2, y - HALF_TAG_PX);
  context.lineTo(width - 2, y + HALF_TAG_PX);
  context.lineTo(6, y + HALF_TAG_PX);
  context.closePath();
  context.fill();
  if (!isFilled) {
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.stroke();
  }
  context.font = font(11, 600);
  context.fillStyle = isFilled ? THEME.ground : colour;
  context.fillText(text, 8, y + 0.5);
}

/** A label of the time axis. */
export interface TimeLabel {
  readonly x: number;
  readonly text: string;
  /** The middle of the text, where that is beside its place. */
  readonly at?: number;
}

/** The longest label of the time axis, and pixels between two of them. */
const LONGEST_TIME = "HH:MM:SS.mmm";
const TIME_APART_PX = 28;

/** Half of what a label of hours, minutes and seconds takes. */
const TIME_MARGIN_PX = 30;

/** Returns the labels of the times in view, from the left edge to `width`. */
export function clockLabels(width: number, timeAt: (x: number) => number): TimeLabel[] {
  const gap = 2 * halfOf(LONGEST_TIME) + TIME_APART_PX;
  const labels = labelsOf(timeTicks({ width, gap, margin: TIME_MARGIN_PX }, timeAt));
  return labels.map(({ x, text }) => {
    const half = halfOf(text);
    return { x, text, at: Math.min(Math.max(x, half), width - half) };
  });
}

/** Returns half of what a label takes. */
function halfOf(text: string): number {
  return (letterWidth(11) * text.length) / 2;
}

/** Writes hours and minutes where no label needs more, and as much of a second as tells them apart. */
function labelsOf(ticks: readonly TimeTick[]): TimeLabel[] {
  const decimals = secondDecimals(ticks);
  const texts = ticks.map(({ seconds }) => easternFraction(seconds, decimals));
  const isMinutes = texts.every((text) => text.endsWith(":00"));
  return ticks.map(({ x }, index) => {
    const text = texts[index] ?? "";
    return { x, text: isMinutes ? text.slice(0, -3) : text };
  });
}

/** Draws the axis and names its times for those who cannot see it. */
export function drawTimeAxis(surface: Surface, scale: number, labels: readonly TimeLabel[]): void {
  const context = surface.begin(scale);
  context.font = font(11);
  context.textBaseline = "middle";
  context.textAlign = "center";
  context.fillStyle = THEME.muted;
  for (const { x, text, at = x } of labels) {
    context.fillRect(Math.round(x), 0, 1, 4);
    // A label is written whole or not at all.
    const half = halfOf(text);
    if (at > half - 1 && at < surface.width - half + 1) context.fillText(text, at, surface.height / 2 + 2);
  }
  const words = `Time axis, Eastern Time: ${labels.map(({ text }) => text).join(", ")}`;
  if (surface.canvas.ariaLabel !== words) surface.canvas.ariaLabel = words;
}
