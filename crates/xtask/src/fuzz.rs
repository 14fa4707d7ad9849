//! Runs the fuzz targets on the stable compiler.
//!
//! The targets live in `crates/*/fuzz`, outside the workspace. `cargo fuzz` would want a nightly
//! compiler for the address sanitizer; without `unsafe` there is little for it to find, and the
//! coverage that guides the fuzzer is a pass of the stable compiler.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use cargo_metadata::{MetadataCommand, TargetKind};
use clap::Args;

use crate::account::Account;
use crate::outcome::Outcome;
use crate::relay::{self, Heard};
use crate::root::{cargo, command, root};
use crate::tally::Tally;

/// How long to fuzz, and what.
#[derive(Args, Debug)]
pub(crate) struct FuzzArgs {
    /// How long each target runs, in seconds
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// The targets to run; all of them when none is named
    targets: Vec<String>,
}

/// How long a target runs in the gate, which should not take half of its time.
const GATE_SECONDS: u32 = 20;

/// The coverage that libFuzzer steers by, and the assertions that a release build leaves out.
const RUSTFLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
    "--cfg",
    "fuzzing",
];

/// A program that feeds inputs to one entrance of a crate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    manifest: PathBuf,
    name: String,
}

/// What the gate asks for.
impl Default for FuzzArgs {
    fn default() -> Self {
        Self {
            seconds: GATE_SECONDS,
            targets: Vec::new(),
        }
    }
}

/// Runs the targets one after the other, and returns whether none found a fault.
///
/// # Errors
/// When a named target does not exist, none exists at all, or one cannot be built or started.
pub(crate) fn run(arguments: &FuzzArgs) -> anyhow::Result<bool> {
    let outcome = outcome(arguments)?;
    outcome.tell_failures();
    Ok(outcome.tally.failed == 0)
}

/// Runs the targets one after the other, and returns what came of it, as one check.
///
/// # Errors
/// When a named target does not exist, none exists at all, or one cannot be built or started.
pub(crate) fn outcome(arguments: &FuzzArgs) -> anyhow::Result<Outcome> {
    let targets = chosen(discover()?, &arguments.targets)?;
    let host = host()?;
    let mut failed = Vec::new();
    let mut account = Vec::new();
    for target in &targets {
        let mut told = Account::default();
        let mut fuzzer = target.command(&host, arguments.seconds)?;
        let is_clean = relay::run(&mut fuzzer, Heard::Both, |line| {
            if begins_fault(line) {
                told.open();
            }
            told.read_line(line);
        })?;
        if !is_clean {
            failed.push(target.name.as_str());
            account.push(format!("fuzz: {} failed", target.name));
            account.extend(told.into_lines());
        }
    }
    println!(
        "fuzz: {} targets for {} s each, {} failed {}",
        targets.len(),
        arguments.seconds,
        failed.len(),
        failed.join(" ")
    );
    let tally = if failed.is_empty() {
        Tally::PASSED
    } else {
        Tally::FAILED
    };
    Ok(Outcome { tally, account })
}

/// Returns whether the line begins the report of a fault: of a panic, by libFuzzer, or by cargo.
fn begins_fault(line: &str) -> bool {
    line.contains("panicked at") || line.contains("ERROR: ") || line.starts_with("error")
}

/// Returns the manifests of the fuzz crates as seen from the root, in order.
///
/// # Errors
/// When the folder of the crates cannot be read.
pub(crate) fn manifests() -> anyhow::Result<Vec<PathBuf>> {
    let mut manifests = Vec::new();
    for entry in fs::read_dir(root().join("crates")).context("listing the crates")? {
        let name = entry.context("listing the crates")?.file_name();
        let manifest = Path::new("crates").join(name).join("fuzz/Cargo.toml");
        if root().join(&manifest).is_file() {
            manifests.push(manifest);
        }
    }
    manifests.sort();
    Ok(manifests)
}

