//! Sessions of files: what the command line says of one applies to that one alone, and a session
//! is one version of its files.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use libtest_mimic::Trial;
use tempfile::TempDir;
use vp_market::{ProductType, SessionWindow};
use vp_transport::ClientError;
use vp_wire::{ClientMessage, ErrorCode, ServerMessage};

use super::dbn_file::{Instrument, SECOND_NS, dbn_file, instant, nanos};
use super::running::{Running, trial};

const DATE: &str = "2026-02-06";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "an_instrument_id_belongs_to_the_session_it_was_given_for",
            instrument_id_of_one_session,
        ),
        trial(
            "a_file_belongs_to_the_session_it_was_given_for",
            file_of_one_session,
        ),
        trial("a_file_alone_is_served_as_its_busiest_session", file_alone),
        trial("rows_are_as_wide_as_was_asked", row_width),
        trial("a_root_is_answered_by_its_contracts", root),
        trial("a_trade_without_a_price_is_not_sent", trade_without_price),
        trial(
            "a_replay_whose_file_was_replaced_ends_at_the_next_seek",
            replaced_file,
        ),
        trial(
            "a_replay_whose_file_was_written_to_ends_at_the_next_seek",
            rewritten_file,
        ),
        trial(
            "a_replay_whose_file_was_replaced_goes_on_to_its_end",
            replaced_file_without_seek,
        ),
    ]
}

/// A lake in a folder of its own.
struct OwnLake(TempDir);

impl OwnLake {
    /// Writes a file of futures on the date.
    fn new(bytes: &[u8]) -> Self {
        let lake = Self(tempfile::tempdir().unwrap());
        let path = lake.file();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        lake
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self) -> PathBuf {
        self.path().join(
            "raw/source=databento/product_type=future_mbo/symbol=ES/table=market_by_order_dbn/\
             glbx-mdp3-20260206.mbo.dbn",
        )
    }
}

/// Returns a file of both contracts; each has one bid and one ask, a point around its price.
fn two_contracts() -> Vec<u8> {
    let date = DATE.parse().unwrap();
    let at = instant(SessionWindow::new(ProductType::FutureMbo, date), "09:30");
    let mut records = Vec::new();
    for (contract, price) in [(17, "5000"), (18, "6000")] {
        let (contract, price) = (Instrument { id: contract }, nanos(price));
        records.extend([
            contract.clear(at),
            contract.add(at + 1, 'B', (1, price - nanos("1"), 5)),
            contract.add(at + 2, 'A', (2, price + nanos("1"), 7)),
            contract.add(at + SECOND_NS, 'A', (3, price + nanos("2"), 7)),
        ]);
    }
    dbn_file("GLBX.MDP3", DATE, &[("ESH6", 17), ("ESM6", 18)], &records)
}

/// Returns the best bid and ask at the end of a session, in whole points.
async fn best_of(server: &Running, query: &str) -> (i64, i64) {
    let mut viewer = server.connect(&format!("speed=0&lossless=1&{query}")).await;
    let (grids, code) = viewer.all_grids().await;
    assert_eq!(code, 1000, "{query}");
    let last = grids.last().unwrap();
    let points = |price: Option<i64>| price.unwrap() / 1_000_000_000;
    (
        points(last.best_bid_price_int),
        points(last.best_ask_price_int),
    )
}

async fn instrument_id_of_one_session() {
    let lake = OwnLake::new(&two_contracts());
    let place = ["--lake", lake.path().to_str().unwrap()];
    let session = ["--symbol", "ESM6", "--dt", DATE, "--instrument-id", "18"];
    let server = Running::start(&[&place[..], &session].concat());
    assert_eq!(best_of(&server, "").await, (5999, 6001));
    assert_eq!(best_of(&server, "symbol=ESH6").await, (4999, 5001));
    let whole = "source=file&product_type=future_mbo&dt=2026-02-06";
    assert_eq!(
        best_of(&server, &format!("{whole}&symbol=ESH6")).await,
        (4999, 5001)
    );
    assert_eq!(
        best_of(&server, &format!("{whole}&symbol=ESM6")).await,
        (5999, 6001)
    );
}

async fn file_of_one_session() {
    let lake = OwnLake::new(&two_contracts());
    // The named file maps nothing, and its contract trades elsewhere.
    let other = lake.path().join("other.dbn");
    let at = instant(
        SessionWindow::new(ProductType::FutureMbo, DATE.parse().unwrap()),
        "09:30",
    );
    let only = Instrument { id: 3 };
    let records = [
        only.clear(at),
        only.add(at, 'B', (1, nanos("99"), 5)),
        only.add(at, 'A', (2, nanos("101"), 5)),
    ];
    std::fs::write(&other, dbn_file("GLBX.MDP3", DATE, &[], &records)).unwrap();
    let place = ["--lake", lake.path().to_str().unwrap()];
    let file = ["--file", other.to_str().unwrap(), "--instrument-id", "3"];
    let session = ["--symbol", "ESM6", "--dt", DATE];
    let server = Running::start(&[&place[..], &file, &session].concat());
    assert_eq!(best_of(&server, "").await, (99, 101));
    assert_eq!(best_of(&server, "symbol=ESH6").await, (4999, 5001));
}

