/** The colours and letters of everything that is drawn on a canvas; the style sheet has the same. */

export const THEME = {
  ink: "#d7dee8",
  muted: "#7f8b9c",
  faint: "#465163",
  line: "#1a212c",
  panel: "#0d1118",
  ground: "#07090d",
  invalid: "#f0b429",
} as const;

const FAMILY = '"JetBrains Mono", "SF Mono", ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace';

/** The style sheet enlarges its letters on screens of the same width. */
const large = window.matchMedia("(min-width: 1800px)");

export function font(size: number, weight = 400): string {
  return `${weight} ${enlarged(size)}px ${FAMILY}`;
}

/** Returns the width of a letter: all are equally wide, in any of the fonts of the family. */
export function letterWidth(size: number): number {
  return 0.605 * enlarged(size);
}

function enlarged(size: number): number {
  return large.matches ? size * 1.18 : size;
}

/** Returns a colour of six digits with an opacity from 0 to 1. */
export function faded(hex: string, opacity: number): string {
  return hex + Math.round(opacity * 255).toString(16).padStart(2, "0");
}
