//! `--start-time` and `--end-time`: which events of a session are emitted.

use vp_market::{EasternTime, ProductType, SessionWindow};

use crate::binary::vp_live;
use crate::dbn_file::{Instrument, SECOND_NS, dbn_file, nanos};

/// A session with one event at each of some times of day.
struct Session {
    product_type: &'static str,
    symbol: &'static str,
    date: &'static str,
    /// Seconds from the beginning of the session.
    events_s: &'static [u64],
}

const HOUR: u64 = 3600;

/// A session of a share, from 02:00 to 16:00.
const SHARE: Session = Session {
    product_type: "equity_mbo",
    symbol: "QQQ",
    date: "2025-07-17",
    events_s: &[0, 7 * HOUR, 8 * HOUR, 14 * HOUR - 1],
};

/// A session of a future, from 19:00 of the day before to 19:00.
const FUTURE: Session = Session {
    product_type: "future_mbo",
    symbol: "ESH4",
    date: "2023-12-26",
    events_s: &[0, HOUR, 23 * HOUR, 24 * HOUR - 1],
};

/// The day on which the clock goes forward: from Saturday 19:00 EST to Sunday 20:00 EDT.
const FORWARD: Session = Session {
    product_type: "future_mbo",
    symbol: "ESM5",
    date: "2025-03-09",
    events_s: &[0, HOUR - 1, 22 * HOUR, 23 * HOUR - 1, 23 * HOUR],
};

/// Checks which events a run emits: their times of day.
fn check(session: &Session, times: &[&str], expected: &[&str]) {
    let Session {
        product_type,
        symbol,
        date,
        events_s,
    } = session;
    let (kind, only) = (product_type.parse().unwrap(), Instrument { id: 7 });
    let window = SessionWindow::new(kind, date.parse().unwrap());
    let events = events_s.iter().zip(1..);
    let price = nanos("100");
    let records: Vec<_> = events
        .map(|(second, id)| only.add(window.start_ns() + second * SECOND_NS, 'B', (id, price, 1)))
        .collect();
    let dataset = if kind == ProductType::EquityMbo {
        "XNAS.ITCH"
    } else {
        "GLBX.MDP3"
    };
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("a.dbn"), folder.path().join("g.jsonl"));
    std::fs::write(&file, dbn_file(dataset, date, &[(symbol, 7)], &records)).unwrap();
    let named = [
        "--product-type",
        product_type,
        "--symbol",
        symbol,
        "--dt",
        date,
    ];
    let paths = [
        "--file",
        file.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    let ran = vp_live([&["run", "--throttle-ms", "0"], &named[..], &paths, times].concat());
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    let text = std::fs::read_to_string(&out).unwrap();
    let found: Vec<_> = text
        .lines()
        .map(|line| {
            let grid: serde_json::Value = serde_json::from_str(line).unwrap();
            EasternTime::from_ns(grid["ts_ns"].as_u64().unwrap()).to_string()
        })
        .collect();
    assert_eq!(found, expected, "{times:?}");
}

#[test]
fn the_end_of_the_session_is_a_time_to_end_at() {
    let late = [
        "2025-07-17 09:00:00 EDT",
        "2025-07-17 10:00:00 EDT",
        "2025-07-17 15:59:59 EDT",
    ];
    check(
        &SHARE,
        &["--start-time", "09:00", "--end-time", "16:00"],
        &late,
    );
    check(&SHARE, &["--start-time", "09:00"], &late);
    check(
        &SHARE,
        &["--start-time", "09:00", "--end-time", "15:59:59"],
        &late[..2],
    );
    let all = [&["2025-07-17 02:00:00 EDT"], &late[..]].concat();
    check(&SHARE, &["--end-time", "16:00"], &all);
}

#[test]
fn the_end_is_the_first_such_time_after_the_start() {
    let evening = ["2023-12-26 18:00:00 EST", "2023-12-26 18:59:59 EST"];
    check(
        &FUTURE,
        &["--start-time", "18:00", "--end-time", "19:00"],
        &evening,
    );
    check(
        &FUTURE,
        &["--start-time", "19:00", "--end-time", "20:00"],
        &["2023-12-25 19:00:00 EST"],
    );
    check(
        &FUTURE,
        &["--end-time", "20:00"],
        &["2023-12-25 19:00:00 EST"],
    );
}

#[test]
fn a_time_that_the_day_shows_twice_is_the_one_after_the_start() {
    let sunday = ["2025-03-09 18:00:00 EDT", "2025-03-09 18:59:59 EDT"];
    check(
        &FORWARD,
        &["--start-time", "18:00", "--end-time", "19:00"],
        &sunday,
    );
    check(
        &FORWARD,
        &["--start-time", "19:00", "--end-time", "20:00"],
        &["2025-03-08 19:00:00 EST", "2025-03-08 19:59:59 EST"],
    );
}
