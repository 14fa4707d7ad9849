/** The positions of an axis' labels. Pure: it measures in buckets and seconds, and draws nothing. */

/** Round numbers of buckets, and beyond them their multiples by ten. */
const BUCKET_STEPS = [1, 2, 4, 10, 20, 40, 100, 200, 400] as const;

/** Seconds between two labels of the time axis; beyond them, whole hours. */
const TIME_STEPS = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
  ...[60, 120, 300, 600, 900, 1800, 3600],
] as const;

const LONGEST_STEP = 7200;

/** What sums and quotients of floats may be off by. */
const ROUNDING = 1e-6;

/** Returns the buckets between two that bear a label, at least `gap` buckets apart. */
export function bucketTicks(low: number, high: number, gap: number): number[] {
  const step = BUCKET_STEPS.find((candidate) => candidate >= gap) ?? 1000;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick);
  return ticks;
}

/** A labelled time: the instant that the label names, and where it is. */
export interface TimeTick {
  readonly x: number;
  readonly seconds: number;
}

/** Where labels may be, and how far apart they are at least, in pixels. */
export interface TimeRoom {
  readonly width: number;
  readonly gap: number;
  /** Half of a label's width: nearer to an edge it would be cut off. */
  readonly margin: number;
}

/**
 * Returns the labelled times of a stretch of columns, which need not lie evenly in time nor always
 * go forward. Every label names a time that is in view.
 *
 * Labels are at round times. Where time jumps, as after a seek, and where fewer than two round
 * times are in view, they are at the times of columns.
 *
 * @param timeAt gives the time at a place in pixels, or NaN where there is no column.
 */
export function timeTicks(room: TimeRoom, timeAt: (x: number) => number): TimeTick[] {
  const times = Float64Array.from({ length: Math.floor(room.width) + 1 }, (_, x) => timeAt(x));
  const first = times.findIndex((time) => !Number.isNaN(time));
  let last = times.length - 1;
  while (last > first && Number.isNaN(times[last])) last -= 1;
  const from = Math.max(first, Math.ceil(room.margin));
  const to = Math.min(last, Math.floor(room.width - room.margin));
  const label = (x: number): TimeTick => ({ x, seconds: times[x] ?? NaN });
  if (first < 0) return [];
  // All columns are at one edge: the axis moves the label into sight.
  if (from > to) return [label(last)];
  const least = room.gap * LEAST_GAP;
  const usual = usualStep(room.gap, times);
  const steps = [...TIME_STEPS, LONGEST_STEP].filter((candidate) => candidate <= usual).reverse();
  if (to - from < least) {
    // With room for one label, a round time is better than another.
    const round = steps.flatMap((step) => roundTicks(times, from, to, least, step)).find(({ isRound }) => isRound);
    return [round ?? label(to)];
  }
  for (const step of steps) {
    const ticks = roundTicks(times, from, to, least, step);
    if (ticks.length > 1) return ticks;
  }
  return [label(from), label(to)].filter(({ seconds }) => !Number.isNaN(seconds));
}

/** Labels may be this much nearer than the gap that sets their step. */
const LEAST_GAP = 0.8;

/** Returns the step at which labels are about a gap apart. */
function usualStep(gap: number, times: Float64Array): number {
  for (const pixels of [Math.max(Math.round(gap), 1), 1]) {
    const spans = times
      .map((time, x) => time - (times[x - pixels] ?? NaN))
      .filter((span) => span >= 0)
      .sort();
    // The median: one jump of hours must not set the step of the minutes around it.
    const median = spans[Math.floor(spans.length / 2)];
    if (median === undefined) continue;
    const seconds = (median * gap) / pixels;
    return TIME_STEPS.find((candidate) => candidate >= seconds) ?? LONGEST_STEP;
  }
  return LONGEST_STEP;
}

interface RoundTick extends TimeTick {
  readonly isRound: boolean;
}

/** Returns the ticks at multiples of a step, and at the first time after each jump. */
function roundTicks(times: Float64Array, from: number, to: number, least: number, step: number): RoundTick[] {
  const ticks: RoundTick[] = [];
  let last = -Infinity;
  for (let x = from; x <= to; x += 1) {
    const time = times[x] ?? NaN;
    // What is left of the picture is not known: its left edge is no jump.
    const before = x === 0 ? time : (times[x - 1] ?? NaN);
    if (Number.isNaN(time) || x - last < least) continue;
    const multiple = Math.floor(time / step + ROUNDING) * step;
    const isJump = Number.isNaN(before) || time < before || time - before > step / 2;
    if (!isJump && multiple <= before) continue;
    ticks.push({ x, seconds: isJump ? time : multiple, isRound: !isJump });
    last = x;
  }
  return ticks;
}

/** Returns how many decimals of a second the labels need to differ, from 0 to 3. */
export function secondDecimals(ticks: readonly TimeTick[]): number {
  const isExact = (decimals: number): boolean =>
    ticks.every(({ seconds }, index) => {
      const before = ticks[index - 1]?.seconds;
      const unit = 10 ** -decimals;
      return before === undefined || Math.floor(seconds / unit + ROUNDING) !== Math.floor(before / unit + ROUNDING);
    });
  return [0, 1, 2].find(isExact) ?? 3;
}

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
