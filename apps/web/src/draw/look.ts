/** What a picture shows and in which colours, whatever the page. */
import type { Palette } from "./palette.ts";

/** The gain at the middle of the slider, at which most of a quiet market is visible. */
export const MIDDLE_GAIN = 6;

/** How a field is named, and how it becomes a colour: the shades are the page's. */
export interface FieldStyle<S extends string> {
  readonly name: string;
  readonly label: string;
  readonly group: string;
  readonly shade: S;
}

export interface Look<S extends string, P extends Palette = Palette> {
  readonly field: FieldStyle<S>;
  readonly palette: P;
  /** How soon a quantity counts as much: 1 is its own scale. */
  readonly gain: number;
}
