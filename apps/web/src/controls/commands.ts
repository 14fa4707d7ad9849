/** What every page of the instrument can be told by a key, and by which one. */
import type { Shortcut } from "./shortcuts.ts";

/** The commands of a page. */
export interface Commands {
  readonly togglePause: () => void;
  readonly restart: () => void;
  readonly focusSeek: () => void;
  readonly follow: () => void;
  /** Moves the view by pixels. */
  readonly pan: (dx: number, dy: number) => void;
  /** Moves the crosshair by cells. */
  readonly moveCross: (columns: number, buckets: number) => void;
  readonly hideCross: () => void;
  /** Shows more (a factor above 1) or less of both time and price. */
  readonly zoom: (factor: number) => void;
  readonly resetZoom: () => void;
  readonly stepField: (by: 1 | -1) => void;
  readonly savePng: () => void;
  readonly help: () => void;
}

/** Pixels that an arrow key pans, and the factor that a key zooms by. */
const PAN_PX = 80;
const ZOOM = 1.25;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Returns the table of keys, in the order of the help. */
export function shortcutsOf(commands: Commands): readonly Shortcut[] {
  return [
    { keys: [" "], shown: ["Space"], does: "pause or play", run: commands.togglePause },
    { keys: ["r"], shown: ["R"], does: "restart", run: commands.restart },
    { keys: ["s"], shown: ["S"], does: "type a time to seek to", run: commands.focusSeek },
    {
      keys: ["f"],
      shown: ["F"],
      does: "follow the newest column and the spot",
      run: commands.follow,
    },
    {
      keys: Object.keys(ARROWS),
      withShift: false,
      shown: ["←", "→", "↑", "↓"],
      does: "pan",
      run: (key) => {
        const [columns, buckets] = ARROWS[key] ?? [0, 0];
        commands.pan(-columns * PAN_PX, buckets * PAN_PX);
      },
    },
    {
      keys: Object.keys(ARROWS),
      withShift: true,
      shown: ["Shift", "←→↑↓"],
      does: "move the crosshair by a cell",
      run: (key) => commands.moveCross(...(ARROWS[key] ?? [0, 0])),
    },
    { keys: ["Escape"], shown: ["Esc"], does: "hide the crosshair", run: commands.hideCross },
    { keys: ["+", "="], shown: ["+"], does: "zoom in", run: () => commands.zoom(1 / ZOOM) },
    { keys: ["-", "_"], shown: ["−"], does: "zoom out", run: () => commands.zoom(ZOOM) },
    { keys: ["0"], shown: ["0"], does: "the initial zoom", run: commands.resetZoom },
    { keys: ["]"], shown: ["]"], does: "next field", run: () => commands.stepField(1) },
    { keys: ["["], shown: ["["], does: "previous field", run: () => commands.stepField(-1) },
    { keys: ["p"], shown: ["P"], does: "save the view as PNG", run: commands.savePng },
    { keys: ["?"], shown: ["?"], does: "this list", run: commands.help },
  ];
}
