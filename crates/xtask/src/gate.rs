//! The gates of continuous integration: what must hold before a change is merged.
//!
//! Every gate runs, whatever the results of the others, and the run closes with one sum: each test counts
//! one, and so does each other gate. A gate whose tool is missing is skipped, never passed.

use std::process::Command;
use std::time::Instant;

use clap::{Args, ValueEnum};

use crate::fuzz::{self, FuzzArgs};
use crate::layers;
use crate::outcome::Outcome;
use crate::root::{cargo, command, is_installed, succeeds};
use crate::suite::{self, SuiteArgs};
use crate::tally::Tally;
use crate::web;
use crate::words;

/// Which gates to run.
#[derive(Args, Debug)]
pub(crate) struct GateArgs {
    /// The gates to run; all of them when none is named
    #[arg(value_enum)]
    gates: Vec<Gate>,
}

/// One thing that must hold. They run in this order, cheap ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Gate {
    /// The code is formatted
    Fmt,
    /// No crate imports what the layer table forbids
    Layers,
    /// No phrase that a reader would have to read twice
    Words,
    /// No banned or doubtful dependency, licence or source
    Deny,
    /// No warning from the compiler or clippy
    Clippy,
    /// The documentation builds without a warning
    Docs,
    /// The types of the web pages hold
    Web,
    /// Every test passes
    Test,
    /// No fuzz target finds a fault in its time
    Fuzz,
}

/// Runs the gates, tells how each went, closes with the sum, and returns whether none failed.
///
/// A gate that cannot run counts as failed.
pub(crate) fn run(arguments: &GateArgs) -> bool {
    let gates = match arguments.gates.as_slice() {
        [] => Gate::value_variants(),
        named => named,
    };
    let mut sum = Outcome::default();
    let mut tallies = Vec::new();
    for gate in gates {
        println!("\n== {}", gate.name());
        let start = Instant::now();
        let outcome = gate
            .check()
            .unwrap_or_else(|error| Outcome::failed(format!("{}: {error:#}", gate.name())));
        tallies.push((gate.name(), outcome.tally, start.elapsed()));
        sum += outcome;
    }
    sum.tell_failures();
    println!();
    for (name, tally, elapsed) in tallies {
        println!("{name:<8}{:>7.1} s   {tally}", elapsed.as_secs_f64());
    }
    println!("{}", sum.tally);
    sum.tally.failed == 0
}

impl Gate {
    fn name(self) -> String {
        self.to_possible_value()
            .expect("no gate is hidden")
            .get_name()
            .to_owned()
    }

    fn check(self) -> anyhow::Result<Outcome> {
        if self == Self::Web
            && let Some(remedy) = web::missing()
        {
            println!("{}: SKIPPED, {remedy}", self.name());
            return Ok(Tally::SKIPPED.into());
        }
        if let Some((mut probe, remedy)) = self.tool()
            && !is_installed(&mut probe)
        {
            println!("{}: SKIPPED, its tool is missing: {remedy}", self.name());
            return Ok(Tally::SKIPPED.into());
        }
        let holds = match self {
            Self::Fmt => is_formatted()?,
            Self::Layers => layers::run()?,
            Self::Words => words::run()?,
            Self::Deny => is_permitted()?,
            Self::Clippy => succeeds(cargo().args([
                "clippy",
                "--workspace",
                "--all-targets",
                "--all-features",
                "--",
                "--deny=warnings",
            ]))?,
            Self::Docs => succeeds(
                cargo()
                    .args(["doc", "--workspace", "--all-features", "--no-deps"])
                    .env("RUSTDOCFLAGS", "--deny=warnings"),
            )?,
            Self::Web => web::is_typed()?,
            Self::Test => return suite::outcome(&SuiteArgs::default()),
            Self::Fuzz if fuzz::manifests()?.is_empty() => {
                println!("fuzz: SKIPPED, no crate has fuzz targets");
                return Ok(Tally::SKIPPED.into());
            }
            Self::Fuzz => return fuzz::outcome(&FuzzArgs::default()),
        };
        Ok(if holds {
            Tally::PASSED.into()
        } else {
            Outcome::failed(format!("{}: refused, see above", self.name()))
        })
    }

    /// Returns what asks for the version of the tool a gate needs beyond cargo, and how to get it.
    fn tool(self) -> Option<(Command, &'static str)> {
        let subcommand = |name: &str| {
            let mut cargo = cargo();
            cargo.args([name, "--version"]);
            cargo
        };
        match self {
            Self::Fmt => Some((subcommand("fmt"), "rustup component add rustfmt")),
            Self::Clippy => Some((subcommand("clippy"), "rustup component add clippy")),
            Self::Deny => Some((subcommand("deny"), "cargo install --locked cargo-deny")),
            Self::Fuzz => {
                let mut compiler = command("c++");
                compiler.arg("--version");
                Some((
                    compiler,
                    "install a C++ compiler, libFuzzer is written in it",
                ))
            }
            Self::Layers | Self::Words | Self::Docs | Self::Web | Self::Test => None,
        }
    }
}

/// Checks the format of the workspace and of the fuzz crates outside it.
fn is_formatted() -> anyhow::Result<bool> {
    let mut holds = succeeds(cargo().args(["fmt", "--all", "--check"]))?;
    for manifest in fuzz::manifests()? {
        let mut fmt = cargo();
        fmt.args(["fmt", "--check", "--manifest-path"])
            .arg(manifest);
        holds &= succeeds(&mut fmt)?;
    }
    Ok(holds)
}

/// Checks the dependencies of the workspace and of the fuzz crates outside it.
///
/// Known vulnerabilities are asked for elsewhere: they need the network and change by the day.
fn is_permitted() -> anyhow::Result<bool> {
    let mut holds = true;
    for manifest in std::iter::once("Cargo.toml".into()).chain(fuzz::manifests()?) {
        let mut deny = cargo();
        deny.args(["deny", "--all-features", "--manifest-path"])
            .arg(manifest)
            .args(["check", "bans", "licenses", "sources"]);
        holds &= succeeds(&mut deny)?;
    }
    Ok(holds)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        gates: GateArgs,
    }

    #[test]
    fn gates_are_chosen_by_their_names() {
        let cli = Cli::try_parse_from(["ci", "fmt", "deny"]).unwrap();
        assert_eq!(cli.gates.gates, [Gate::Fmt, Gate::Deny]);
        assert!(Cli::try_parse_from(["ci", "no-such-gate"]).is_err());
    }

    #[test]
    fn a_gate_is_called_as_it_is_typed() {
        assert_eq!(Gate::Clippy.name(), "clippy");
    }
}
