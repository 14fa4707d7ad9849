/** Sessions as the server bounds them; the same cases as in `vp-market`. */
import { describe, expect, it } from "vitest";

import { firstInstant, windowOf, windowWords } from "./window.ts";

/** Returns how many seconds of the session have passed at that time of day. */
function passed(productType: string, dt: string, clock: string): number | null {
  const window = windowOf(productType, dt);
  if (window === null) throw new Error("no window");
  const instant = firstInstant(window, clock);
  return instant === null ? null : instant - window.start;
}

describe("a session", () => {
  it("of a future is the UTC day", () => {
    const window = windowOf("future_mbo", "2023-12-25");
    expect(window).toEqual({ start: 1_703_462_400, end: 1_703_548_800 });
    expect(passed("future_mbo", "2023-12-25", "19:00")).toBe(0);
    expect(passed("future_mbo", "2023-12-25", "18:00")).toBe(82_800);
    expect(passed("future_mbo", "2023-12-25", "18:47:10")).toBe(85_630);
  });

  it("of a share is the day in New York, summer and winter", () => {
    expect(windowOf("equity_mbo", "2025-01-17")).toEqual({ start: 1_737_097_200, end: 1_737_147_600 });
    expect(windowOf("equity_mbo", "2025-07-17")).toEqual({ start: 1_752_732_000, end: 1_752_782_400 });
    expect(passed("equity_mbo", "2025-07-17", "16:00")).toBeNull();
    expect(passed("equity_mbo", "2025-07-17", "01:59:59")).toBeNull();
    expect(passed("equity_mbo", "2025-07-17", "15:59:59")).toBe(50_399);
    const window = windowOf("equity_mbo", "2025-07-17");
    expect(window === null ? "" : windowWords(window)).toBe("02:00:00 to 16:00:00 ET");
  });

  it("follows the clocks when they change", () => {
    expect(passed("future_mbo", "2024-03-10", "02:30")).toBeNull();
    expect(passed("future_mbo", "2024-03-10", "03:00")).toBe(25_200);
    expect(passed("future_mbo", "2024-03-10", "19:30")).toBe(1800);
    expect(passed("equity_mbo", "2024-03-10", "09:30")).toBe(23_400);
    expect(passed("future_mbo", "2024-11-03", "01:30")).toBe(19_800);
    expect(passed("future_mbo", "2024-11-03", "19:30")).toBeNull();
    expect(passed("future_mbo", "2024-11-03", "20:00")).toBe(0);
  });

  it("of another product type, or of no date, is not known", () => {
    expect(windowOf("crypto", "2025-07-17")).toBeNull();
    expect(windowOf("future_mbo", "2025-17-07")).toBeNull();
  });
});
