/** Lines over the heatmap: the spot's trail, the best prices, trades, and where an epoch begins. */
import type { Palette } from "../../draw/palette.ts";
import { drawBreaks, strokeSteps, type Place } from "../../draw/steps.ts";
import { faded, THEME } from "../../draw/theme.ts";
import { BLOCK, type History } from "../state/history.ts";
import type { Trades } from "../state/trades.ts";
import type { Viewport } from "../../state/viewport.ts";

/** Only where a column is about two pixels wide do single trades say more than noise. */
const TRADES_COLUMNS_PER_PIXEL = 0.51;

/** A column's best prices in buckets. */
interface Quotes extends Place {
  readonly bid: number;
  readonly ask: number;
}

/** Returns what lines are drawn through: a place for each pixel, or each column if that is wider. */
function places(history: History, view: Viewport): Quotes[] {
  const { fine, coarse } = history;
  const step = Math.max(1, Math.round(view.columnsPerPixel));
  const found: Quotes[] = [];
  const from = Math.max(0, Math.floor(view.left / step) * step);
  let wasThere = -1;
  for (let column = from; column < Math.min(view.right, fine.count); column += step) {
    const isFine = fine.has(column);
    const layer = isFine ? fine : coarse;
    const index = isFine ? column : Math.floor(column / BLOCK);
    if (!layer.has(index)) continue;
    let isBreak = false;
    for (let past = Math.max(wasThere, index - step) + 1; past <= index; past += 1) {
      isBreak ||= layer.isBreak(past);
    }
    wasThere = index;
    const slot = layer.slot(index);
    found.push({
      column,
      bid: layer.bid[slot] ?? NaN,
      ask: layer.ask[slot] ?? NaN,
      isBreak,
    });
  }
  return found;
}

/** Which of the lines are wanted. */
export interface Overlays {
  readonly trail: boolean;
  readonly quotes: boolean;
  readonly trades: boolean;
}

export function drawLines(
  context: CanvasRenderingContext2D,
  history: History,
  trades: Trades,
  view: Viewport,
  palette: Palette,
  wanted: Overlays,
): void {
  const line = places(history, view);
  drawBreaks(context, line, view);
  if (wanted.quotes) {
    strokeSteps(context, line, view, faded(palette.up, 0.85), 1, ({ bid }) => bid);
    strokeSteps(context, line, view, faded(palette.down, 0.85), 1, ({ ask }) => ask);
  }
  if (wanted.trades && view.columnsPerPixel <= TRADES_COLUMNS_PER_PIXEL) {
    drawTrades(context, trades, view, palette);
  }
  if (wanted.trail) {
    const mid = ({ bid, ask }: Quotes): number => (bid + ask) / 2;
    strokeSteps(context, line, view, "#000000b0", 3.5, mid);
    strokeSteps(context, line, view, palette.trail, 1.5, mid);
  }
}

function drawTrades(
  context: CanvasRenderingContext2D,
  trades: Trades,
  view: Viewport,
  palette: Palette,
): void {
  const colours = { B: palette.up, A: palette.down, N: THEME.ink };
  context.lineWidth = 1;
  context.strokeStyle = "#000000c0";
  trades.forEach(view.left, view.right, ({ column, bucket, size, aggressor }) => {
    const y = view.yOf(bucket);
    if (y < -20 || y > view.height + 20) return;
    context.beginPath();
    context.arc(view.xOf(column), y, Math.min(2 + Math.sqrt(size) * 0.8, 14), 0, 2 * Math.PI);
    context.fillStyle = faded(colours[aggressor], 0.85);
    context.fill();
    context.stroke();
  });
}
