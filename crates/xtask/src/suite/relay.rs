//! Runs a program and reads what it prints, while every line is passed on as it arrives.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::root::shown;

/// Announces and runs a program, hands on its lines, and returns whether it succeeded.
///
/// # Errors
/// When it cannot be started, or its output cannot be passed on.
pub(super) fn run(command: &mut Command, line: impl FnMut(&str)) -> anyhow::Result<bool> {
    let name = shown(command);
    println!("$ {name}");
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {name}"))?;
    let output = child.stdout.take().expect("standard output was asked for");
    copy(BufReader::new(output), io::stdout(), line)
        .with_context(|| format!("passing on {name}"))?;
    let status = child
        .wait()
        .with_context(|| format!("waiting for {name}"))?;
    Ok(status.success())
}

/// Copies output line by line, and hands every line on without its end.
///
/// # Errors
/// When the output cannot be read or written.
pub(super) fn copy(
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
