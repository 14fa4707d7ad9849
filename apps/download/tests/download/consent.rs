//! Nothing is ordered without consent.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use vp_testkit::program::ran_before_head;

use crate::program::{MNQ, QQQ, Scene};

/// The calls that cost.
fn paid(scene: &Scene) -> usize {
    scene.service.count("submit_job") + scene.service.count("get_range")
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_ordered() {
    for line in [MNQ, QQQ, &MNQ.replace("daemon", "submit")] {
        let scene = Scene::new();
        scene.fail(line, &["nothing is ordered", "--yes"]);
        assert!(scene.service.state().calls.is_empty());
    }
}

#[test]
fn a_dry_run_shows_the_jobs_and_costs_nothing() {
    let scene = Scene::new();
    for line in [
        "estimate futures --symbols MNQ --include-futures".into(),
        format!("{MNQ} --dry-run --yes"),
    ] {
        let ran = scene.succeed(&line);
        for text in [
            "$0.25  GLBX.MDP3|mbo|MNQ|2026-02-06|future_mbo as raw_symbol: MNQH6",
            // The continuous symbol, and two families that exist.
            "cost $0.03 at most",
            "$0.25  GLBX.MDP3|mbo|MNQ|2026-02-06|future_option_mbo as parent: MQ1.OPT",
            "$0.25  GLBX.MDP3|statistics|MNQ|2026-02-06|future_option_mbo as parent: MQ1.OPT",
        ] {
            assert!(
                ran.stdout.contains(text),
                "{text:?} is not in {}",
                ran.stdout
            );
        }
    }
    for line in [
        "estimate equities --symbols QQQ".into(),
        format!("{QQQ} --dry-run"),
    ] {
        let ran = scene.succeed(&line);
        for text in [
            "$0.01  OPRA.PILLAR|definition|QQQ|2026-02-06|definition as parent: QQQ.OPT",
            "$0.25  XNAS.ITCH|mbo|QQQ|2026-02-06|equity_mbo as raw_symbol: QQQ",
            "$0.25  OPRA.PILLAR|cmbp-1|QQQ|2026-02-06|equity_option_cmbp_1 as parent: QQQ.OPT",
        ] {
            assert!(
                ran.stdout.contains(text),
                "{text:?} is not in {}",
                ran.stdout
            );
        }
    }
    assert_eq!(paid(&scene), 0);
    assert!(scene.files().is_empty());
}

#[test]
fn what_is_known_is_estimated_exactly() {
    let scene = Scene::new();
    scene.succeed(&format!("{MNQ} --yes --options-schemas mbo"));
    let ran = scene.succeed("estimate futures --symbols MNQ --include-futures");
    let all: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(
        all,
        [
            "    6.0 kB     $1.50  GLBX.MDP3|statistics|MNQ|2026-02-06|future_option_mbo as raw_symbol: \
             MQ1G6 C21000, MQ1G6 C21002, MQ1G6 C21004 and 3 more",
            "    6.0 kB     $1.50  1 jobs, sizes before compression",
        ]
    );
}

#[test]
fn nothing_is_ordered_above_the_most_it_may_cost() {
    // Definitions are below it, the data are not.
    let scene = Scene::new();
    scene.fail(
        &format!("{MNQ} --yes --max-cost 3.27"),
        &["3 jobs of data for $3.25", "above --max-cost $3.27"],
    );
    assert!(scene.service.jobs().is_empty());
    scene.succeed(&format!("{MNQ} --yes --max-cost 3.25"));
    assert_eq!(scene.service.jobs().len(), 3);

    let scene = Scene::new();
    scene.fail(
        &format!("{MNQ} --yes --max-cost 0.02"),
        &["definitions", "$0.03", "above --max-cost $0.02"],
    );
    assert_eq!(paid(&scene), 0);
}

/// Runs a line on a terminal where somebody answers; returns the status and what was on it.
fn answered(scene: &Scene, line: &str, answer: &str) -> (Option<i32>, String) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let name = name.to_str().unwrap();
    let open = || {
        Stdio::from(OwnedFd::from(
            File::options().read(true).write(true).open(name).unwrap(),
        ))
    };
    let mut command = scene.command(line);
    command.stdin(open()).stdout(open()).stderr(open());
    let mut child = command.spawn().unwrap();
    // The command holds the terminal's other ends, and a read ends once all are closed.
    drop(command);
    let mut terminal = File::from(master);
    let mut shown = String::new();
    let mut buffer = [0; 4096];
    let mut answers = 0;
    while let Ok(count @ 1..) = terminal.read(&mut buffer) {
        shown += &String::from_utf8_lossy(&buffer[..count]);
        if shown.matches("? [y/N] ").count() > answers {
            answers += 1;
            terminal.write_all(answer.as_bytes()).unwrap();
        }
    }
    (child.wait().unwrap().code(), shown)
}

