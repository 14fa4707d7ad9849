//! The engine's guarantees over random records, and the engine against the naive model.

#![expect(clippy::cast_possible_wrap, reason = "small numbers in a test")]

mod against_naive;
mod guarantees;

use against_naive::{check_bucket, check_grid};
use guarantees::{Watched, all_bits};
use proptest::prelude::*;
use vp_engine::{Engine, GridConfig, GridSnapshot, Record, TickSize};
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
        let mut engine = Engine::new(config);
        let mut naive = NaiveEngine::new(config.bucket().nanos(), config.half_width());
        for record in &records {
            let applied = engine.apply(record);
            prop_assert_eq!(applied.commits, naive.apply(record));
            if applied.commits > 0 {
                prop_assert_eq!(applied.touched, &naive.touched);
            }
            check_grid(&engine, &naive);
        }
        prop_assert_eq!(u32::from(engine.flush()), naive.flush());
        check_grid(&engine, &naive);
        for ts in [0, naive.ts, naive.ts.saturating_add(1), naive.ts.saturating_add(7_000_000_000)] {
            for k in engine.grid().rows() {
                check_bucket(&engine.grid().bucket_at(k, ts).unwrap(), &naive.bucket_at(k, ts));
            }
        }
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
    fn a_snapshot_filled_again_is_one_filled_anew(
        config in any_config(),
        records in any_records(200),
        // Few changes are told one by one, many are looked for.
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
    assert_eq!(engine.grid().event_id(), 1);
}
