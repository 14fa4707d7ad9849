//! G1 to G8 of the engine, checked record by record against the book and the records themselves.
//! Shared by the property tests and by the tests over real files.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use vp_engine::{Action, Bucket, Change, Column, Engine, GridConfig, Price, Record, Side};

/// An engine under watch.
pub(crate) struct Watched {
    pub(crate) engine: Engine,
    /// Book changes are watched on a book of their own, so that flow can be told by price.
    book: vp_engine::Book,
    /// Net flow by price since the last commit, and whether depth was rebuilt meanwhile.
    net: BTreeMap<Price, i128>,
    is_rebuilt: bool,
    /// Depth at the prices of `net` before the event.
    before: BTreeMap<Price, u64>,
    event_id: u64,
}

impl Watched {
    pub(crate) fn new(config: GridConfig) -> Self {
        Self {
            engine: Engine::new(config),
            book: vp_engine::Book::new(config.price_tick()),
            net: BTreeMap::new(),
            is_rebuilt: false,
            before: BTreeMap::new(),
            event_id: 0,
        }
    }

    /// Applies one record and checks every guarantee that can be checked there.
    pub(crate) fn apply(&mut self, record: &Record) {
        let mut state = rows(&self.engine);
        if self.engine.commit_before(record) {
            self.check_commit(&state);
            state = rows(&self.engine);
        }
        self.watch_book(record);
        let commits = self.engine.apply(record).commits;
        assert!(
            commits <= 1,
            "what the record ended was committed before it"
        );
        if commits == 1 {
            self.check_commit(&state);
        }
    }

    pub(crate) fn flush(&mut self) {
        let state = rows(&self.engine);
        if self.engine.flush() {
            self.check_commit(&state);
        }
    }

    fn depth(&self, price: Price) -> u64 {
        Side::BOTH
            .into_iter()
            .map(|side| self.book.depth(side, price))
            .sum()
    }

    fn watch_book(&mut self, record: &Record) {
        // An M touches its old price too, which only the book knows.
        let old = self.book.order(record.order_id).map(|order| order.price);
        for price in old.into_iter().chain(record.price) {
            let depth = self.depth(price);
            self.before.entry(price).or_insert(depth);
        }
        let change = self.book.apply(record);
        if record.action == Action::Clear || record.is_snapshot() {
            self.is_rebuilt |= change != Change::Nothing;
        }
        for flow in change.flows() {
            *self.net.entry(flow.price).or_default() +=
                i128::from(flow.add) - i128::from(flow.pull) - i128::from(flow.fill);
        }
    }

    fn check_commit(&mut self, before: &[(i64, Bucket)]) {
        let grid = self.engine.grid();
        self.event_id += 1;
        assert_eq!(grid.events(), self.event_id, "G1: one event, one commit");
        let touched = self.engine.touched();
        assert!(touched.is_sorted(), "touched rows ascend");
        let half = i32::try_from(grid.half_width()).expect("grids are small");
        assert_eq!(
            grid.buckets().count(),
            self.engine.config().rows(),
            "G2: 2K+1 rows"
        );
        assert_eq!(grid.rows(), -half..=half, "G2: from −K to +K");
        for k in grid.rows() {
            let bucket = grid.bucket(k).expect("k is a row");
            let is_touched = touched.binary_search(&k).is_ok();
            assert_eq!(
                bucket.last_event_id == NonZeroU64::new(self.event_id),
                is_touched,
                "G1: row {k}"
            );
            for column in Column::ALL {
                let value = column.of(&bucket);
                assert!(
                    value.is_finite(),
                    "G3: {} of row {k} is {value}",
                    column.name()
                );
            }
        }
        self.check_untouched(before);
        self.check_depth();
        for (price, net) in &self.net {
            let expected = i128::from(self.before[price]) + net;
            if !self.is_rebuilt {
                assert_eq!(
                    i128::from(self.depth(*price)),
                    expected,
                    "G7: depth at {price}"
                );
            }
        }
        self.net.clear();
        self.before.clear();
        self.is_rebuilt = false;
    }

    fn check_untouched(&self, before: &[(i64, Bucket)]) {
        let grid = self.engine.grid();
        let Some(spot) = grid.spot_tick() else { return };
        for (number, old) in before {
            let Some(k) = number.checked_sub(spot).and_then(|k| i32::try_from(k).ok()) else {
                continue;
            };
            let Some(new) = grid.bucket(k) else { continue };
            if self.engine.touched().binary_search(&k).is_ok() {
                continue;
            }
            let rest_depth = if self.is_rebuilt {
                new.rest_depth
            } else {
                old.rest_depth
            };
            let mut expected = *old;
            expected.rest_depth = rest_depth;
            assert_eq!(bits(&new), bits(&expected), "G4: row {k} was not touched");
        }
    }

    fn check_depth(&self) {
        let grid = self.engine.grid();
        let Some(spot) = grid.spot_tick() else { return };
        let mut depth: BTreeMap<i64, u64> = BTreeMap::new();
        for side in Side::BOTH {
            for level in self.engine.book().levels(side) {
                let bucket = self.engine.config().bucket().nearest(level.price);
                if bucket.abs_diff(spot) <= u64::from(grid.half_width()) {
                    *depth.entry(bucket).or_default() += level.depth;
                }
            }
        }
        for k in grid.rows() {
            let number = spot.checked_add(i64::from(k));
            let expected = number
                .and_then(|number| depth.get(&number))
                .copied()
                .unwrap_or(0);
            assert_eq!(
                grid.bucket(k).expect("k is a row").rest_depth,
                expected,
                "G6: row {k}"
            );
        }
    }
}

/// Every row with the absolute number of its bucket.
fn rows(engine: &Engine) -> Vec<(i64, Bucket)> {
    let grid = engine.grid();
    let Some(spot) = grid.spot_tick() else {
        return Vec::new();
    };
    let numbered = |k| Some((spot.checked_add(i64::from(k))?, grid.bucket(k)?));
    grid.rows().filter_map(numbered).collect()
}

/// The bit patterns of all buckets, lowest price first.
pub(crate) fn all_bits(engine: &Engine) -> Vec<u64> {
    engine
        .grid()
        .buckets()
        .flat_map(|bucket| {
            let (columns, last_event_id, last_ts_ns) = bits(&bucket);
            let last_ts_ns = last_ts_ns.unwrap_or(u64::MAX);
            columns.into_iter().chain([last_event_id, last_ts_ns])
        })
        .collect()
}

/// A bucket's bit patterns, so that −0 and 0 differ.
fn bits(bucket: &Bucket) -> ([u64; Column::ALL.len()], u64, Option<u64>) {
    let columns = Column::ALL.map(|column| column.of(bucket).to_bits());
    (
        columns,
        bucket.last_event_id.map_or(0, NonZeroU64::get),
        bucket.last_ts_ns,
    )
}
