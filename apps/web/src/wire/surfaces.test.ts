/** The golden bytes of the velocity stream, which the Rust encoder writes, as this page reads them. */
import { readFileSync } from "node:fs";

import { decode, encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";

import { DecodeError, Decoder } from "./decode.ts";
import { SURFACES, type Batch, type ColumnValues, type Surface, type SurfacesConfig } from "./messages.ts";

const GOLDEN = new URL("../../../../crates/vp-wire/tests/golden/", import.meta.url);

function bytes(name: string): Uint8Array {
  return readFileSync(new URL(name, GOLDEN));
}

function config(frame: Uint8Array = bytes("runtime_config_velocity.bin")): SurfacesConfig {
  const message = new Decoder().decode(frame);
  if (message.type !== "runtime_config" || message.format !== "surfaces") throw new Error(message.type);
  return message;
}

function batch(frame: Uint8Array): Batch {
  const decoder = new Decoder();
  decoder.decode(bytes("runtime_config_velocity.bin"));
  const message = decoder.decode(frame);
  if (message.type !== "batch") throw new Error(message.type);
  return message;
}

function numbers({ columns }: Surface): Record<string, unknown[]> {
  return Object.fromEntries([...columns].map(([name, values]) => [name, [...values]]));
}

/** The golden config as it lies in its frame, with something else in it. */
function reconfigured(changes: Readonly<Record<string, unknown>>): Uint8Array {
  return encode({ ...(decode(bytes("runtime_config_velocity.bin")) as object), ...changes });
}

describe("the config of surfaces", () => {
  it("is read whole", () => {
    expect(config()).toMatchObject({
      format: "surfaces",
      symbol: "MNQH6",
      bucketInt: 250_000_000n,
      gridMaxTicks: 400,
      strikeTicks: 200,
      calibrated: true,
      beta: 0.125,
      gamma: 0.875,
      horizonS: 2,
      shared: true,
      speed: 10,
    });
  });

  it("lists the columns of every surface, in order", () => {
    const { surfaces } = config();
    expect(surfaces.snap.map(({ name, dtype }) => `${name} ${dtype}`)).toEqual([
      "mid_price f64",
      "spot_ref_price_int i64",
      "book_valid u8",
    ]);
    expect(surfaces.velocity.map(({ name }) => name)).toEqual([
      "rel_ticks",
      "side",
      "liquidity_velocity",
      "rho",
      "nu",
      "kappa",
      "pressure_grad",
      "u_wave_energy",
      "Omega",
    ]);
    expect(surfaces.options).toHaveLength(7);
    expect(surfaces.forecast).toHaveLength(8);
  });

  it("may be without options", () => {
    expect(config(reconfigured({ strike_ticks: null })).strikeTicks).toBeNull();
  });

  it.each([
    ["no reach", { grid_max_ticks: 0 }],
    ["a reach beyond any texture", { grid_max_ticks: 5000 }],
    ["strikes that are no distance apart", { strike_ticks: 0 }],
    ["a surface that is not listed", { surfaces: { snap: [] } }],
    ["a format of another time", { stream_format: "holograms" }],
  ])("is refused with %s", (_name, changes) => {
    expect(() => new Decoder().decode(reconfigured(changes))).toThrow(DecodeError);
  });
});

describe("a batch", () => {
  it("has the surfaces that Rust wrote", () => {
    const { surfaces, ...scalars } = batch(bytes("batch.bin"));
    expect(scalars).toEqual({
      type: "batch",
      seq: 1n,
      epoch: 2n,
      windowEndTsNs: 1770388201000000000n,
      spotRefPriceInt: 25000250000000n,
    });
    expect(numbers(surfaces.snap)).toEqual({
      mid_price: [25000.125],
      spot_ref_price_int: [25000250000000n],
      book_valid: [1],
    });
    expect(surfaces.velocity.rows).toBe(3);
    expect(numbers(surfaces.velocity)).toEqual({
      rel_ticks: [-1, 0, 1],
      side: [65, 66, 66],
      liquidity_velocity: [0.5, -0.25, 1 / 3],
      rho: [1.5, 0, 2.5],
      nu: [1, 1.25, 4],
      kappa: [1, 0.8, 0.25],
      pressure_grad: [-0.125, 0, 0.1],
      u_wave_energy: [0, 1e-300, 7],
      Omega: [0.75, -0, 1e6],
    });
    expect(numbers(surfaces.options)).toEqual({
      rel_ticks: [-1, 199],
      strike_price_int: [25000000000000n, 25050000000000n],
      liquidity_velocity: [0.5, -0.5],
      pressure_grad: [0.25, -0.75],
      u_wave_energy: [2, 0],
      nu: [4.5, 4],
      Omega: [0.625, 0],
    });
    expect(numbers(surfaces.forecast)).toEqual({
      horizon_s: [0, 1, 2],
      predicted_spot_tick: [-(2n ** 63n), 100000n, 100002n],
      predicted_tick_delta: [-(2n ** 63n), -1n, 1n],
      confidence: [NaN, 0, 0.3],
      RunScore_up: [0.2, NaN, NaN],
      RunScore_down: [-0.1, NaN, NaN],
      D_up: [7, -(2 ** 31), -(2 ** 31)],
      D_down: [64, -(2 ** 31), -(2 ** 31)],
    });
  });

  it("may be empty: a window before there was a price", () => {
    const { seq, spotRefPriceInt, surfaces } = batch(bytes("batch_empty.bin"));
    expect(seq).toBe(2n ** 64n - 1n);
    expect(spotRefPriceInt).toBeNull();
    expect(SURFACES.map((name) => surfaces[name].rows)).toEqual([1, 0, 0, 0]);
  });

  it("keeps each surface in a buffer of its own, which can be handed over", () => {
    const { surfaces } = batch(bytes("batch.bin"));
    const buffers = SURFACES.map(
      (name) => new Set([...surfaces[name].columns.values()].map(({ buffer }: ColumnValues) => buffer)),
    );
    expect(buffers.map(({ size }) => size)).toEqual([1, 1, 1, 1]);
    expect(new Set(buffers.flatMap((set) => [...set])).size).toBe(4);
  });

  it("is read from any offset", () => {
    const plain = bytes("batch.bin");
    const shifted = new Uint8Array(plain.length + 3);
    shifted.set(plain, 3);
    expect(batch(shifted.subarray(3))).toEqual(batch(plain));
  });

  it("before its config is refused, and so is one after the config of a grid", () => {
    const decoder = new Decoder();
    expect(() => decoder.decode(bytes("batch.bin"))).toThrow("a batch before the runtime config");
    decoder.decode(bytes("runtime_config.bin"));
    expect(() => decoder.decode(bytes("batch.bin"))).toThrow("a batch before the runtime config");
  });

  it.each([
    ["more rows than its columns hold", (rows: number) => rows + 1],
    ["rows without end", () => 1e9],
    ["a negative number of rows", () => -1],
  ])("is refused with %s", (_name, change) => {
    const message = decode(bytes("batch.bin")) as { surfaces: Record<string, { rows: number }> };
    const { velocity } = message.surfaces;
    if (velocity === undefined) throw new Error("no velocity");
    velocity.rows = change(velocity.rows);
    expect(() => batch(encode(message))).toThrow(DecodeError);
  });

  it("cut short anywhere is an error and nothing else", () => {
    const plain = bytes("batch.bin");
    for (let length = 0; length < plain.length; length += 7) {
      expect(() => batch(plain.subarray(0, length))).toThrow(DecodeError);
    }
  });
});
