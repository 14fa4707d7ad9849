import { expect, test } from "vitest";

import { decayed, typical } from "./scale.ts";

test("a typical size is that of 97 in 100 that are not nothing, whatever their order and sign", () => {
  for (let count = 1; count < 400; count += 7) {
    const values = Float32Array.from({ length: 2 * count }, (_, place) =>
      place % 2 === 0 ? 0 : Math.sin(place * place) * Math.round(5 * Math.cos(place)),
    );
    const sizes = values.filter((value) => value !== 0).map(Math.abs).sort();
    const wanted = sizes[Math.floor((sizes.length - 1) * 0.97)] ?? 0;
    expect(typical([values.subarray(0, count), values.subarray(count)])).toBe(wanted);
  }
  expect(typical([new Float32Array(9)])).toBe(0);
  expect(typical([])).toBe(0);
});

test("a scale halves in a minute, unless something comes near it", () => {
  expect(decayed(8, 0, 60)).toBe(4);
  expect(decayed(8, 5, 60)).toBe(5);
  expect(decayed(0, 0, 1)).toBeGreaterThan(0);
});
