//! The chores of the repository, as `cargo xtask <chore>`.
//!
//! The justfile names them and the gate of continuous integration is made of them. Nothing here
//! ships, and no other crate may import it.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool talks to its terminal"
)]

mod account;
mod fuzz;
mod gate;
mod layers;
mod outcome;
mod relay;
mod root;
mod suite;
mod tally;
mod web;
mod words;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::fuzz::FuzzArgs;
use crate::gate::GateArgs;
use crate::suite::SuiteArgs;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of the repository")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Run the gates of continuous integration, all of them or the named ones
    Ci(GateArgs),
    /// Run every test of every runner and sum them in one line
    Test(SuiteArgs),
    /// Compare the imports between the crates with the layer table
    Layers,
    /// Find phrases that a reader would have to read twice
    Words,
    /// Run every fuzz target for a while
    Fuzz(FuzzArgs),
}

fn main() -> anyhow::Result<ExitCode> {
    let is_clean = match Arguments::parse().chore {
        Chore::Ci(arguments) => gate::run(&arguments),
        Chore::Test(arguments) => suite::run(&arguments)?,
        Chore::Layers => layers::run()?,
        Chore::Words => words::run()?,
        Chore::Fuzz(arguments) => fuzz::run(&arguments)?,
    };
    Ok(if is_clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
