//! Silver and gold over random records: what must always hold, and both against naive models.

mod naive_gold;
mod naive_silver;

use std::collections::BTreeMap;
use std::convert::Infallible;

use proptest::collection::vec;
use proptest::prelude::*;
use vp_book::Book;
use vp_market::{Price, Record, Side, TickSize};
use vp_testkit::records::TICK_NANOS;
use vp_testkit::strategy::any_records;
use vp_velocity::Session;
use vp_velocity::gold::{Field, Gold, GoldWindow};
use vp_velocity::silver::{Lattice, Silver, SilverConfig, SilverWindow};

use naive_gold::NaiveGold;
use naive_silver::{NaiveRow, NaiveSilver, NaiveWindow};

const SECOND: u64 = 1_000_000_000;
const START: u64 = 1_700_000_000 * SECOND;

/// The lattices under test: step, reach, and whether prices are rounded to the step.
const LATTICES: [(i64, u32, bool); 4] = [
    (TICK_NANOS, 8, false),
    (TICK_NANOS, 200, false),
    (2 * TICK_NANOS, 5, true),
    (7, 100, true),
];

/// Returns records a little apart, most of them within half a minute, some of them late, a few
/// from the ends of time; prices are around 20,000 ticks, or on both sides of 0.
fn any_flow(most: usize) -> impl Strategy<Value = Vec<Record>> {
    let gap = prop_oneof![
        6 => Just(0i64),
        12 => 1..300_000_000i64,
        3 => prop_oneof![Just(500_000_000i64), Just(499_999_999), Just(1_000_000_000)],
        2 => -1_500_000_000..0i64,
        1 => 1_000_000_000..4_000_000_000i64,
    ];
    let rarely = prop_oneof![400 => Just(None), 1 => Just(Some(u64::MAX)), 1 => Just(Some(0))];
    let on_the_half_second = prop::bool::weighted(0.1);
    let time = (gap, on_the_half_second, rarely);
    let down = prop_oneof![Just(0), Just(20_000 * TICK_NANOS)];
    (any_records(most), vec(time, most), down).prop_map(|(mut records, times, down)| {
        for record in &mut records {
            let lower = |price: Price| Price::from_nanos(price.nanos().saturating_sub(down));
            record.price = record.price.and_then(lower);
        }
        let mut ts = START - 2 * SECOND;
        for (record, (gap, on_the_half_second, extreme)) in records.iter_mut().zip(times) {
            ts = ts.saturating_add_signed(gap);
            if on_the_half_second {
                ts = ts.next_multiple_of(SECOND / 2);
            }
            record.ts_event = extreme.unwrap_or(ts);
        }
        records
    })
}

fn any_config() -> impl Strategy<Value = (SilverConfig, NaiveSilver)> {
    let session = (0..3 * SECOND, 0..30 * SECOND)
        .prop_map(|(start, length)| Session::new(START + start, START + start + length));
    (proptest::sample::select(&LATTICES), session).prop_map(|((step, reach, rounds), session)| {
        let size = tick_size(step);
        let lattice = if rounds {
            Lattice::of_buckets(size, reach)
        } else {
            Lattice::of_prices(size, reach)
        };
        let config = SilverConfig {
            tick: tick_size(TICK_NANOS),
            lattice,
            session,
        };
        (config, NaiveSilver::new(step, reach, rounds))
    })
}

fn tick_size(nanos: i64) -> TickSize {
    TickSize::from_nanos(nanos).expect("the ticks here are positive")
}

fn silver(config: SilverConfig, records: &[Record]) -> Vec<SilverWindow> {
    let mut silver = Silver::new(config);
    let mut windows = Vec::new();
    let mut keep = |window: &SilverWindow| {
        windows.push(window.clone());
        Ok::<(), Infallible>(())
    };
    for record in records {
        let Ok(()) = silver.apply(record, &mut keep);
    }
    let Ok(()) = silver.finish(&mut keep);
    windows
}

