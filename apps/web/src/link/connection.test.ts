/** The rules of staying connected, played through with a clock of our own. */
import { readFileSync } from "node:fs";

import { encode } from "@msgpack/msgpack";
import { beforeEach, describe, expect, it } from "vitest";

import { delayMs } from "./backoff.ts";
import { Connection, STALE_MS, type LinkEvent, type Socket } from "./connection.ts";
import { probe } from "./probe.ts";

const GOLDEN = new URL("../../../../crates/vp-wire/tests/golden/", import.meta.url);
const CONFIG = readFileSync(new URL("runtime_config.bin", GOLDEN));
const STATUS = readFileSync(new URL("status.bin", GOLDEN));
const GRID = readFileSync(new URL("grid_update.bin", GOLDEN));
const REFUSAL = readFileSync(new URL("error.bin", GOLDEN));

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((frame: Uint8Array) => void) | null = null;
  onclose: ((code: number) => void) | null = null;
  readonly sent: string[] = [];
  isClosed = false;

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
  }
}

class World {
  readonly sockets: FakeSocket[] = [];
  readonly events: LinkEvent[] = [];
  readonly urls: string[] = [];
  #now = 0;
  #timers: { at: number; action: () => void }[] = [];

  open(url: string): Socket {
    this.urls.push(url);
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#now + ms, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  pass(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter((timer) => timer.at <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.at > this.#now);
    for (const timer of due) timer.action();
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("nothing was opened");
    return socket;
  }

  states(): string[] {
    return this.events.flatMap((event) => (event.type === "link" ? [event.state.kind] : []));
  }
}

let world: World;
let connection: Connection;

beforeEach(() => {
  world = new World();
  connection = new Connection("ws://somewhere", world, (event) => world.events.push(event));
});

