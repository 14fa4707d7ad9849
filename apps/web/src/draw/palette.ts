/**
 * Colours for quantities: one scale with a middle for what has a sign, one without for what has
 * none. The two ends of the former colour everything else that goes up or down on the page.
 */

export interface Palette {
  readonly id: string;
  readonly label: string;
  /** From -1 to 1; the middle is what a quiet bucket looks like. */
  readonly diverging: readonly string[];
  /** From 0 to 1. */
  readonly sequential: readonly string[];
  /** How a bucket looks out of which liquidity drains. */
  readonly vacuum: string;
  /** For lines and texts: buyers, bids, up; and sellers, asks, down. */
  readonly up: string;
  readonly down: string;
  readonly trail: string;
}

export const PALETTES: readonly [Palette, ...Palette[]] = [
  {
    id: "signal",
    label: "Green · red",
    diverging: ["#ff4d6a", "#d63a5b", "#8f3350", "#4a5a75", "#1d8068", "#22b98a", "#4dffbe"],
    sequential: ["#06090f", "#0f2138", "#174b6e", "#1f8a94", "#6cc793", "#f3f0b4"],
    vacuum: "#33195c",
    up: "#3ddba0",
    down: "#ff5d75",
    trail: "#ffd166",
  },
  {
    id: "safe",
    label: "Blue · orange (safe)",
    diverging: ["#ffb347", "#e08a1e", "#8c5a24", "#515c70", "#2561a0", "#3a94e0", "#86d3ff"],
    sequential: ["#05080f", "#0d2a54", "#3f4c6b", "#7c7b78", "#c0ad63", "#ffe75a"],
    vacuum: "#2a2a30",
    up: "#56b4f5",
    down: "#f5a03c",
    trail: "#f2f2f2",
  },
  {
    id: "ember",
    label: "Cyan · magenta",
    diverging: ["#ff6be0", "#cf3fb4", "#7a3280", "#4b5672", "#1c7893", "#25b6cf", "#7df6ff"],
    sequential: ["#07060d", "#2b0f45", "#7b1f5c", "#d0453f", "#f79b2f", "#fdf3a6"],
    vacuum: "#1d1240",
    up: "#4fdcee",
    down: "#f06bd6",
    trail: "#ffe08a",
  },
  {
    id: "graphite",
    label: "Graphite",
    diverging: ["#9a86ff", "#7566cc", "#4e4a80", "#4b535f", "#7f8792", "#bcc3cc", "#ffffff"],
    sequential: ["#07090c", "#1c222b", "#414a57", "#76818f", "#b4bdc8", "#ffffff"],
    vacuum: "#1a1b33",
    up: "#e3e9f0",
    down: "#9a8bff",
    trail: "#ffcf5c",
  },
];

/** Colours along a scale; the ends are included. */
export const STEPS = 256;

/** Returns both scales as RGBA: the diverging one, then the sequential one, 256 colours each. */
export function lookupTable(palette: Palette): Uint8Array {
  const table = new Uint8Array(2 * STEPS * 4);
  [palette.diverging, palette.sequential].forEach((stops, scale) => {
    for (let step = 0; step < STEPS; step += 1) {
      table.set([...colourAt(stops, step / (STEPS - 1)), 255], (scale * STEPS + step) * 4);
    }
  });
  return table;
}

/** Returns red, green and blue (0 to 255) at a place from 0 to 1 along the stops. */
export function colourAt(stops: readonly string[], place: number): [number, number, number] {
  const along = Math.min(Math.max(place, 0), 1) * (stops.length - 1);
  const index = Math.min(Math.floor(along), stops.length - 2);
  const low = channels(stops[index] ?? "#000000");
  const high = channels(stops[index + 1] ?? "#000000");
  const share = along - index;
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round(low[channel] + (high[channel] - low[channel]) * share);
  return [mix(0), mix(1), mix(2)];
}

export function channels(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
