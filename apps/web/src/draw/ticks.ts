/** Where an axis bears labels. Pure: it measures in buckets and seconds, and draws nothing. */

/** Round numbers of buckets, and beyond them their multiples by ten. */
const BUCKET_STEPS = [1, 2, 4, 10, 20, 40, 100, 200, 400] as const;

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600] as const;

/** Returns the buckets between two that bear a label, at least `gap` buckets apart. */
export function bucketTicks(low: number, high: number, gap: number): number[] {
  const step = BUCKET_STEPS.find((candidate) => candidate >= gap) ?? 1000;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick);
  return ticks;
}

export interface TimeTick {
  readonly x: number;
  readonly seconds: number;
}

/**
 * Returns the labelled times of a stretch of columns, which need not lie evenly in time nor always
 * go forward.
 *
 * @param timeAt gives the time at a place in pixels, or NaN where there is no column.
 */
export function timeTicks(width: number, gap: number, timeAt: (x: number) => number): TimeTick[] {
  const PROBE_PX = 4;
  let span = 0;
  let known = 0;
  let before = NaN;
  for (let x = 0; x <= width; x += PROBE_PX) {
    const time = timeAt(x);
    if (time >= before) span += time - before;
    if (!Number.isNaN(time)) known += 1;
    before = time;
  }
  if (known < 2) return [];
  const perGap = (span / (known * PROBE_PX)) * gap;
  const step = TIME_STEPS.find((candidate) => candidate >= perGap) ?? 7200;
  const ticks: TimeTick[] = [];
  before = NaN;
  let last = -Infinity;
  for (let x = 0; x <= width; x += 1) {
    const time = timeAt(x);
    const seconds = Math.floor(time / step) * step;
    if (seconds > Math.floor(before / step) * step && x - last >= gap * 0.8) {
      ticks.push({ x, seconds });
      last = x;
    }
    before = time;
  }
  return ticks;
}

/** Sums of pixels differ by as much at most. */
const ROUNDING = 1e-6;

/**
 * Returns where labels go that want to be at these places: at least `gap` from one another, within
 * `limits`. The last one stays, and each before it moves as little as it can.
 */
export function apart(
  places: readonly number[],
  gap: number,
  { min, max }: { readonly min: number; readonly max: number },
): number[] {
  const taken: number[] = [];
  for (const wanted of [...places].reverse()) {
    const near = Math.min(Math.max(wanted, min), max);
    const free = [near, ...taken.flatMap((place) => [place - gap, place + gap])].filter(
      (place) => place >= min && place <= max && taken.every((other) => Math.abs(place - other) > gap - ROUNDING),
    );
    const [nearest = near] = free.sort((one, next) => Math.abs(one - near) - Math.abs(next - near));
    taken.unshift(nearest);
  }
  return taken;
}
