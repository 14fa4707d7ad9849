//! `velocity`: the batch pipeline over the lake, one date of one contract at a time.
//!
//! What a stage computes is known to `vp-velocity`; here they are put in order, run side by side,
//! and reported.

pub mod args;
pub mod calibrate;
pub mod dates;
pub mod forecast;
pub mod lake;
pub mod log;
pub mod output;
pub mod plot;
pub mod run;
pub mod serve;
pub mod status;
pub mod sweep;
pub mod verify;

use std::process::ExitCode;

use args::{Args, Command};

/// How a command that came to its end has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Good,
    /// Something failed, and has been reported.
    Bad,
}

/// Runs the program and returns its exit status: 0 done, 1 failed, 2 wrong arguments.
pub fn main() -> ExitCode {
    let args: Args = vp_cli::parse();
    let result = match &args.command {
        Command::Run(args) => run::run(args),
        Command::Calibrate(args) => calibrate::calibrate(args),
        Command::Forecast(args) => forecast::forecast(args),
        Command::Serve(args) => serve::serve(args),
        Command::Status(args) => status::status(args),
        Command::Plot(args) => plot::plot(args),
        Command::Verify(args) => verify::verify(args),
        Command::Sweep(args) => sweep::sweep(args),
    };
    match result {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Bad) => ExitCode::FAILURE,
        Err(error) => {
            vp_cli::report::error(&error);
            ExitCode::FAILURE
        }
    }
}
