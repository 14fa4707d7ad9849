/**
 * The worker behind a page: receives frames and decodes them, off the thread that draws.
 *
 * It holds one connection, and hands the numbers over without copying them.
 */
import { Connection, type LinkEvent, type Socket } from "./connection.ts";
import { probe } from "./probe.ts";
import type { ClientMessage } from "../wire/messages.ts";

/** What the page asks of its worker. */
export type Order =
  | { readonly type: "connect"; readonly url: string }
  | { readonly type: "send"; readonly message: ClientMessage }
  /** The next attempt connects to that address. */
  | { readonly type: "redirect"; readonly url: string }
  | { readonly type: "retry" }
  /** Find out when the data of that stream begins. */
  | { readonly type: "probe"; readonly url: string };

/** As much of a worker's global scope as is used here. */
interface Scope {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  postMessage(event: LinkEvent, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
let connection: Connection | null = null;

scope.onmessage = ({ data: order }) => {
  switch (order.type) {
    case "connect":
      connection?.close();
      connection = new Connection(order.url, { open, after }, tell);
      break;
    case "send":
      connection?.send(order.message);
      break;
    case "redirect":
      connection?.redirect(order.url);
      break;
    case "retry":
      connection?.retry();
      break;
    case "probe":
      probe(order.url, { open, after }, (tsNs) => tell({ type: "first", tsNs }));
      break;
  }
};

function tell(event: LinkEvent): void {
  scope.postMessage(event, buffersOf(event));
}

/** The columns of a grid lie in one buffer, and so do those of each surface. */
function buffersOf(event: LinkEvent): Transferable[] {
  if (event.type !== "message") return [];
  const { message } = event;
  const tables =
    message.type === "grid_update"
      ? [message]
      : message.type === "batch"
        ? Object.values(message.surfaces)
        : [];
  const buffers = new Set<ArrayBufferLike>();
  for (const { columns } of tables) for (const { buffer } of columns.values()) buffers.add(buffer);
  return [...buffers].filter((buffer) => buffer instanceof ArrayBuffer);
}

function open(url: string): Socket {
  const inner = new WebSocket(url);
  inner.binaryType = "arraybuffer";
  const socket: Socket = {
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (text) => inner.send(text),
    close: () => inner.close(),
  };
  inner.onopen = () => socket.onopen?.();
  // A text frame is none of this wire's: read as no bytes, it is reported as malformed.
  inner.onmessage = ({ data }: MessageEvent<unknown>) =>
    socket.onmessage?.(new Uint8Array(data instanceof ArrayBuffer ? data : new ArrayBuffer(0)));
  inner.onclose = ({ code }) => socket.onclose?.(code);
  return socket;
}

function after(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
}
