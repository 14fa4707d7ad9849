/**
 * A layer of the history in textures: tiles of 3,600 columns, a row of texels for each column.
 *
 * The rings of the history have the very layout of the textures, so that columns are copied as
 * they lie. Only what is new since the last frame is copied, and everything once when the field
 * changes.
 */
import { floatTexture } from "../../draw/graphics.ts";
import type { GL } from "../../draw/program.ts";
import { LAYER_COLUMNS, TILE_COLUMNS, type Layer } from "../state/layer.ts";

/** What brightens a bucket, and what darkens it. */
export const DEPTH = "rest_depth";
export const VACUUM = "vacuum_variant";

/** Textures of 3,600 columns. */
export interface Tile {
  readonly value: WebGLTexture;
  readonly depth: WebGLTexture;
  readonly vacuum: WebGLTexture;
  /** Two texels for each column: spot, presence and doubt; scales of value, depth and vacuum. */
  readonly head: WebGLTexture;
}

/** Columns that lie one after the other in one tile: rows `first` to `last` of its textures. */
export interface Chunk {
  readonly tile: Tile;
  readonly column: number;
  readonly first: number;
  readonly last: number;
}

const HEAD_FLOATS = 8;

export class Tiles {
  readonly rows: number;
  readonly #gl: GL;
  readonly #layer: Layer;
  readonly #tiles: Tile[] = [];
  readonly #heads = new Float32Array(TILE_COLUMNS * HEAD_FLOATS);
  #field: string | null = null;
  #written = 0;
  #origin: number | null = null;

  constructor(gl: GL, layer: Layer) {
    this.#gl = gl;
    this.#layer = layer;
    this.rows = layer.rows;
    for (let start = 0; start < LAYER_COLUMNS; start += TILE_COLUMNS) {
      this.#tiles.push({
        value: floatTexture(gl, gl.R32F, layer.rows, TILE_COLUMNS),
        depth: floatTexture(gl, gl.R32F, layer.rows, TILE_COLUMNS),
        vacuum: floatTexture(gl, gl.R32F, layer.rows, TILE_COLUMNS),
        head: floatTexture(gl, gl.RGBA32F, 2, TILE_COLUMNS),
      });
    }
  }

  /** The bucket from which the textures count: their floats hold no number of any size exactly. */
  get origin(): number {
    return this.#origin ?? 0;
  }

  dispose(): void {
    for (const { value, depth, vacuum, head } of this.#tiles) {
      for (const texture of [value, depth, vacuum, head]) this.#gl.deleteTexture(texture);
    }
  }

  /** Writes what is new in the layer, or all of it if another field is shown than before. */
  update(field: string): void {
    const layer = this.#layer;
    const from = field === this.#field ? Math.max(this.#written, layer.oldest) : layer.oldest;
    this.#field = field;
    for (const chunk of this.chunks(from, layer.count)) this.#write(chunk, field);
    this.#written = layer.count;
  }

  /** Returns the columns `from` to `to` that are there, in pieces that lie in one tile each. */
  chunks(from: number, to: number): Chunk[] {
    const chunks: Chunk[] = [];
    const end = Math.min(to, this.#layer.count);
    let column = Math.max(from, this.#layer.oldest);
    while (column < end) {
      const slot = this.#layer.slot(column);
      const first = slot % TILE_COLUMNS;
      const last = Math.min(TILE_COLUMNS, first + end - column);
      const tile = this.#tiles[Math.floor(slot / TILE_COLUMNS)];
      if (tile === undefined) break;
      chunks.push({ tile, column, first, last });
      column += last - first;
    }
    return chunks;
  }

  #write({ tile, column, first, last }: Chunk, field: string): void {
    const gl = this.#gl;
    const layer = this.#layer;
    const slot = layer.slot(column);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
    gl.activeTexture(gl.TEXTURE0);
    for (const [texture, name] of [
      [tile.value, field],
      [tile.depth, DEPTH],
      [tile.vacuum, VACUUM],
    ] as const) {
      const values = layer.fields.get(name)?.values;
      if (values === undefined) continue;
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.texSubImage2D(
        gl.TEXTURE_2D,
        0,
        0,
        first,
        layer.rows,
        last - first,
        gl.RED,
        gl.FLOAT,
        values,
        slot * layer.rows,
      );
    }
    this.#writeHeads(slot, last - first, field);
    gl.bindTexture(gl.TEXTURE_2D, tile.head);
    gl.texSubImage2D(
      gl.TEXTURE_2D,
      0,
      0,
      first,
      2,
      last - first,
      gl.RGBA,
      gl.FLOAT,
      this.#heads,
      0,
    );
  }

  #writeHeads(slot: number, count: number, field: string): void {
    const layer = this.#layer;
    const [values, depths, vacuums] = [field, DEPTH, VACUUM].map(
      (name) => layer.fields.get(name)?.scale,
    );
    for (let index = 0; index < count; index += 1) {
      const from = slot + index;
      const to = index * HEAD_FLOATS;
      const spot = layer.spot[from] ?? NaN;
      const isPlaced = !Number.isNaN(spot);
      if (isPlaced) this.#origin ??= spot;
      this.#heads[to] = isPlaced ? spot - this.origin : 0;
      this.#heads[to + 1] = isPlaced ? 1 : 0;
      this.#heads[to + 2] = layer.isValid(from) ? 0 : 1;
      this.#heads[to + 4] = values?.[from] ?? 1;
      this.#heads[to + 5] = depths?.[from] ?? 1;
      this.#heads[to + 6] = vacuums?.[from] ?? 1;
    }
  }
}
