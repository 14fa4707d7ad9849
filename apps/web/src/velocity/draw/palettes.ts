/** The colours of the surface: each of its meanings has one, beside the scales of all pages. */
import { PALETTES, type Palette } from "../../draw/palette.ts";

export interface SurfacePalette extends Palette {
  /** Liquidity that builds: bids below the spot, asks above it. */
  readonly below: string;
  readonly above: string;
  readonly eroding: string;
  /** A bucket that resists. */
  readonly wall: string;
  readonly optionsBuilding: string;
  readonly optionsEroding: string;
  readonly forecast: string;
}

type Own = Omit<SurfacePalette, keyof Palette>;

const OWN: Readonly<Record<string, Own>> = {
  signal: {
    below: "#26d391",
    above: "#ff4a62",
    eroding: "#8a1f45",
    wall: "#fff4d6",
    optionsBuilding: "#2fd6ff",
    optionsEroding: "#e24fe0",
    forecast: "#b9d2ff",
  },
  safe: {
    below: "#3f9df0",
    above: "#f59a2b",
    eroding: "#6d4358",
    wall: "#fbfbf4",
    optionsBuilding: "#56e0dc",
    optionsEroding: "#c77ddb",
    forecast: "#dfe6f2",
  },
};

/** The palettes of all pages that have colours for a surface. */
export const SURFACE_PALETTES: readonly [SurfacePalette, ...SurfacePalette[]] = nonEmpty(
  PALETTES.flatMap((palette) => {
    const own = OWN[palette.id];
    return own === undefined ? [] : [{ ...palette, ...own }];
  }),
);

function nonEmpty<T>([first, ...others]: readonly T[]): readonly [T, ...T[]] {
  if (first === undefined) throw new Error("no palette has colours for a surface");
  return [first, ...others];
}
