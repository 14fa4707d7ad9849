/** What resists in each bucket of the newest window, over the bars of the options' strikes. */
import type { SurfacePalette } from "./palettes.ts";
import { WALLS } from "./fields.ts";
import { writeFoot, type Surface } from "../../draw/surface.ts";
import { faded, THEME } from "../../draw/theme.ts";
import type { Viewport } from "../../state/viewport.ts";
import { STRIKES_KEPT, type Strikes } from "../state/strikes.ts";
import type { SurfaceHistory } from "../state/surfaces.ts";

export function drawWallProfile(
  surface: Surface,
  scale: number,
  history: SurfaceHistory | null,
  view: Viewport,
  palette: SurfacePalette,
  showsStrikes: boolean,
): void {
  const context = surface.begin(scale);
  const ring = history?.fields.get(WALLS);
  if (history === null || ring === undefined || history.count === 0 || view.centre === null) return;
  const column = history.count - 1;
  const slot = history.slot(column);
  const { spot } = history.head(column);
  if (Number.isNaN(spot)) return;
  if (showsStrikes) drawStrikes(context, surface.width, history.strikes, slot, view, palette);
  const high = Math.max(ring.scale[slot] ?? 1, 1e-9);
  const full = 1.15 * high;
  const right = surface.width - 1;
  const thickness = Math.max(view.pixelsPerBucket - (view.pixelsPerBucket > 4 ? 1 : 0), 1);
  for (let row = 0; row < history.rows; row += 1) {
    const side = history.sideAt(column, row);
    const size = ring[side][slot * history.rows + row] ?? 0;
    const y = view.yOf(spot + row - history.reach) - view.pixelsPerBucket / 2;
    if (size <= 0 || y < -view.pixelsPerBucket || y > surface.height) continue;
    const share = Math.min(size / full, 1);
    const hue = side === "B" ? palette.below : palette.above;
    context.fillStyle = size > high ? faded(palette.wall, 0.9) : faded(hue, 0.14 + 0.34 * share ** 3);
    const length = share * (surface.width - 14);
    context.fillRect(right - length, y, length, thickness);
  }
  context.fillStyle = faded(palette.trail, 0.6);
  context.fillRect(0, Math.round(view.yOf(spot)), surface.width, 1);
  const hasStrikes = showsStrikes && history.strikes.count(slot) > 0;
  writeFoot(surface, hasStrikes ? "strikes" : "", "", "walls");
}

/** Draws a bar at each strike, from the left: the longer the more its liquidity moves. */
function drawStrikes(
  context: CanvasRenderingContext2D,
  width: number,
  strikes: Strikes,
  slot: number,
  view: Viewport,
  palette: SurfacePalette,
): void {
  const full = Math.max(strikes.scale[slot] ?? 1, 1e-9);
  const thickness = Math.max(2 * strikes.halfThickness * view.pixelsPerBucket, 3);
  for (let index = 0; index < strikes.count(slot); index += 1) {
    const bar = strikes.bars[slot * STRIKES_KEPT + index] ?? 0;
    const y = view.yOf((strikes.first[slot] ?? NaN) + index * strikes.step) - thickness / 2;
    context.fillStyle = THEME.line;
    context.fillRect(0, y, width, thickness);
    context.fillStyle = faded(bar < 0 ? palette.optionsEroding : palette.optionsBuilding, 0.8);
    context.fillRect(0, y, Math.tanh((2 * Math.abs(bar)) / full) * width * 0.7, thickness);
  }
}
