/** Prices and times as the user reads them. */
import { describe, expect, it } from "vitest";

import { easternClock, easternInstant, secondsOf } from "./eastern.ts";
import { bucketsOf, formatCount, formatPrice, formatValue, priceOfBucket } from "./price.ts";

describe("a price", () => {
  it("is written with the decimals of its product", () => {
    expect(formatPrice(25000_250000000n, 2)).toBe("25,000.25");
    expect(formatPrice(1_084550000n, 5)).toBe("1.08455");
    expect(formatPrice(-37_630000000n, 2)).toBe("−37.63");
    expect(formatPrice(-500000000n, 2)).toBe("−0.50");
    expect(formatPrice(0n, 2)).toBe("0.00");
    expect(formatPrice(38500_000000000n, 0)).toBe("38,500");
  });

  it("keeps every digit, where a float would lose one", () => {
    expect(formatPrice(9_007_199_254_740_993n, 9)).toBe("9,007,199.254740993");
  });

  it("lies in the middle of its bucket, or between two", () => {
    expect(bucketsOf(25000_250000000n, 250000000n)).toBe(100001);
    expect(bucketsOf(25000_125000000n, 250000000n)).toBe(100000.5);
    expect(bucketsOf(-125000000n, 250000000n)).toBe(-0.5);
    expect(priceOfBucket(100001, 250000000n)).toBe(25000_250000000n);
    expect(priceOfBucket(-3, 250000000n)).toBe(-750000000n);
  });
});

describe("a quantity", () => {
  it("is short", () => {
    expect([0, 999, 1234, 12345, 123456, 1234567].map(formatCount)).toEqual([
      "0",
      "999",
      "1,234",
      "12.3k",
      "123k",
      "1.2M",
    ]);
  });

  it("that was measured keeps about four digits", () => {
    expect([0, -0.0001234, 0.12345, -12.345, 123.45, 12345.6].map(formatValue)).toEqual([
      "0.000",
      "−1.23e−4",
      "0.123",
      "−12.35",
      "123.5",
      "12346",
    ]);
  });
});

describe("a time", () => {
  it("is New York's, in winter and in summer", () => {
    expect(easternClock(Date.UTC(2026, 1, 6, 14, 30, 5) / 1000)).toBe("09:30:05");
    expect(easternClock(Date.UTC(2026, 6, 6, 13, 30) / 1000)).toBe("09:30:00");
    expect(easternClock(Date.UTC(2026, 1, 6, 3, 0) / 1000)).toBe("22:00:00");
  });

  it("follows the clocks when they change", () => {
    expect(easternClock(Date.UTC(2026, 2, 8, 6, 59, 59) / 1000)).toBe("01:59:59");
    expect(easternClock(Date.UTC(2026, 2, 8, 7, 0, 0) / 1000)).toBe("03:00:00");
  });

  it("is shown to the millisecond", () => {
    expect(easternInstant(1770388200_123456789n)).toBe("09:30:00.123");
    expect(secondsOf(1770388200_123456789n)).toBe(1770388200.123456);
  });
});
