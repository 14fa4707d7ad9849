/**
 * A made-up velocity stream, in the bytes of the wire: a spot that wanders through walls, strikes
 * and regions where liquidity comes and goes. It follows the form of the messages and computes no
 * forecast worth the name; equal seeds give equal bytes.
 */
import { encode } from "@msgpack/msgpack";

const TICK = 250_000_000n;
const STRIKE_TICKS = 20;
const STRIKES = 10;
export const HORIZON_S = 30;

/** Window ends begin here: 2026-02-06, 09:30:01 in New York. */
const FIRST_NS = 1_770_388_201_000_000_000n;
const FIRST_SPOT = 100_000;

type DType = "u8" | "i32" | "i64" | "f64";
type Columns = Readonly<Record<string, readonly [DType, readonly (number | bigint)[]]>>;

/** One window as numbers, beside its bytes: what a page should show of it. */
export interface Window {
  readonly frame: Uint8Array;
  readonly seq: number;
  readonly endNs: bigint;
  /** In ticks. */
  readonly spot: number;
  readonly velocity: Columns;
  readonly options: Columns;
  readonly forecast: Columns;
}

export interface Choices {
  readonly reach?: number;
  readonly hasOptions?: boolean;
  readonly calibrated?: boolean;
  readonly speed?: number;
}

export class FakeSurfaces {
  readonly #reach: number;
  readonly #choices: Choices;
  readonly #random = randomOf(20260206);
  readonly #depth = new Map<string, number>();
  readonly #averages: Float64Array[];
  #spot = FIRST_SPOT;
  #drift = 0;
  #seq = 0;

  constructor(choices: Choices = {}) {
    this.#choices = choices;
    this.#reach = choices.reach ?? 400;
    this.#averages = [2, 8, 32, 128].map(() => new Float64Array(2 * (2 * this.#reach + 1)));
  }

