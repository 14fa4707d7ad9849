/** How each column of the grid is named and coloured. */
import type { FieldStyle } from "../../draw/look.ts";

/** How a field becomes a colour. */
export type Shade =
  /** Brightness from the depth at rest, hue from the field, darkness from the vacuum. */
  | "composite"
  /** A quantity with a sign. */
  | "signed"
  /** A quantity without one, whose large values are many times the small ones. */
  | "logarithmic"
  /** A quantity without a sign, shown as it is. */
  | "linear";

const KNOWN: readonly FieldStyle<Shade>[] = [
  { name: "pressure_variant", label: "Pressure", group: "Forces", shade: "composite" },
  { name: "vacuum_variant", label: "Vacuum", group: "Forces", shade: "signed" },
  { name: "resistance_variant", label: "Resistance", group: "Forces", shade: "linear" },
  { name: "rest_depth", label: "Rest depth", group: "Quantities", shade: "logarithmic" },
  { name: "add_mass", label: "Add", group: "Quantities", shade: "logarithmic" },
  { name: "pull_mass", label: "Pull", group: "Quantities", shade: "logarithmic" },
  { name: "fill_mass", label: "Fill", group: "Quantities", shade: "logarithmic" },
  ...(
    [
      ["v", "Velocity"],
      ["a", "Acceleration"],
      ["j", "Jerk"],
    ] as const
  ).flatMap(([letter, group]) =>
    (
      [
        ["add", "add"],
        ["pull", "pull"],
        ["fill", "fill"],
        ["rest_depth", "rest"],
      ] as const
    ).map(([name, label]) => ({
      name: `${letter}_${name}`,
      label: `${group} of ${label}`,
      group,
      shade: "signed" as const,
    })),
  ),
];

/** Returns the styles of those fields; one that this page has never heard of gets a plain one. */
export function stylesOf(names: Iterable<string>): FieldStyle<Shade>[] {
  const present = new Set(names);
  const known = KNOWN.filter(({ name }) => present.has(name));
  for (const { name } of known) present.delete(name);
  return [
    ...known,
    ...[...present].map((name) => ({ name, label: name, group: "Other", shade: "signed" as const })),
  ];
}
