/**
 * The heatmap: the numbers of the history in textures, coloured by the graphics processor.
 *
 * New columns are written into the textures one by one; a change of field, palette or view writes
 * or draws anew without a single cell being computed here. Prices are known only as buckets.
 */
import type { Shade } from "./fields.ts";
import { openGraphics, PaletteTexture } from "../../draw/graphics.ts";
import type { Look } from "../../draw/look.ts";
import { channels } from "../../draw/palette.ts";
import { Program, type GL } from "../../draw/program.ts";
import { FRAGMENT, MAX_SAMPLES, SHADES, VERTEX } from "./shaders.ts";
import { Tiles } from "./tiles.ts";
import { BLOCK, type History } from "../state/history.ts";
import type { Viewport } from "../../state/viewport.ts";

/** How the heatmap looks. */
export type GridLook = Look<Shade>;

const UNITS = { u_value: 0, u_depth: 1, u_vacuum: 2, u_head: 3, u_palette: 4 } as const;

export class Heatmap {
  readonly #canvas: HTMLCanvasElement;
  readonly #gl: GL;
  #program: Program | null = null;
  #palette: PaletteTexture | null = null;
  #history: History | null = null;
  #fine: Tiles | null = null;
  #coarse: Tiles | null = null;

  /**
   * @param lost is called when the graphics processor drops everything, and when it is back.
   * @throws {NoWebGl2}
   */
  constructor(canvas: HTMLCanvasElement, lost: (isLost: boolean) => void) {
    this.#canvas = canvas;
    this.#gl = openGraphics(canvas, {
      lost: () => {
        this.#program = null;
        lost(true);
      },
      restored: () => {
        this.#prepare();
        if (this.#history !== null) this.setHistory(this.#history);
        lost(false);
      },
    });
    this.#prepare();
  }

  /** Draws that history from now on. */
  setHistory(history: History): void {
    this.#fine?.dispose();
    this.#coarse?.dispose();
    this.#history = history;
    this.#fine = new Tiles(this.#gl, history.fine);
    this.#coarse = new Tiles(this.#gl, history.coarse);
  }

  /** Draws the view; new columns and a new field are written into the textures first. */
  draw(view: Viewport, look: GridLook, scale: number): void {
    const program = this.#program;
    if (program === null || this.#fine === null || this.#coarse === null) return;
    const gl = this.#gl;
    this.#fine.update(look.field.name);
    this.#coarse.update(look.field.name);
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height);
    gl.clearColor(0.027, 0.035, 0.051, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (view.centre === null) return;
    this.#palette?.bind(UNITS.u_palette, look.palette);
    program.use();
    program.float("u_height", this.#canvas.height);
    program.float("u_buckets_per_pixel", 1 / (view.pixelsPerBucket * scale));
    program.int("u_shade", SHADES.indexOf(look.field.shade));
    program.float("u_gain", look.gain);
    const [red, green, blue] = channels(look.palette.vacuum);
    program.vec3("u_vacuum_tint", red / 255, green / 255, blue / 255);
    const { fine, coarse } = this.#layers();
    const isFar = view.columnsPerPixel >= BLOCK;
    const border = isFar ? coarse.count * BLOCK : fine.oldest;
    this.#drawLayer(program, this.#coarse, view, scale, BLOCK, border / BLOCK);
    if (!isFar) this.#drawLayer(program, this.#fine, view, scale, 1, fine.count);
  }

  #layers(): Pick<History, "fine" | "coarse"> {
    if (this.#history === null) throw new Error("textures without a history");
    return this.#history;
  }

  /** Draws the columns of a layer that are visible and lie before `end`, tile by tile. */
  #drawLayer(
    program: Program,
    tiles: Tiles,
    view: Viewport,
    scale: number,
    columnsPerEntry: number,
    end: number,
  ): void {
    const gl = this.#gl;
    const width = this.#canvas.width;
    const columnsPerPixel = view.columnsPerPixel / (columnsPerEntry * scale);
    program.float("u_columns_per_pixel", columnsPerPixel);
    program.int("u_samples", Math.min(Math.max(Math.floor(columnsPerPixel), 1), MAX_SAMPLES));
    program.int("u_rows", tiles.rows);
    program.float("u_top", view.top - tiles.origin);
    const from = view.left / columnsPerEntry;
    const to = Math.min(view.right / columnsPerEntry, Math.ceil(end));
    for (const chunk of tiles.chunks(Math.floor(from), Math.ceil(to))) {
      const left = (chunk.column - from) / columnsPerPixel;
      const right = left + (chunk.last - chunk.first) / columnsPerPixel;
      if (right <= 0 || left >= width) continue;
      program.vec4(
        "u_rectangle",
        (2 * Math.max(Math.floor(left), 0)) / width - 1,
        -1,
        (2 * Math.min(Math.ceil(right), width)) / width - 1,
        1,
      );
      program.float("u_left", left);
      program.int("u_first", chunk.first);
      program.int("u_last", chunk.last);
      gl.activeTexture(gl.TEXTURE0 + UNITS.u_value);
      gl.bindTexture(gl.TEXTURE_2D, chunk.tile.value);
      gl.activeTexture(gl.TEXTURE0 + UNITS.u_depth);
      gl.bindTexture(gl.TEXTURE_2D, chunk.tile.depth);
      gl.activeTexture(gl.TEXTURE0 + UNITS.u_vacuum);
      gl.bindTexture(gl.TEXTURE_2D, chunk.tile.vacuum);
      gl.activeTexture(gl.TEXTURE0 + UNITS.u_head);
      gl.bindTexture(gl.TEXTURE_2D, chunk.tile.head);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    }
  }

  #prepare(): void {
    const gl = this.#gl;
    this.#program = new Program(gl, VERTEX, FRAGMENT);
    this.#program.use();
    for (const [name, unit] of Object.entries(UNITS)) this.#program.int(name, unit);
    this.#palette = new PaletteTexture(gl);
    this.#fine = null;
    this.#coarse = null;
  }
}
