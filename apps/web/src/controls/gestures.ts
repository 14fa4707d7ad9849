/** Wheel, drag and double click on a picture and its axes, turned into moves of the view. */
import type { Point, Viewport } from "../state/viewport.ts";

/** One notch of a wheel is about 100 pixels, and zooms by a fifth. */
const ZOOM_PER_PIXEL = 0.002;

export interface GestureListener {
  /** The view has changed. */
  moved(): void;
  /** The pointer is there, or gone. */
  pointed(at: Point | null): void;
}

export function listenToPicture(
  picture: HTMLElement,
  view: Viewport,
  listener: GestureListener,
): void {
  let dragged: Point | null = null;
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    dragged = pointOf(event);
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    const at = pointOf(event);
    if (dragged !== null && (event.buttons & 1) === 1) {
      const [dx, dy] = [at.x - dragged.x, at.y - dragged.y];
      if (dx !== 0 || dy !== 0) {
        picture.classList.add("panning");
        view.pan(dx, dy);
        dragged = at;
        listener.moved();
      }
    }
    listener.pointed(at);
  });
  const release = (): void => {
    dragged = null;
    picture.classList.remove("panning");
  };
  picture.addEventListener("pointerup", release);
  picture.addEventListener("pointercancel", release);
  picture.addEventListener("pointerleave", () => listener.pointed(null));
  picture.addEventListener("dblclick", () => {
    view.follow();
    listener.moved();
  });
  picture.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const at = pointOf(event);
      const factor = zoomOf(event);
      const isBoth = event.ctrlKey || event.metaKey;
      if (isBoth || event.shiftKey) view.zoomTime(factor, at.x);
      if (isBoth || !event.shiftKey) view.zoomPrice(factor, at.y);
      listener.moved();
    },
    { passive: false },
  );
}

/** Lets the wheel over an axis zoom what the axis measures. */
export function listenToAxis(axis: HTMLElement, zoom: (factor: number, at: Point) => void): void {
  axis.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoom(zoomOf(event), pointOf(event));
    },
    { passive: false },
  );
}

function zoomOf(event: WheelEvent): number {
  // With Shift some browsers turn the wheel sideways.
  const turned = event.deltaY === 0 ? event.deltaX : event.deltaY;
  const pixels = turned * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 33);
  return Math.exp(Math.min(Math.max(pixels, -500), 500) * ZOOM_PER_PIXEL);
}

function pointOf(event: MouseEvent): Point {
  return { x: event.offsetX, y: event.offsetY };
}
