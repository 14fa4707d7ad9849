//! Where the checkout is, and the programs the chores call.
//!
//! Every command runs from the root of the checkout, wherever the chore was started. What a
//! command prints goes straight to the terminal unless the caller takes it.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;

/// Returns the root of the checkout this program was built in.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("crates/xtask lies two folders below the root")
}

/// Prepares a run of `cargo` at the root.
pub(crate) fn cargo() -> Command {
    command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
}

/// Prepares a run of any other program at the root.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Announces a command, runs it, and returns whether it succeeded.
///
/// # Errors
/// When the program cannot be started.
pub(crate) fn succeeds(command: &mut Command) -> anyhow::Result<bool> {
    println!("$ {}", shown(command));
    let status = command
        .status()
        .with_context(|| format!("running {}", shown(command)))?;
    Ok(status.success())
}

/// Returns whether the program is installed, judged by asking for its version.
pub(crate) fn is_installed(probe: &mut Command) -> bool {
    probe
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Returns the command as a person would type it, without its folder and environment.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_stem()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace_manifest() {
        assert!(root().join("Cargo.lock").is_file());
        assert!(root().join("crates/xtask/Cargo.toml").is_file());
    }

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = command("/opt/rust/bin/cargo");
        command.args(["fmt", "--all"]);
        assert_eq!(shown(&command), "cargo fmt --all");
    }

    #[test]
    fn a_program_that_does_not_exist_is_not_installed() {
        assert!(!is_installed(&mut command("no-such-program-as-this")));
    }
}
