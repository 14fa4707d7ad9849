//! What the program says about the real sessions, and the grids that it writes of them.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;

use libtest_mimic::Failed;
use serde_json::{Value, json};
use vp_testkit::shared::{ARL, ESH4};
use vp_wire::{Decoder, ServerMessage};

use crate::binary::{self, program};
use crate::session::Real;

/// 18:00 Eastern time on that day: the pre-open ends and the auction is held.
const OPEN_NS: u64 = 1_703_545_200_000_000_000;

/// Runs a session with every event emitted, and returns its summary.
fn run(real: &Real, session: [&str; 6], more: &[&str]) -> Value {
    run_every(real, "0", session, more)
}

/// Runs a session with a grid each so many milliseconds, and returns its summary.
fn run_every(real: &Real, ms: &str, session: [&str; 6], more: &[&str]) -> Value {
    let mut command = program();
    command.args(["run", "--json", "--throttle-ms", ms, "--lake"]);
    binary::ran(command.arg(&real.lake).args(session).args(more))
        .good()
        .json()
}

fn anomalies(unknown_order: u64) -> Value {
    json!({
        "undefined_price": 0, "bad_side": 0, "zero_size": 0,
        "unknown_order": unknown_order, "duplicate_add": 0, "over_cancel": 0,
    })
}

/// Compares the keys that are expected.
fn check(summary: &Value, expected: &Value) -> Result<(), Failed> {
    for (key, expected) in expected.as_object().ok_or("no object is expected")? {
        let found = &summary[key];
        if found != expected {
            return Err(format!("{key} is {found}, expected {expected}").into());
        }
    }
    Ok(())
}

pub(crate) fn run_esh4(real: &Real) -> Result<(), Failed> {
    let summary = run(real, ESH4, &[]);
    check(
        &summary,
        &json!({
            "records_in_files": 68_792, "records": 68_792, "snapshot_records": 8_725,
            "events": 47_023, "grids": 47_023, "anomalies": anomalies(7), "phase": "live",
            "skipped": {"other_rtypes": 0, "other_instruments": 0, "outside_window": 0},
            "other_publishers": 0,
        }),
    )?;
    let last_crossed = summary["last_crossed_ts_ns"].as_u64();
    let last_crossed = last_crossed.ok_or("the pre-open is crossed")?;
    assert!(last_crossed < OPEN_NS, "crossed at {last_crossed}");
    Ok(())
}

pub(crate) fn run_arl(real: &Real) -> Result<(), Failed> {
    check(
        &run(real, ARL, &[]),
        &json!({
            "records_in_files": 5_886, "records": 5_747, "snapshot_records": 0,
            "events": 4_209, "grids": 4_209, "anomalies": anomalies(0), "phase": "live",
            "skipped": {"other_rtypes": 0, "other_instruments": 0, "outside_window": 139},
            "other_publishers": 0,
            "crossed_events": 0, "last_crossed_ts_ns": null,
        }),
    )
}

/// What a table of grids may take.
const TABLE_BYTES: u64 = 8_000_000;

/// Reads lines of grids without a schema, as the documents say; what is not installed is not tried.
const READERS: [&str; 2] = [
    "import sys, polars\n\
     grids = polars.read_ndjson(sys.argv[1], infer_schema_length=None)\n\
     assert grids.height > 1000 and grids['columns'].struct.field('v_add').list.len().min() == 101",
    "import sys, duckdb\n\
     grids = duckdb.sql(f\"from read_json('{sys.argv[1]}', sample_size=-1)\")\n\
     rows = grids.aggregate('count(*), min(len(columns.v_add))').fetchall()[0]\n\
     assert rows[0] > 1000 and rows[1] == 101, rows",
];

/// Both layouts of the evening's table take less than 8 MB, and other programs read its lines.
pub(crate) fn tables_and_lines(real: &Real) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    if cfg!(feature = "parquet") {
        for layout in ["bucket", "grid"] {
            let out = folder.path().join("grids.parquet");
            let more = ["--start-time", "18:00", "--layout", layout, "--out"];
            let summary = run_every(real, "25", ESH4, &[&more[..], &[text(&out)?]].concat());
            check(&summary, &json!({"grids": 13_514}))?;
            let bytes = fs::metadata(&out)?.len();
            if bytes > TABLE_BYTES {
                return Err(format!("{layout}: {bytes} bytes").into());
            }
        }
    }
    let lines = folder.path().join("grids.jsonl");
    let more = ["--start-time", "18:00", "--end-time", "18:05", "--out"];
    run(real, ESH4, &[&more[..], &[text(&lines)?]].concat());
    let python = std::env::var("SPYMASTER_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    for script in READERS {
        let output = Command::new(&python)
            .args(["-c", script])
            .arg(&lines)
            .output();
        let Ok(output) = output else { continue };
        let errors = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() && !errors.contains("ModuleNotFoundError") {
            return Err(errors.into_owned().into());
        }
    }
    Ok(())
}

