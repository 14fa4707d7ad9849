/**
 * The span of time that a session covers, and which instant of it a time of day means. The server
 * decides; this is for telling the user before it is asked.
 */
import { easternClock, easternOffset } from "./eastern.ts";

const HOUR_S = 3600;

/** In seconds since the Unix epoch; the end does not belong to it. */
export interface SessionWindow {
  readonly start: number;
  readonly end: number;
}

/**
 * Returns the window of a session: the UTC day for futures, 02:00 to 16:00 Eastern Time for shares.
 * `null` for any other product type, and for a date that does not exist.
 */
export function windowOf(productType: string, dt: string): SessionWindow | null {
  const midnight = Date.parse(`${dt}T00:00:00Z`) / 1000;
  if (Number.isNaN(midnight)) return null;
  if (productType === "future_mbo") return { start: midnight, end: midnight + 24 * HOUR_S };
  if (productType !== "equity_mbo") return null;
  const day = { start: midnight, end: midnight + 30 * HOUR_S };
  // On the day the clocks go forward there is no 02:00.
  const start = firstInstant(day, "02:00") ?? firstInstant(day, "03:00");
  const end = firstInstant(day, "16:00");
  return start === null || end === null ? null : { start, end };
}

/** Returns the first instant of a window at which the clock in New York shows `HH:MM` or `HH:MM:SS`. */
export function firstInstant({ start, end }: SessionWindow, clock: string): number | null {
  const [hours = NaN, minutes = NaN, seconds = 0] = clock.split(":").map(Number);
  // Windows begin on the hour, and the zone changes its offset on the hour.
  for (let hour = start; hour < end; hour += HOUR_S) {
    const local = Math.floor((hour + easternOffset(hour)) / HOUR_S) % 24;
    if (local === hours) return hour + minutes * 60 + seconds;
  }
  return null;
}

/** Writes a window as times of day. */
export function windowWords({ start, end }: SessionWindow): string {
  return `${easternClock(start)} to ${easternClock(end)} ET`;
}
