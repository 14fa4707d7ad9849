/**
 * The surface over time: its numbers in textures, coloured by the graphics processor.
 *
 * A texture is a ring like those of the history, a row for each of its 1,800 columns: none is wider
 * or higher than 4,096. New columns are written one by one; another field is written once. Prices
 * are known only as buckets.
 */
import { COMPOSITE, PRESSURE, VELOCITY, WALLS, type SurfaceLook } from "./fields.ts";
import type { SurfacePalette } from "./palettes.ts";
import { FRAGMENT, HEAD_TEXELS, MAX_SAMPLES, SHADES, VERTEX } from "./shaders.ts";
import { floatTexture, openGraphics, PaletteTexture } from "../../draw/graphics.ts";
import { channels } from "../../draw/palette.ts";
import { Program, type GL } from "../../draw/program.ts";
import { THEME } from "../../draw/theme.ts";
import type { Viewport } from "../../state/viewport.ts";
import { STRIKES_KEPT } from "../state/strikes.ts";
import { COLUMNS_KEPT, type SurfaceHistory } from "../state/surfaces.ts";

const UNITS = { u_cells: 0, u_head: 1, u_strikes: 2, u_palette: 3 } as const;

/** Floats of a texel of cells: the field that is shown, velocity, pressure, walls. */
const CELL_FLOATS = 4;
const HEAD_FLOATS = 4 * HEAD_TEXELS;

interface Textures {
  readonly cells: WebGLTexture;
  readonly head: WebGLTexture;
  readonly strikes: WebGLTexture;
}