/// The files alone, under names that say nothing.
pub(crate) fn bare_files(real: &Real) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    for (spec, head) in [
        (real.esh4()?, "ESH4 2023-12-25 (future_mbo)\n"),
        (real.arl()?, "ARL 2025-07-17 (equity_mbo)\n"),
    ] {
        let source = vp_ingest::Source::open(spec)?;
        let file = source.files().last().ok_or("a session has a file")?;
        let bare = folder.path().join("bare");
        std::fs::copy(&file.path, &bare)?;
        let ran = binary::vp_live(["run", text(&bare)?]).good();
        if !ran.stdout.starts_with(head) || !ran.stderr.is_empty() {
            return Err(format!("{}{}", ran.stderr, ran.stdout).into());
        }
    }
    Ok(())
}

pub(crate) fn best_prices(real: &Real) -> Result<(), Failed> {
    for (end_time, bid, ask) in [
        ("18:00:01", "4800.75", "4801.50"),
        ("18:10", "4807.00", "4807.50"),
        ("18:30", "4810.25", "4810.50"),
        ("18:59:59", "4810.00", "4810.25"),
    ] {
        let summary = run(real, ESH4, &["--end-time", end_time]);
        check(&summary, &json!({"best_bid": bid, "best_ask": ask}))?;
    }
    Ok(())
}

fn text(path: &Path) -> Result<&str, Failed> {
    Ok(path.to_str().ok_or("the temporary folder is no text")?)
}

/// The grids of the auction and the two seconds after it, alone and at the end of a whole run.
pub(crate) fn start_time(real: &Real) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, more: &[&str]| -> Result<BufReader<File>, Failed> {
        let out = folder.path().join(name);
        let more = [&["--end-time", "18:00:02", "--out", text(&out)?], more].concat();
        run(real, ESH4, &more);
        Ok(BufReader::new(File::open(out)?))
    };
    let whole = write("whole.jsonl", &[])?;
    let late = write("late.jsonl", &["--start-time", "18:00"])?;
    let mut whole = whole.lines();
    let mut before = 0u64;
    for (place, line) in late.lines().enumerate() {
        let mut late: Value = serde_json::from_str(&line?)?;
        let mut early: Value = loop {
            let line = whole.next().ok_or("the whole run ends too soon")??;
            let grid: Value = serde_json::from_str(&line)?;
            if grid["ts_ns"].as_u64() >= Some(OPEN_NS) {
                break grid;
            }
            // Nothing is left out in between.
            assert_eq!(place, 0);
            before += 1;
        };
        let skipped = early["seq"].as_u64().zip(late["seq"].as_u64());
        assert_eq!(skipped.map(|(early, late)| early - late), Some(before));
        for grid in [&mut early, &mut late] {
            let keys = grid.as_object_mut().ok_or("a grid is an object")?;
            keys.retain(|key, _| !matches!(key.as_str(), "seq" | "epoch"));
            if place == 0 {
                // Trades since the previous grid: the late run has none before.
                keys.retain(|key, _| !matches!(key.as_str(), "trades" | "trades_dropped"));
            }
        }
        assert!(early == late, "grid {place} of the late run differs");
    }
    assert!(before > 0, "there is a pre-open");
    assert!(whole.next().is_none(), "the late run ends too soon");
    Ok(())
}

/// The frames, decoded and written as lines, are the lines.
pub(crate) fn frames_and_lines(real: &Real) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let [lines, frames] = ["grids.jsonl", "grids.msgpack"].map(|name| folder.path().join(name));
    let mut grids = Vec::new();
    for out in [&lines, &frames] {
        let more = ["--start-time", "09:30", "--end-time", "11:00", "--out"];
        let summary = run(real, ARL, &[&more, &[text(out)?][..]].concat());
        grids.push(summary["grids"].clone());
    }
    let mut decoder = Decoder::default();
    let mut input = BufReader::new(File::open(frames)?);
    let (mut frame, mut count, mut found) = (Vec::new(), 0u64, Vec::new());
    assert!(vp_wire::read_frame(&mut input, &mut frame)?);
    let ServerMessage::RuntimeConfig(config) = decoder.decode(&frame)? else {
        return Err("the first frame is no runtime_config".into());
    };
    assert_eq!((&*config.symbol, config.half_width), ("ARL", 50));
    while vp_wire::read_frame(&mut input, &mut frame)? {
        let ServerMessage::GridUpdate(grid) = decoder.decode(&frame)? else {
            return Err("a frame is no grid".into());
        };
        grid.write_json(&mut found);
        count += 1;
    }
    assert!(count > 0, "trading is open then");
    assert_eq!(grids, [json!(count), json!(count)]);
    assert!(
        found == fs::read(lines)?,
        "the frames differ from the lines"
    );
    Ok(())
}
