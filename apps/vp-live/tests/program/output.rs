//! Files of grids: in place once they are complete, and not a trace of them otherwise.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use vp_testkit::program::ran_before_head;
use vp_wire::{Decoder, ServerMessage};

use crate::binary::{Ran, SYNTHETIC, program, ran, write_synthetic};

/// A folder with a session of two seconds in it.
fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let session = folder.path().join("a.dbn");
    write_synthetic(&session, 2);
    (folder, session)
}

fn command(session: &Path) -> Command {
    let mut command = program();
    command
        .arg("run")
        .args(SYNTHETIC)
        .arg("--file")
        .arg(session);
    command
}

fn run(session: &Path, out: &Path) -> Ran {
    ran(command(session).arg("--out").arg(out))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = entries
        .map(|entry| name(entry).into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Checks that a file of that name is refused with that message, before anything is written.
fn check(name: &str, message: &str) {
    let (folder, session) = folder();
    fs::create_dir(folder.path().join("b.jsonl")).unwrap();
    let ran = run(&session, &folder.path().join(name));
    let folder_name = format!("{}/", folder.path().display());
    assert_eq!(
        ran.stderr.replace(&folder_name, ""),
        format!("error: {message}\n")
    );
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    assert_eq!(names(folder.path()), ["a.dbn", "b.jsonl"]);
}

#[test]
fn an_unknown_ending_is_refused() {
    for name in ["grids.csv", "grids"] {
        check(
            name,
            &format!(
                "{name} does not say in which form grids are written: let it end in .jsonl, \
                 .msgpack or .parquet (.jsonl.zst and .msgpack.zst are compressed), or give --format"
            ),
        );
    }
    check(
        "grids.parquet.zst",
        "grids.parquet.zst: a Parquet file is compressed within; leave .zst out",
    );
}

#[test]
fn a_missing_folder_is_refused() {
    check(
        "none/grids.jsonl",
        "none/grids.jsonl cannot be written\n  because there is no folder none",
    );
    check(
        "a.dbn/grids.jsonl",
        "a.dbn/grids.jsonl cannot be written\n  because there is no folder a.dbn",
    );
}

#[test]
fn a_folder_in_its_place_is_refused() {
    check(
        "b.jsonl",
        "b.jsonl cannot be written\n  because a folder exists there; only regular files are overwritten",
    );
}

#[test]
fn what_is_read_is_not_replaced() {
    let (folder, session) = folder();
    let bytes = fs::read(&session).unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&session, &link).unwrap();
    for out in [&session, &link] {
        let ran = ran(command(&session)
            .args(["--format", "jsonl", "--out"])
            .arg(out));
        let expected = format!(
            "error: --out would overwrite the input {}; name another file\n",
            out.display()
        );
        assert_eq!((ran.status, ran.stderr), (Some(1), expected));
        assert!(fs::read(&session).unwrap() == bytes);
    }
    assert_eq!(names(folder.path()), ["a.dbn", "link"]);
}

#[test]
fn a_pipe_in_its_place_stays_one() {
    let (folder, session) = folder();
    let pipe = folder.path().join("pipe.jsonl");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let ran = run(&session, &pipe);
    let expected = format!(
        "error: {} cannot be written\n  because a named pipe exists there; only regular files are overwritten\n",
        pipe.display()
    );
    assert_eq!((ran.status, ran.stderr), (Some(1), expected));
    assert_eq!(names(folder.path()), ["a.dbn", "pipe.jsonl"]);
}

#[test]
fn standard_output_needs_a_form() {
    let (_folder, session) = folder();
    let ran = ran(command(&session).args(["--out", "-"]));
    assert_eq!(ran.status, Some(1));
    assert!(
        ran.stderr.ends_with("are written: give --format\n"),
        "{}",
        ran.stderr
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_that_takes_no_files_is_refused() {
    // The kernel's own folder takes none from anybody, root or not.
    let (_folder, session) = folder();
    let ran = run(&session, Path::new("/sys/grids.jsonl"));
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    let start = "error: /sys/grids.jsonl cannot be written\n  because ";
    assert!(ran.stderr.starts_with(start), "{}", ran.stderr);
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_table_that_was_not_built_in_is_refused() {
    check(
        "grids.parquet",
        "this vp-live was built without Parquet, as the demo is: write .jsonl or .msgpack, or build \
         it with `cargo build --release --package vp-live`",
    );
}

#[cfg(feature = "parquet")]
#[test]
fn a_table_is_written() {
    let (folder, session) = folder();
    let out = folder.path().join("grids.parquet");
    assert_eq!(run(&session, &out).status, Some(0));
    let bytes = fs::read(&out).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    // The foot says of what the grids are.
    let file = fs::File::open(out).unwrap();
    let reader = parquet::file::reader::SerializedFileReader::new(file).unwrap();
    let foot = parquet::file::reader::FileReader::metadata(&reader).file_metadata();
    let said = foot.key_value_metadata().unwrap();
    let config = said
        .iter()
        .find(|pair| pair.key == "runtime_config")
        .unwrap();
    let config: serde_json::Value = serde_json::from_str(config.value.as_ref().unwrap()).unwrap();
    assert_eq!(config["symbol"], "ESH6");
    assert_eq!(config["bucket_int"], 250_000_000);
}

#[test]
fn lines_have_no_layout() {
    let (folder, session) = folder();
    let mut command = command(&session);
    command.args(["--layout", "grid", "--out"]);
    let ran = ran(command.arg(folder.path().join("grids.jsonl")));
    assert_eq!(ran.status, Some(1));
    let expected = "error: only a .parquet file has a layout: leave --layout out\n";
    assert_eq!(ran.stderr, expected);
}

#[cfg(feature = "parquet")]
#[test]
fn a_row_a_bucket_and_a_row_a_grid_hold_the_same() {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, UInt64Type};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    let (folder, session) = folder();
    let read = |layout: &str| {
        let out = folder.path().join("grids.parquet");
        let mut command = command(&session);
        command.args(["--layout", layout, "--fields", "v_add,rest_depth"]);
        assert_eq!(ran(command.arg("--out").arg(&out)).status, Some(0));
        let file = fs::File::open(&out).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let (mut seqs, mut adds, mut rows) = (Vec::new(), Vec::new(), 0);
        for batch in reader.build().unwrap() {
            let batch = batch.unwrap();
            assert_eq!(batch.num_columns(), 11 + 2);
            rows += batch.num_rows();
            seqs.extend_from_slice(batch["seq"].as_primitive::<UInt64Type>().values());
            let column = &batch["v_add"];
            let values = column
                .as_list_opt::<i32>()
                .map_or(column, |lists| lists.values());
            adds.extend_from_slice(values.as_primitive::<Float64Type>().values());
        }
        seqs.dedup();
        (seqs, adds, rows)
    };
    let (of_buckets, of_grids) = (read("bucket"), read("grid"));
    assert_eq!((&of_buckets.0, &of_buckets.1), (&of_grids.0, &of_grids.1));
    assert!(of_grids.2 > 0 && of_buckets.2 == 101 * of_grids.2);
    assert_eq!(of_grids.0.len(), of_grids.2);
}

/// The grids of a session as lines of JSON on standard output.
fn lines(session: &Path, more: &[&str]) -> Vec<serde_json::Value> {
    let mut command = command(session);
    let ran = ran(command.args(["--out", "-", "--format", "jsonl"]).args(more));
    assert_eq!(ran.status, Some(0));
    assert!(ran.stderr.contains("grids emitted"), "{}", ran.stderr);
    let lines = ran.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn grids_go_to_standard_output_and_the_summary_aside() {
    let (folder, session) = folder();
    let out = folder.path().join("grids.jsonl");
    assert_eq!(run(&session, &out).status, Some(0));
    let file = fs::read_to_string(&out).unwrap();
    let file: Vec<serde_json::Value> = file
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines(&session, &[]), file);
}

#[test]
fn columns_view_and_width_are_chosen() {
    let (_folder, session) = folder();
    let all = lines(&session, &[]);
    let few = lines(&session, &["--fields", "last_event_id,add_mass"]);
    let decayed = lines(&session, &["--view", "decayed"]);
    let narrow = lines(&session, &["--half-width", "3"]);
    assert!(all.len() > 1);
    let lengths = [few.len(), decayed.len(), narrow.len()];
    assert_eq!(lengths, [all.len(); 3]);
    let mut has_decayed = false;
    for (place, grid) in all.iter().enumerate() {
        let columns = few[place]["columns"].as_object().unwrap();
        assert_eq!(
            columns.keys().collect::<Vec<_>>(),
            ["add_mass", "last_event_id"]
        );
        let column = &grid["columns"]["add_mass"];
        assert_eq!(columns["add_mass"], *column);
        has_decayed |= decayed[place]["columns"]["add_mass"] != *column;
        let narrow = narrow[place]["columns"]["add_mass"].as_array().unwrap();
        assert_eq!(narrow.len(), 7);
        // Later they differ: what a grid has lost sight of it does not know.
        if place == 0 {
            assert_eq!(narrow[..], column.as_array().unwrap()[47..54]);
        }
    }
    assert!(has_decayed);
}

#[test]
fn rows_are_as_wide_as_was_asked() {
    let (folder, session) = folder();
    let config = |more: &[&str]| {
        let out = folder.path().join("grids.msgpack");
        let ran = ran(command(&session).args(more).arg("--out").arg(&out));
        assert_eq!(ran.status, Some(0), "{}", ran.stderr);
        let bytes = fs::read(&out).unwrap();
        let length = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
        let first = Decoder::default().decode(&bytes[4..4 + length]).unwrap();
        let ServerMessage::RuntimeConfig(config) = first else {
            panic!("{first:?} is no configuration");
        };
        config.bucket_int
    };
    assert_eq!(config(&[]), 250_000_000);
    assert_eq!(config(&["--bucket", "0.50"]), 500_000_000);
    // A price belongs to another row where rows are wider.
    let spots = |more: &[&str]| -> Vec<i64> {
        let grids = lines(&session, more).into_iter();
        grids
            .filter_map(|grid| grid["spot_ref_price_int"].as_i64())
            .collect()
    };
    let (narrow, wide) = (spots(&[]), spots(&["--bucket", "5"]));
    assert!(!wide.is_empty() && wide != narrow);
    assert!(wide.iter().all(|spot| spot % 5_000_000_000 == 0));
}

#[test]
fn rows_of_a_width_that_is_no_multiple_of_the_tick_are_refused() {
    let (_folder, session) = folder();
    for width in ["0.30", "0", "1000.25"] {
        let ran = ran(command(&session).args(["--bucket", width]));
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
        assert!(
            ran.stderr.contains("whole multiple of the tick 0.25"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_file_may_be_compressed_as_a_whole() {
    let (folder, session) = folder();
    for name in ["grids.jsonl", "grids.msgpack"] {
        let plain = folder.path().join(name);
        let compressed = folder.path().join(format!("{name}.zst"));
        for out in [&plain, &compressed] {
            assert_eq!(run(&session, out).status, Some(0));
        }
        let file = fs::File::open(&compressed).unwrap();
        assert_eq!(zstd::decode_all(file).unwrap(), fs::read(&plain).unwrap());
    }
}

#[test]
fn a_file_is_complete_and_alone() {
    let (folder, session) = folder();
    let out = folder.path().join("grids.jsonl");
    fs::write(&out, "what stood there before").unwrap();
    let summary = ran(command(&session).arg("--json").arg("--out").arg(&out))
        .good()
        .json();
    let text = fs::read_to_string(&out).unwrap();
    assert!(text.ends_with('\n'));
    let grids: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(!grids.is_empty());
    assert_eq!(summary["grids"], grids.len());
    for (grid, seq) in grids.iter().zip(1u64..) {
        assert_eq!(grid["type"], "grid_update");
        assert_eq!(grid["seq"], seq);
        let columns = grid["columns"].as_object().unwrap();
        assert_eq!(columns.len(), 21);
        assert!(columns.values().all(|c| c.as_array().unwrap().len() == 101));
    }
    assert_eq!(grids.last().unwrap()["event_id"], summary["events"]);
    assert_eq!(names(folder.path()), ["a.dbn", "grids.jsonl"]);
}

/// A limit on the size of files simulates a full disk: the same write fails in the same place, and
/// it needs no rights.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_what_stood_there_before() {
    let (folder, session) = folder();
    for name in ["grids.jsonl", "grids.msgpack"] {
        let out = folder.path().join(name);
        fs::write(&out, "before").unwrap();
        let inner = {
            let mut inner = command(&session);
            inner.arg("--out").arg(&out);
            inner
        };
        let mut shell = Command::new("sh");
        // Ignored, the signal becomes an error of the write; `exec` hands that on.
        shell.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""]);
        shell.arg(inner.get_program()).args(inner.get_args());
        let ran = ran(&mut shell);
        assert_eq!(ran.status, Some(1));
        let start = format!("error: {} cannot be written\n  because ", out.display());
        assert!(ran.stderr.starts_with(&start), "{}", ran.stderr);
        assert!(ran.stdout.contains("grids emitted"), "{}", ran.stdout);
        assert_eq!(fs::read_to_string(&out).unwrap(), "before");
    }
    assert_eq!(
        names(folder.path()),
        ["a.dbn", "grids.jsonl", "grids.msgpack"]
    );
}

#[test]
fn input_that_breaks_off_publishes_no_file() {
    let (folder, session) = folder();
    let bytes = fs::read(&session).unwrap();
    fs::write(&session, &bytes[..bytes.len() - 1]).unwrap();
    let ran = run(&session, &folder.path().join("grids.jsonl"));
    assert_eq!(ran.status, Some(1));
    assert!(ran.stderr.contains("is cut short"), "{}", ran.stderr);
    assert_eq!(names(folder.path()), ["a.dbn"]);
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next_and_what_a_living_one_writes_is_not() {
    let (folder, session) = folder();
    let long = folder.path().join("long.dbn");
    write_synthetic(&long, 60);
    let out = folder.path().join("grids.jsonl");
    let before = ["a.dbn", "grids.jsonl", "long.dbn"];

    let mut living = command(&long);
    living.args(["--throttle-ms", "0"]).arg("--out").arg(&out);
    let mut living = living
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // There is no event for a growing file.
    while unfinished(folder.path()).is_none_or(|path| fs::metadata(path).unwrap().len() == 0) {
        assert_eq!(living.try_wait().unwrap(), None, "it had no time to write");
        thread::sleep(Duration::from_millis(1));
    }
    let left = unfinished(folder.path());
    // It is alive for as long as this takes, however fast it is.
    signal(&living, "-STOP");

    assert_eq!(run(&session, &out).status, Some(0));
    assert_eq!(unfinished(folder.path()), left);

    living.kill().unwrap();
    living.wait().unwrap();
    assert_eq!(unfinished(folder.path()), left);
    let whole = fs::read(&out).unwrap();

    assert_eq!(run(&session, &out).status, Some(0));
    assert_eq!(names(folder.path()), before);
    assert!(fs::read(&out).unwrap() == whole);
}

fn signal(child: &Child, name: &str) {
    let process = child.id().to_string();
    let status = Command::new("kill").args([name, &process]).status();
    assert!(status.unwrap().success());
}

/// Returns the one unfinished file of a folder, if there is one.
fn unfinished(folder: &Path) -> Option<PathBuf> {
    let mut names = names(folder).into_iter();
    let name = names.find(|name| name.starts_with(".unfinished-grids.jsonl-"))?;
    Some(folder.join(name))
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let (folder, session) = folder();
    let session = session.to_str().unwrap();
    let synth = folder.path().join("b.dbn");
    let synth = ["synth", "--minutes", "1", "--out", synth.to_str().unwrap()];
    let named = [&SYNTHETIC[..], &["--file", session]].concat();
    for arguments in [
        [&["run"], &named[..]].concat(),
        [&["run", "--json"], &named[..]].concat(),
        [&["statistics"], &named[..]].concat(),
        vec!["inspect", session],
        vec!["inspect", session, "--json"],
        synth.to_vec(),
        vec!["--help"],
    ] {
        for lines in [0, 1] {
            let ran = ran_before_head(program().args(&arguments), lines);
            assert_eq!(
                (ran.status, ran.stderr.as_str()),
                (Some(0), ""),
                "{arguments:?}"
            );
        }
    }
}
