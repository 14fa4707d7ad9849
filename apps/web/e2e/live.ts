/** Starts the real server and the real Rust client for a test, and ends them with it. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

export const STREAM_PATH = "/v1/vacuum-pressure/stream";

/** The query that names the synthetic session. */
export const SYNTHETIC = "product_type=future_mbo&symbol=MNQH6&dt=2026-02-06";

/** The built program; `VP_LIVE` names another one. */
const VP_LIVE =
  process.env["VP_LIVE"] ?? fileURLToPath(new URL("../../../target/debug/vp-live", import.meta.url));

const SHARED =
  process.env["SPYMASTER_SHARED"] ?? fileURLToPath(new URL("../../../../shared", import.meta.url));

/** A lake of real sessions, where there is one. */
export const LAKE = existsSync(`${SHARED}/data/lake`) ? `${SHARED}/data/lake` : null;

type Child = ChildProcessByStdio<null, Readable, Readable>;

function run(args: readonly string[]): Child {
  return spawn(VP_LIVE, args, { stdio: ["ignore", "pipe", "pipe"] });
}

export class LiveServer {
  readonly #child: Child;
  readonly port: number;

  private constructor(child: Child, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Starts a server on that port, or on any free one, and waits until it says where it is. */
  static async start(port = 0, ...args: readonly string[]): Promise<LiveServer> {
    const child = run(["--port", String(port), ...args]);
    let complaint = "";
    child.stderr.on("data", (text: Buffer) => (complaint += text.toString()));
    for await (const line of createInterface({ input: child.stdout })) {
      const found = /^open\s+http:\/\/127\.0\.0\.1:(\d+)\//.exec(line);
      if (found?.[1] !== undefined) {
        // Whatever else it prints must not fill the pipe.
        child.stdout.resume();
        return new LiveServer(child, Number(found[1]));
      }
    }
    throw new Error(`${VP_LIVE} did not start: ${complaint}`);
  }

  page(query: string): string {
    return `http://127.0.0.1:${this.port}/vacuum-pressure.html?${query}`;
  }

  stream(query: string): string {
    return `ws://127.0.0.1:${this.port}${STREAM_PATH}?${query}`;
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
  const child = run(["tail", "--json", url]);
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
