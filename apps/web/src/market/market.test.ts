/** Prices and times as the user reads them. */
import { describe, expect, it } from "vitest";

import { easternClock, easternFraction, easternInstant, secondsOf } from "./eastern.ts";
import { formatCount, formatValue } from "./numbers.ts";
import { bucketsOf, formatPrice, formatWorth, priceOfBucket } from "./price.ts";

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
  it("that was counted has thousands separators and no prefix", () => {
    expect([0, 999, 1234, 12345, 123456, 1234567].map(formatCount)).toEqual([
      "0",
      "999",
      "1,234",
      "12,345",
      "123,456",
      "1,234,567",
    ]);
    expect(formatCount(-0.4)).toBe("0");
  });

  it("that was measured keeps three decimals, fewer where it is large", () => {
    expect([0, 0.12345, -12.345, 123.45, 12345.6, -3456789].map(formatValue)).toEqual([
      "0",
      "0.123",
      "−12.35",
      "123.5",
      "12,346",
      "−3,456,789",
    ]);
  });

  it("that is tiny is a bound or 0, never an exponent", () => {
    expect([9.43e-34, -9.43e-34, 1e-7, 0.0001234, -0.0001234, 0.001].map(formatValue)).toEqual([
      "0",
      "0",
      "0",
      "<0.001",
      ">−0.001",
      "0.001",
    ]);
    for (let exponent = -320; exponent < 18; exponent += 1) {
      for (const sign of [1, -1]) expect(formatValue(sign * 1.234 * 10 ** exponent)).not.toMatch(/e/);
    }
    expect(formatValue(NaN)).toBe("—");
  });
});

describe("what a tick and a point are worth", () => {
  it("is money for a contract, and the unit for a share", () => {
    expect(formatWorth(250000000n, 2, 50, "contracts")).toBe("tick 0.25 = $12.50 · $50 a point");
    expect(formatWorth(250000000n, 2, 2, "contracts")).toBe("tick 0.25 = $0.50 · $2 a point");
    expect(formatWorth(10000000n, 2, 1000, "contracts")).toBe("tick 0.01 = $10 · $1,000 a point");
    expect(formatWorth(500n, 7, 12_500_000, "contracts")).toBe("tick 0.0000005 = $6.25 · $12,500,000 a point");
    expect(formatWorth(10000000n, 2, 1, "shares")).toBe("tick 0.01 · shares");
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

  it("has as many decimals as a label needs", () => {
    const noon = Date.UTC(2026, 1, 6, 17, 0, 0) / 1000;
    expect([0, 1, 2, 3].map((decimals) => easternFraction(noon + 0.25, decimals))).toEqual([
      "12:00:00",
      "12:00:00.2",
      "12:00:00.25",
      "12:00:00.250",
    ]);
    // 0.3 has no float of its own, and must not become 0.299.
    expect(easternFraction(noon + 0.3, 3)).toBe("12:00:00.300");
    expect(easternFraction(noon - 1e-6, 1)).toBe("12:00:00.0");
  });

  it("is shown to the millisecond", () => {
    expect(easternInstant(1770388200_123456789n)).toBe("09:30:00.123");
    expect(secondsOf(1770388200_123456789n)).toBe(1770388200.123456);
  });
});
