/** The programs that turn the numbers of a tile into colours, on the graphics processor. */
import type { Shade } from "./fields.ts";
import { MIDDLE_GAIN } from "../../draw/look.ts";

export const SHADES: readonly Shade[] = ["composite", "signed", "logarithmic", "linear"];

/** Most columns of one pixel that are averaged; of more, as many are picked evenly. */
export const MAX_SAMPLES = 5;

/** Draws one rectangle, given by its corners in clip space. */
export const VERTEX = `#version 300 es
uniform vec4 u_rectangle;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4(mix(u_rectangle.xy, u_rectangle.zw, corner), 0.0, 1.0);
}`;

/**
 * Finds the column and the bucket of a pixel, reads the numbers there and colours them.
 *
 * A texture has a row for each column of the picture and a texel for each bucket, by k: the heads
 * say where the spot was, which is all it takes to place a bucket.
 */
export const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;

uniform sampler2D u_value;
uniform sampler2D u_depth;
uniform sampler2D u_vacuum;
uniform sampler2D u_head;
uniform sampler2D u_palette;
uniform int u_first;
uniform int u_last;
uniform float u_left;
uniform float u_columns_per_pixel;
uniform int u_samples;
uniform float u_top;
uniform float u_height;
uniform float u_buckets_per_pixel;
uniform int u_rows;
uniform int u_shade;
uniform float u_gain;
uniform vec3 u_vacuum_tint;
out vec4 colour;

/** At the middle of the slider. */
const float MIDDLE_GAIN = ${MIDDLE_GAIN.toFixed(1)};

vec3 diverging(float place) { return texture(u_palette, vec2(place * 0.498 + 0.5, 0.25)).rgb; }
vec3 sequential(float place) { return texture(u_palette, vec2(place * 0.996 + 0.002, 0.75)).rgb; }
float squashed(float value) { float e = exp(-2.0 * abs(value)); return sign(value) * (1.0 - e) / (1.0 + e); }

void main() {
  float begin = float(u_first) + (gl_FragCoord.x - 0.5 - u_left) * u_columns_per_pixel;
  float bucket = floor(u_top - (u_height - gl_FragCoord.y) * u_buckets_per_pixel + 0.5);
  float stride = max(u_columns_per_pixel / float(u_samples), 1.0);
  vec3 sum = vec3(0.0);
  vec3 scales = vec3(1.0);
  float found = 0.0;
  float doubt = 0.0;
  for (int sample_index = 0; sample_index < ${MAX_SAMPLES}; sample_index += 1) {
    if (sample_index >= u_samples) break;
    int column = int(floor(begin + float(sample_index) * stride + 0.01));
    if (column < u_first || column >= u_last) continue;
    vec4 place = texelFetch(u_head, ivec2(0, column), 0);
    if (place.y < 0.5) continue;
    int row = int(bucket - place.x) + (u_rows - 1) / 2;
    if (row < 0 || row >= u_rows) continue;
    ivec2 cell = ivec2(row, column);
    sum += vec3(texelFetch(u_value, cell, 0).r, texelFetch(u_depth, cell, 0).r,
                u_shade == 0 ? texelFetch(u_vacuum, cell, 0).r : 0.0);
    if (found < 0.5) scales = texelFetch(u_head, ivec2(1, column), 0).rgb;
    doubt += place.z;
    found += 1.0;
  }
  if (found < 0.5) discard;
  vec3 mean = sum / found;
  float depth = clamp(log(1.0 + max(mean.y, 0.0)) / log(2.0 + scales.y), 0.0, 1.0);
  vec3 shown;
  if (u_shade == 0) {
    float pressure = squashed(u_gain * mean.x / scales.x);
    float vacuum = max(squashed(u_gain * mean.z / scales.z), 0.0);
    float light = mean.y > 0.0 ? 0.08 + 0.92 * pow(depth, 2.7) : 0.03;
    // A bucket under pressure shines even where little rests.
    light = max(light, 0.80 * abs(pressure) * sqrt(depth));
    shown = mix(diverging(pressure) * light, u_vacuum_tint * (0.25 + 0.5 * depth), 0.85 * vacuum);
  } else if (u_shade == 1) {
    float size = squashed(u_gain * mean.x / scales.x);
    shown = diverging(size) * (0.10 + 0.12 * depth + 0.85 * sqrt(abs(size)));
  } else if (u_shade == 2) {
    // More contrast lifts what is small; nothing stays nothing, and the largest stays the largest.
    float size = clamp(log(1.0 + max(mean.x, 0.0)) / log(2.0 + scales.x), 0.0, 1.0);
    shown = sequential(pow(size, MIDDLE_GAIN / u_gain));
  } else {
    float size = clamp(mean.x / scales.x, 0.0, 1.0);
    shown = sequential(pow(size, 2.0 * MIDDLE_GAIN / u_gain));
  }
  // A book that cannot be trusted is drawn without colour.
  float grey = dot(shown, vec3(0.30, 0.59, 0.11));
  colour = vec4(mix(shown, vec3(grey * 0.8), doubt / found), 1.0);
}`;
