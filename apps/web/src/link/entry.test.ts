/** What a user types, as the server takes it. */
import { expect, it } from "vitest";

import { dateOf, symbolOf, timeOf } from "./entry.ts";

it("a symbol is written in capitals", () => {
  expect(symbolOf(" esh4 ")).toBe("ESH4");
  expect(symbolOf("es.fut")).toBe("ES.FUT");
});

it("a date may lack its dashes", () => {
  for (const text of ["20231225", "2023-12-25", " 2023/12/25 ", "2023.12.25"]) {
    expect(dateOf(text)).toBe("2023-12-25");
  }
  expect(dateOf("25-12-2023")).toBe("25-12-2023");
  expect(dateOf("tomorrow")).toBe("tomorrow");
});

it("an hour may have one digit", () => {
  expect(timeOf("9:30")).toBe("09:30");
  expect(timeOf("10:15:30")).toBe("10:15:30");
  expect(timeOf("quarter past")).toBe("quarter past");
});
