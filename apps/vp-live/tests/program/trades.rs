//! Trades in files of grids: those that have a price, and no others.

use std::path::Path;

use vp_market::{ProductType, SessionWindow};
use vp_wire::read_frame;

use crate::binary::{SYNTHETIC, program, ran};
use crate::dbn_file::{Instrument, SECOND_NS, dbn_file, instant, nanos};

/// The feed's price of what has none.
const UNDEFINED: i64 = i64::MAX;

/// A session with a trade of 2, one without price of 3, and one of 4 below zero.
fn session() -> Vec<u8> {
    let date = "2026-02-06".parse().unwrap();
    let at = instant(SessionWindow::new(ProductType::FutureMbo, date), "09:30");
    let only = Instrument { id: 7 };
    let records = [
        only.trade(at, 'B', nanos("5000.25"), 2),
        only.trade(at + SECOND_NS, 'A', UNDEFINED, 3),
        only.trade(at + 2 * SECOND_NS, 'N', nanos("-37.75"), 4),
        only.add(at + 3 * SECOND_NS, 'B', (1, nanos("-38"), 1)),
        only.trade(at + 4 * SECOND_NS, 'B', UNDEFINED, 1),
    ];
    dbn_file("GLBX.MDP3", "2026-02-06", &[("ESH6", 7)], &records)
}

/// Writes the grids of the session to a file of that name and returns its bytes.
fn written(folder: &Path, name: &str) -> Vec<u8> {
    let (input, out) = (folder.join("a.dbn"), folder.join(name));
    std::fs::write(&input, session()).unwrap();
    let mut command = program();
    command
        .args(["run", "--throttle-ms", "0", "--json"])
        .args(SYNTHETIC);
    command.arg("--file").arg(&input).arg("--out").arg(&out);
    let summary = ran(&mut command).good().json();
    assert_eq!(summary["records"], 5);
    std::fs::read(&out).unwrap()
}

#[test]
fn a_trade_without_a_price_is_in_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let expected = [
        vec![(nanos("5000.25"), 2)],
        vec![],
        vec![(nanos("-37.75"), 4)],
        vec![],
        vec![],
    ];
    let last = [
        Some("5000.25"),
        Some("5000.25"),
        Some("-37.75"),
        Some("-37.75"),
        Some("-37.75"),
    ];
    let last = last.map(|price| price.map(nanos));

    let jsonl = String::from_utf8(written(folder.path(), "grids.jsonl")).unwrap();
    assert!(!jsonl.contains(&UNDEFINED.to_string()));
    let grids: Vec<serde_json::Value> = jsonl
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(grids.len(), expected.len());
    for (grid, (trades, last)) in grids.iter().zip(expected.iter().zip(last)) {
        let prices: Vec<i64> = trades.iter().map(|(price, _)| *price).collect();
        let sizes: Vec<u32> = trades.iter().map(|(_, size)| *size).collect();
        assert_eq!(grid["trades"]["price_int"], serde_json::json!(prices));
        assert_eq!(grid["trades"]["size"], serde_json::json!(sizes));
        assert_eq!(grid["trades_dropped"], 0);
        assert_eq!(grid["last_trade_price_int"].as_i64(), last);
    }

    let msgpack = written(folder.path(), "grids.msgpack");
    let mut rest = msgpack.as_slice();
    let (mut frames, mut frame) = (0, Vec::new());
    // In MessagePack and in arrays alike it would be these bytes.
    let undefined = [UNDEFINED.to_be_bytes(), UNDEFINED.to_le_bytes()];
    while read_frame(&mut rest, &mut frame).unwrap() {
        let mut eights = frame.windows(8);
        assert!(eights.all(|bytes| undefined.iter().all(|other| bytes != other)));
        frames += 1;
    }
    // The first frame is the runtime_config.
    assert_eq!(frames, 1 + expected.len());
}
