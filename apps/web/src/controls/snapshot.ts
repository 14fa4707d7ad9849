/** A PNG of the view, as it is on the screen. */
import { font, THEME } from "../draw/theme.ts";

/** Puts the canvases where they are on the page, under a caption, and hands the file over. */
export function savePng(
  stage: HTMLElement,
  canvases: readonly HTMLCanvasElement[],
  caption: string,
  name: string,
): void {
  const CAPTION_PX = 30;
  const scale = window.devicePixelRatio;
  const frame = stage.getBoundingClientRect();
  const boxes = canvases.map((canvas) => canvas.getBoundingClientRect());
  const width = Math.max(...boxes.map(({ right }) => right)) - frame.left;
  const picture = document.createElement("canvas");
  picture.width = Math.round(width * scale);
  picture.height = Math.round((frame.height + CAPTION_PX) * scale);
  const context = picture.getContext("2d");
  if (context === null) return;
  context.scale(scale, scale);
  context.fillStyle = THEME.panel;
  context.fillRect(0, 0, width, frame.height + CAPTION_PX);
  context.fillStyle = THEME.ink;
  context.font = font(12, 600);
  context.textBaseline = "middle";
  context.fillText(caption, 12, CAPTION_PX / 2);
  canvases.forEach((canvas, index) => {
    const box = boxes[index];
    if (box === undefined || canvas.width === 0 || canvas.height === 0) return;
    context.drawImage(
      canvas,
      box.left - frame.left,
      box.top - frame.top + CAPTION_PX,
      box.width,
      box.height,
    );
  });
  picture.toBlob((blob) => {
    if (blob === null) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }, "image/png");
}
