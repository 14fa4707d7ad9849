//! The layer table: which crate may import which.
//!
//! A new edge is a decision about the architecture: it is made here, in a commit of its own that
//! gives the reason. The code map of `docs/architecture.md` says the same for people.

/// One crate of the workspace and what it may import from the workspace.
#[derive(Debug)]
pub(super) struct Row {
    /// The package's name.
    pub(super) name: &'static str,
    /// Whether it is a binary that joins crates.
    pub(super) is_app: bool,
    /// The packages of this workspace it may depend on.
    pub(super) imports: &'static [&'static str],
}

/// The crate that tests may use and nothing may ship.
pub(super) const TESTKIT: &str = "vp-testkit";

/// What every crate's tests may import, whatever its row says.
pub(super) const DEV_IMPORTS: &[&str] = &[TESTKIT, "vp-synth"];

/// The crates that bring an executor of their own.
pub(super) const ASYNC_RUNTIMES: &[&str] = &["async-std", "smol", "tokio"];

/// The library crates that may depend on an async runtime, and the feature it must stay behind.
/// Apps may always.
pub(super) const ASYNC_CRATES: &[(&str, Option<&str>)] = &[
    ("vp-databento", None),
    ("vp-ingest", Some("live")),
    ("vp-transport", None),
];

const TABLE: &[Row] = &[
    library("vp-market", &[]),
    library("vp-book", &["vp-market"]),
    library("vp-engine", &["vp-book", "vp-market"]),
    library("vp-ingest", &["vp-lake", "vp-market"]),
    library("vp-synth", &["vp-market"]),
    library("vp-replay", &[]),
    library("vp-wire", &["vp-market", "vp-replay"]),
    library("vp-transport", &["vp-market", "vp-replay", "vp-wire"]),
    library(
        "vp-session",
        &[
            "vp-engine",
            "vp-ingest",
            "vp-market",
            "vp-replay",
            "vp-synth",
            "vp-tape",
        ],
    ),
    library("vp-web", &[]),
    library(
        "vp-cli",
        &["vp-lake", "vp-market", "vp-transport", "vp-web"],
    ),
    library("vp-tape", &["vp-book", "vp-market"]),
    library("vp-lake", &["vp-market"]),
    library(
        "vp-velocity",
        &["vp-book", "vp-ingest", "vp-lake", "vp-market"],
    ),
    library("vp-databento", &["vp-ingest", "vp-lake", "vp-market"]),
    library(TESTKIT, &["vp-market"]),
    library("xtask", &[]),
    app(
        "vp-live",
        &[
            "vp-cli",
            "vp-engine",
            "vp-ingest",
            "vp-lake",
            "vp-market",
            "vp-replay",
            "vp-session",
            "vp-synth",
            "vp-tape",
            "vp-transport",
            "vp-web",
            "vp-wire",
        ],
    ),
    app(
        "velocity",
        &[
            "vp-cli",
            "vp-ingest",
            "vp-lake",
            "vp-market",
            "vp-replay",
            "vp-transport",
            "vp-velocity",
            "vp-web",
            "vp-wire",
        ],
    ),
    app(
        "download",
        &[
            "vp-cli",
            "vp-databento",
            "vp-ingest",
            "vp-lake",
            "vp-market",
        ],
    ),
];

/// Returns all rows.
pub(super) const fn rows() -> &'static [Row] {
    TABLE
}

/// Returns the row of a package.
pub(super) fn row(package: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == package)
}

const fn library(name: &'static str, imports: &'static [&'static str]) -> Row {
    Row {
        name,
        is_app: false,
        imports,
    }
}

const fn app(name: &'static str, imports: &'static [&'static str]) -> Row {
    Row {
        name,
        is_app: true,
        imports,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_import_in_the_table_has_a_row_and_is_no_app() {
        for import in TABLE.iter().flat_map(|row| row.imports) {
            assert!(!row(import).expect("a row").is_app, "{import} is an app");
        }
    }

    #[test]
    fn no_crate_reaches_itself_through_its_imports() {
        for start in TABLE {
            let mut reached: Vec<&str> = start.imports.to_vec();
            let mut next = 0;
            while next < reached.len() {
                for import in row(reached[next]).expect("a row").imports {
                    if !reached.contains(import) {
                        reached.push(import);
                    }
                }
                next += 1;
            }
            assert!(
                !reached.contains(&start.name),
                "{} imports itself",
                start.name
            );
        }
    }

    #[test]
    fn no_row_ships_the_testkit() {
        assert!(TABLE.iter().all(|row| !row.imports.contains(&TESTKIT)));
    }
}
