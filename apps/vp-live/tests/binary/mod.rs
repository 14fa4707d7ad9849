//! Runs the program as a user does, and makes the files it reads.

#![allow(dead_code, reason = "not every test target uses all of it")]

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use vp_synth::{Compression, SynthConfig, write_dbn};

/// The synthetic session of these tests, as arguments.
pub(crate) const SYNTHETIC: [&str; 6] = [
    "--product-type",
    "future_mbo",
    "--symbol",
    "ESH6",
    "--dt",
    "2026-02-06",
];

/// What the program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    fn new(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes text");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        for stream in [&stdout, &stderr] {
            // Neither stream is a terminal: no colours, no progress bar.
            assert!(!stream.contains(['\x1b', '\r']), "{stream:?}");
        }
        Self {
            status: output.status.code(),
            stdout,
            stderr,
        }
    }

    /// Reads the summary that `--json` prints.
    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.status, Some(0), "{}", self.stderr);
        assert_eq!(self.stderr, "");
        serde_json::from_str(&self.stdout).expect("the summary is JSON")
    }
}

/// Returns the program, in a surrounding that says nothing.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vp-live"));
    command.env_remove("SPYMASTER_LAKE");
    command
}

/// Runs the program to its end.
pub(crate) fn vp_live<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Ran {
    Ran::new(program().args(args).output().expect("the program starts"))
}

/// Runs a command to its end that is not the program itself but starts it.
pub(crate) fn ran(command: &mut Command) -> Ran {
    Ran::new(command.output().expect("the command starts"))
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
