//! Runs a program and reads what it prints, while every line is passed on as it arrives.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::root::shown;

/// Where a program says what is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// Announces and runs a program, hands on its lines, and returns whether it succeeded.
///
/// # Errors
/// When it cannot be started, or its output cannot be passed on.
pub(crate) fn run(
    command: &mut Command,
    stream: Stream,
    line: impl FnMut(&str),
) -> anyhow::Result<bool> {
    let name = shown(command);
    println!("$ {name}");
    match stream {
        Stream::Output => command.stdout(Stdio::piped()),
        Stream::Error => command.stderr(Stdio::piped()),
    };
    let mut child = command
        .spawn()
        .with_context(|| format!("starting {name}"))?;
    let copied = match (child.stdout.take(), child.stderr.take()) {
        (Some(output), _) => copy(BufReader::new(output), io::stdout(), line),
        (_, Some(error)) => copy(BufReader::new(error), io::stderr(), line),
        (None, None) => unreachable!("one of them was asked for"),
    };
    copied.with_context(|| format!("passing on {name}"))?;
    let status = child
        .wait()
        .with_context(|| format!("waiting for {name}"))?;
    Ok(status.success())
}

/// Copies output line by line, and hands every line on without its end.
///
/// # Errors
/// When the output cannot be read or written.
pub(crate) fn copy(
    mut output: impl BufRead,
    mut echo: impl Write,
    mut take: impl FnMut(&str),
) -> io::Result<()> {
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        echo.write_all(&line)?;
        take(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    echo.flush()
}
