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
const GOLDEN = new URL("../../../crates/vp-transport/tests/golden/", import.meta.url);
const HANDSHAKE = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
};

export function golden(name: string): Buffer {
  return readFileSync(new URL(name, GOLDEN));
}

/** What one viewer is told, frame by frame. */
export interface Viewer {
  send(frame: Uint8Array): void;
  close(code: number): void;
}

export class FakeServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Serves the built page, and treats every viewer as told. */
  static async start(treat: (viewer: Viewer) => void): Promise<FakeServer> {
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://localhost").pathname.slice(1);
      try {
        const body = readFileSync(new URL(path, DIST));
        response.setHeader("content-type", TYPES[path.split(".").at(-1) ?? ""] ?? "text/plain");
        response.end(body);
      } catch {
        response.statusCode = 404;
        response.end();
      }
    });
    server.on("upgrade", (request, socket: Duplex) => {
      const key = request.headers["sec-websocket-key"] ?? "";
      const accept = createHash("sha1").update(key + HANDSHAKE).digest("base64");
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.on("error", () => undefined);
      treat({
        send: (frame) => socket.write(Buffer.concat([header(0x82, frame.length), frame])),
        close: (code) => socket.end(Buffer.concat([header(0x88, 2), Buffer.from([code >> 8, code & 255])])),
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FakeServer(server);
  }

  page(query: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/vacuum-pressure.html?${query}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** The head of an unmasked frame: servers never mask. */
function header(kind: number, length: number): Buffer {
  if (length < 126) return Buffer.from([kind, length]);
  const long = Buffer.alloc(4);
  long.writeUInt8(kind, 0);
  long.writeUInt8(126, 1);
  long.writeUInt16BE(length, 2);
  return long;
}
