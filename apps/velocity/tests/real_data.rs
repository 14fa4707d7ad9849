//! Real sessions through all layers. Skipped, and counted as such, where the data is absent.

mod binary;

use std::path::Path;
use std::process::ExitCode;

use binary::{World, ran};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use vp_testkit::shared;

/// A session of the shared data and the rows that it must give.
struct Session {
    name: &'static str,
    /// Its hours, the long form and the short one, each with its windows.
    hours: [(&'static str, u64); 2],
    args: [&'static str; 6],
    bronze_rows: u64,
}

const SESSIONS: [Session; 2] = [
    Session {
        name: "soak_esh4",
        hours: [("17:00-19:00", 7_200), ("18:00-18:10", 600)],
        args: shared::ESH4,
        bronze_rows: 68_792,
    },
    Session {
        name: "soak_arl",
        hours: [("09:30-16:00", 23_400), ("09:30-09:45", 900)],
        args: shared::ARL,
        bronze_rows: 5_747,
    },
];

fn main() -> ExitCode {
    let trial = |session: &'static Session| {
        let name = format!("{}_runs_through_all_layers", session.name);
        Trial::ignorable_test(name, move || match shared::path("data/lake/raw") {
            Some(raw) => check(session, &raw).map(|()| Completion::Completed),
            None => Ok(Completion::ignored_with(
                "the folder of SPYMASTER_SHARED is not there",
            )),
        })
    };
    let trials = SESSIONS.iter().map(trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn check(session: &Session, raw: &Path) -> Result<(), Failed> {
    let world = World::new();
    std::fs::create_dir_all(world.path())?;
    // Raw files are only read: the shared ones are linked to, not copied.
    std::os::unix::fs::symlink(raw, world.path().join("raw"))?;
    let is_soak = std::env::var_os("SPYMASTER_SOAK").is_some();
    let (hours, windows) = session.hours[usize::from(!is_soak)];
    let mut run = world.program("run");
    let run = run.args(session.args).args(["--session", hours]);
    let run = ran(run.args(["--layer", "all", "--json"]));
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
    let summary = run.json();
    let rows = |number: usize| summary["partitions"][number]["rows"].as_u64();
    assert_eq!(rows(0), Some(session.bronze_rows));
    assert_eq!(rows(1), Some(windows));
    assert!(rows(2) > Some(0) && rows(3) > Some(0), "{summary}");
    assert_eq!(world.hashes().len(), 4);
    Ok(())
}