describe("a connection", () => {
  it("is open with the first message, not with the socket", () => {
    world.socket.onopen?.();
    expect(world.states()).toEqual(["connecting"]);
    world.socket.onmessage?.(CONFIG);
    expect(world.states()).toEqual(["connecting", "open"]);
  });

  it("says nothing before it is open", () => {
    connection.send({ type: "pause" });
    world.socket.onmessage?.(CONFIG);
    connection.send({ type: "seek", start_time: "10:15" });
    expect(world.socket.sent).toEqual(['{"type":"seek","start_time":"10:15"}']);
  });

  it("is stale after five silent seconds, and open again with the next message", () => {
    world.socket.onmessage?.(CONFIG);
    world.pass(STALE_MS - 1);
    expect(world.states().at(-1)).toBe("open");
    world.pass(1);
    expect(world.states().at(-1)).toBe("stale");
    world.socket.onmessage?.(STATUS);
    expect(world.states().at(-1)).toBe("open");
  });

  it("reconnects with growing delays until a message comes", () => {
    for (const attempt of [2, 3, 4]) {
      world.socket.onclose?.(1006);
      const delay = delayMs(attempt);
      expect(world.events.at(-1)).toEqual({
        type: "link",
        state: { kind: "waiting", attempt, retryInMs: delay, cause: "unreachable" },
      });
      world.pass(delay - 1);
      expect(world.sockets).toHaveLength(attempt - 1);
      world.pass(1);
      expect(world.sockets).toHaveLength(attempt);
    }
    world.socket.onmessage?.(CONFIG);
    world.socket.onclose?.(1001);
    expect(world.events.at(-1)).toMatchObject({ state: { kind: "waiting", attempt: 1 } });
  });

  it("gives up a server that takes it and stays silent", () => {
    world.socket.onopen?.();
    world.pass(STALE_MS);
    expect(world.socket.isClosed).toBe(true);
    expect(world.states().at(-1)).toBe("waiting");
  });

  it("tries at once when asked", () => {
    world.socket.onclose?.(1006);
    connection.retry();
    expect(world.sockets).toHaveLength(2);
    world.pass(60_000 - STALE_MS);
    expect(world.sockets.length).toBeGreaterThan(1);
  });

  it("is over when the input has ended", () => {
    world.socket.onmessage?.(CONFIG);
    world.socket.onclose?.(1000);
    world.pass(60_000);
    expect(world.states().at(-1)).toBe("ended");
    expect(world.sockets).toHaveLength(1);
  });

  it("does not repeat a query that was refused", () => {
    world.socket.onmessage?.(REFUSAL);
    world.socket.onclose?.(1008);
    world.pass(60_000);
    expect(world.states()).toEqual(["connecting", "refused"]);
    expect(world.sockets).toHaveLength(1);
  });

  it("names the cause of a loss", () => {
    for (const [code, cause] of [
      [1001, "stopped"],
      [1006, "unreachable"],
      [1011, "failed"],
      [1013, "full"],
    ] as const) {
      connection = new Connection("ws://somewhere", world, (event) => world.events.push(event));
      world.socket.onmessage?.(CONFIG);
      world.socket.onclose?.(code);
      expect(world.events.at(-1)).toMatchObject({ state: { kind: "waiting", cause } });
    }
  });

  it("does not repeat an input that cannot be read any further", () => {
    world.socket.onmessage?.(CONFIG);
    world.socket.onmessage?.(encode({ type: "error", code: "source_failed", message: "cut short", hint: null }));
    world.socket.onclose?.(1011);
    world.pass(60_000);
    expect(world.states().at(-1)).toBe("failed");
    expect(world.sockets).toHaveLength(1);
  });

  it("connects to another address with the next attempt", () => {
    world.socket.onclose?.(1006);
    connection.redirect("ws://elsewhere");
    world.pass(delayMs(2));
    expect(world.urls).toEqual(["ws://somewhere", "ws://elsewhere"]);
  });

  it("comes back after it was too slow", () => {
    world.socket.onmessage?.(CONFIG);
    world.socket.onmessage?.(encode({ type: "error", code: "too_slow", message: "", hint: "" }));
    world.socket.onclose?.(1008);
    expect(world.states().at(-1)).toBe("waiting");
  });

  it("stops at a later protocol and says so", () => {
    world.socket.onmessage?.(encode({ type: "runtime_config", protocol: 9 }));
    world.pass(60_000);
    expect(world.events.at(-1)).toEqual({
      type: "link",
      state: {
        kind: "incompatible",
        reason: "the server speaks protocol 9, this page 1",
      },
    });
    expect(world.socket.isClosed).toBe(true);
  });

  it("leaves out a frame that cannot be read and goes on", () => {
    world.socket.onmessage?.(CONFIG);
    world.socket.onmessage?.(Uint8Array.of(0xc1));
    expect(world.events.at(-1)).toEqual({
      type: "malformed",
      reason: "the frame is not MessagePack",
    });
    world.socket.onmessage?.(STATUS);
    expect(world.events.at(-1)).toMatchObject({ message: { type: "status" } });
  });
});

describe("a probe", () => {
  it("reports the time of the first update, and hangs up", () => {
    const found: (bigint | null)[] = [];
    probe("ws://probed", world, (tsNs) => found.push(tsNs));
    for (const frame of [CONFIG, STATUS, GRID, GRID]) world.socket.onmessage?.(frame);
    expect(found).toEqual([1770388200123456789n]);
    expect(world.socket.isClosed).toBe(true);
  });

  it("reports that nothing came", () => {
    const found: (bigint | null)[] = [];
    const report = (tsNs: bigint | null): void => void found.push(tsNs);
    probe("ws://refused", world, report);
    world.socket.onclose?.(1008);
    probe("ws://silent", world, report);
    world.pass(60_000);
    expect(found).toEqual([null, null]);
  });
});

describe("the delay between attempts", () => {
  it("doubles up to a limit", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 99].map(delayMs)).toEqual([
      500, 1000, 2000, 4000, 8000, 15000, 15000, 15000,
    ]);
  });
});
