//! The engine against the naive model, after any record.
//! Shared by the property tests and by the tests over real files.

use std::num::NonZeroU64;

use vp_engine::{Bucket, Engine, Price};
use vp_testkit::golden::is_close;
use vp_testkit::naive::{NaiveBucket, NaiveEngine};

/// Checks one bucket, time view or not.
pub(crate) fn check_bucket(found: &Bucket, expected: &NaiveBucket) {
    let masses = [found.add_mass, found.pull_mass, found.fill_mass];
    let chains = [
        (
            [found.v_add, found.v_pull, found.v_fill, found.v_rest_depth],
            expected.v,
        ),
        (
            [found.a_add, found.a_pull, found.a_fill, found.a_rest_depth],
            expected.a,
        ),
        (
            [found.j_add, found.j_pull, found.j_fill, found.j_rest_depth],
            expected.j,
        ),
    ];
    // Chains hold differences of large numbers: compare against the largest of the bucket.
    let largest = chains
        .iter()
        .flat_map(|(_, e)| e)
        .fold(0.0f64, |most, x| most.max(x.abs()));
    let close = |a: f64, b: f64| is_close(a, b) || (a - b).abs() <= 1e-9 * largest;
    for (found, expected) in masses.into_iter().zip(expected.mass) {
        assert!(is_close(found, expected), "mass {found} is not {expected}");
    }
    for (found, expected) in chains {
        for (found, expected) in found.into_iter().zip(expected) {
            assert!(close(found, expected), "{found} is not {expected}");
        }
    }
    assert_eq!(found.rest_depth, expected.rest_depth);
    assert_eq!(found.last_event_id, NonZeroU64::new(expected.last_event_id));
    assert_eq!(found.last_ts_ns, expected.last_ts);
}

/// Checks the whole grid, the phase and the anomalies.
pub(crate) fn check_grid(engine: &Engine, naive: &NaiveEngine) {
    let grid = engine.grid();
    assert_eq!(grid.events(), naive.event_id);
    assert_eq!(grid.ts_ns().unwrap_or(0), naive.ts);
    assert_eq!(grid.spot_tick().map(i128::from), naive.spot);
    assert_eq!(grid.best_bid().map(Price::nanos), naive.best_bid);
    assert_eq!(grid.best_ask().map(Price::nanos), naive.best_ask);
    assert_eq!(grid.phase().name(), naive.phase);
    for (kind, count) in grid.anomalies().iter() {
        assert_eq!(
            count,
            naive.anomalies.get(kind.name()).copied().unwrap_or(0),
            "{kind}"
        );
    }
    for k in grid.rows() {
        check_bucket(&grid.bucket(k).expect("k is a row"), &naive.bucket(k));
    }
}
