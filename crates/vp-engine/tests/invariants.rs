//! The engine's guarantees over random records, and the engine against the naive model.

#![expect(clippy::cast_possible_wrap, reason = "small numbers in a test")]

mod against_naive;
mod guarantees;

use against_naive::{check_bucket, check_grid};
use guarantees::{Watched, all_bits};
use proptest::prelude::*;
use vp_engine::{Engine, Grid, GridConfig, GridSnapshot, Price, Record, TickSize};
use vp_testkit::naive::NaiveEngine;
use vp_testkit::strategy::any_records;

fn any_config() -> impl Strategy<Value = GridConfig> {
    let tick = prop_oneof![
        6 => Just(250_000_000i64), 2 => Just(500_000_000), 1 => Just(7), 1 => Just(1), 1 => Just(i64::MAX)
    ];
    let half_width = prop_oneof![Just(1u32), Just(5), Just(50), Just(63), Just(64)];
    let price_tick = prop_oneof![Just(None), Just(Some(10_000_000i64)), Just(Some(3))];
    (tick, half_width, price_tick).prop_map(|(tick, half_width, price_tick)| {
        let config = GridConfig::new(tick_size(tick)).with_half_width(half_width);
        let config = config.expect("the half widths above are legal");
        price_tick.map_or(config, |nanos| config.with_price_tick(tick_size(nanos)))
    })
}

fn tick_size(nanos: i64) -> TickSize {
    TickSize::from_nanos(nanos).expect("the ticks here are positive")
}

/// Applies the records to the engine and to the model, and compares them after each.
fn check_against_naive(config: GridConfig, records: &[Record]) {
    let mut engine = Engine::new(config);
    let mut naive = NaiveEngine::new(config.bucket().nanos(), config.half_width());
    for record in records {
        let applied = engine.apply(record);
        assert_eq!(applied.commits, naive.apply(record));
        if applied.commits > 0 {
            assert_eq!(applied.touched, &naive.touched);
        }
        check_grid(&engine, &naive);
    }
    assert_eq!(u32::from(engine.flush()), naive.flush());
    check_grid(&engine, &naive);
    let end = naive.ts;
    for ts in [
        0,
        end,
        end.saturating_add(1),
        end.saturating_add(7_000_000_000),
    ] {
        for k in engine.grid().rows() {
            let found = engine.grid().bucket_at(k, ts).expect("a row of the grid");
            check_bucket(&found, &naive.bucket_at(k, ts));
        }
    }
}

/// Returns a price of a share and the distance between its prices: parts of a cent, below a dollar
/// or at the border of two buckets of half a dollar.
fn any_fractions() -> impl Strategy<Value = (i64, i64)> {
    let centre = prop_oneof![
        Just(152_400_000i64),
        Just(250_000_000),
        Just(749_900_000),
        Just(12_345_000_000)
    ];
    // A hundredth of a cent, half a cent, a nano.
    (
        centre,
        prop_oneof![Just(100_000i64), Just(5_000_000), Just(1)],
    )
}

