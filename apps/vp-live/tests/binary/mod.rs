//! Runs the program as a user does, and makes the files it reads.

#![allow(dead_code, reason = "not every test target uses all of it")]

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use vp_synth::{Compression, SynthConfig, write_dbn};
pub(crate) use vp_testkit::program::{Ran, ran};

/// The synthetic session of these tests, as arguments.
pub(crate) const SYNTHETIC: [&str; 6] = [
    "--product-type",
    "future_mbo",
    "--symbol",
    "ESH6",
    "--dt",
    "2026-02-06",
];

/// Returns the program, in a surrounding that says nothing.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vp-live"));
    command.env_remove("SPYMASTER_LAKE");
    command
}

/// Runs the program to its end.
pub(crate) fn vp_live<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Ran {
    ran(program().args(args))
}

/// Returns the first seconds of the synthetic session as the bytes of a DBN file.
pub(crate) fn synthetic_dbn(seconds: u64, compression: Compression) -> Vec<u8> {
    let config = SynthConfig::preset("ESH6").expect("a preset").with_seed(11);
    let mut bytes = Vec::new();
    write_dbn(
        &mut bytes,
        &config,
        Duration::from_secs(seconds),
        compression,
    )
    .expect("memory takes it");
    bytes
}

/// Writes the first seconds of the synthetic session to a file.
pub(crate) fn write_synthetic(path: &Path, seconds: u64) {
    let bytes = synthetic_dbn(seconds, Compression::None);
    std::fs::write(path, bytes).expect("the folder is writable");
}
