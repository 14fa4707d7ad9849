//! The one way in which a golden vector is compared, wherever its records come from.
//! Shared by the tests of the engine and by those over real files.

#![expect(clippy::cast_precision_loss, reason = "small numbers in a test")]

use std::num::NonZeroU64;

use libtest_mimic::Failed;
use vp_engine::{Bucket, Column, Engine, Grid, GridConfig, Record};
use vp_testkit::golden::{Case, ExpectedGrid, is_close};

/// Runs the records, which are the case's own or those of its file, and checks the grid at every
/// checkpoint and in every view.
pub(crate) fn check(case: &Case, config: GridConfig, records: &[Record]) -> Result<(), Failed> {
    let mut engine = Engine::new(config);
    let mut checkpoints = case.checkpoints.iter().peekable();
    for index in 0..=records.len() {
        match records.get(index) {
            Some(record) => drop(engine.apply(record)),
            None => drop(engine.flush()),
        }
        while let Some(point) = checkpoints.next_if(|p| p.record_index == index as u64) {
            let grid = engine.grid();
            check_grid(grid, &point.grid, |k| grid.bucket(k))
                .map_err(|error| format!("{}: after record {index}: {error}", case.says))?;
            if grid.phase().name() != point.phase {
                return Err(format!("after record {index}: phase {}", grid.phase()).into());
            }
            for (kind, count) in grid.anomalies().iter() {
                if count != point.anomalies[kind.name()] {
                    return Err(format!("after record {index}: {count} {kind}").into());
                }
            }
        }
    }
    if let Some(point) = checkpoints.next() {
        return Err(format!("checkpoint {} was not reached", point.record_index).into());
    }
    for (name, found, expected) in [
        ("records", records.len() as u64, case.records_total),
        ("events", engine.grid().events(), case.events_total),
    ] {
        if expected.is_some_and(|expected| expected != found) {
            return Err(format!("{found} {name}, expected {expected:?}").into());
        }
    }
    for view in &case.views {
        let grid = engine.grid();
        check_grid(grid, &view.grid, |k| grid.bucket_at(k, view.at))
            .map_err(|error| format!("at {}: {error}", view.at))?;
    }
    Ok(())
}

fn check_grid(
    grid: Grid<'_>,
    expected: &ExpectedGrid,
    bucket: impl Fn(i32) -> Option<Bucket>,
) -> Result<(), String> {
    let nanos = |price: Option<vp_engine::Price>| price.map_or(0, vp_engine::Price::nanos);
    let found = [
        (
            "ts_ns",
            i128::from(grid.ts_ns().unwrap_or(0)),
            i128::from(expected.ts_ns),
        ),
        (
            "event_id",
            i128::from(grid.events()),
            i128::from(expected.event_id),
        ),
        (
            "spot",
            i128::from(nanos(grid.spot_price())),
            i128::from(expected.spot_ref_price_int),
        ),
        (
            "bid",
            i128::from(nanos(grid.best_bid())),
            i128::from(expected.best_bid_price_int),
        ),
        (
            "ask",
            i128::from(nanos(grid.best_ask())),
            i128::from(expected.best_ask_price_int),
        ),
        (
            "valid",
            i128::from(grid.is_book_valid()),
            i128::from(expected.book_valid),
        ),
    ];
    for (name, found, expected) in found {
        if found != expected {
            return Err(format!("{name} is {found}, expected {expected}"));
        }
    }
    let mid = grid.mid_price().unwrap_or(0.0);
    if !is_close(mid, expected.mid_price) {
        return Err(format!("mid is {mid}, expected {}", expected.mid_price));
    }
    let ks: Vec<f64> = grid.rows().map(f64::from).collect();
    if ks != expected.columns["k"] {
        return Err(format!("the rows are {:?}", grid.rows()));
    }
    for (row, k) in grid.rows().enumerate() {
        let bucket = bucket(k).ok_or("a row is missing")?;
        for column in Column::ALL {
            let (found, expected) = (column.of(&bucket), expected.columns[column.name()][row]);
            if !is_close(found, expected) {
                return Err(format!(
                    "{} of row {k} is {found}, expected {expected}",
                    column.name()
                ));
            }
        }
        let expected = expected.columns["last_event_id"][row];
        let found = bucket.last_event_id.map_or(0, NonZeroU64::get);
        if (found as f64 - expected).abs() >= 0.5 {
            return Err(format!("row {k} was last touched by {found}"));
        }
    }
    Ok(())
}
