//! The real server over real sockets: what it streams, what it refuses, how it stops.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test may stop at what it did not expect"
)]

#[path = "../dbn_file/mod.rs"]
mod dbn_file;

mod controls;
mod crowd;
mod expected;
mod lakes;
mod refusals;
mod running;
mod sessions;
mod streams;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials: Vec<Trial> = [
        streams::trials(),
        controls::trials(),
        crowd::trials(),
        refusals::trials(),
        lakes::trials(),
        sessions::trials(),
    ]
    .into_iter()
    .flatten()
    .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
