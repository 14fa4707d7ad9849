//! The program against the stand-in, in a lake of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use vp_testkit::program::{Ran, ran};

use crate::stand_in::{KEY, StandIn, World};

/// The date of most tests, a Friday.
pub(crate) const FRIDAY: &str = "2026-02-06";
/// What to order of MNQ on that date.
pub(crate) const MNQ: &str = "futures daemon --symbols MNQ --include-futures";
/// What to order of QQQ on that date.
pub(crate) const QQQ: &str = "equities daemon --symbols QQQ --equity-schemas mbo,definition";

/// A stand-in, a lake, and a log.
pub(crate) struct Scene {
    pub(crate) service: StandIn,
    pub(crate) folder: TempDir,
    pub(crate) date: &'static str,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::of(World::new())
    }

    pub(crate) fn of(world: World) -> Self {
        Self {
            service: StandIn::start(world),
            folder: tempfile::tempdir().unwrap(),
            date: FRIDAY,
        }
    }

    pub(crate) fn lake(&self) -> PathBuf {
        self.folder.path().join("lake")
    }

    /// A file below the raw files of the lake.
    pub(crate) fn raw(&self, path: &str) -> PathBuf {
        self.lake().join("raw/source=databento").join(path)
    }

    /// The program with these arguments and no patience, not started yet.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_download"));
        command
            .env_remove("SPYMASTER_LAKE")
            .env("DATABENTO_API_KEY", KEY)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .args(line.split_whitespace());
        if !["status", "decompress"]
            .iter()
            .any(|verb| line.starts_with(verb))
        {
            command
                .args([
                    "--start",
                    self.date,
                    "--end",
                    self.date,
                    "--retry-seconds",
                    "0.01",
                ])
                .args(["--base-url", &self.service.url(), "--log-file", "log"]);
            if !line.starts_with("estimate") {
                command.args(["--poll-interval", "0.01", "--pause-seconds", "0"]);
                command.args(["--settle-seconds", "0.05"]);
            }
        }
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, line: &str) -> Ran {
        ran(&mut self.command(line))
    }

    /// Runs the program to its end, and expects a good one.
    pub(crate) fn succeed(&self, line: &str) -> Ran {
        let ran = self.run(line);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        ran
    }

    /// Runs the program to its end, and expects one that says all this.
    pub(crate) fn fail(&self, line: &str, says: &[&str]) -> Ran {
        let ran = self.run(line);
        assert_eq!(ran.status, Some(1), "{ran:?}");
        for text in says {
            assert!(
                ran.stderr.contains(text),
                "{text:?} is not in {}",
                ran.stderr
            );
        }
        ran
    }

    /// Runs the program to its end, and expects it to refuse its arguments and say why.
    pub(crate) fn refuse(&self, line: &str, says: &str) {
        let ran = self.run(line);
        assert_eq!(ran.status, Some(2), "{ran:?}");
        assert!(
            ran.stderr.contains(says),
            "{says:?} is not in {}",
            ran.stderr
        );
    }

    /// Starts the program; the stand-in kills it at a chosen point.
    pub(crate) fn start(&self, line: &str) -> Child {
        let mut command = self.command(line);
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.service.state().victim = Some(child.id());
        child
    }

    /// The record of orders.
    pub(crate) fn tracker(&self, market: &str) -> Value {
        let text = std::fs::read(self.lake().join(format!("params/jobs/{market}.json"))).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    /// Every file below the lake but locks, by its path below it.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.lake()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = folder.read_dir() else {
                continue;
            };
            for entry in entries {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_none_or(|ending| ending != "lock") {
                    files.push(
                        path.strip_prefix(self.lake())
                            .unwrap()
                            .to_str()
                            .unwrap()
                            .to_owned(),
                    );
                }
            }
        }
        files.sort();
        files
    }

    /// Checks that every file of every job is in the lake as the service has it, and nothing half.
    pub(crate) fn check_files(&self) {
        let there = self.files();
        for path in &there {
            assert!(
                !path.contains(".part") && !path.contains(".unfinished"),
                "{path} is left"
            );
        }
        for (name, bytes) in self
            .service
            .files()
            .iter()
            .filter(|(name, _)| name != "metadata.json")
        {
            let is_there = there.iter().any(|path| {
                path.ends_with(name.as_str())
                    && std::fs::read(self.lake().join(path)).unwrap() == **bytes
            });
            assert!(is_there, "{name} is not in {there:#?}");
        }
    }
}

/// Reads a file as text.
pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
