//! The output and exit status of a program that was run to its end.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The output of a program, and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// Its exit status; none if a signal ended it.
    pub status: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained about, and its log.
    pub stderr: String,
}

/// Runs a command to its end.
///
/// # Panics
/// If it does not start, or says what is meant for a terminal: neither of its streams is one.
pub fn ran(command: &mut Command) -> Ran {
    let output = command.output();
    let Output {
        status,
        stdout,
        stderr,
    } = output.expect("the command starts");
    let [stdout, stderr] = [stdout, stderr].map(|bytes| {
        let text = String::from_utf8(bytes).expect("a program writes text");
        assert!(!text.contains(['\x1b', '\r']), "{text:?}");
        text
    });
    Ran {
        status: status.code(),
        stdout,
        stderr,
    }
}

/// Runs a command to its end in front of a reader who leaves after so many lines, as `head` does;
/// with 0, before the first.
///
/// # Panics
/// If it does not start, or does not print the line.
pub fn ran_before_head(command: &mut Command, lines: u8) -> Ran {
    let (reader, writer) = io::pipe().expect("the system has pipes");
    command.stdout(writer).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    // The command's own copy of the writer would keep the pipe open.
    command.stdout(Stdio::null());
    let mut reader = BufReader::with_capacity(1, reader);
    let mut stdout = String::new();
    for _ in 0..lines {
        let read = reader
            .read_line(&mut stdout)
            .expect("a program writes text");
        assert!(read > 0, "it printed {stdout:?} and no more");
    }
    drop(reader);
    let mut stderr = String::new();
    let mut errors = child.stderr.take().expect("it is piped");
    errors
        .read_to_string(&mut stderr)
        .expect("a program writes text");
    let status = child.wait().expect("it was started here");
    Ran {
        status: status.code(),
        stdout,
        stderr,
    }
}

impl Ran {
    /// Returns it, if it ended well and complained about nothing.
    ///
    /// # Panics
    /// If it did not.
    #[must_use]
    pub fn good(self) -> Self {
        assert_eq!((self.status, self.stderr.as_str()), (Some(0), ""));
        self
    }

    /// Reads what it printed as JSON.
    ///
    /// # Panics
    /// If it is not such a text.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
