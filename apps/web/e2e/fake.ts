/**
 * A server that says what no real one would: golden bytes, broken frames, a later protocol, or
 * nothing at all. It speaks as much of the websocket protocol as that takes.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

const DIST = new URL("../dist/", import.meta.url);
const GOLDEN = new URL("../../../crates/vp-wire/tests/golden/", import.meta.url);
const HANDSHAKE = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
};

export function golden(name: string): Buffer {
  return readFileSync(new URL(name, GOLDEN));
}

/** The frames that one viewer receives and sends. */
export interface Viewer {
  /** The query string that it came with. */
  readonly query: URLSearchParams;
  send(frame: Uint8Array): void;
  close(code: number): void;
  /** Calls back with each text that the viewer sends. */
  listen(take: (text: string) => void): void;
}

/** What a fake server is, beside what it says. */
export interface Guise {
  readonly page: string;
  /** The answer of `/v1/sessions`. */
  readonly sessions: readonly unknown[];
}

export class FakeServer {
  readonly #server: Server;
  readonly #sockets: ReadonlySet<Duplex>;
  readonly #page: string;

  private constructor(server: Server, sockets: ReadonlySet<Duplex>, page: string) {
    this.#server = server;
    this.#sockets = sockets;
    this.#page = page;
  }

  /** Serves the built page, and treats every viewer as told. */
  static async start(
    treat: (viewer: Viewer) => void,
    { page, sessions }: Guise = { page: "vacuum-pressure.html", sessions: [] },
    port = 0,
  ): Promise<FakeServer> {
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://localhost").pathname.slice(1);
      if (path === "v1/sessions") {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ sessions }));
        return;
      }
      try {
        const body = readFileSync(new URL(path, DIST));
        response.setHeader("content-type", TYPES[path.split(".").at(-1) ?? ""] ?? "text/plain");
        response.end(body);
      } catch {
        response.statusCode = 404;
        response.end();
      }
    });
    const sockets = new Set<Duplex>();
    server.on("upgrade", (request, socket: Duplex) => {
      const key = request.headers["sec-websocket-key"] ?? "";
      const accept = createHash("sha1").update(key + HANDSHAKE).digest("base64");
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
      sockets.add(socket);
      treat({
        query: new URL(request.url ?? "/", "http://localhost").searchParams,
        listen: (take) => socket.on("data", (bytes: Buffer) => textsOf(bytes).forEach(take)),
        send: (frame) => socket.write(Buffer.concat([header(0x82, frame.length), frame])),
        close: (code) => socket.end(Buffer.concat([header(0x88, 2), Buffer.from([code >> 8, code & 255])])),
      });
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return new FakeServer(server, sockets, page);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  page(query: string): string {
    return `http://127.0.0.1:${this.port}/${this.#page}?${query}`;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** The head of an unmasked frame: servers never mask. */
function header(kind: number, length: number): Buffer {
  if (length < 126) return Buffer.from([kind, length]);
  const isShort = length < 65_536;
  const long = Buffer.alloc(isShort ? 4 : 10);
  long.writeUInt8(kind, 0);
  long.writeUInt8(isShort ? 126 : 127, 1);
  if (isShort) long.writeUInt16BE(length, 2);
  else long.writeBigUInt64BE(BigInt(length), 2);
  return long;
}

/** Returns the texts of masked frames; a page sends none that is longer than 125 bytes. */
function textsOf(bytes: Buffer): string[] {
  const texts: string[] = [];
  let at = 0;
  while (at + 6 <= bytes.length) {
    const length = (bytes[at + 1] ?? 0) & 127;
    const mask = bytes.subarray(at + 2, at + 6);
    const body = bytes.subarray(at + 6, at + 6 + length);
    const isText = ((bytes[at] ?? 0) & 15) === 1;
    if (isText) texts.push(Buffer.from(body.map((byte, index) => byte ^ (mask[index % 4] ?? 0))).toString());
    at += 6 + length;
  }
  return texts;
}
