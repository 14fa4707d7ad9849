/**
 * Which part of the picture is on the screen, and where on the screen a thing lies.
 *
 * Across lie columns, counted since the page was loaded; up lie buckets of price. The picture
 * stays still while the spot moves: the view is anchored to price and re-anchored only when the
 * spot comes near its edge.
 */

/** A place on the screen, in CSS pixels from the upper left corner of the picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Limits {
  readonly min: number;
  readonly max: number;
}

/** 30 minutes at 40 updates a second fit into 900 pixels. */
export const COLUMNS_PER_PIXEL: Limits = { min: 1 / 24, max: 80 };
export const PIXELS_PER_BUCKET: Limits = { min: 2, max: 64 };

/** Pixels left free beside the newest column while following, at least. */
const GAP_PX = 12;

/** How a page frames its picture. */
export interface Framing {
  /** Columns that fill the width beside what lies ahead at first; `null`: one for each pixel. */
  readonly columns: number | null;
  /** Share of the width right of the newest column, from 0 to 1. */
  readonly ahead: number;
  /** Rows between the spot and the edge at which the view is anchored anew. */
  readonly edgeRows: number;
  readonly columnsPerPixel: Limits;
  readonly pixelsPerBucket: Limits;
}

const FRAMING: Framing = {
  columns: null,
  ahead: 0,
  edgeRows: 10,
  columnsPerPixel: COLUMNS_PER_PIXEL,
  pixelsPerBucket: PIXELS_PER_BUCKET,
};

export class Viewport {
  width = 1;
  height = 1;
  /** The column at the right edge; the first one that is not visible. */
  right = 0;
  columnsPerPixel = 1;
  /** The bucket in the middle, a fraction while panning; `null` before there was a spot. */
  centre: number | null = null;
  pixelsPerBucket = 6;
  /** Whether the view stays with the newest column and the spot. */
  isFollowing = true;
  /** The lower end of the prices that exist, in buckets: a share costs no less than 0. */
  floor = -Infinity;
  readonly #framing: Framing;
  /** Whether the rows still fill the height, and the columns the width, as they did at the start. */
  #isHeightFitted = true;
  #isWidthFitted = true;
  #rows: number;

  constructor(rows: number, framing: Partial<Framing> = {}) {
    this.#rows = rows;
    this.#framing = { ...FRAMING, ...framing };
  }

  /** Pixels right of the newest column while the view follows it. */
  get aheadPx(): number {
    return Math.max(Math.round(this.#framing.ahead * this.width), GAP_PX);
  }

  /** Takes the size of the picture, and the rows of a grid that should fill it at first. */
  resize(width: number, height: number, rows: number): void {
    const middle = this.width / 2;
    if (!this.isFollowing) this.right += (width / 2 - middle) * this.columnsPerPixel;
    this.width = Math.max(width, 1);
    this.height = Math.max(height, 1);
    this.#rows = rows;
    const { columns, columnsPerPixel, pixelsPerBucket } = this.#framing;
    if (this.#isHeightFitted) this.pixelsPerBucket = clamp(this.height / rows, pixelsPerBucket);
    if (this.#isWidthFitted && columns !== null) {
      this.columnsPerPixel = clamp(columns / (this.width - this.aheadPx), columnsPerPixel);
    }
    this.#keepAboveFloor();
  }

  get left(): number {
    return this.right - this.width * this.columnsPerPixel;
  }

  get rows(): number {
    return this.height / this.pixelsPerBucket;
  }

  /** The price axis' upper end, in buckets. */
  get top(): number {
    return (this.centre ?? 0) + this.rows / 2;
  }

  xOf(column: number): number {
    return this.width - (this.right - column) / this.columnsPerPixel;
  }

  yOf(bucket: number): number {
    return (this.top - bucket) * this.pixelsPerBucket;
  }

  /** Returns the column at a place; it need not exist. */
  columnAt(x: number): number {
    return Math.floor(this.right - (this.width - x) * this.columnsPerPixel);
  }

  /** Returns the bucket at a place: bucket `b` reaches from `b - 0.5` to `b + 0.5`. */
  bucketAt(y: number): number {
    return Math.round(this.top - y / this.pixelsPerBucket);
  }

  /** Stays with the newest column and the spot, if the user wants it so. */
  advance(columns: number, spot: number | null): void {
    if (!this.isFollowing) return;
    // Steps of whole pixels: a picture that creeps by parts of a pixel shimmers.
    const step = Math.max(this.columnsPerPixel, 1);
    this.right = Math.ceil(columns / step) * step + this.aheadPx * this.columnsPerPixel;
    if (spot === null) return;
    this.centre = anchored(this.centre, spot, this.rows, this.#framing.edgeRows);
    this.#keepAboveFloor();
  }

  /** Goes back to the newest column, with the spot in the middle. */
  follow(): void {
    this.isFollowing = true;
    this.centre = null;
  }

  /** Goes back to following at the zoom the page began with. */
  reset(): void {
    this.columnsPerPixel = 1;
    this.#isHeightFitted = true;
    this.#isWidthFitted = true;
    this.resize(this.width, this.height, this.#rows);
    this.follow();
  }

  /** Moves the picture with the pointer. */
  pan(dx: number, dy: number): void {
    this.isFollowing = false;
    this.right -= dx * this.columnsPerPixel;
    if (this.centre !== null) this.centre += dy / this.pixelsPerBucket;
    this.#keepAboveFloor();
  }

  /** Shows more time (factor above 1) or less; what is at `x` stays there, unless it follows. */
  zoomTime(factor: number, x: number): void {
    this.#isWidthFitted = false;
    const before = this.columnsPerPixel;
    this.columnsPerPixel = clamp(before * factor, this.#framing.columnsPerPixel);
    if (!this.isFollowing) this.right += (this.width - x) * (this.columnsPerPixel - before);
  }

  /** Shows more prices (factor above 1) or fewer; what is at `y` stays there. */
  zoomPrice(factor: number, y: number): void {
    this.#isHeightFitted = false;
    const before = this.pixelsPerBucket;
    this.pixelsPerBucket = clamp(before / factor, this.#framing.pixelsPerBucket);
    if (this.centre === null) return;
    this.centre += (this.height / 2 - y) * (1 / before - 1 / this.pixelsPerBucket);
    this.#keepAboveFloor();
  }

  /** Moves the view up where it would show prices below the floor. */
  #keepAboveFloor(): void {
    if (this.centre !== null) this.centre = Math.max(this.centre, this.floor + this.rows / 2);
  }
}

/** Returns the lower end of an instrument's prices, in buckets: futures may cost less than nothing. */
export function floorOf(productType: string): number {
  return productType.startsWith("equity") ? -0.5 : -Infinity;
}

/**
 * Returns the middle of a view of that many rows: where it was, or at the spot if that came
 * within `edgeRows` of the edge (a fifth of the view, where that is less).
 */
export function anchored(centre: number | null, spot: number, rows: number, edgeRows = 10): number {
  const reach = rows / 2 - Math.min(edgeRows, rows / 5);
  return centre === null || Math.abs(spot - centre) >= reach ? spot : centre;
}

function clamp(value: number, { min, max }: Limits): number {
  return Math.min(Math.max(value, min), max);
}
