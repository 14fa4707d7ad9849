/** The axes beside and below a picture: prices at the right, times at the bottom. */
import type { Surface } from "./surface.ts";
import { font, THEME } from "./theme.ts";
import { apart, bucketTicks, type TimeTick } from "./ticks.ts";
import { easternClock } from "../market/eastern.ts";
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

/** Returns the buckets that bear a label; the picture draws its lines at the same ones. */
export function priceTicks(view: Viewport): number[] {
  return bucketTicks(view.top - view.rows, view.top, LABEL_GAP_PX / view.pixelsPerBucket);
}

/** Draws the axis, and on it the tags: one that would hide a later one gives way to it. */
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
  for (const bucket of priceTicks(view)) {
    const y = view.yOf(bucket);
    context.fillRect(0, Math.round(y), 4, 1);
    // A label is written whole or not at all.
    const isCut = y < HALF_LABEL_PX || y > surface.height - HALF_LABEL_PX;
    if (isCut || ys.some((tag) => Math.abs(tag - y) < TAG_PX)) continue;
    context.fillText(formatPrice(priceOfBucket(bucket, bucketInt), decimals), 8, y + 0.5);
  }
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
}

/** Returns the labels of instants. */
export function clockLabels(ticks: readonly TimeTick[]): TimeLabel[] {
  return ticks.map(({ x, seconds }) => ({ x, text: easternClock(seconds) }));
}

export function drawTimeAxis(surface: Surface, scale: number, labels: readonly TimeLabel[]): void {
  const context = surface.begin(scale);
  context.font = font(11);
  context.textBaseline = "middle";
  context.textAlign = "center";
  context.fillStyle = THEME.muted;
  for (const { x, text } of labels) {
    context.fillRect(Math.round(x), 0, 1, 4);
    // A label is written whole or not at all.
    const half = 3.3 * text.length;
    if (x > half && x < surface.width - half) context.fillText(text, x, surface.height / 2 + 2);
  }
}
