/** Where on the screen a thing lies, and what stays in place when the view changes. */
import { beforeEach, describe, expect, it } from "vitest";

import { anchored, COLUMNS_PER_PIXEL, floorOf, PIXELS_PER_BUCKET, Viewport } from "./viewport.ts";

let view: Viewport;

beforeEach(() => {
  view = new Viewport(101);
  view.resize(900, 606, 101);
  view.zoomTime(2, 0);
  view.advance(2000, 1000);
});

describe("the view", () => {
  it("fits the rows of a grid at first", () => {
    expect(view.pixelsPerBucket).toBe(6);
    expect(view.rows).toBe(101);
    expect(view.bucketAt(303)).toBe(1000);
    expect(view.bucketAt(1)).toBe(1050);
    expect(view.bucketAt(605)).toBe(950);
  });

  it("maps rows to buckets with their middles on whole numbers", () => {
    for (const bucket of [951, 1000, 1049]) {
      expect(view.bucketAt(view.yOf(bucket))).toBe(bucket);
      expect(view.bucketAt(view.yOf(bucket + 0.49))).toBe(bucket);
      expect(view.bucketAt(view.yOf(bucket - 0.49))).toBe(bucket);
    }
  });

  it("maps columns there and back", () => {
    for (const column of [300, 1500, 1999]) {
      expect(view.columnAt(view.xOf(column) + 0.01)).toBe(column);
    }
  });

  it("moves by whole pixels while it follows", () => {
    const right = view.right;
    view.advance(2001, 1000);
    expect(view.right - right).toBe(2);
    view.advance(2002, 1000);
    expect(view.right - right).toBe(2);
  });

  it("leaves the newest column in sight", () => {
    expect(view.xOf(2000)).toBeLessThan(900);
    expect(view.xOf(2000)).toBeGreaterThan(880);
  });
});

describe("the floor", () => {
  it("of a share is 0, and a future has none", () => {
    expect(floorOf("equity_mbo")).toBe(-0.5);
    expect(floorOf("future_mbo")).toBe(-Infinity);
  });

  it("keeps negative prices out of sight, however the view is moved", () => {
    view = new Viewport(101);
    view.floor = -0.5;
    view.resize(900, 606, 101);
    const lowest = (): number => view.top - view.rows;
    view.advance(2000, 28);
    expect(lowest()).toBe(-0.5);
    expect(view.yOf(28)).toBeGreaterThan(303);
    view.advance(2001, 3);
    expect(lowest()).toBe(-0.5);
    view.pan(0, -400);
    expect(lowest()).toBe(-0.5);
    view.zoomPrice(3, 10);
    expect(lowest()).toBe(-0.5);
    view.resize(900, 1200, 101);
    expect(lowest()).toBe(-0.5);
    view.pan(0, 400);
    expect(lowest()).toBeGreaterThan(-0.5);
  });
});

describe("the anchor", () => {
  it("stays while the spot moves away from the edge", () => {
    for (const spot of [1000, 1020, 1040, 961]) expect(anchored(1000, spot, 101)).toBe(1000);
  });

  it("moves to a spot that comes within ten rows of the edge", () => {
    expect(anchored(1000, 1041, 101)).toBe(1041);
    expect(anchored(1000, 959, 101)).toBe(959);
  });

  it("begins at the first spot", () => {
    expect(anchored(null, 77, 101)).toBe(77);
  });

  it("keeps a margin that fits a narrow view", () => {
    expect(anchored(1000, 1005, 20)).toBe(1000);
    expect(anchored(1000, 1006, 20)).toBe(1006);
  });

  it("is left alone once the user looks elsewhere", () => {
    view.pan(10, 60);
    view.advance(3000, 1050);
    expect(view.centre).toBe(1010);
    expect(view.isFollowing).toBe(false);
    view.follow();
    view.advance(3000, 1050);
    expect(view.centre).toBe(1050);
  });
});

describe("zooming", () => {
  it("keeps the time under the cursor", () => {
    view.pan(0, 0);
    const column = view.right - (view.width - 200) * view.columnsPerPixel;
    view.zoomTime(1.7, 200);
    expect(view.right - (view.width - 200) * view.columnsPerPixel).toBeCloseTo(column, 9);
  });

  it("keeps the price under the cursor", () => {
    const bucket = view.top - 100 / view.pixelsPerBucket;
    view.zoomPrice(0.5, 100);
    expect(view.top - 100 / view.pixelsPerBucket).toBeCloseTo(bucket, 9);
    expect(view.pixelsPerBucket).toBe(12);
  });

  it("ends at its limits", () => {
    for (let step = 0; step < 100; step += 1) {
      view.zoomTime(2, 0);
      view.zoomPrice(2, 0);
    }
    expect(view.columnsPerPixel).toBe(COLUMNS_PER_PIXEL.max);
    expect(view.pixelsPerBucket).toBe(PIXELS_PER_BUCKET.min);
    for (let step = 0; step < 100; step += 1) {
      view.zoomTime(0.5, 0);
      view.zoomPrice(0.5, 0);
    }
    expect(view.columnsPerPixel).toBe(COLUMNS_PER_PIXEL.min);
    expect(view.pixelsPerBucket).toBe(PIXELS_PER_BUCKET.max);
  });

  it("shows thirty minutes of 40 updates a second on a small screen", () => {
    view.zoomTime(1e6, 0);
    expect(view.width * view.columnsPerPixel).toBeGreaterThanOrEqual(30 * 60 * 40);
  });
});

describe("a new size", () => {
  it("refits the rows until the user has zoomed", () => {
    view.resize(1800, 1212, 101);
    expect(view.pixelsPerBucket).toBe(12);
    view.zoomPrice(2, 0);
    view.resize(1800, 606, 101);
    expect(view.pixelsPerBucket).toBe(6);
    view.resize(1800, 1212, 101);
    expect(view.pixelsPerBucket).toBe(6);
  });
});

describe("a view that looks ahead", () => {
  const ahead = new Viewport(801, {
    columns: 1800,
    ahead: 0.3,
    edgeRows: 100,
    pixelsPerBucket: { min: 0.25, max: 64 },
  });

  beforeEach(() => {
    ahead.reset();
    ahead.resize(1000, 400, 801);
    ahead.advance(1800, 5000);
  });

  it("leaves its share of the width free, and fits its columns into the rest", () => {
    expect(ahead.aheadPx).toBe(300);
    expect(ahead.xOf(1800)).toBeGreaterThan(698);
    expect(ahead.xOf(1800)).toBeLessThan(702);
    expect(ahead.xOf(0)).toBeCloseTo(0, -1);
  });

  it("fits again when it grows, until the user has zoomed time", () => {
    ahead.resize(2000, 400, 801);
    expect(ahead.columnsPerPixel).toBeCloseTo(1800 / 1400, 9);
    ahead.zoomTime(0.5, 0);
    ahead.resize(1000, 400, 801);
    expect(ahead.columnsPerPixel).toBeCloseTo(900 / 1400, 9);
  });

  it("is anchored anew while the forecast's reach is still in sight", () => {
    ahead.advance(1801, 5300);
    expect(ahead.centre).toBe(5000);
    ahead.advance(1802, 5301);
    expect(ahead.centre).toBe(5301);
  });
});