async fn root() {
    let lake = OwnLake::new(&two_contracts());
    let server = Running::start(&["--lake", lake.path().to_str().unwrap()]);
    for query in ["symbol=ES.FUT", "symbol=es&product_type=future_mbo"] {
        let mut viewer = server
            .connect(&format!("source=file&dt=20260206&{query}"))
            .await;
        let error = viewer.error().await;
        assert_eq!(error.code, ErrorCode::UnknownSymbol);
        let expected = "is no single contract; on 2026-02-06 the lake has: ESH6, ESM6";
        assert!(error.message.contains(expected), "{}", error.message);
    }
}

/// Of the server's own session as it was started, of any as the query says.
async fn row_width() {
    let lake = OwnLake::new(&two_contracts());
    let file = lake.file();
    let more = ["--bucket", "0.50", "--lake", lake.path().to_str().unwrap()];
    let server = Running::start(&[&[file.to_str().unwrap()][..], &more].concat());
    for (query, expected) in [
        ("", 500_000_000),
        ("bucket=1", 1_000_000_000),
        ("symbol=ESM6", 250_000_000),
        ("symbol=ESM6&bucket=2.5", 2_500_000_000),
        ("source=synthetic&bucket=0.75", 750_000_000),
    ] {
        let mut viewer = server.connect(&format!("speed=0&{query}")).await;
        let config = viewer.config().await;
        assert_eq!(config.bucket_int, expected, "{query}");
    }
    // The spot of two narrow rows is that of one wide row.
    let mut viewer = server.connect("speed=0&lossless=1&bucket=2").await;
    let (grids, _) = viewer.all_grids().await;
    let spot = grids.last().unwrap().spot_ref_price_int.unwrap();
    assert_eq!(spot % 2_000_000_000, 0);
}

/// A file alone is served as its busiest session; that session is the first of the list.
async fn file_alone() {
    let lake = OwnLake::new(&two_contracts());
    let file = lake.file();
    let server = Running::start(&[file.to_str().unwrap(), "--symbol", "ESM6"]);
    assert_eq!(best_of(&server, "").await, (5999, 6001));
    let server = Running::start(&[file.to_str().unwrap()]);
    assert!(
        server.printed.starts_with("session ESH6 2026-02-06"),
        "{}",
        server.printed
    );
    assert_eq!(best_of(&server, "").await, (4999, 5001));
    let (status, sessions) = server.get("/v1/sessions");
    assert_eq!(status, 200);
    let sessions: serde_json::Value = serde_json::from_str(&sessions).unwrap();
    assert_eq!(sessions["sessions"][0]["symbol"], "ESH6");
    // The other contract of the file is served from it, without a lake.
    let bare = lake.path().join("bare.dbn");
    std::fs::write(&bare, two_contracts()).unwrap();
    let none = ["--lake", "/nowhere"];
    let server = Running::start(&[&[bare.to_str().unwrap()][..], &none].concat());
    let (_, sessions) = server.get("/v1/sessions");
    let sessions: serde_json::Value = serde_json::from_str(&sessions).unwrap();
    let sessions = sessions["sessions"].as_array().unwrap();
    let symbols: Vec<_> = sessions
        .iter()
        .map(|entry| entry["symbol"].as_str().unwrap())
        .collect();
    assert_eq!(symbols, ["ESH6", "MNQH6", "ESM6"]);
    assert_eq!(best_of(&server, "symbol=ESM6").await, (5999, 6001));
}

/// Returns a file whose one contract trades around that price, with an event each second for an
/// hour from 09:30 on.
fn an_hour_around(price: &str) -> Vec<u8> {
    let date = DATE.parse().unwrap();
    let at = instant(SessionWindow::new(ProductType::FutureMbo, date), "09:30");
    let (contract, price) = (Instrument { id: 17 }, nanos(price));
    let mut records = vec![
        contract.clear(at),
        contract.add(at, 'B', (1, price - nanos("1"), 5)),
        contract.add(at, 'A', (2, price + nanos("1"), 7)),
    ];
    let later = (1..3600).map(|second| {
        let ask = (2 + second, price + nanos("2"), 1);
        contract.add(at + second * SECOND_NS, 'A', ask)
    });
    records.extend(later);
    dbn_file("GLBX.MDP3", DATE, &[("ESH6", 17)], &records)
}

/// Renames another file into the place of `path`.
fn replace(path: &Path, bytes: &[u8]) {
    let other = path.with_extension("new");
    std::fs::write(&other, bytes).unwrap();
    std::fs::rename(&other, path).unwrap();
}

/// Writes over a file, with a time of writing that differs from the last.
fn rewrite(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    let later = SystemTime::now() + Duration::from_secs(2);
    file.set_modified(later).unwrap();
}

