/** Asks a stream for its first update, to learn when the data of a session begins. */
import type { Surroundings } from "./connection.ts";
import { Decoder } from "../wire/decode.ts";

/** A user waits for the answer, and can do without it. */
const PATIENCE_MS = 5_000;

/**
 * Connects, and reports the time of the first update, or `null` if none comes. It keeps no
 * connection.
 */
export function probe(url: string, surroundings: Surroundings, report: (tsNs: bigint | null) => void): void {
  const decoder = new Decoder();
  const socket = surroundings.open(url);
  const finish = (tsNs: bigint | null): void => {
    cancel();
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    report(tsNs);
  };
  const cancel = surroundings.after(PATIENCE_MS, () => finish(null));
  socket.onclose = () => finish(null);
  socket.onmessage = (frame) => {
    const tsNs = timeIn(decoder, frame);
    if (tsNs !== null) finish(tsNs);
  };
}

/** Returns the time of an update; `null` for every other frame, and for one that cannot be read. */
function timeIn(decoder: Decoder, frame: Uint8Array): bigint | null {
  try {
    const message = decoder.decode(frame);
    if (message.type === "grid_update") return message.tsNs;
    return message.type === "batch" ? message.windowEndTsNs : null;
  } catch {
    return null;
  }
}
