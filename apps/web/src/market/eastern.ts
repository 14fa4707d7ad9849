/**
 * Instants as the clock on a wall in New York shows them.
 *
 * The zone's offset is asked for once an hour of event time: asking is slow, and it changes on the
 * hour only.
 */

const NANOS_PER_SECOND = 1_000_000_000n;
const SECONDS_PER_HOUR = 3600;

const clock = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
});

const offsets = new Map<number, number>();

/** Returns what must be added to UTC, in seconds, at that time since the Unix epoch. */
export function easternOffset(seconds: number): number {
  const hour = Math.floor(seconds / SECONDS_PER_HOUR);
  const known = offsets.get(hour);
  if (known !== undefined) return known;
  const start = hour * SECONDS_PER_HOUR;
  const parts = new Map(
    clock.formatToParts(start * 1000).map(({ type, value }) => [type, Number(value)]),
  );
  const shown = Date.UTC(
    parts.get("year") ?? 0,
    (parts.get("month") ?? 1) - 1,
    parts.get("day") ?? 1,
    parts.get("hour") ?? 0,
  );
  const offset = shown / 1000 - start;
  if (offsets.size > 1000) offsets.clear();
  offsets.set(hour, offset);
  return offset;
}

/** Writes `HH:MM:SS` of that time since the Unix epoch, in seconds. */
export function easternClock(seconds: number): string {
  const local = Math.floor(seconds + easternOffset(seconds));
  return [local / 3600, local / 60, local]
    .map((part, place) => Math.floor(part) % (place === 0 ? 24 : 60))
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** Microseconds that a time in seconds may be off by. */
const ROUNDING_S = 1e-5;

/** Writes `HH:MM:SS` with that many decimals of a second, from 0 to 3. */
export function easternFraction(seconds: number, decimals: number): string {
  const whole = Math.floor(seconds + ROUNDING_S);
  const clock = easternClock(whole);
  if (decimals === 0) return clock;
  const parts = Math.max(Math.floor((seconds + ROUNDING_S - whole) * 10 ** decimals), 0);
  return `${clock}.${String(parts).padStart(decimals, "0")}`;
}

/** Writes `HH:MM:SS.mmm` of an instant in nanoseconds. */
export function easternInstant(ns: bigint): string {
  const millis = (ns % NANOS_PER_SECOND) / 1_000_000n;
  return `${easternClock(secondsOf(ns - (ns % NANOS_PER_SECOND)))}.${String(millis).padStart(3, "0")}`;
}

/** Returns an instant in seconds, exact to the microsecond: good for drawing and for no more. */
export function secondsOf(ns: bigint): number {
  return Number(ns / 1000n) / 1e6;
}
