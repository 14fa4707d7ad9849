/**
 * A canvas that the graphics processor draws on, and the textures that numbers and colours lie in.
 *
 * A browser may drop everything at any time: the owner is notified, and makes it again.
 */
import { lookupTable, STEPS, type Palette } from "./palette.ts";
import type { GL } from "./program.ts";

/** A page without WebGL2 shows everything but the heatmap. */
export class NoWebGl2 extends Error {
  override readonly name = "NoWebGl2";

  constructor() {
    super("this browser offers no WebGL2, which the heatmap is drawn with");
  }
}

/** The events of a context. */
export interface ContextListener {
  /** Everything that was made in it is gone. */
  lost(): void;
  /** It is back, and empty. */
  restored(): void;
}

/** @throws {NoWebGl2} */
export function openGraphics(canvas: HTMLCanvasElement, listener: ContextListener): GL {
  const gl = canvas.getContext("webgl2", {
    alpha: false,
    antialias: false,
    depth: false,
    powerPreference: "high-performance",
  });
  if (gl === null) throw new NoWebGl2();
  canvas.addEventListener("webglcontextlost", (event) => {
    // Without this the browser would never give the context back.
    event.preventDefault();
    listener.lost();
  });
  canvas.addEventListener("webglcontextrestored", () => listener.restored());
  return gl;
}

/** Makes a texture of floats, which is read by whole texels. */
export function floatTexture(gl: GL, format: GLenum, width: number, height: number): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
  setSampling(gl, gl.NEAREST);
  return texture;
}

/** Both scales of a palette in a texture: the diverging one above the sequential one. */
export class PaletteTexture {
  readonly #gl: GL;
  readonly #texture: WebGLTexture;
  #palette: Palette | null = null;

  constructor(gl: GL) {
    this.#gl = gl;
    this.#texture = gl.createTexture();
  }

  /** Binds the texture to a unit, with the colours of that palette. */
  bind(unit: number, palette: Palette): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, this.#texture);
    if (palette === this.#palette) return;
    this.#palette = palette;
    const table = lookupTable(palette);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, STEPS, 2, 0, gl.RGBA, gl.UNSIGNED_BYTE, table);
    setSampling(gl, gl.LINEAR);
  }
}

function setSampling(gl: GL, filter: GLenum): void {
  for (const [name, value] of [
    [gl.TEXTURE_MIN_FILTER, filter],
    [gl.TEXTURE_MAG_FILTER, filter],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
    [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ] as const) {
    gl.texParameteri(gl.TEXTURE_2D, name, value);
  }
}
