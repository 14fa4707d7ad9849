//! `vp-live`: sessions as grids, in a file or streamed to clients.
//!
//! [`vp_session::GridProducer`] turns a session's records into grids; [`encode`] makes messages of them,
//! `run` writes them to a file as fast as they come. What the files are and how a book works is not
//! known here.

pub mod args;
pub mod book_type;
pub mod encode;
pub mod inspect;
pub mod instant;
pub mod live;
pub mod out;
pub mod run;
pub mod session;
pub mod standard_input;
pub mod synth;
pub mod tail;

use std::process::ExitCode;

use args::{Args, Command};

/// Runs the program and returns its exit status: 0 done, 1 failed, 2 wrong arguments.
pub fn main() -> ExitCode {
    let args: Args = vp_cli::parse();
    let result = match &args.command {
        Some(Command::Run(args)) => run::run(args),
        Some(Command::Inspect(args)) => inspect::inspect(args),
        Some(Command::Tail(args)) => tail::tail(args),
        Some(Command::Synth(args)) => synth::synth(args),
        Some(Command::Statistics(args)) => synth::statistics(args),
        None => live::serve(&args.serve),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            vp_cli::report::error(&error);
            ExitCode::FAILURE
        }
    }
}
