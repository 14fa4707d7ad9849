/** How each column of the surface is named and coloured. */
import type { FieldStyle, Look } from "../../draw/look.ts";
import type { SurfacePalette } from "./palettes.ts";

/** How a field becomes a colour. */
export type Shade =
  /** Velocity times pressure, in the colours of what they mean; walls shine through. */
  | "composite"
  /** A quantity with a sign. */
  | "signed"
  /** A quantity without one. */
  | "linear";

export type SurfaceLook = Look<Shade, SurfacePalette>;

/** What the composite is made of; without one of them it is not offered. */
export const VELOCITY = "liquidity_velocity";
export const PRESSURE = "pressure_grad";
export const WALLS = "Omega";

/** The composite is no column of its own. */
export const COMPOSITE = "composite";

const KNOWN: readonly FieldStyle<Shade>[] = [
  { name: COMPOSITE, label: "Velocity × pressure", group: "Composite", shade: "composite" },
  { name: VELOCITY, label: "Velocity", group: "Liquidity", shade: "signed" },
  { name: PRESSURE, label: "Pressure", group: "Liquidity", shade: "signed" },
  { name: "u_wave_energy", label: "Wave energy", group: "Liquidity", shade: "linear" },
  { name: "rho", label: "Depth, logarithmic", group: "Resistance", shade: "linear" },
  { name: WALLS, label: "Walls, Omega", group: "Resistance", shade: "linear" },
  { name: "nu", label: "Viscosity, nu", group: "Resistance", shade: "linear" },
  { name: "kappa", label: "Mobility, kappa", group: "Resistance", shade: "linear" },
];

/** Returns the styles of those fields; one that this page has never heard of gets a plain one. */
export function stylesOf(names: Iterable<string>): FieldStyle<Shade>[] {
  const present = new Set(names);
  if ([VELOCITY, PRESSURE, WALLS].every((name) => present.has(name))) present.add(COMPOSITE);
  const known = KNOWN.filter(({ name }) => present.has(name));
  for (const { name } of known) present.delete(name);
  return [
    ...known,
    ...[...present].map((name) => ({ name, label: name, group: "Other", shade: "signed" as const })),
  ];
}
