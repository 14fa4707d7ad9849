//! Runs a program and reads what it prints, while every line is passed on as it arrives.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::root::shown;

/// What is read of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Standard output; what goes to standard error goes straight to the terminal.
    Output,
    /// Standard output and standard error, in the order in which they come.
    Both,
}

/// Announces and runs a program, hands on its lines, and returns whether it succeeded.
///
/// # Errors
/// When it cannot be started, or its output cannot be passed on.
pub(crate) fn run(
    command: &mut Command,
    heard: Heard,
    line: impl FnMut(&str),
) -> anyhow::Result<bool> {
    let name = shown(command);
    println!("$ {name}");
    let (output, input) = io::pipe().context("making a pipe")?;
    if heard == Heard::Both {
        command.stderr(input.try_clone().context("making a pipe")?);
    }
    let mut child = command
        .stdout(input)
        .spawn()
        .with_context(|| format!("starting {name}"))?;
    // Its ends of the pipe, without which this one would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root;

    /// Returns the output of a program that writes one line to each stream, and fails.
    fn check(heard: Heard, expected: &[&str]) {
        let mut shell = root::command("sh");
        shell.args(["-c", "echo output; echo error >&2; exit 3"]);
        let mut lines = Vec::new();
        let is_success = run(&mut shell, heard, |line| lines.push(line.to_owned())).unwrap();
        assert_eq!(lines, expected);
        assert!(!is_success);
    }

    #[test]
    fn what_is_asked_for_is_heard() {
        check(Heard::Output, &["output"]);
        check(Heard::Both, &["output", "error"]);
    }
}
