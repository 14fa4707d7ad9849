/** The state of the stream in one or two words. */
import type { LinkState } from "../link/connection.ts";
import type { Phase } from "../wire/messages.ts";

export interface StreamState {
  readonly link: LinkState["kind"];
  readonly phase: Phase;
  /** Share of the input that has been read, 0 to 1. */
  readonly progress: number | null;
  /** 0 is as fast as it goes. */
  readonly speed: number;
  /** Where the records come from; `null` before the first config. */
  readonly source: string | null;
}

/** Writes a speed: `10×`, or `max` for as fast as it goes. */
export function speedWords(speed: number): string {
  return speed === 0 ? "max" : `${speed}×`;
}

/** Returns what the stream is: LIVE for a live feed only, REPLAY 10× for a replay at that speed. */
export function stateWords({ link, phase, progress, speed, source }: StreamState): string {
  switch (link) {
    case "connecting":
      return source === null ? "CONNECTING" : "RECONNECTING";
    case "waiting":
      return "RECONNECTING";
    case "open":
      break;
    default:
      return link.toUpperCase();
  }
  switch (phase) {
    case "fast_forward":
      return progress === null ? "FAST-FORWARD" : `FAST-FORWARD ${(progress * 100).toFixed(0)} %`;
    case "paused":
      return "PAUSED";
    case "ended":
      return "ENDED";
    case "live":
      if (source === "live") return "LIVE";
      return `${source === "synthetic" ? "SYNTHETIC" : "REPLAY"} ${speedWords(speed)}`;
  }
}
