//! What a stream must show, computed from the library alone: records through an engine, with the
//! emission rule written out once more.

use vp_engine::{Column, Engine, GridConfig, GridSnapshot, Record};
use vp_ingest::{Input, SessionSpec, Source};
use vp_lake::Lake;
use vp_market::{ProductTable, ProductType, SessionDate, SessionWindow, WallClock};
use vp_synth::{SynthConfig, SyntheticMarket};
use vp_wire::{GridUpdate, Numbers};

/// A session, as a query names it.
pub(crate) struct Asked {
    pub(crate) product_type: ProductType,
    pub(crate) symbol: &'static str,
    pub(crate) dt: &'static str,
    pub(crate) start: &'static str,
    pub(crate) end: &'static str,
    pub(crate) throttle_ms: u64,
}

impl Asked {
    pub(crate) fn query(&self, rest: &str) -> String {
        let Self {
            product_type,
            symbol,
            dt,
            start,
            end,
            throttle_ms,
        } = self;
        format!(
            "product_type={product_type}&symbol={symbol}&dt={dt}&start_time={start}&end_time={end}\
             &throttle_ms={throttle_ms}&{rest}"
        )
    }

    fn window_ns(&self) -> (u64, u64) {
        let date: SessionDate = self.dt.parse().unwrap();
        let window = SessionWindow::new(self.product_type, date);
        let instant = |text: &str| {
            window
                .first_instant(text.parse::<WallClock>().unwrap())
                .unwrap()
        };
        (instant(self.start), instant(self.end))
    }

    fn config(&self) -> GridConfig {
        let instrument = ProductTable::embedded()
            .instrument(self.product_type, self.symbol)
            .unwrap();
        GridConfig::new(instrument.product.bucket).with_price_tick(instrument.product.tick)
    }

    /// Returns the grids that are emitted from the records of a lake.
    pub(crate) fn grids_of_lake(&self, lake: &std::path::Path) -> Vec<GridSnapshot> {
        let instrument = ProductTable::embedded()
            .instrument(self.product_type, self.symbol)
            .unwrap();
        let spec = SessionSpec {
            input: Input::Lake(Lake::new(lake)),
            instrument,
            date: self.dt.parse().unwrap(),
            instrument_id: None,
            publisher: None,
        };
        let (mut source, mut batch) = (Source::open(spec).unwrap(), Vec::new());
        let mut records = Vec::new();
        while source.next_batch(&mut batch).unwrap() {
            records.extend_from_slice(&batch);
        }
        self.grids_of(records)
    }

    /// Returns the grids that are emitted from the synthetic market.
    pub(crate) fn grids_of_market(&self) -> Vec<GridSnapshot> {
        self.grids_of(SyntheticMarket::new(&SynthConfig::default()).into_records())
    }

    fn grids_of(&self, records: impl IntoIterator<Item = Record>) -> Vec<GridSnapshot> {
        let (start_ns, end_ns) = self.window_ns();
        let throttle_ns = self.throttle_ms * 1_000_000;
        let mut engine = Engine::new(self.config());
        let mut emitted: Vec<GridSnapshot> = Vec::new();
        let mut waiting = None;
        let mut due = 0;
        let commit = |engine: &Engine, waiting: &mut Option<GridSnapshot>, due: &mut u64| {
            let grid = GridSnapshot::of(engine.grid());
            if grid.ts_ns < Some(start_ns) {
                return None;
            }
            if throttle_ns == 0 || grid.ts_ns >= Some(*due) {
                *due = grid.ts_ns.unwrap() + throttle_ns;
                *waiting = None;
                return Some(grid);
            }
            *waiting = Some(grid);
            None
        };
        for record in records
            .into_iter()
            .take_while(|record| record.ts_event < end_ns)
        {
            if engine.commit_before(&record) {
                emitted.extend(commit(&engine, &mut waiting, &mut due));
            }
            if record.ts_event >= due
                && let Some(grid) = waiting.take()
            {
                due += throttle_ns;
                emitted.push(grid);
            }
            if engine.apply(&record).commits > 0 {
                emitted.extend(commit(&engine, &mut waiting, &mut due));
            }
        }
        if engine.flush() {
            emitted.extend(commit(&engine, &mut waiting, &mut due));
        }
        emitted.extend(waiting);
        emitted
    }
}

/// Asserts that a decoded grid is the library's, bit for bit.
pub(crate) fn assert_same(found: &GridUpdate<'_>, expected: &GridSnapshot) {
    let at = expected.events;
    assert_eq!((Some(found.ts_ns), found.event_id), (expected.ts_ns, at));
    assert_eq!(
        found.spot_ref_price_int, expected.spot_ref_price_int,
        "event {at}"
    );
    assert_eq!(
        found.best_bid_price_int, expected.best_bid_price_int,
        "event {at}"
    );
    assert_eq!(
        found.best_ask_price_int, expected.best_ask_price_int,
        "event {at}"
    );
    assert_eq!(found.mid_price, expected.mid_price, "event {at}");
    assert_eq!(found.book_valid, expected.book_valid, "event {at}");
    for column in Column::ALL {
        let Some(Numbers::F64(values)) = found.column(column.name()) else {
            panic!("{} is not a column of floats", column.name());
        };
        let bits = |values: &[f64]| {
            values
                .iter()
                .map(|value| value.to_bits())
                .collect::<Vec<_>>()
        };
        let name = column.name();
        assert_eq!(
            bits(values),
            bits(expected.column(column)),
            "{name} after event {at}"
        );
    }
    assert_eq!(found.column("k"), Some(&Numbers::I32(expected.ks().into())));
    let last = Numbers::I64(
        expected
            .last_event_ids()
            .iter()
            .map(|id| id.map_or(0, |id| id.get().cast_signed()))
            .collect(),
    );
    assert_eq!(found.column("last_event_id"), Some(&last), "event {at}");
}
