/** A small line over the last minute, around nothing. */
import type { Palette } from "../../draw/palette.ts";
import type { Surface } from "../../draw/surface.ts";
import { faded, THEME } from "../../draw/theme.ts";
import { TRAIL_STEPS, type Trail } from "../state/trail.ts";

/** Draws the trail; `least` is the size that fills the height at least, so that noise stays small. */
export function drawSparkline(
  surface: Surface,
  scale: number,
  trail: Trail,
  palette: Palette,
  least: number,
): void {
  const context = surface.begin(scale);
  const { width, height } = surface;
  let full = least;
  trail.forEach((value) => {
    full = Math.max(full, Math.abs(value));
  });
  const middle = height / 2;
  const y = (value: number): number => middle - (value / full) * (middle - 2);
  const stepWidth = width / TRAIL_STEPS;
  context.fillStyle = THEME.line;
  context.fillRect(0, Math.round(middle), width, 1);
  for (const [colour, isUp] of [
    [palette.up, true],
    [palette.down, false],
  ] as const) {
    context.fillStyle = faded(colour, 0.35);
    trail.forEach((value, step) => {
      if (value > 0 !== isUp || value === 0) return;
      const top = Math.min(y(value), middle);
      context.fillRect(step * stepWidth, top, stepWidth + 0.4, Math.abs(y(value) - middle));
    });
  }
  context.beginPath();
  trail.forEach((value, step) => context.lineTo((step + 1) * stepWidth, y(value)));
  context.strokeStyle = faded(THEME.ink, 0.8);
  context.lineWidth = 1;
  context.stroke();
}