export class SurfaceMap {
  readonly #canvas: HTMLCanvasElement;
  readonly #gl: GL;
  #program: Program | null = null;
  #palette: PaletteTexture | null = null;
  #textures: Textures | null = null;
  #history: SurfaceHistory | null = null;
  #cells = new Float32Array(0);
  readonly #head = new Float32Array(HEAD_FLOATS);
  #field: string | null = null;
  #written = 0;
  /** The bucket from which the textures count: their floats hold no number of any size exactly. */
  #origin: number | null = null;

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
  setHistory(history: SurfaceHistory): void {
    const gl = this.#gl;
    if (this.#textures !== null) {
      for (const texture of Object.values(this.#textures)) gl.deleteTexture(texture);
    }
    this.#history = history;
    this.#textures = {
      cells: floatTexture(gl, gl.RGBA32F, history.rows, COLUMNS_KEPT),
      head: floatTexture(gl, gl.RGBA32F, HEAD_TEXELS, COLUMNS_KEPT),
      strikes: floatTexture(gl, gl.R32F, STRIKES_KEPT, COLUMNS_KEPT),
    };
    this.#cells = new Float32Array(history.rows * CELL_FLOATS);
    this.#field = null;
    this.#origin = null;
  }

  /** Draws the view; new columns and a new field are written into the textures first. */
  draw(view: Viewport, look: SurfaceLook, showsStrikes: boolean, scale: number): void {
    const [program, history] = [this.#program, this.#history];
    if (program === null || history === null || this.#textures === null) return;
    const gl = this.#gl;
    this.#update(history, look.field.name);
    const [red, green, blue] = channels(THEME.ground);
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height);
    gl.clearColor(red / 255, green / 255, blue / 255, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (view.centre === null) return;
    program.use();
    this.#palette?.bind(UNITS.u_palette, look.palette);
    this.#bind(this.#textures);
    this.#place(program, history, view, scale);
    const { strikes } = history;
    program.float("u_strike_step", showsStrikes && strikes.step > 0 ? strikes.step : 1e9);
    // A bar is never thinner than a pixel or two.
    const least = 0.8 / view.pixelsPerBucket;
    program.float("u_strike_half", showsStrikes ? Math.max(strikes.halfThickness, least) : -1);
    program.int("u_shade", SHADES.indexOf(look.field.shade));
    program.float("u_gain", look.gain);
    setColours(program, look.palette);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  #place(program: Program, history: SurfaceHistory, view: Viewport, scale: number): void {
    const columnsPerPixel = view.columnsPerPixel / scale;
    const bucketsPerPixel = 1 / (view.pixelsPerBucket * scale);
    program.float("u_height", this.#canvas.height);
    program.float("u_left", view.left - history.oldest);
    program.float("u_columns_per_pixel", columnsPerPixel);
    program.int("u_oldest_slot", history.slot(history.oldest));
    program.int("u_count", history.count - history.oldest);
    program.float("u_top", view.top - (this.#origin ?? 0));
    program.float("u_buckets_per_pixel", bucketsPerPixel);
    program.int("u_rows", history.rows);
    program.ints("u_samples", samples(columnsPerPixel), samples(bucketsPerPixel));
  }

  #bind({ cells, head, strikes }: Textures): void {
    const gl = this.#gl;
    for (const [unit, texture] of [
      [UNITS.u_cells, cells],
      [UNITS.u_head, head],
      [UNITS.u_strikes, strikes],
    ] as const) {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
    }
  }

  /** Writes what is new in the history, or all of it if another field is shown than before. */
  #update(history: SurfaceHistory, field: string): void {
    const isSame = field === this.#field;
    this.#field = field;
    const from = isSame ? Math.max(this.#written, history.oldest) : history.oldest;
    for (let column = from; column < history.count; column += 1) {
      this.#write(history, column, field);
    }
    this.#written = history.count;
  }

  #write(history: SurfaceHistory, column: number, field: string): void {
    const [gl, textures] = [this.#gl, this.#textures];
    if (textures === null) return;
    const slot = history.slot(column);
    this.#fillCells(history, column, field);
    this.#fillHead(history, column, field);
    gl.activeTexture(gl.TEXTURE0);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
    const write = (texture: WebGLTexture, format: GLenum, width: number, data: Float32Array, from = 0): void => {
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, slot, width, 1, format, gl.FLOAT, data, from);
    };
    write(textures.cells, gl.RGBA, history.rows, this.#cells);
    write(textures.head, gl.RGBA, HEAD_TEXELS, this.#head);
    if (history.strikes.count(slot) > 0) {
      write(textures.strikes, gl.RED, STRIKES_KEPT, history.strikes.bars, slot * STRIKES_KEPT);
    }
  }

  #fillCells(history: SurfaceHistory, column: number, field: string): void {
    const start = history.slot(column) * history.rows;
    [field, VELOCITY, PRESSURE, WALLS].forEach((name, channel) => {
      const ring = history.fields.get(name);
      for (let row = 0; row < history.rows; row += 1) {
        const side = history.sideAt(column, row);
        // Pressure points up on the bids and down on the asks; what builds counts as positive here.
        const sign = channel === 2 && side === "A" ? -1 : 1;
        this.#cells[row * CELL_FLOATS + channel] = sign * (ring?.[side][start + row] ?? 0);
      }
    });
  }

  #fillHead(history: SurfaceHistory, column: number, field: string): void {
    const slot = history.slot(column);
    const { spot, isValid } = history.head(column);
    const isPlaced = !Number.isNaN(spot);
    if (isPlaced) this.#origin ??= spot;
    const origin = this.#origin ?? 0;
    const size = (name: string): number => history.fields.get(name)?.scale[slot] ?? 1;
    const { strikes } = history;
    const count = isPlaced ? strikes.count(slot) : 0;
    this.#head.set([
      isPlaced ? spot - origin : 0,
      isPlaced ? 1 : 0,
      isValid ? 0 : 1,
      0,
      field === COMPOSITE ? 1 : size(field),
      size(VELOCITY),
      size(PRESSURE),
      size(WALLS),
      count === 0 ? 0 : (strikes.first[slot] ?? NaN) - origin,
      count,
      strikes.scale[slot] ?? 1,
      0,
    ]);
  }

  #prepare(): void {
    const gl = this.#gl;
    this.#program = new Program(gl, VERTEX, FRAGMENT);
    this.#program.use();
    for (const [name, unit] of Object.entries(UNITS)) this.#program.int(name, unit);
    this.#palette = new PaletteTexture(gl);
    this.#textures = null;
  }
}

function setColours(program: Program, palette: SurfacePalette): void {
  for (const [name, hex] of [
    ["u_ground", THEME.ground],
    ["u_below", palette.below],
    ["u_above", palette.above],
    ["u_eroding", palette.eroding],
    ["u_wall", palette.wall],
    ["u_building", palette.optionsBuilding],
    ["u_draining", palette.optionsEroding],
  ] as const) {
    const [red, green, blue] = channels(hex);
    program.vec3(name, red / 255, green / 255, blue / 255);
  }
}

function samples(perPixel: number): number {
  return Math.min(Math.max(Math.ceil(perPixel - 0.01), 1), MAX_SAMPLES);
}
