//! Where tests find the real data and the golden vectors, which are not part of the project.

use std::path::PathBuf;

/// The session of the future that is there, as arguments of the programs.
pub const ESH4: [&str; 6] = [
    "--product-type",
    "future_mbo",
    "--symbol",
    "ESH4",
    "--dt",
    "2023-12-25",
];

/// The session of the share that is there, as arguments of the programs.
pub const ARL: [&str; 6] = [
    "--product-type",
    "equity_mbo",
    "--symbol",
    "ARL",
    "--dt",
    "2025-07-17",
];

/// Returns the path of `relative` in the shared folder, if it is there.
///
/// The folder is `SPYMASTER_SHARED`, or `../shared` beside the checkout. Tests that need it are
/// skipped, visibly, where it is absent.
pub fn path(relative: &str) -> Option<PathBuf> {
    let root = std::env::var_os("SPYMASTER_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = root.join(relative);
    path.exists().then_some(path)
}
