/** The program that turns the surfaces of the windows into colours, on the graphics processor. */
import type { Shade } from "./fields.ts";
import { COLUMNS_KEPT } from "../state/surfaces.ts";

export const SHADES: readonly Shade[] = ["composite", "signed", "linear"];

/** Most columns and rows of one pixel that are averaged; of more, as many are picked evenly. */
export const MAX_SAMPLES = 4;

/** Texels of a column's head. */
export const HEAD_TEXELS = 3;

/** Draws the whole canvas. */
export const VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4(2.0 * corner - 1.0, 0.0, 1.0);
}`;

/**
 * Finds the column and the bucket of a pixel, reads the numbers there and colours them over the
 * bars of the options.
 *
 * The textures are rings: a row for each column of the picture and a texel for each bucket, by its
 * distance from the spot. The heads say where the spot was, and what counts as much. Right of the
 * newest column it goes on, dimmed, as the ground that the forecast is drawn on.
 */
export const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;

uniform sampler2D u_cells;
uniform sampler2D u_head;
uniform sampler2D u_strikes;
uniform sampler2D u_palette;
uniform float u_height;
uniform float u_left;
uniform float u_columns_per_pixel;
uniform int u_oldest_slot;
uniform int u_count;
uniform float u_top;
uniform float u_buckets_per_pixel;
uniform int u_rows;
uniform ivec2 u_samples;
uniform int u_shade;
uniform float u_gain;
uniform float u_strike_step;
uniform float u_strike_half;
uniform vec3 u_ground;
uniform vec3 u_below;
uniform vec3 u_above;
uniform vec3 u_eroding;
uniform vec3 u_wall;
uniform vec3 u_building;
uniform vec3 u_draining;
out vec4 colour;

vec3 diverging(float place) { return texture(u_palette, vec2(place * 0.498 + 0.5, 0.25)).rgb; }
vec3 sequential(float place) { return texture(u_palette, vec2(place * 0.996 + 0.002, 0.75)).rgb; }
/** Lifts what is small, so that quiet regions are not lost beside busy ones. */
float lifted(float value) { return sign(value) * pow(abs(value), 0.7); }
float squashed(float value) { return 1.0 - 2.0 / (exp(2.0 * clamp(value, -9.0, 9.0)) + 1.0); }

/** The colour of a cell and how much of what is behind it that covers. */
vec4 shaded(vec4 cell, vec4 scales, bool is_below) {
  if (u_shade == 1) {
    float size = squashed(0.5 * u_gain * cell.x / scales.x);
    return vec4(diverging(size), abs(size));
  }
  if (u_shade == 2) {
    float size = clamp(cell.x * u_gain / (6.0 * scales.x), 0.0, 1.0);
    return vec4(sequential(size), size > 0.0 ? 1.0 : 0.0);
  }
  float velocity = squashed(0.22 * u_gain * lifted(cell.y / scales.y));
  float pressure = squashed(0.34 * u_gain * lifted(cell.z / scales.z));
  // Pressure is what has lasted; the velocity of the second lends it strength, or stands alone.
  float both = pressure * (0.55 + 0.45 * abs(velocity)) + 0.22 * velocity * (1.0 - abs(pressure));
  float depth = clamp(cell.w / scales.w, 0.0, 1.3);
  // Omega grows with the logarithm of depth: its upper end is where walls stand out.
  float high = depth * depth * depth * depth;
  float wall = smoothstep(0.62, 1.5, high);
  float size = abs(both);
  vec3 hue = both < 0.0 ? u_eroding : is_below ? u_below : u_above;
  // What rests quietly is a faint tint of its side, so that the shape of the book stays visible.
  vec3 quiet = mix(u_ground * 2.6, (is_below ? u_below : u_above) * 0.30, 0.45) * (0.25 + 0.75 * high);
  vec3 shown = mix(quiet, hue, clamp(1.15 * pow(size, 0.8), 0.0, 1.0));
  shown = mix(shown, u_wall, wall * 0.72);
  return vec4(shown, clamp(max(max(1.2 * size, wall), 0.8 * depth), 0.0, 1.0));
}

/** What lies behind the surface: the ground, and on it the bar of a strike. */
vec3 behind(float bucket, vec4 strikes, int slot) {
  float index = floor((bucket - strikes.x) / u_strike_step + 0.5);
  float off = abs(bucket - strikes.x - index * u_strike_step);
  if (index < 0.0 || index >= strikes.y || off > u_strike_half) return u_ground;
  float bar = texelFetch(u_strikes, ivec2(int(index), slot), 0).r / strikes.z;
  float size = squashed(0.4 * u_gain * bar);
  return mix(u_ground * 1.9, size < 0.0 ? u_draining : u_building, 0.06 + 0.66 * abs(size));
}

void main() {
  vec2 at = vec2(gl_FragCoord.x - 0.5, u_height - gl_FragCoord.y);
  float column_begin = u_left + at.x * u_columns_per_pixel;
  float bucket_begin = u_top - at.y * u_buckets_per_pixel + 0.5;
  bool is_ahead = column_begin >= float(u_count);
  if (u_count == 0 || column_begin < -1.0) discard;
  vec2 stride = vec2(u_columns_per_pixel, u_buckets_per_pixel) / vec2(u_samples);
  // Numbers are averaged, not colours: what cancels out is no mixture of green and maroon.
  vec4 sum = vec4(0.0);
  vec4 scales = vec4(1.0);
  vec3 ground = vec3(0.0);
  float columns = 0.0;
  float cells = 0.0;
  float below = 0.0;
  float doubt = 0.0;
  for (int across = 0; across < ${MAX_SAMPLES}; across += 1) {
    if (across >= u_samples.x || (is_ahead && across > 0)) break;
    int column = int(floor(column_begin + float(across) * stride.x + 0.01));
    if (is_ahead) column = u_count - 1;
    if (column < 0 || column >= u_count) continue;
    int slot = (u_oldest_slot + column) % ${COLUMNS_KEPT};
    vec4 place = texelFetch(u_head, ivec2(0, slot), 0);
    if (place.y < 0.5) continue;
    if (columns < 0.5) {
      scales = texelFetch(u_head, ivec2(1, slot), 0);
      ground = behind(floor(bucket_begin - 0.5 * u_buckets_per_pixel), texelFetch(u_head, ivec2(2, slot), 0), slot);
    }
    columns += 1.0;
    doubt += place.z;
    for (int down = 0; down < ${MAX_SAMPLES}; down += 1) {
      if (down >= u_samples.y) break;
      int row = int(floor(bucket_begin - float(down) * stride.y) - place.x) + (u_rows - 1) / 2;
      if (row < 0 || row >= u_rows) continue;
      sum += texelFetch(u_cells, ivec2(row, slot), 0);
      below += row * 2 < u_rows ? 1.0 : -1.0;
      cells += 1.0;
    }
  }
  if (columns < 0.5) discard;
  vec3 shown = ground;
  if (cells > 0.5) {
    vec4 cell = shaded(sum / cells, scales, below > 0.0);
    shown = mix(ground, cell.rgb, cell.a);
  }
  // A book that cannot be trusted is drawn without colour.
  float grey = dot(shown, vec3(0.30, 0.59, 0.11));
  shown = mix(shown, vec3(grey * 0.8), doubt / columns);
  colour = vec4(is_ahead ? mix(u_ground, shown, 0.26) : shown, 1.0);
}`;