  config(overrides: Readonly<Record<string, unknown>> = {}): Uint8Array {
    const fields = (columns: Columns): unknown =>
      Object.entries(columns).map(([name, [dtype]]) => ({ name, dtype }));
    return encode({
      type: "runtime_config",
      protocol: 1,
      product_type: "future_mbo",
      symbol: "MNQH6",
      symbol_root: "MNQ",
      tick_int: Number(TICK),
      bucket_int: Number(TICK),
      half_width: 50,
      grid_max_ticks: this.#reach,
      qty_unit: "contracts",
      price_decimals: 2,
      config_version: "fa4efa4efa4e",
      price_scale: 1e-9,
      tick_size: 0.25,
      bucket_size_dollars: 0.25,
      rel_tick_size: 0.25,
      contract_multiplier: 2,
      mode: "velocity",
      stream_format: "surfaces",
      source: "file",
      dt: "2026-02-06",
      speed: this.#choices.speed ?? 1,
      start_time: null,
      end_time: null,
      throttle_ms: 0,
      view: "frozen",
      shared: false,
      strike_ticks: this.#choices.hasOptions === false ? null : STRIKE_TICKS,
      calibrated: this.#choices.calibrated ?? true,
      beta: 1.84,
      gamma: 0.93,
      horizon_s: HORIZON_S,
      surfaces: {
        snap: fields(this.#snap()),
        velocity: fields(velocityColumns()),
        options: fields(optionsColumns()),
        forecast: fields(forecastColumns()),
      },
      ...overrides,
    });
  }

  /** Goes on as from the beginning of another epoch: a seek, or a restart. */
  jump(seq: number): void {
    this.#seq = seq;
  }

  /** Returns the next window of that epoch. */
  next(epoch = 1): Window {
    this.#seq += 1;
    this.#drift = 0.94 * this.#drift + 0.34 * normal(this.#random);
    this.#spot += Math.round(this.#drift + 0.9 * normal(this.#random));
    const velocity = this.#velocity();
    const options = this.#choices.hasOptions === false ? optionsColumns() : this.#options();
    const forecast = this.#forecast();
    const endNs = FIRST_NS + BigInt(this.#seq - 1) * 1_000_000_000n;
    const frame = encode(
      {
        type: "batch",
        seq: this.#seq,
        epoch,
        window_end_ts_ns: endNs,
        spot_ref_price_int: BigInt(this.#spot) * TICK,
        surfaces: {
          snap: packed(this.#snap()),
          velocity: packed(velocity),
          options: packed(options),
          forecast: packed(forecast),
        },
      },
      { useBigInt64: true },
    );
    return { frame, seq: this.#seq, endNs, spot: this.#spot, velocity, options, forecast };
  }

  #snap(): Columns {
    return {
      mid_price: ["f64", [(this.#spot + 0.5) / 4]],
      spot_ref_price_int: ["i64", [BigInt(this.#spot) * TICK]],
      book_valid: ["u8", [1]],
    };
  }

  /** Moves the depth of every price level by a second, and says how. */
  #velocity(): Columns {
    const rows = velocityColumns();
    const push = (name: string, value: number): void => {
      (rows[name]?.[1] as number[]).push(value);
    };
    const [ema2, ema8, ema32, ema128] = this.#averages as [Float64Array, Float64Array, Float64Array, Float64Array];
    for (const side of ["A", "B"] as const) {
      for (let rel = -this.#reach; rel <= this.#reach; rel += 1) {
        const isThere = side === "A" ? rel > 0 : rel <= 0;
        const cell = (side === "A" ? 0 : 2 * this.#reach + 1) + rel + this.#reach;
        const { start, added, pulled } = isThere
          ? this.#flow(side, this.#spot + rel)
          : { start: 0, added: 0, pulled: 0 };
        const u = (added - pulled) / (start + 1);
        this.#averages.forEach((average, index) => {
          average[cell] = (average[cell] ?? 0) + (1 - Math.exp(-1 / 2 ** (2 * index + 1))) * (u - (average[cell] ?? 0));
        });
        const depth = start + added - pulled;
        const rho = Math.log1p(depth);
        const rest = isThere ? 0.75 + 0.2 * Math.sin(rel / 9) : 0;
        const pressure = rest * (ema8[cell] ?? 0);
        const slow = rest * (ema32[cell] ?? 0);
        const omega = rho * (0.5 + 0.5 * rest) * (1 + Math.max(0, slow));
        push("rel_ticks", rel);
        push("side", side.charCodeAt(0));
        push("liquidity_velocity", u);
        push("rho", rho);
        push("nu", 1 + omega);
        push("kappa", 1 / (1 + omega));
        push("pressure_grad", side === "B" ? pressure : -pressure);
        push(
          "u_wave_energy",
          Math.hypot(
            (ema2[cell] ?? 0) - (ema8[cell] ?? 0),
            (ema8[cell] ?? 0) - (ema32[cell] ?? 0),
            (ema32[cell] ?? 0) - (ema128[cell] ?? 0),
          ),
        );
        push("Omega", omega);
      }
    }
    return rows;
  }

  #flow(side: "A" | "B", price: number): { start: number; added: number; pulled: number } {
    const key = `${side}${price}`;
    const distance = Math.abs(price - this.#spot);
    const time = this.#seq;
    // Regions that build and erode for minutes, drifting slowly over the prices.
    const tide =
      Math.sin(price / 23 + time / 140) * Math.sin(price / 61 - time / 310 + 1.3) +
      0.6 * Math.sin(price / 9.5 + time / 71);
    const isRound = price % STRIKE_TICKS === 0;
    const isWall = isRound && hash(price) % 5 === 0;
    const wanted = (6 + 10 * Math.exp(-distance / 160)) * (isWall ? 9 : isRound ? 3 : 1) * (1 + 0.5 * tide);
    const start = Math.round(this.#depth.get(key) ?? wanted);
    const isBusy = this.#random() < 0.08 + 0.6 * Math.exp(-distance / 45);
    const pull = (wanted - start) / 14 + tide * start * 0.035;
    const noise = 0.05 * Math.sqrt(start) * normal(this.#random);
    const change = isBusy ? Math.round(2.2 * (pull + noise)) : 0;
    const added = Math.max(change, 0);
    const pulled = Math.min(Math.max(-change, 0), start);
    this.#depth.set(key, start + added - pulled);
    return { start, added, pulled };
  }

  #options(): Columns {
    const rows = optionsColumns();
    const centre = Math.round(this.#spot / STRIKE_TICKS) * STRIKE_TICKS;
    for (let offset = -STRIKES; offset <= STRIKES; offset += 1) {
      const strike = centre + offset * STRIKE_TICKS;
      const swell = Math.sin(strike / 37 + this.#seq / 90) + 0.5 * Math.sin(strike / 11 - this.#seq / 47);
      const isSilent = this.#random() < 0.4;
      const velocity = isSilent ? 0 : 0.5 * swell + 0.3 * normal(this.#random);
      const values = {
        rel_ticks: strike - this.#spot,
        liquidity_velocity: velocity,
        pressure_grad: 0.2 * swell,
        u_wave_energy: Math.abs(0.3 * swell),
        nu: 4 + Math.abs(swell),
        Omega: 1 + Math.abs(2 * swell),
      };
      for (const [name, value] of Object.entries(values)) (rows[name]?.[1] as number[]).push(value);
      (rows["strike_price_int"]?.[1] as bigint[]).push(BigInt(strike) * TICK);
    }
    return rows;
  }

  #forecast(): Columns {
    const rows = forecastColumns();
    const wall = (direction: 1 | -1): number => {
      for (let distance = 1; distance < 64; distance += 1) {
        const price = this.#spot + direction * distance;
        if (price % STRIKE_TICKS === 0 && hash(price) % 5 === 0) return distance;
      }
      return 64;
    };
    const [up, down] = [wall(1), wall(-1)];
    const scores = { up: (up - 24) / 60 + 0.02 * this.#drift, down: (down - 24) / 60 - 0.02 * this.#drift };
    const push = (row: readonly (number | bigint)[]): void => {
      Object.values(rows).forEach(([, values], index) => (values as (number | bigint)[]).push(row[index] ?? NaN));
    };
    const [absent, absentLong] = [-(2 ** 31), -(2n ** 63n)];
    push([0, absentLong, absentLong, NaN, scores.up, scores.down, up, down]);
    for (let horizon = 1; horizon <= HORIZON_S; horizon += 1) {
      const delta = Math.round(this.#drift * 3.2 * (1 - 0.93 ** horizon));
      const score = delta > 0 ? scores.up : scores.down;
      const confidence = delta === 0 ? 0 : 0.55 * Math.tanh(Math.max(0, score));
      push([horizon, BigInt(this.#spot + delta), BigInt(delta), confidence, NaN, NaN, absent, absent]);
    }
    return rows;
  }
}

function velocityColumns(): Columns {
  return {
    rel_ticks: ["i32", []],
    side: ["u8", []],
    liquidity_velocity: ["f64", []],
    rho: ["f64", []],
    nu: ["f64", []],
    kappa: ["f64", []],
    pressure_grad: ["f64", []],
    u_wave_energy: ["f64", []],
    Omega: ["f64", []],
  };
}

function optionsColumns(): Columns {
  return {
    rel_ticks: ["i32", []],
    strike_price_int: ["i64", []],
    liquidity_velocity: ["f64", []],
    pressure_grad: ["f64", []],
    u_wave_energy: ["f64", []],
    nu: ["f64", []],
    Omega: ["f64", []],
  };
}

function forecastColumns(): Columns {
  return {
    horizon_s: ["i32", []],
    predicted_spot_tick: ["i64", []],
    predicted_tick_delta: ["i64", []],
    confidence: ["f64", []],
    RunScore_up: ["f64", []],
    RunScore_down: ["f64", []],
    D_up: ["i32", []],
    D_down: ["i32", []],
  };
}

/** Writes a surface as it goes over the wire. */
function packed(columns: Columns): { rows: number; columns: Record<string, Uint8Array> } {
  const bytes = ([dtype, values]: readonly [DType, readonly (number | bigint)[]]): Uint8Array => {
    const numbers = values.map(Number);
    const buffer = {
      u8: () => Uint8Array.from(numbers),
      i32: () => Int32Array.from(numbers),
      i64: () => BigInt64Array.from(values, BigInt),
      f64: () => Float64Array.from(numbers),
    }[dtype]().buffer;
    return new Uint8Array(buffer);
  };
  return {
    rows: Object.values(columns)[0]?.[1].length ?? 0,
    columns: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, bytes(column)])),
  };
}

export function status(phase: string, progress = 0.25): Uint8Array {
  return encode({
    type: "status",
    phase,
    records: 1000,
    events: 1000,
    event_rate: 1,
    behind_ms: 0.5,
    conflated_total: 0,
    anomalies: {},
    progress,
    notice: null,
  });
}

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function hash(value: number): number {
  return (Math.imul(value, 2654435761) >>> 16) & 0xffff;
}
