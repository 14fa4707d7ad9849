//! The tools of the web pages, which npm brings.
//!
//! Cargo never calls npm; these chores do, and are skipped where it is missing.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::root::{command, is_installed, root, succeeds};

/// Returns what is missing to build and test the pages, and how to get it.
pub(crate) fn missing() -> Option<&'static str> {
    let is_there = is_installed(npm().arg("--version"));
    (!is_there).then_some("npm is missing: install Node.js 20.19 or newer")
}

/// Returns what is missing to test the pages in a browser, and how to get it.
pub(crate) fn missing_browser() -> Option<&'static str> {
    let browser = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    let is_there = is_installed(command(&browser).arg("--version"));
    (!is_there).then_some("Chromium is missing: apt-get install chromium, or set CHROMIUM")
}

/// Prepares a run of npm in the folder of the pages.
pub(crate) fn npm() -> Command {
    let mut npm = command("npm");
    npm.current_dir(folder());
    npm
}

/// Prepares a run of a program that npm installed.
pub(crate) fn npx(program: &str) -> Command {
    let mut npx = command("npx");
    npx.current_dir(folder())
        .args(["--no-install", program])
        .env("NO_COLOR", "1");
    npx
}

/// Installs the packages of the lock file, unless they are there, and returns whether they are.
///
/// # Errors
/// When npm cannot be started.
pub(crate) fn install() -> anyhow::Result<bool> {
    let changed = |file: &str| fs::metadata(folder().join(file))?.modified();
    // npm writes the second one last.
    match (
        changed("package-lock.json"),
        changed("node_modules/.package-lock.json"),
    ) {
        (Ok(wanted), Ok(installed)) if installed >= wanted => Ok(true),
        _ => succeeds(npm().args(["ci", "--no-audit", "--no-fund"])),
    }
}

/// Checks the types of the pages, their tests included.
///
/// # Errors
/// When npm cannot be started.
pub(crate) fn is_typed() -> anyhow::Result<bool> {
    Ok(install()? && succeeds(npx("tsc").arg("--noEmit"))?)
}

fn folder() -> PathBuf {
    root().join("apps/web")
}