/// Returns every target of every fuzz crate, in order.
fn discover() -> anyhow::Result<Vec<Target>> {
    let mut targets = Vec::new();
    for manifest in manifests()? {
        let metadata = MetadataCommand::new()
            .manifest_path(root().join(&manifest))
            .no_deps()
            .exec()
            .with_context(|| format!("reading {}", manifest.display()))?;
        targets.extend(
            metadata
                .packages
                .iter()
                .flat_map(|package| &package.targets)
                .filter(|target| target.kind.contains(&TargetKind::Bin))
                .map(|target| Target {
                    manifest: manifest.clone(),
                    name: target.name.clone(),
                }),
        );
    }
    targets.sort();
    Ok(targets)
}

/// Returns the targets with those names, or all of them if no name is given.
fn chosen(mut targets: Vec<Target>, names: &[String]) -> anyhow::Result<Vec<Target>> {
    ensure!(
        !targets.is_empty(),
        "no fuzz target: none of crates/*/fuzz has a binary"
    );
    for name in names {
        ensure!(
            targets.iter().any(|target| target.name == *name),
            "no fuzz target is called {name}; there are: {}",
            targets
                .iter()
                .map(|target| target.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    targets.retain(|target| names.is_empty() || names.contains(&target.name));
    Ok(targets)
}

/// Returns the triple of this machine.
///
/// Naming it keeps the flags away from build scripts and procedural macros.
fn host() -> anyhow::Result<String> {
    let output = command("rustc")
        .arg("-vV")
        .output()
        .context("running rustc -vV")?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
        .context("rustc -vV names no host")
}

impl Target {
    /// Prepares the run, folders included: what it learns stays in `corpus`, committed inputs are
    /// read from `seeds`, and an input that breaks something lands in `artifacts`.
    fn command(&self, host: &str, seconds: u32) -> anyhow::Result<Command> {
        let folder = self
            .manifest
            .parent()
            .context("a manifest lies in a folder")?;
        let of_target = |kind: &str| folder.join(kind).join(&self.name);
        let (corpus, artifacts, seeds) = (
            of_target("corpus"),
            of_target("artifacts"),
            of_target("seeds"),
        );
        for created in [&corpus, &artifacts] {
            fs::create_dir_all(root().join(created))
                .with_context(|| format!("creating {}", created.display()))?;
        }
        let mut cargo = cargo();
        cargo
            .env("RUSTFLAGS", RUSTFLAGS.join(" "))
            .args([
                "run",
                "--release",
                "--locked",
                "--target",
                host,
                "--bin",
                &self.name,
            ])
            .arg("--manifest-path")
            .arg(&self.manifest)
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .arg("-timeout=10")
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .arg(&corpus);
        if root().join(&seeds).is_dir() {
            cargo.arg(&seeds);
        }
        Ok(cargo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(names: &[&str]) -> Vec<Target> {
        names
            .iter()
            .map(|name| Target {
                manifest: "fuzz/Cargo.toml".into(),
                name: (*name).into(),
            })
            .collect()
    }

    #[test]
    fn without_names_every_target_is_chosen() {
        assert_eq!(
            chosen(targets(&["a", "b"]), &[]).unwrap(),
            targets(&["a", "b"])
        );
    }

    #[test]
    fn a_name_chooses_its_target_alone() {
        assert_eq!(
            chosen(targets(&["a", "b"]), &["b".into()]).unwrap(),
            targets(&["b"])
        );
    }

    #[test]
    fn an_unknown_name_is_an_error_that_lists_the_targets() {
        let error = chosen(targets(&["a", "b"]), &["c".into()])
            .unwrap_err()
            .to_string();
        assert_eq!(error, "no fuzz target is called c; there are: a, b");
    }

    #[test]
    fn fuzzing_nothing_is_an_error() {
        assert!(chosen(Vec::new(), &[]).is_err());
    }

    #[test]
    fn the_head_of_a_fault_is_known() {
        for line in [
            "thread '<unnamed>' (7) panicked at fuzz_targets/records.rs:9:5:",
            "==7== ERROR: libFuzzer: deadly signal",
            "error[E0425]: cannot find value `x` in this scope",
        ] {
            assert!(begins_fault(line), "{line}");
        }
        assert!(!begins_fault("#7	NEW    cov: 90 ft: 102 corp: 3/9b"));
    }

    #[test]
    fn the_compiler_names_the_machine() {
        assert!(host().unwrap().contains('-'));
    }
}
