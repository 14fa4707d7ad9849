//! Reads the code map of `docs/architecture.md`: a Markdown table of a crate, what it imports (without
//! the `vp-`), what it knows, and what it must never know.

use std::collections::{BTreeMap, BTreeSet};

use super::Violation;
use super::table::Row;

/// Returns where the map differs from the layer table.
pub(super) fn differences(map: &str, rows: &[Row]) -> Vec<Violation> {
    let documented = read(map);
    let table = rows.iter().map(|row| {
        let imports = row.imports.iter().map(|name| short(name).to_owned());
        (row.name.to_owned(), imports.collect())
    });
    let table: BTreeMap<String, BTreeSet<String>> = table.collect();
    let names: BTreeSet<_> = documented.keys().chain(table.keys()).collect();
    let shown = |imports: Option<&BTreeSet<String>>| {
        let names = imports.map(|imports| imports.iter().cloned().collect::<Vec<_>>().join(", "));
        names.map_or_else(
            || "no such crate".to_owned(),
            |names| {
                if names.is_empty() {
                    "nothing".to_owned()
                } else {
                    names
                }
            },
        )
    };
    let differs = |name: &&String| documented.get(*name) != table.get(*name);
    names
        .into_iter()
        .filter(differs)
        .map(|name| Violation::Documented {
            name: name.clone(),
            found: shown(documented.get(name)),
            expected: shown(table.get(name)),
        })
        .collect()
}

/// Returns the crates of the map with what they import; `–` means nothing.
fn read(map: &str) -> BTreeMap<String, BTreeSet<String>> {
    let rows = map.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let name = cells.next()?.trim_end_matches('`');
        let imports = cells.next()?.split(", ").filter(|import| *import != "–");
        let name = name.strip_prefix("apps/").unwrap_or(name);
        Some((name.to_owned(), imports.map(str::to_owned).collect()))
    });
    rows.collect()
}

fn short(name: &str) -> &str {
    name.strip_prefix("vp-").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [Row; 2] = [
        Row {
            name: "vp-book",
            is_app: false,
            imports: &["vp-market"],
        },
        Row {
            name: "velocity",
            is_app: true,
            imports: &["vp-cli", "vp-book"],
        },
    ];

    fn check(map: &str, expected: &[&str]) {
        let found = differences(map, &ROWS);
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_map_says_what_the_table_says() {
        let book = "| `vp-book` | market | orders | feeds |";
        let velocity = "| `apps/velocity` | book, cli | stages | – |";
        check(&format!("text\n\n{book}\n{velocity}\n"), &[]);
        check(
            book,
            &[
                "docs/architecture.md says that velocity imports no such crate, the layer table says book, cli",
            ],
        );
        check(
            &format!("| `vp-book` | – | orders | feeds |\n{velocity}\n| `vp-new` | cli | a | b |"),
            &[
                "docs/architecture.md says that vp-book imports nothing, the layer table says market",
                "docs/architecture.md says that vp-new imports cli, the layer table says no such crate",
            ],
        );
    }
}
