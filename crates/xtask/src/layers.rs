//! Holds the imports between the workspace's crates against the layer table.
//!
//! Direct dependencies are judged, as the manifests declare them. What a crate of others pulls in
//! is not its business; `cargo deny` looks at that.

mod code_map;
mod graph;
mod table;

use std::collections::BTreeSet;
use std::fs;

use anyhow::Context;
use cargo_metadata::MetadataCommand;

use self::graph::{Dependency, Kind, Package};
use self::table::{ASYNC_CRATES, ASYNC_RUNTIMES, DEV_IMPORTS, Row, TESTKIT};
use crate::root::root;

/// A dependency that the layer table does not allow.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
enum Violation {
    #[error("{package} has no row in the layer table: add it with the crates it may import")]
    NoRow { package: String },
    #[error("{from} may not import {to} ({kind}): the layer table has no such edge")]
    Edge {
        from: String,
        to: String,
        kind: Kind,
    },
    #[error("{from} imports the app {to} ({kind}): apps join crates, nothing imports an app")]
    AppImported {
        from: String,
        to: String,
        kind: Kind,
    },
    #[error("{from} ships {TESTKIT} ({kind}): make it a dev-dependency")]
    TestkitShipped { from: String, kind: Kind },
    #[error("{from} depends on the async runtime {runtime} ({kind}): only the rim may")]
    AsyncRuntime {
        from: String,
        runtime: String,
        kind: Kind,
    },
    #[error("{from} does not import {to}: take the edge out of the layer table")]
    Unused { from: String, to: String },
    #[error("there is no crate {name}: take its row out of the layer table")]
    NoCrate { name: String },
    #[error(
        "docs/architecture.md says that {name} imports {found}, the layer table says {expected}"
    )]
    Documented {
        name: String,
        found: String,
        expected: String,
    },
    #[error("{from} depends on the async runtime {runtime} outside its feature `{feature}`")]
    AsyncWithoutFeature {
        from: String,
        runtime: String,
        feature: &'static str,
    },
}

/// Prints every import that the layer table forbids, every edge that no crate uses, and where the
/// code map differs; returns whether there was no fault.
///
/// # Errors
/// When `cargo metadata` fails.
pub(crate) fn run() -> anyhow::Result<bool> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("reading the workspace with cargo metadata")?;
    let packages: Vec<Package> = metadata.packages.iter().map(Package::from).collect();
    let map = root().join("docs/architecture.md");
    let map = fs::read_to_string(&map).context("reading docs/architecture.md")?;
    let mut violations = check(&packages);
    violations.extend(table::rows().iter().flat_map(|row| unused(row, &packages)));
    violations.extend(code_map::differences(&map, table::rows()));
    for violation in &violations {
        println!("layers: {violation}");
    }
    let edges: usize = packages
        .iter()
        .map(|package| package.imports().count())
        .sum();
    println!(
        "layers: {} crates, {edges} imports between them, {} faults",
        packages.len(),
        violations.len()
    );
    Ok(violations.is_empty())
}

/// Returns everything in the graph that the table forbids, in the order of the packages.
fn check(packages: &[Package]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for package in packages {
        let Some(row) = table::row(&package.name) else {
            violations.push(Violation::NoRow {
                package: package.name.clone(),
            });
            continue;
        };
        violations.extend(
            package
                .imports()
                .filter_map(|import| import_violation(row, import)),
        );
        violations.extend(
            runtimes(package)
                .filter_map(|(runtime, kind)| runtime_violation(row, package, runtime, kind)),
        );
    }
    violations
}

fn import_violation(row: &Row, import: &Dependency) -> Option<Violation> {
    let (from, to, kind) = (row.name.to_owned(), import.name.clone(), import.kind);
    let is_dev_tool = DEV_IMPORTS.contains(&to.as_str());
    if row.imports.contains(&to.as_str()) || (kind == Kind::Dev && is_dev_tool) {
        None
    } else if table::row(&to).is_some_and(|row| row.is_app) {
        Some(Violation::AppImported { from, to, kind })
    } else if to == TESTKIT {
        Some(Violation::TestkitShipped { from, kind })
    } else {
        Some(Violation::Edge { from, to, kind })
    }
}

/// Returns what a row allows and its crate does not do.
fn unused(row: &Row, packages: &[Package]) -> Vec<Violation> {
    let Some(package) = packages.iter().find(|package| package.name == row.name) else {
        return vec![Violation::NoCrate {
            name: row.name.to_owned(),
        }];
    };
    let is_used = |to: &str| package.imports().any(|import| import.name == to);
    let unused = row.imports.iter().filter(|to| !is_used(to));
    unused
        .map(|to| Violation::Unused {
            from: row.name.to_owned(),
            to: (*to).to_owned(),
        })
        .collect()
}

/// Returns the async runtimes a package names, once per kind of dependency.
fn runtimes(package: &Package) -> impl Iterator<Item = (&str, Kind)> {
    package
        .dependencies
        .iter()
        .map(|dependency| (dependency.name.as_str(), dependency.kind))
        .filter(|(name, _)| ASYNC_RUNTIMES.contains(name))
        .collect::<BTreeSet<_>>()
        .into_iter()
}

fn runtime_violation(row: &Row, package: &Package, runtime: &str, kind: Kind) -> Option<Violation> {
    let (from, runtime) = (row.name.to_owned(), runtime.to_owned());
    if row.is_app {
        return None;
    }
    let Some((_, feature)) = ASYNC_CRATES.iter().find(|(name, _)| *name == row.name) else {
        return Some(Violation::AsyncRuntime {
            from,
            runtime,
            kind,
        });
    };
    let feature = (*feature)?;
    // Tests of the feature may use the runtime without being optional: they ship nothing.
    if kind == Kind::Dev || package.only_feature_enables(feature, &runtime) {
        return None;
    }
    Some(Violation::AsyncWithoutFeature {
        from,
        runtime,
        feature,
    })
}

#[cfg(test)]
mod tests;