async fn replaced_file() {
    check_changed_file(replace).await;
}

async fn rewritten_file() {
    check_changed_file(rewrite).await;
}

/// Changes the file under a replay, and checks that each way back to its records ends it.
async fn check_changed_file(change: fn(&Path, &[u8])) {
    let back = ClientMessage::Seek {
        start_time: "09:31".to_owned(),
    };
    for command in [ClientMessage::Restart {}, back] {
        let lake = OwnLake::new(&an_hour_around("5000"));
        let place = ["--lake", lake.path().to_str().unwrap()];
        let session = ["--symbol", "ESH6", "--dt", DATE];
        let server = Running::start(&[&place[..], &session].concat());
        let mut viewer = server.connect("speed=1&start_time=09:40").await;
        viewer.grid().await;
        change(&lake.file(), &an_hour_around("6000"));
        // Forwards it goes on with the records that it has.
        let forwards = ClientMessage::Seek {
            start_time: "09:50".to_owned(),
        };
        viewer.client.send(&forwards).await.unwrap();
        viewer.config().await;
        let grid = viewer.grid().await;
        assert_eq!(grid.best_bid_price_int, Some(nanos("4999")));
        // What it would have to read again is no longer there.
        viewer.client.send(&command).await.unwrap();
        let error = loop {
            match viewer.next().await {
                ServerMessage::Error(error) => break error,
                ServerMessage::GridUpdate(grid) => {
                    assert_eq!(grid.best_bid_price_int, Some(nanos("4999")));
                    assert_eq!(grid.best_ask_price_int, Some(nanos("5001")));
                }
                _ => {}
            }
        };
        assert_eq!(error.code, ErrorCode::SourceFailed);
        let text = &error.message;
        assert!(text.contains("was replaced or changed"), "{text}");
        match viewer.client.next().await {
            Err(ClientError::Closed { code, .. }) => assert_eq!(code, 1011),
            other => panic!("{other:?}"),
        }
        // Who connects now is shown what is there now.
        let mut viewer = server.connect("speed=1&start_time=09:40").await;
        let grid = viewer.grid().await;
        assert_eq!(grid.best_bid_price_int, Some(nanos("5999")));
        assert_eq!(grid.best_ask_price_int, Some(nanos("6001")));
    }
}

async fn replaced_file_without_seek() {
    let lake = OwnLake::new(&an_hour_around("5000"));
    let place = ["--lake", lake.path().to_str().unwrap()];
    let session = ["--symbol", "ESH6", "--dt", DATE];
    let server = Running::start(&[&place[..], &session].concat());
    let mut viewer = server.connect("speed=1&shared=1").await;
    viewer.grid().await;
    replace(&lake.file(), &an_hour_around("6000"));
    // Who joins later sees what the others see.
    let mut late = server.connect("speed=1&shared=1").await;
    for _ in 0..2 {
        for viewer in [&mut viewer, &mut late] {
            // The book is empty at first.
            let bid = loop {
                if let Some(bid) = viewer.grid().await.best_bid_price_int {
                    break bid;
                }
            };
            assert_eq!(bid, nanos("4999"));
        }
    }
    let (grids, code) = server.connect("speed=0&lossless=1").await.all_grids().await;
    assert_eq!(code, 1000);
    let bids = grids.iter().filter_map(|grid| grid.best_bid_price_int);
    assert!(bids.clone().count() > 3000);
    assert!(bids.clone().all(|bid| bid == nanos("5999")));
}

async fn trade_without_price() {
    let date = DATE.parse().unwrap();
    let at = instant(SessionWindow::new(ProductType::FutureMbo, date), "09:30");
    let only = Instrument { id: 17 };
    let records = [
        only.trade(at, 'B', nanos("5000"), 2),
        only.trade(at + SECOND_NS, 'B', i64::MAX, 3),
        only.trade(at + 2 * SECOND_NS, 'A', nanos("-1"), 4),
    ];
    let lake = OwnLake::new(&dbn_file("GLBX.MDP3", DATE, &[("ESH6", 17)], &records));
    let place = ["--lake", lake.path().to_str().unwrap()];
    let session = ["--symbol", "ESH6", "--dt", DATE];
    let server = Running::start(&[&place[..], &session].concat());
    let mut viewer = server.connect("speed=0&lossless=1").await;
    let (grids, code) = viewer.all_grids().await;
    assert_eq!((grids.len(), code), (3, 1000));
    let trades = grids.iter().flat_map(|grid| grid.trades.iter());
    let trades: Vec<_> = trades.map(|trade| (trade.price_int, trade.size)).collect();
    assert_eq!(trades, [(nanos("5000"), 2), (nanos("-1"), 4)]);
    assert!(grids.iter().all(|grid| grid.trades_dropped == 0));
    let last = grids.iter().map(|grid| grid.last_trade_price_int);
    let last: Vec<_> = last.map(Option::unwrap).collect();
    assert_eq!(last, [nanos("5000"), nanos("5000"), nanos("-1")]);
}
