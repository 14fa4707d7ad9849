//! Where `run` and `inspect` read from: standard input, folders with several files.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use vp_market::{ProductType, SessionWindow};
use vp_synth::Compression;

use crate::binary::{SYNTHETIC, program, ran, synthetic_dbn, vp_live, write_synthetic};
use crate::dbn_file::{Instrument, SECOND_NS, dbn_file, instant, nanos};

/// Runs the program with those bytes on standard input, through a pipe; returns its status and what
/// it prints.
fn piped(args: &[&str], bytes: &[u8]) -> (Option<i32>, String, String) {
    let mut command = program();
    command.args(args).stdin(Stdio::piped());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    // It may refuse before it has read everything.
    let writer = std::thread::spawn(move || drop(input.write_all(&bytes)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn run_args(file: &str) -> Vec<&str> {
    let mut args = vec!["run"];
    args.extend(SYNTHETIC);
    args.extend(["--json", "--file", file]);
    args
}

fn records(stdout: &str) -> u64 {
    let summary: serde_json::Value = serde_json::from_str(stdout).unwrap();
    summary["records"].as_u64().unwrap()
}

#[test]
fn a_session_is_read_from_standard_input() {
    for compression in [Compression::None, Compression::Zstd] {
        let bytes = synthetic_dbn(2, compression);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.dbn");
        std::fs::write(&path, &bytes).unwrap();
        let path = path.to_str().unwrap();
        let expected = records(&vp_live(run_args(path)).good().stdout);
        for name in ["-", "/dev/stdin"] {
            let (status, stdout, stderr) = piped(&run_args(name), &bytes);
            assert_eq!((status, stderr.as_str()), (Some(0), ""), "{name}");
            assert_eq!(records(&stdout), expected, "{name}");
            // Redirected instead of piped.
            let mut command = program();
            command.args(run_args(name));
            let redirected = ran(command.stdin(File::open(path).unwrap())).good();
            assert_eq!(records(&redirected.stdout), expected, "{name}");
        }
    }
}

#[test]
fn a_file_alone_tells_its_session() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, synthetic_dbn(2, Compression::Zstd)).unwrap();
    let path = path.to_str().unwrap();
    for args in [vec!["run", path], vec!["run", path, "--symbol", "ESH6"]] {
        let ran = vp_live(&args).good();
        assert!(
            ran.stdout.starts_with("ESH6 2026-02-06 (future_mbo)\n"),
            "{}",
            ran.stdout
        );
        assert_eq!(ran.stderr, "");
    }
    let (status, stdout, stderr) = piped(&["run", "-"], &synthetic_dbn(2, Compression::None));
    assert_eq!((status, stderr.as_str()), (Some(0), ""));
    assert!(
        stdout.starts_with("ESH6 2026-02-06 (future_mbo)\n"),
        "{stdout}"
    );
    let ran = vp_live(["run", path, "--dt", "2026-02-07"]);
    assert_eq!(ran.status, Some(1));
    let expected =
        format!("error: {path} holds no session on 2026-02-07; it holds ESH6 of 2026-02-06\n");
    assert_eq!(ran.stderr, expected);
}

/// Two contracts and their spread in one file, the second contract the busier.
fn two_contracts(path: &Path) {
    let date = "2026-02-06".parse().unwrap();
    let window = SessionWindow::new(ProductType::FutureMbo, date);
    let at = instant(window, "09:30");
    let (first, second, spread) = (
        Instrument { id: 1 },
        Instrument { id: 2 },
        Instrument { id: 3 },
    );
    let add = |of: Instrument, n: u64| of.add(at + n * SECOND_NS, 'B', (n, nanos("6900.25"), 1));
    let records = [
        add(spread, 1),
        add(spread, 2),
        add(spread, 3),
        add(spread, 4),
        add(first, 5),
        add(second, 6),
        add(second, 7),
    ];
    let symbols = [("ESH6", 1), ("ESM6", 2), ("ESH6-ESM6", 3)];
    std::fs::write(
        path,
        dbn_file("GLBX.MDP3", "2026-02-06", &symbols, &records),
    )
    .unwrap();
}

#[test]
fn of_several_contracts_the_busiest_is_run_and_the_others_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.dbn");
    two_contracts(&path);
    let path = path.to_str().unwrap();
    let ran = vp_live(["run", path]);
    assert_eq!(ran.status, Some(0));
    assert!(ran.stdout.starts_with("ESM6 2026-02-06"), "{}", ran.stdout);
    assert_eq!(
        ran.stderr,
        "note: the file holds ESM6 of 2026-02-06 (2 records), ESH6 of 2026-02-06 (1 records); ESM6 \
         of 2026-02-06 is read, --symbol and --dt choose another\n"
    );
    let ran = vp_live(["run", path, "--symbol", "ESH6"]).good();
    assert!(ran.stdout.starts_with("ESH6 2026-02-06"), "{}", ran.stdout);
}

#[test]
fn what_is_neither_file_nor_command_is_refused() {
    let ran = vp_live(["rnu"]);
    assert_eq!(ran.status, Some(2));
    let expected = "there is no such file, and no command of that name";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
}

#[test]
fn standard_input_is_inspected() {
    let bytes = synthetic_dbn(1, Compression::Zstd);
    for name in ["-", "/dev/stdin"] {
        let (status, stdout, stderr) = piped(&["inspect", name], &bytes);
        assert_eq!((status, stderr.as_str()), (Some(0), ""), "{name}");
        assert!(
            stdout.starts_with("file        standard input\n"),
            "{stdout}"
        );
    }
    let (status, _, stderr) = piped(&["inspect", "-"], b"hello, world");
    assert_eq!(status, Some(1));
    assert_eq!(stderr, "error: standard input is not a DBN file\n");
}