/// Returns the records with their quarter-tick prices moved to around `centre`, `step` apart.
fn around(records: &[Record], centre: i64, step: i64) -> Vec<Record> {
    use vp_testkit::records::{TICK_NANOS, ticks};
    let middle = ticks(20_000).nanos();
    let moved = |price: Price| {
        let distance = price.nanos().checked_sub(middle)?;
        let is_near = distance.unsigned_abs() < 1_000 * TICK_NANOS.unsigned_abs();
        is_near.then(|| Price::from_nanos(centre + distance / TICK_NANOS * step))?
    };
    records
        .iter()
        .map(|record| Record {
            price: record.price.map(|price| moved(price).unwrap_or(price)),
            ..*record
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn every_guarantee_holds_at_every_commit(
        config in any_config(),
        records in any_records(250),
    ) {
        let mut watched = Watched::new(config);
        for record in &records {
            watched.apply(record);
        }
        watched.flush();
    }

    #[test]
    fn the_engine_equals_the_naive_model(config in any_config(), records in any_records(250)) {
        check_against_naive(config, &records);
    }

    #[test]
    fn a_share_at_fractions_of_a_cent_equals_the_naive_model(
        records in any_records(120),
        (centre, step) in any_fractions(),
    ) {
        let config = GridConfig::new(tick_size(500_000_000)).with_price_tick(tick_size(10_000_000));
        check_against_naive(config, &around(&records, centre, step));
    }

    #[test]
    fn looking_changes_nothing(config in any_config(), records in any_records(200)) {
        // G5: however the records are delivered and whatever is read in between.
        let mut plain = Engine::new(config);
        let mut watched = Engine::new(config);
        let mut snapshot = GridSnapshot::of(plain.grid());
        for (index, record) in records.iter().enumerate() {
            plain.apply(record);
            watched.commit_before(record);
            snapshot.fill(watched.grid());
            watched.apply(record);
            if index % 3 == 0 {
                snapshot.fill_decayed(watched.grid(), record.ts_event);
                // A copy carries on where the original stood.
                watched = watched.clone();
            }
        }
        prop_assert_eq!(plain.flush(), watched.flush());
        prop_assert_eq!(all_bits(&plain), all_bits(&watched));
    }

    #[test]
    fn batches_commit_what_single_records_do(
        config in any_config(),
        records in any_records(200),
        length in 1..40usize,
    ) {
        let grid_bits = |grid: Grid<'_>| (grid.events(), grid.ts_ns(), GridSnapshot::of(grid));
        let (mut single, mut in_batches) = (Engine::new(config), Engine::new(config));
        let (mut expected, mut found) = (Vec::new(), Vec::new());
        for record in &records {
            if single.commit_before(record) {
                expected.push(grid_bits(single.grid()));
            }
            if single.apply(record).commits > 0 {
                expected.push(grid_bits(single.grid()));
            }
        }
        for batch in records.chunks(length) {
            in_batches.apply_batch(batch, |grid| found.push(grid_bits(grid)));
        }
        prop_assert_eq!(found, expected);
        prop_assert_eq!(all_bits(&in_batches), all_bits(&single));
    }

    #[test]
    fn a_snapshot_filled_again_is_one_filled_anew(
        config in any_config(),
        records in any_records(200),
        // Few changes are listed one by one, many are searched for.
        skips in proptest::collection::vec(prop_oneof![3 => 1..9usize, 1 => 60..150usize], 1..20),
    ) {
        let mut engine = Engine::new(config);
        let mut held = GridSnapshot::of(engine.grid());
        let mut skips = skips.into_iter().cycle();
        let mut next = 0;
        for (index, record) in records.iter().enumerate() {
            engine.apply(record);
            if index == next {
                next += skips.next().unwrap_or(1);
                if index % 7 == 3 {
                    held.fill_decayed(engine.grid(), u64::MAX);
                }
                if index % 11 == 5 {
                    // Another engine in between, and a copy that takes the place of the original.
                    held.fill(Engine::new(config).grid());
                    engine = engine.clone();
                }
                held.fill(engine.grid());
                let fresh = GridSnapshot::of(engine.grid());
                prop_assert_eq!(&held, &fresh);
                for column in vp_engine::Column::ALL {
                    let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                    prop_assert_eq!(bits(held.column(column)), bits(fresh.column(column)));
                }
            }
        }
    }

    #[test]
    fn the_price_tick_changes_nothing(records in any_records(200), nanos in 1..1_000_000_000i64) {
        let config = GridConfig::new(tick_size(250_000_000));
        let mut plain = Engine::new(config);
        let mut other = Engine::new(config.with_price_tick(tick_size(nanos)));
        for record in &records {
            plain.apply(record);
            other.apply(record);
        }
        prop_assert_eq!(all_bits(&plain), all_bits(&other));
    }
}

/// A share below a dollar: 20 bids from 0.1523 down and 20 asks from 0.1525 up, a hundredth of a
/// cent apart.
#[test]
fn a_share_below_a_dollar_has_its_book_and_its_bucket() {
    use vp_testkit::records::At;
    let config = GridConfig::new(tick_size(500_000_000)).with_price_tick(tick_size(10_000_000));
    let mut engine = Engine::new(config);
    engine.apply(&At(1).clear());
    for place in 0..20i64 {
        let price = |nanos: i64| Price::from_nanos(nanos).unwrap();
        let (bid, ask) = (152_300_000 - place * 100_000, 152_500_000 + place * 100_000);
        let id = place.unsigned_abs() * 2;
        engine.apply(&At(2).add(id, vp_engine::Side::Bid, price(bid), 100));
        engine.apply(&At(3).add(id + 1, vp_engine::Side::Ask, price(ask), 10));
    }
    let grid = engine.grid();
    let text = |price: Option<Price>| price.unwrap().to_string();
    assert_eq!(
        (text(grid.best_bid()), text(grid.best_ask())),
        ("0.1523".into(), "0.1525".into())
    );
    assert_eq!(grid.mid_price(), Some(0.1524));
    assert_eq!(engine.book().order_count(), 40);
    assert_eq!(
        (grid.spot_tick(), grid.spot_price()),
        (Some(0), Price::from_nanos(0))
    );
    let depth = |k| grid.bucket(k).unwrap().rest_depth;
    assert_eq!((depth(-1), depth(0), depth(1)), (0, 2_200, 0));
    // From a quarter on, the nearest half dollar is the next.
    let quarter = Price::from_nanos(250_000_000).unwrap();
    engine.apply(&At(4).add(99, vp_engine::Side::Ask, quarter, 7));
    let depth = |k| engine.grid().bucket(k).unwrap().rest_depth;
    assert_eq!((depth(0), depth(1)), (2_200, 7));
}

#[test]
fn a_half_width_of_zero_is_refused() {
    let config = GridConfig::new(tick_size(1));
    let error = config.with_half_width(0).unwrap_err();
    assert!(error.to_string().contains("from 1 to"), "{error}");
    assert!(config.with_half_width(u32::MAX).is_err());
}

#[test]
fn an_event_without_end_stays_within_bounds() {
    let mut engine = Engine::new(GridConfig::new(tick_size(250_000_000)));
    let at = vp_testkit::records::At(1);
    let record = |id: u64| -> Record {
        use vp_testkit::records::{WithFlags, ticks};
        at.modify(
            id % 8,
            vp_engine::Side::Bid,
            ticks(20_000 + (id % 64) as i64),
            1,
        )
        .open()
    };
    for id in 0..200_000 {
        assert_eq!(engine.apply(&record(id)).commits, 0);
    }
    assert!(engine.flush());
    assert_eq!(engine.grid().events(), 1);
}
