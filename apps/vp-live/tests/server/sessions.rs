//! Sessions of files: what the command line says of one applies to that one alone, and a session
//! is one version of its files.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;
use tempfile::TempDir;
use vp_market::{ProductType, SessionWindow};

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
