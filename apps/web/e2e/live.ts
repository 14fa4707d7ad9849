/** Starts the real server and the real Rust client for a test, and ends them with it. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** The query that names the synthetic session. */
export const SYNTHETIC = "product_type=future_mbo&symbol=MNQH6&dt=2026-02-06";

/** The built program; `VP_LIVE` names another one. */
export const VP_LIVE = process.env["VP_LIVE"] ?? built("vp-live");

/** The built program of the velocity pipeline; `VELOCITY` names another one. */
export const VELOCITY = process.env["VELOCITY"] ?? built("velocity");

/** The built program that writes the raw files of a lake. */
export const RAW_LAKE = built("examples/raw_lake");

const SHARED =
  process.env["SPYMASTER_SHARED"] ?? fileURLToPath(new URL("../../../../shared", import.meta.url));

/** A lake of real sessions, where there is one. */
export const LAKE = existsSync(`${SHARED}/data/lake`) ? `${SHARED}/data/lake` : null;

function built(name: string): string {
  return fileURLToPath(new URL(`../../../target/debug/${name}`, import.meta.url));
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** A program that serves a page. */
interface Program {
  readonly path: string;
  readonly args: readonly string[];
  readonly page: string;
  readonly stream: string;
}

const LIVE: Program = {
  path: VP_LIVE,
  args: [],
  page: "vacuum-pressure.html",
  stream: "/v1/vacuum-pressure/stream",
};

const SERVE: Program = {
  path: VELOCITY,
  args: ["serve"],
  page: "velocity.html",
  stream: "/v1/velocity/stream",
};

function run(path: string, args: readonly string[]): Child {
  return spawn(path, args, { stdio: ["ignore", "pipe", "pipe"] });
}

export class LiveServer {
  readonly #program: Program;
  readonly #child: Child;
  readonly port: number;

  private constructor(program: Program, child: Child, port: number) {
    this.#program = program;
    this.#child = child;
    this.port = port;
  }

  /** Starts vp-live on that port, or on any free one, and waits until it says where it is. */
  static start(port = 0, ...args: readonly string[]): Promise<LiveServer> {
    return LiveServer.#launch(LIVE, port, args);
  }

  /** Starts the velocity server over a lake. */
  static serve(lake: string, port = 0): Promise<LiveServer> {
    return LiveServer.#launch(SERVE, port, ["--lake", lake]);
  }

  static async #launch(program: Program, port: number, args: readonly string[]): Promise<LiveServer> {
    const child = run(program.path, [...program.args, "--port", String(port), ...args]);
    let complaint = "";
    child.stderr.on("data", (text: Buffer) => (complaint += text.toString()));
    for await (const line of createInterface({ input: child.stdout })) {
      const found = /^open\s+http:\/\/127\.0\.0\.1:(\d+)\//.exec(line);
      if (found?.[1] !== undefined) {
        // Whatever else it prints must not fill the pipe.
        child.stdout.resume();
        return new LiveServer(program, child, Number(found[1]));
      }
    }
    throw new Error(`${program.path} did not start: ${complaint}`);
  }

  page(query: string): string {
    return `http://127.0.0.1:${this.port}/${this.#program.page}?${query}`;
  }

  stream(query: string): string {
    return `ws://127.0.0.1:${this.port}${this.#program.stream}?${query}`;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
  }
}

/** A grid as the Rust client prints it; numbers beyond 2^53 do not occur in what is compared. */
export interface TailGrid {
  readonly type: string;
  readonly seq: number;
  readonly ts_ns: bigint;
  readonly event_id: number;
  readonly spot_ref_price_int: number;
  readonly best_bid_price_int: number;
  readonly best_ask_price_int: number;
  readonly last_trade_price_int: number | null;
  readonly columns: Readonly<Record<string, readonly number[]>>;
}

/** Returns the first grids of a stream that are asked for, as the Rust client decoded them. */
export async function tail(
  url: string,
  eventIds: ReadonlySet<number>,
): Promise<Map<number, TailGrid>> {
  const child = run(VP_LIVE, ["tail", "--json", url]);
  const found = new Map<number, TailGrid>();
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const id = Number(/"event_id":(\d+)/.exec(line)?.[1] ?? -1);
      if (!eventIds.has(id)) continue;
      // Nanoseconds since 1970 need more digits than a number has.
      const ns = BigInt(/"ts_ns":(\d+),"event_id"/.exec(line)?.[1] ?? "0");
      found.set(id, { ...(JSON.parse(line) as TailGrid), ts_ns: ns });
      if (found.size === eventIds.size) break;
    }
  } finally {
    child.kill("SIGKILL");
  }
  return found;
}

/** A window as the Rust client prints it. What is absent is null, or the least integer. */
export interface TailBatch {
  readonly type: "batch";
  readonly seq: number;
  /** A whole second is a multiple of 512 ns, which a number of this size holds exactly. */
  readonly window_end_ts_ns: number;
  readonly spot_ref_price_int: number;
  readonly surfaces: Readonly<
    Record<"snap" | "velocity" | "options" | "forecast", { readonly columns: TailColumns }>
  >;
}

export type TailColumns = Readonly<Record<string, readonly (number | null)[]>>;

/** Returns every window of a stream that ends, as the Rust client decoded them. */
export async function tailBatches(url: string): Promise<TailBatch[]> {
  const child = run(VP_LIVE, ["tail", "--json", url]);
  const batches: TailBatch[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line) as { type: string };
    if (message.type === "batch") batches.push(message as TailBatch);
  }
  return batches;
}
