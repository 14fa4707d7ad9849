/** How long to wait before the next attempt to connect. It waits for nothing itself. */

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** Returns the delay before attempt `attempt`, counted from 1: it doubles up to a limit. */
export function delayMs(attempt: number): number {
  return Math.min(FIRST_MS * 2 ** (attempt - 1), LONGEST_MS);
}
