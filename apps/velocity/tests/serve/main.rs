//! The server over real sockets: what it streams, which commands it executes, what it rejects.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test may stop at what it did not expect"
)]

#[path = "../binary/mod.rs"]
mod binary;

mod controls;
mod expected;
mod lakes;
mod logs;
mod refusals;
mod running;
mod streams;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let trials: Vec<Trial> = [
        streams::trials(),
        controls::trials(),
        refusals::trials(),
        logs::trials(),
        lakes::trials(),
    ]
    .into_iter()
    .flatten()
    .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