/// Returns a window as the naive model writes it.
fn as_naive(window: &SilverWindow) -> NaiveWindow {
    let snapshot = &window.snapshot;
    let best = |price: Option<i64>, size: i64| Some((price?.into(), size.into()));
    let rows = &window.rows;
    let row = |row: usize| NaiveRow {
        side: if row < rows.bid_count {
            Side::Bid
        } else {
            Side::Ask
        },
        price: rows.price_int[row].into(),
        rel_ticks: rows.rel_ticks[row].into(),
        rel_ticks_side: rows.rel_ticks_side[row].into(),
        start: whole(rows.depth_qty_start[row]),
        end: whole(rows.depth_qty_end[row]),
        add: whole(rows.add_qty[row]),
        pull: whole(rows.pull_qty[row]),
        rest: whole(rows.depth_qty_rest[row]),
        pull_rest: whole(rows.pull_qty_rest[row]),
        fill: whole(rows.fill_qty[row]),
    };
    NaiveWindow {
        end: snapshot.window_end_ts_ns.into(),
        best_bid: best(snapshot.best_bid_price_int, snapshot.best_bid_qty),
        best_ask: best(snapshot.best_ask_price_int, snapshot.best_ask_qty),
        last_trade: snapshot.last_trade_price_int.map(i128::from),
        spot_ref: snapshot.spot_ref_price_int.map(i128::from),
        book_valid: snapshot.book_valid,
        window_valid: window.rows.window_valid,
        rows: (0..rows.len()).map(row).collect(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "quantities are whole numbers"
)]
fn whole(quantity: f64) -> i128 {
    quantity as i128
}

/// Returns every bit of a window of gold.
fn bits(window: &GoldWindow) -> Vec<u64> {
    let sides = Side::BOTH.iter().filter_map(|&side| window.surface(side));
    let floats = sides.flat_map(|surface| {
        let columns = Field::ALL
            .into_iter()
            .flat_map(|field| surface.column(field));
        columns.map(|value| value.to_bits())
    });
    floats
        .chain([window.window_end_ts_ns().cast_unsigned()])
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn silver_equals_the_naive_model((config, naive) in any_config(), records in any_flow(400)) {
        let session = config.session;
        let expected = naive.run(&records, session.start_ns(), session.end_ns());
        let found = silver(config, &records);
        prop_assert_eq!(found.len() as u64, session.window_count());
        prop_assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            prop_assert_eq!(&as_naive(found), expected);
        }
    }

    #[test]
    fn every_row_adds_up((config, _) in any_config(), records in any_flow(400)) {
        for window in silver(config, &records) {
            let window = as_naive(&window);
            for row in &window.rows {
                let after = row.start + row.add - row.pull - row.fill;
                let is_clamped = row.start == 0 && after > row.end;
                prop_assert!(after == row.end || is_clamped, "{row:?}");
                prop_assert!(row.rest <= row.end && row.pull_rest <= row.pull, "{row:?}");
                prop_assert!(row.end + row.add + row.pull + row.fill > 0, "{row:?}");
            }
            let clears = records.iter().any(|record| record.action == vp_market::Action::Clear);
            let snapshots = records.iter().any(Record::is_snapshot);
            if !clears && !snapshots {
                let kept = window.rows.iter().all(|r| r.start + r.add - r.pull - r.fill == r.end);
                prop_assert!(kept, "nothing was cleared, and yet a depth was clamped");
            }
        }
    }

    #[test]
    fn a_windows_sums_are_those_of_the_attribution(records in any_flow(300)) {
        let tick = tick_size(TICK_NANOS);
        let config = SilverConfig {
            tick,
            // Far enough for every price.
            lattice: Lattice::of_prices(tick_size(i64::MAX), 3),
            session: Session::new(START, START + 40 * SECOND),
        };
        let mut totals: BTreeMap<u64, [u64; 3]> = BTreeMap::new();
        let mut book = Book::new(tick);
        let mut current = 0;
        let mut snapshot_ts = 0;
        for record in &records {
            if book.begins_snapshot(record) {
                snapshot_ts = record.ts_event;
            }
            let ts = if record.is_snapshot() { snapshot_ts } else { record.ts_event };
            current = current.max(ts / SECOND);
            for flow in book.apply(record).flows() {
                let sums = totals.entry(current).or_default();
                for (sum, part) in sums.iter_mut().zip([flow.add, flow.pull, flow.fill]) {
                    *sum += u64::from(part);
                }
            }
        }
        for window in silver(config, &records) {
            if window.snapshot.spot_ref_price_int.is_none() {
                continue;
            }
            let second = window.snapshot.window_start_ts_ns.unsigned_abs() / SECOND;
            let sum = |column: &[f64]| column.iter().copied().map(whole).sum::<i128>();
            let found = [&window.rows.add_qty, &window.rows.pull_qty, &window.rows.fill_qty];
            let expected = totals.get(&second).copied().unwrap_or_default();
            prop_assert_eq!(found.map(|column| sum(column)), expected.map(i128::from));
        }
    }

    #[test]
    fn what_comes_later_changes_no_window(
        (config, _) in any_config(),
        records in any_flow(300),
        kept in 0..300usize,
    ) {
        let all = silver(config, &records);
        let kept = kept.min(records.len());
        let some = silver(config, &records[..kept]);
        // The windows that had ended when the first deleted record came.
        let mut probe = Silver::new(config);
        let mut ended = 0;
        for record in records.iter().take(kept + 1) {
            let Ok(()) = probe.apply(record, |_| {
                ended += 1;
                Ok::<(), Infallible>(())
            });
        }
        prop_assert_eq!(&all[..ended], &some[..ended]);
        let gold = |windows: &[SilverWindow]| {
            let mut gold = Gold::new(100);
            let found = windows.iter().map(|window| gold.apply(&window.rows).map(bits));
            found.collect::<Vec<_>>()
        };
        prop_assert_eq!(&gold(&all)[..ended], &gold(&some)[..ended]);
    }

    #[test]
    fn gold_equals_the_naive_model((config, _) in any_config(), records in any_flow(300)) {
        let half_width: u8 = 90;
        let mut naive = NaiveGold::new(half_width.into());
        let mut gold = Gold::new(half_width.into());
        for window in silver(config, &records).iter().take(12) {
            let expected = naive.apply(&window.rows);
            let found = gold.apply(&window.rows);
            prop_assert_eq!(found.is_some(), !expected.is_empty());
            let Some(found) = found else { continue };
            for side in Side::BOTH {
                prop_assert_eq!(found.surface(side).is_some(), expected.contains_key(&side));
                let (Some(surface), Some(axis)) = (found.surface(side), expected.get(&side)) else {
                    continue;
                };
                // Differences along the axis are no more exact than what they are differences of.
                let largest = axis.values().flat_map(|fields| fields.values());
                let largest = largest.fold(1.0, |most: f64, value| most.max(value.abs()));
                for (cell, (k, fields)) in axis.iter().enumerate() {
                    for field in Field::ALL {
                        let found = surface.column(field)[cell];
                        let expected = fields.get(field.name()).copied().unwrap_or(0.0);
                        let is_close = (found - expected).abs() <= 1e-9 * expected.abs() + 1e-13 * largest;
                        prop_assert!(is_close, "{} at {}: {}, not {}", field.name(), k, found, expected);
                    }
                }
            }
        }
    }

    #[test]
    fn gold_forgets_nothing_and_remembers_no_window_but_the_last(
        (config, _) in any_config(),
        records in any_flow(300),
    ) {
        // A transform whose buffers are fresh at every window yields the bits of one that reuses
        // them.
        let (mut reused, mut kept) = (Gold::new(64), Gold::new(64));
        for window in silver(config, &records) {
            let found = reused.apply(&window.rows).map(bits);
            let mut fresh = kept.clone();
            prop_assert_eq!(found, fresh.apply(&window.rows).map(bits));
            kept = fresh;
        }
    }
}

#[test]
fn prices_at_the_ends_of_the_range_break_nothing() {
    let at = |nanos, side, order_id| Record {
        ts_event: START,
        order_id,
        price: Price::from_nanos(nanos),
        size: u32::MAX,
        action: vp_market::Action::Add,
        side: Some(side),
        flags: vp_market::Flags::LAST,
    };
    let records = [
        at(i64::MIN, Side::Bid, 1),
        at(i64::MAX - 1, Side::Ask, 2),
        at(0, Side::Ask, 3),
    ];
    for (step, reach, rounds) in LATTICES {
        let size = tick_size(step);
        let lattice = if rounds {
            Lattice::of_buckets(size, reach)
        } else {
            Lattice::of_prices(size, reach)
        };
        let config = SilverConfig {
            tick: size,
            lattice,
            session: Session::new(START, START + 5 * SECOND),
        };
        let windows = silver(config, &records);
        assert!(windows.iter().any(|window| !window.rows.is_empty()));
    }
}
