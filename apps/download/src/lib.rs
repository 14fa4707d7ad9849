//! `download`: orders raw data at Databento, waits for it and files it in the lake.
//!
//! `vp-databento` knows what to order and how a file is verified. This crate asks for consent to the
//! cost, and reports.

pub mod args;
mod ask;
mod bars;
mod connection;
mod decompress;
mod equities;
mod estimate;
mod futures;
mod log;
mod orders;
mod report;
mod select;
mod status;
mod survey;

use std::process::ExitCode;

use args::{Args, Command};

/// Runs the program and returns its exit status: 0 all done, 1 something failed, 2 wrong arguments.
pub fn main() -> ExitCode {
    let args: Args = vp_cli::parse();
    let result = match &args.command {
        Command::Futures(args) => futures::run(args),
        Command::Equities(args) => equities::run(args),
        Command::Estimate(args) => estimate::run(args),
        Command::Status(args) => status::run(args),
        Command::Decompress(args) => decompress::run(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::error(&error);
            let is_usage =
                error.is::<vp_databento::SelectionError>() || error.is::<select::Later>();
            ExitCode::from(if is_usage { 2 } else { 1 })
        }
    }
}