#[test]
fn a_server_does_not_read_standard_input() {
    let args = [&SYNTHETIC[..], &["--port", "0", "--file", "-"]].concat();
    let (status, _, stderr) = piped(&args, b"");
    assert_eq!(status, Some(2));
    assert!(stderr.contains("save standard input to a file"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.dbn");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let pipe = pipe.to_str().unwrap();
    for args in [run_args(pipe), vec!["inspect", pipe]] {
        let ran = vp_live(args);
        assert_eq!(ran.status, Some(1));
        let expected = format!(
            "error: {pipe} is not a regular file but a named pipe; give the path of a DBN file\n"
        );
        assert_eq!(ran.stderr, expected);
    }
}

/// Writes a file to the folder of the synthetic session in a lake.
fn write(lake: &Path, name: &str, bytes: &[u8]) {
    let folder = lake
        .join("raw/source=databento/product_type=future_mbo/symbol=ES/table=market_by_order_dbn");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
}

#[test]
fn files_of_the_date_that_are_not_read_are_named() {
    let lake = tempfile::tempdir().unwrap();
    let bytes = synthetic_dbn(1, Compression::None);
    let mut trades = bytes.clone();
    // The schema in the metadata.
    trades[24..26].copy_from_slice(&(dbn::Schema::Trades as u16).to_le_bytes());
    write(lake.path(), "a-20260206.mbo.dbn", &bytes);
    write(lake.path(), "a-20260206.trades.dbn", &trades);
    write(lake.path(), "a-20260202-20260206.mbo.dbn", &bytes);
    let place = ["--lake", lake.path().to_str().unwrap(), "--json"];
    let ran = vp_live([&["run"], &SYNTHETIC[..], &place].concat());
    assert_eq!(ran.status, Some(0));
    let notes: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(notes.len(), 2, "{}", ran.stderr);
    assert!(notes[0].starts_with("note: "), "{}", notes[0]);
    assert!(
        notes[0]
            .ends_with("a-20260206.trades.dbn is left out: it holds records of the schema trades"),
        "{}",
        notes[0]
    );
    assert!(
        notes[1].contains("a-20260202-20260206.mbo.dbn is left out: "),
        "{}",
        notes[1]
    );
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(summary["files"].as_array().unwrap().len(), 1);
    assert_eq!(summary["left_out_files"].as_array().unwrap().len(), 2);
    // Every date of a range is served, too.
    let args = [
        "run",
        "--product-type",
        "future_mbo",
        "--symbol",
        "ESH6",
        "--dt",
        "2026-02-03",
    ];
    let ran = vp_live([&args[..], &place].concat());
    assert!(
        ran.stderr
            .contains("maps ESH6 on other dates than 2026-02-03"),
        "{}",
        ran.stderr
    );
}

/// The browser is played by a script that tells the address it is given.
#[cfg(target_os = "linux")]
#[test]
fn the_page_is_opened_in_the_browser() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("address");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let script = folder.path().join("xdg-open");
    let text = format!("#!/bin/sh\necho \"$1\" > '{}'\n", pipe.display());
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        folder.path().display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = program();
    command.args(["--open", "--port", "0", "--log-level", "warn"]);
    command.env("PATH", path).stdout(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let opened = std::fs::read_to_string(&pipe).unwrap();
    server.kill().unwrap();
    let output = server.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(opened.starts_with("http://127.0.0.1:"), "{opened}");
    assert!(printed.contains(&format!("open    {opened}")), "{printed}");
}

#[test]
fn an_instrument_id_without_records_is_answered_by_those_that_have_some() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.dbn");
    write_synthetic(&file, 1);
    let args = ["run", file.to_str().unwrap(), "--instrument-id", "999"];
    let ran = ran(program().args(args));
    assert_eq!(ran.status, Some(1));
    let part = "holds no record of the instrument 999 in this session; of instruments with records, \
                there are: ";
    assert!(ran.stderr.contains(part), "{}", ran.stderr);
    assert!(ran.stdout.contains("last event  none"), "{}", ran.stdout);
}

#[test]
fn several_files_are_run_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    for (name, seconds) in [("a.dbn", 1), ("b.dbn", 2)] {
        write_synthetic(&folder.path().join(name), seconds);
    }
    let run = |args: &[&str]| {
        let mut program = program();
        ran(program.current_dir(folder.path()).arg("run").args(args))
    };
    let both = run(&["a.dbn", "b.dbn", "--json"]).good().stdout;
    let records = |line: &str| -> u64 {
        let summary: serde_json::Value = serde_json::from_str(line).unwrap();
        summary["records"].as_u64().unwrap()
    };
    let counts: Vec<_> = both.lines().map(records).collect();
    let alone = ["a.dbn", "b.dbn"].map(|file| records(&run(&[file, "--json"]).good().stdout));
    assert_eq!(counts, alone);
    assert!(alone[1] > alone[0]);
    // What cannot be read does not keep the others from it.
    let ran = run(&["none.dbn", "b.dbn", "--json"]);
    assert_eq!(ran.status, Some(1));
    assert_eq!(records(&ran.stdout), alone[1]);
    let end = "error: 1 of 2 files could not be run to their end\n";
    assert!(ran.stderr.ends_with(end), "{}", ran.stderr);
    assert_eq!(run(&["a.dbn", "b.dbn", "--out", "c.jsonl"]).status, Some(2));
}
