//! The golden vectors: silver of a real session, gold of exactly that silver, the forecast of that
//! gold, and options. And a synthetic session, whose silver and gold are pinned to the bit.

mod forecast;
mod options;
mod synthetic;
mod table;

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use vp_ingest::{Input, SessionSpec, Source};
use vp_lake::Lake;
use vp_market::{Instrument, ProductTable, ProductType, Record, Side};
use vp_testkit::golden::is_close;
use vp_velocity::SessionHours;
use vp_velocity::gold::{Field, Gold};
use vp_velocity::silver::{
    BookSnapshot, DepthAndFlow, FlowWindows, Lattice, Silver, SilverConfig, SilverWindow,
};
use vp_velocity::tables::{GOLD_SURFACE, SILVER_BOOK, SILVER_FLOW};

use table::{Vector, present};

/// The vectors hold ten minutes of ESH4's evening of 2023-12-25.
const FIRST_WINDOW_END: i64 = 1_703_545_201_000_000_000;
const WINDOWS: usize = 600;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let shared = |name: &'static str, test: fn(&Path) -> Result<(), Failed>| {
        Trial::ignorable_test(name, move || match vp_testkit::shared::path("") {
            Some(shared) => test(&shared).map(|()| Completion::Completed),
            None => Ok(Completion::ignored_with(
                "the folder of SPYMASTER_SHARED is not there",
            )),
        })
    };
    let trials = vec![
        shared("silver_of_a_future_equals_the_vectors", silver),
        shared("gold_of_the_silver_vectors_equals_the_vectors", gold),
        shared("silver_of_an_equity_keeps_its_identities", equity),
        Trial::test("a_synthetic_session_has_the_bits_it_had", synthetic::check),
        shared("forecasts_equal_the_vectors", forecast::without_options),
        shared(
            "forecasts_with_options_equal_the_vectors",
            forecast::with_options,
        ),
        shared("calibration_equals_the_vectors", forecast::calibration),
        shared("books_of_options_equal_the_vectors", options::silver_books),
        shared("flow_of_options_equals_the_vectors", options::silver_flow),
        shared("gold_of_options_equals_the_vectors", options::gold),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn silver(shared: &Path) -> Result<(), Failed> {
    let es = instrument(ProductType::FutureMbo, "ESH4");
    let found = silver_of(shared, &es, "2023-12-25", "17:00-19:00")?;
    ensure(found.len() == 7_200, || {
        format!("{} windows, not 7200", found.len())
    })?;
    found
        .iter()
        .try_for_each(|window| check_identities(&window.rows))?;
    let first = found
        .iter()
        .position(|window| window.snapshot.window_end_ts_ns == FIRST_WINDOW_END)
        .ok_or("the first window of the vectors is not there")?;
    let found = &found[first..first + WINDOWS];

    for (found, expected) in found.iter().zip(&snapshot_vectors(shared)?) {
        let found = found.snapshot;
        let without_mid = |snapshot| BookSnapshot {
            mid_price: None,
            ..snapshot
        };
        let mids = [found, *expected].map(|snapshot| snapshot.mid_price.unwrap_or(0.0));
        let is_equal = without_mid(found) == without_mid(*expected) && is_close(mids[0], mids[1]);
        ensure(is_equal, || format!("{found:?}, expected {expected:?}"))?;
    }

    let expected = flow_vectors(shared)?;
    let found = found.iter().map(|window| &window.rows);
    let found: Vec<_> = found.filter(|rows| !rows.is_empty()).collect();
    ensure(found.len() == expected.len(), || {
        format!("{} windows with rows, not {}", found.len(), expected.len())
    })?;
    for (found, expected) in found.into_iter().zip(&expected) {
        ensure(found == expected, || first_difference(found, expected))?;
    }
    Ok(())
}

fn gold(shared: &Path) -> Result<(), Failed> {
    let path = shared.join("golden/velocity/es.gold.physics_surface_1s.parquet");
    let expected = Vector::read(&path, &GOLD_SURFACE)?;
    let (ends, sides) = (expected.i64("event_ts_ns"), expected.text("side"));
    let spots = expected.i64("spot_ref_price_int");
    let rel_ticks = expected.i32("rel_ticks");
    let rel_ticks_side = expected.i32("rel_ticks_side");
    let fields = Field::ALL.map(|field| expected.f64(field.name()));
    ensure(ends == expected.i64("window_end_ts_ns"), || {
        "two times".into()
    })?;

    let mut gold = Gold::new(200);
    let mut row = 0;
    for silver in &flow_vectors(shared)? {
        let window = gold.apply(silver).ok_or("a window without a surface")?;
        if ends.get(row) != Some(&window.window_end_ts_ns()) {
            continue;
        }
        for side in [Side::Ask, Side::Bid] {
            let surface = window.surface(side).ok_or("a side without a surface")?;
            for (cell, k) in (-200..=200).enumerate() {
                let place = format!("row {row}: {side:?} {k}");
                let found = (
                    window.window_end_ts_ns(),
                    window.spot_ref_price_int(),
                    k,
                    surface.rel_ticks_side()[cell],
                    sides[row].starts_with(side.letter()),
                );
                let wanted = (
                    ends[row],
                    spots[row],
                    rel_ticks[row],
                    rel_ticks_side[row],
                    true,
                );
                ensure(found == wanted, || {
                    format!("{place}: {found:?}, expected {wanted:?}")
                })?;
                for (field, wanted) in Field::ALL.into_iter().zip(&fields) {
                    let (found, wanted) = (surface.column(field)[cell], wanted[row]);
                    ensure(is_close(found, wanted), || {
                        format!("{place}: {} is {found}, expected {wanted}", field.name())
                    })?;
                }
                row += 1;
            }
        }
    }
    ensure(row == ends.len(), || {
        format!("only {row} rows were compared")
    })
}

fn equity(shared: &Path) -> Result<(), Failed> {
    let arl = instrument(ProductType::EquityMbo, "ARL");
    let found = silver_of(shared, &arl, "2025-07-17", "09:30-16:00")?;
    ensure(found.len() == 23_400, || {
        format!("{} windows, not 23400", found.len())
    })?;
    let mut gold = Gold::new(Gold::half_width_of(&arl));
    let bucket = arl.product.bucket.nanos();
    let mut surfaces = 0;
    for window in &found {
        let rows = &window.rows;
        check_identities(rows)?;
        for (price, k) in rows.price_int.iter().zip(&rows.rel_ticks) {
            let spot_ref = rows.spot_ref_price_int.ok_or("rows without a spot")?;
            let is_center = *price == spot_ref + i64::from(*k) * bucket;
            ensure(is_center && k.abs() <= 100, || format!("{price} at {k}"))?;
        }
        surfaces += u32::from(gold.apply(rows).is_some());
    }
    ensure(surfaces > 0, || "no window has gold".into())
}

fn ensure(is_right: bool, fault: impl FnOnce() -> String) -> Result<(), Failed> {
    if is_right {
        Ok(())
    } else {
        Err(fault().into())
    }
}

fn instrument(product_type: ProductType, symbol: &str) -> Instrument {
    let table = ProductTable::embedded();
    table
        .instrument(product_type, symbol)
        .expect("a known symbol")
}

/// Returns the silver windows of a real session.
fn silver_of(
    shared: &Path,
    instrument: &Instrument,
    date: &str,
    hours: &str,
) -> Result<Vec<SilverWindow>, Failed> {
    let date = date.parse()?;
    let mut source = Source::open(SessionSpec {
        input: Input::Lake(Lake::new(shared.join("data/lake"))),
        instrument: instrument.clone(),
        date,
        instrument_id: None,
        publisher: None,
    })?;
    let mut silver = Silver::new(SilverConfig {
        tick: instrument.product.tick,
        lattice: Lattice::of(instrument),
        session: hours
            .parse::<SessionHours>()?
            .on(instrument.product_type, date)?,
    });
    let mut windows = Vec::new();
    let mut keep = |window: &SilverWindow| {
        windows.push(window.clone());
        Ok::<(), Failed>(())
    };
    let mut batch: Vec<Record> = Vec::new();
    while source.next_batch(&mut batch)? {
        for record in &batch {
            silver.apply(record, &mut keep)?;
        }
    }
    silver.finish(keep)?;
    Ok(windows)
}

fn check_identities(rows: &DepthAndFlow) -> Result<(), Failed> {
    for row in 0..rows.len() {
        let after =
            rows.depth_qty_start[row] + rows.add_qty[row] - rows.pull_qty[row] - rows.fill_qty[row];
        let is_kept = (after - rows.depth_qty_end[row]).abs() < 0.5;
        let is_clamped = rows.depth_qty_start[row] <= 0.0 && !rows.window_valid;
        let is_part = rows.depth_qty_rest[row] <= rows.depth_qty_end[row]
            && rows.pull_qty_rest[row] <= rows.pull_qty[row];
        ensure((is_kept || is_clamped) && is_part, || {
            format!(
                "row {row} of the window that ends at {}",
                rows.window_end_ts_ns
            )
        })?;
    }
    Ok(())
}

fn snapshot_vectors(shared: &Path) -> Result<Vec<BookSnapshot>, Failed> {
    let path = shared.join("golden/velocity/es.silver.book_snapshot_1s.parquet");
    let vector = Vector::read(&path, &SILVER_BOOK)?;
    let i64s = SILVER_BOOK
        .columns
        .iter()
        .filter(|column| !["mid_price", "book_valid"].contains(&column.name))
        .map(|column| vector.i64(column.name));
    let i64s: Vec<_> = i64s.collect();
    let (mids, valid) = (vector.f64("mid_price"), vector.bool("book_valid"));
    ensure(mids.len() == WINDOWS, || {
        format!("{} snapshots", mids.len())
    })?;
    let snapshot = |row: usize| BookSnapshot {
        window_start_ts_ns: i64s[0][row],
        window_end_ts_ns: i64s[1][row],
        best_bid_price_int: present(i64s[2][row]),
        best_bid_qty: i64s[3][row],
        best_ask_price_int: present(i64s[4][row]),
        best_ask_qty: i64s[5][row],
        mid_price: present(i64s[6][row]).map(|_| mids[row]),
        mid_price_int: present(i64s[6][row]),
        last_trade_price_int: present(i64s[7][row]),
        spot_ref_price_int: present(i64s[8][row]),
        book_valid: valid[row],
    };
    Ok((0..WINDOWS).map(snapshot).collect())
}

fn flow_vectors(shared: &Path) -> Result<Vec<DepthAndFlow>, Failed> {
    let path = shared.join("golden/velocity/es.silver.depth_and_flow_1s.parquet");
    let (mut windows, mut found) = (FlowWindows::default(), Vec::new());
    for batch in Vector::read(&path, &SILVER_FLOW)?.into_batches() {
        windows.push(&batch, |window| found.push(window.clone()));
    }
    windows.finish(|window| found.push(window.clone()));
    Ok(found)
}

/// Says in which row two windows differ first.
fn first_difference(found: &DepthAndFlow, expected: &DepthAndFlow) -> String {
    let row = |rows: &DepthAndFlow, row: usize| {
        let quantities = [
            &rows.depth_qty_start,
            &rows.depth_qty_end,
            &rows.add_qty,
            &rows.pull_qty,
            &rows.depth_qty_rest,
            &rows.pull_qty_rest,
            &rows.fill_qty,
        ];
        let price = rows.price_int.get(row)?;
        let distances = (rows.rel_ticks[row], rows.rel_ticks_side[row]);
        Some((*price, distances, quantities.map(|column| column[row])))
    };
    let at = (0..=found.len().max(expected.len()))
        .find(|&at| row(found, at) != row(expected, at))
        .unwrap_or_default();
    format!(
        "row {at} of the window that ends at {}: {:?}, expected {:?}",
        expected.window_end_ts_ns,
        row(found, at),
        row(expected, at)
    )
}
