/** The depth profile: what rests in each bucket of the newest grid, bids left and asks right. */
import { colourAt, type Palette } from "../../draw/palette.ts";
import { writeFoot, type Surface } from "../../draw/surface.ts";
import { faded, THEME } from "../../draw/theme.ts";
import { formatCount } from "../../market/numbers.ts";
import type { History } from "../state/history.ts";
import { largest } from "../../state/scale.ts";
import type { Viewport } from "../../state/viewport.ts";

export function drawProfile(
  surface: Surface,
  scale: number,
  history: History | null,
  view: Viewport,
  palette: Palette,
  gain: number,
): void {
  const context = surface.begin(scale);
  const middle = Math.round(surface.width / 2);
  context.fillStyle = THEME.line;
  context.fillRect(middle, 0, 1, surface.height);
  const layer = history?.fine;
  const depths = layer?.fields.get("rest_depth");
  if (layer === undefined || depths === undefined || layer.count === 0) return;
  const slot = layer.slot(layer.count - 1);
  const { spot, bid } = layer.head(layer.count - 1);
  if (Number.isNaN(spot) || view.centre === null) return;
  const values = depths.values.subarray(slot * layer.rows, (slot + 1) * layer.rows);
  const full = Math.max(largest(values), 1);
  const pressures = layer.fields.get("pressure_variant");
  const half = (layer.rows - 1) / 2;
  const thickness = Math.max(view.pixelsPerBucket - (view.pixelsPerBucket > 4 ? 1 : 0), 1);
  values.forEach((depth, row) => {
    const bucket = spot + row - half;
    const y = view.yOf(bucket) - view.pixelsPerBucket / 2;
    if (depth <= 0 || y < -view.pixelsPerBucket || y > surface.height) return;
    const pressure = pressures?.values[slot * layer.rows + row] ?? 0;
    const strength = Math.tanh((gain * pressure) / (pressures?.scale[slot] ?? 1));
    const [red, green, blue] = colourAt(palette.diverging, (strength + 1) / 2);
    const length = Math.max((depth / full) * (middle - 6), 1);
    // Only bids rest at or below the best bid; with none there are only asks.
    const isBid = bucket <= Math.round(bid);
    context.fillStyle = `rgb(${red} ${green} ${blue})`;
    context.fillRect(isBid ? middle - length : middle + 1, y, length, thickness);
  });
  context.fillStyle = faded(palette.trail, 0.5);
  context.fillRect(0, Math.round(view.yOf(spot)), surface.width, 1);
  writeFoot(surface, "bids", formatCount(full), "asks");
}