#[test]
fn somebody_at_a_terminal_is_asked_before_each_phase() {
    let scene = Scene::new();
    let (status, shown) = answered(&scene, MNQ, "y\n");
    assert_eq!(status, Some(0), "{shown}");
    for question in [
        "Order definitions for 1 contracts and their options (at most) for $0.03? [y/N]",
        "Order 3 jobs of data for $3.25? [y/N]",
    ] {
        assert!(shown.contains(question), "{shown}");
    }
    assert_eq!(scene.service.jobs().len(), 3);
    scene.check_files();
}

#[test]
fn without_a_yes_nothing_is_ordered() {
    for answer in ["n\n", "\n", "yesterday\n", "\u{4}"] {
        let scene = Scene::new();
        let (status, shown) = answered(&scene, QQQ, answer);
        assert_eq!(status, Some(1), "{shown}");
        assert!(shown.contains("declined"), "{shown}");
        assert_eq!(paid(&scene), 0);
    }
}

#[test]
fn status_says_how_many_jobs_are_where_and_what_to_do() {
    let scene = Scene::new();
    let ran = scene.succeed("status");
    assert_eq!(
        ran.stdout,
        "futures: nothing has been ordered\nequities: nothing has been ordered\n"
    );
    scene.succeed(&format!("{MNQ} --yes --options-schemas none"));
    scene.succeed(&format!(
        "{} --yes --options-schemas statistics",
        MNQ.replace("daemon", "submit")
    ));
    let ran = scene.succeed("status");
    let rows: Vec<Vec<&str>> = ran
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows[1], ["state", "jobs", "size", "cost", "next"]);
    assert_eq!(
        rows[2][..6],
        ["submitted", "1", "0", "B", "$1.50", "download"]
    );
    assert_eq!(
        (rows[3][0], rows[3][1], rows[3][4]),
        ("downloaded", "1", "$0.20")
    );
    assert!(
        ran.stdout.contains("nothing, its files are in the lake"),
        "{}",
        ran.stdout
    );
    assert_eq!((rows[4][0], rows[4][4]), ("total", "$1.70"));
    assert_eq!(
        rows[5][..2],
        [
            "submitted",
            "GLBX.MDP3|statistics|MNQ|2026-02-06|future_option_mbo"
        ]
    );
    assert_eq!(
        scene.succeed("status --all").stdout.lines().count(),
        ran.stdout.lines().count() + 1
    );
}

#[test]
fn what_cannot_be_asked_for_is_refused_with_what_can() {
    let scene = Scene::new();
    for (line, says) in [
        ("futures submit --symbols E-S", "is not a symbol of futures"),
        (
            "futures submit --symbols ES --options-schemas tbbo",
            "supported: definition, mbo, statistics",
        ),
        (
            "futures submit --symbols ES --options-schemas none",
            "--include-futures",
        ),
        (
            "equities submit --symbols QQQ --equity-schemas mbp-10",
            "supported: mbo, definition",
        ),
        (
            "equities submit --symbols QQQ --options-schemas mbo",
            "supported: definition, cmbp-1, statistics",
        ),
    ] {
        scene.refuse(line, says);
    }
    let mut late = Scene::new();
    late.date = "2199-01-04";
    late.refuse("equities submit --symbols QQQ", "is later than today");
    assert!(scene.service.state().calls.is_empty());
}

#[test]
fn every_command_ends_quietly_with_its_reader() {
    let scene = Scene::new();
    for line in [
        "status",
        "status --all",
        "estimate futures --symbols MNQ --include-futures",
        &format!("{MNQ} --dry-run --yes"),
        &format!("{MNQ} --yes --options-schemas none"),
    ] {
        for lines in [0, 1] {
            let ran = ran_before_head(&mut scene.command(line), lines);
            assert_eq!(ran.status, Some(0), "{line}: {ran:?}");
            for word in ["ERROR", "error:", "panicked", "pipe"] {
                assert!(!ran.stderr.contains(word), "{line}: {ran:?}");
            }
        }
    }
}
