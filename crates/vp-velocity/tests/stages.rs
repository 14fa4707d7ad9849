//! Silver and gold as partitions: the rows of the pure transforms, made once, refused where they
//! were made otherwise.

#![cfg(test)]

mod raw_lake;

use raw_lake::{DATE, RawLake, dbn_file, synthetic_messages};
use vp_lake::tables::{Existing, Partition, Verifier};
use vp_market::{Instrument, ProductTable, ProductType, Record, Side};
use vp_velocity::SessionHours;
use vp_velocity::bronze::{BronzeReader, Choice};
use vp_velocity::gold::{self, Field, Gold};
use vp_velocity::silver::{
    self, BookSnapshot, DepthAndFlow, FlowWindows, Lattice, Silver, SilverConfig, SilverWindow,
};
use vp_velocity::stage::{Outcome, StageError, Task};
use vp_velocity::tables::{GOLD_SURFACE, SILVER_BOOK, SILVER_FLOW};

/// The synthetic session begins at 09:30; its first windows are in these hours.
const HOURS: &str = "09:30-09:31";

fn instrument() -> Instrument {
    let products = ProductTable::embedded();
    let known = products.instrument(ProductType::FutureMbo, "ESH6");
    known.expect("a known symbol")
}

/// Returns a lake with the bronze of some seconds.
fn lake_with_bronze() -> RawLake {
    let lake = RawLake::new();
    let messages = synthetic_messages(20);
    let id = messages[0].hd.instrument_id;
    lake.write(
        "ES",
        "es-20260206.dbn",
        &dbn_file(&[("ESH6", id)], &messages),
    );
    lake.bronze("ES").expect("bronze of a good file");
    lake
}

fn task(lake: &RawLake, existing: Existing) -> Task {
    Task {
        lake: lake.lake(),
        date: DATE.parse().expect("a date"),
        existing,
        tool_version: "test 0".into(),
        created_at: "2026-02-07T00:00:00Z".into(),
    }
}

fn build_silver(lake: &RawLake, hours: &str, existing: Existing) -> Result<Outcome, StageError> {
    let hours: SessionHours = hours.parse().expect("hours");
    silver::build(
        &task(lake, existing),
        &instrument(),
        hours,
        Choice::default(),
        &mut |_| {},
    )
}

fn build_gold(lake: &RawLake, existing: Existing) -> Result<Outcome, StageError> {
    gold::build(&task(lake, existing), &instrument(), &mut |_| {})
}

/// Returns the windows that the pure transform makes of the same bronze.
fn pure_silver(lake: &RawLake) -> Vec<SilverWindow> {
    let (instrument, date) = (instrument(), DATE.parse().expect("a date"));
    let hours: SessionHours = HOURS.parse().expect("hours");
    let mut silver = Silver::new(SilverConfig {
        tick: instrument.product.tick,
        lattice: Lattice::of(&instrument),
        session: hours.on(ProductType::FutureMbo, date).expect("a session"),
    });
    let mut windows = Vec::new();
    let mut keep = |window: &SilverWindow| {
        windows.push(window.clone());
        Ok::<(), StageError>(())
    };
    let mut reader = BronzeReader::open(&lake.lake(), &instrument, date).expect("bronze");
    let mut records: Vec<Record> = Vec::new();
    while reader.next_batch(&mut records).expect("whole rows") {
        for record in &records {
            silver.apply(record, &mut keep).expect("memory takes it");
        }
    }
    silver.finish(keep).expect("memory takes it");
    windows
}

fn flows_of(partition: &Partition) -> Vec<DepthAndFlow> {
    let mut reader = partition.open(&SILVER_FLOW, &[]).expect("a partition");
    let (mut windows, mut found) = (FlowWindows::default(), Vec::new());
    while let Some(batch) = reader.next_batch().expect("whole rows") {
        windows.push(&batch, |window| found.push(window.clone()));
    }
    windows.finish(|window| found.push(window.clone()));
    found
}

fn books_of(partition: &Partition) -> Vec<BookSnapshot> {
    let mut reader = partition.open(&SILVER_BOOK, &[]).expect("a partition");
    let mut found = Vec::new();
    while let Some(batch) = reader.next_batch().expect("whole rows") {
        found.extend((0..batch.rows()).map(|row| {
            BookSnapshot {
                window_start_ts_ns: batch.i64("window_start_ts_ns")[row],
                window_end_ts_ns: batch.i64("window_end_ts_ns")[row],
                best_bid_price_int: batch
                    .option_i64("best_bid_price_int")
                    .nth(row)
                    .expect("a row"),
                best_bid_qty: batch.i64("best_bid_qty")[row],
                best_ask_price_int: batch
                    .option_i64("best_ask_price_int")
                    .nth(row)
                    .expect("a row"),
                best_ask_qty: batch.i64("best_ask_qty")[row],
                mid_price: batch.option_f64("mid_price").nth(row).expect("a row"),
                mid_price_int: batch.option_i64("mid_price_int").nth(row).expect("a row"),
                last_trade_price_int: batch
                    .option_i64("last_trade_price_int")
                    .nth(row)
                    .expect("a row"),
                spot_ref_price_int: batch
                    .option_i64("spot_ref_price_int")
                    .nth(row)
                    .expect("a row"),
                book_valid: batch.bool("book_valid")[row],
            }
        }));
    }
    found
}

#[test]
fn the_partitions_hold_the_windows_of_the_pure_transforms() {
    let lake = lake_with_bronze();
    let expected = pure_silver(&lake);
    assert_eq!(expected.len(), 60);
    let outcome = build_silver(&lake, HOURS, Existing::Keep).unwrap();
    let datasets: Vec<_> = outcome.manifests().iter().map(|m| m.row_count).collect();
    let rows: usize = expected.iter().map(|window| window.rows.len()).sum();
    assert_eq!(datasets, [60, rows as u64]);

    let date = DATE.parse().unwrap();
    let partition = |table| silver::partition(&lake.lake(), &instrument(), table, date);
    let books: Vec<_> = expected.iter().map(|window| window.snapshot).collect();
    assert_eq!(books_of(&partition(&SILVER_BOOK)), books);
    let mut flows: Vec<_> = expected.into_iter().map(|window| window.rows).collect();
    flows.retain(|window| !window.is_empty());
    assert_eq!(flows_of(&partition(&SILVER_FLOW)), flows);

    build_gold(&lake, Existing::Keep).unwrap();
    let partition = gold::partition(&lake.lake(), &instrument(), date);
    let mut reader = partition.open(&GOLD_SURFACE, &[]).unwrap();
    let mut found: Vec<Vec<f64>> = vec![Vec::new(); Field::ALL.len()];
    let (mut keys, mut distances) = (Vec::new(), Vec::new());
    while let Some(batch) = reader.next_batch().unwrap() {
        for (field, column) in Field::ALL.into_iter().zip(&mut found) {
            column.extend_from_slice(batch.f64(field.name()));
        }
        for (row, side) in batch.text("side").enumerate() {
            let end = batch.i64("window_end_ts_ns")[row];
            assert_eq!(batch.i64("event_ts_ns")[row], end);
            let spot = batch.i64("spot_ref_price_int")[row];
            keys.push((end, spot, side.to_owned(), batch.i32("rel_ticks")[row]));
            distances.push(batch.i32("rel_ticks_side")[row]);
        }
    }
    let mut pure = Gold::new(200);
    let mut row = 0;
    for window in &flows {
        let window = pure.apply(window).unwrap();
        for side in [Side::Ask, Side::Bid] {
            let surface = window.surface(side).unwrap();
            for (cell, rel_ticks) in (-200..=200).enumerate() {
                let (end, spot) = (window.window_end_ts_ns(), window.spot_ref_price_int());
                assert_eq!(keys[row], (end, spot, side.letter().to_string(), rel_ticks));
                assert_eq!(distances[row], surface.rel_ticks_side()[cell]);
                for (field, column) in Field::ALL.into_iter().zip(&found) {
                    let bits = surface.column(field)[cell].to_bits();
                    assert_eq!(column[row].to_bits(), bits, "{}", field.name());
                }
                row += 1;
            }
        }
    }
    assert_eq!(row, keys.len());
}

#[test]
fn complete_partitions_are_kept_and_a_rebuild_has_the_same_hashes() {
    let lake = lake_with_bronze();
    let hashes = |outcome: &Outcome| -> Vec<String> {
        let manifests = outcome.manifests().iter();
        manifests.map(|m| m.content_sha256.clone()).collect()
    };
    for build in [
        (|lake: &RawLake, existing| build_silver(lake, HOURS, existing))
            as fn(&RawLake, Existing) -> Result<Outcome, StageError>,
        build_gold,
    ] {
        let built = build(&lake, Existing::Keep).unwrap();
        assert!(matches!(built, Outcome::Built(_)));
        let kept = build(&lake, Existing::Keep).unwrap();
        assert_eq!(kept, Outcome::Kept(built.manifests().to_vec()));
        let rebuilt = build(&lake, Existing::Overwrite).unwrap();
        assert!(matches!(rebuilt, Outcome::Built(_)));
        assert_eq!(hashes(&rebuilt), hashes(&built));
    }
    let date = DATE.parse().unwrap();
    let partition = gold::partition(&lake.lake(), &instrument(), date);
    let defects = Verifier::new(lake.lake()).verify(&partition);
    assert!(defects.is_empty(), "{defects:?}");
}

#[test]
fn gold_takes_its_session_from_silver() {
    let lake = lake_with_bronze();
    build_silver(&lake, HOURS, Existing::Keep).unwrap();
    let gold = build_gold(&lake, Existing::Keep).unwrap();
    let settings = &gold.manifests()[0].settings;
    assert_eq!(settings.get("session"), Some(HOURS));
    assert_eq!(settings.get("product"), Some("ES"));
    assert_eq!(settings.get("tick"), Some("0.25"));
    assert_eq!(settings.get("grid_max_ticks"), Some("200"));
}

#[test]
fn another_session_is_refused_and_named_unless_it_may_overwrite() {
    let lake = lake_with_bronze();
    build_silver(&lake, HOURS, Existing::Keep).unwrap();
    let error = build_silver(&lake, "09:30-09:40", Existing::Keep).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(HOURS) && text.contains("09:30-09:40"),
        "{text}"
    );
    let rebuilt = build_silver(&lake, "09:30-09:40", Existing::Overwrite).unwrap();
    assert_eq!(rebuilt.manifests()[0].row_count, 600);
}

#[test]
fn gold_of_silver_on_another_grid_is_refused() {
    let lake = lake_with_bronze();
    build_silver(&lake, HOURS, Existing::Keep).unwrap();
    let mut wider = instrument();
    wider.product.grid_max_ticks = 300;
    let error = gold::build(&task(&lake, Existing::Keep), &wider, &mut |_| {}).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("grid_max_ticks is 200, not 300"), "{text}");
}

#[test]
fn a_missing_input_is_named_with_the_command_that_makes_it() {
    let lake = RawLake::new();
    let error = build_silver(&lake, HOURS, Existing::Keep).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("to fetch it: download futures daemon --start 2026-02-06"),
        "{text}"
    );
    let error = build_gold(&lake, Existing::Keep).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("table=depth_and_flow_1s/dt=2026-02-06"),
        "{text}"
    );
    assert!(
        text.contains("--layer silver --symbol ESH6 --dt 2026-02-06"),
        "{text}"
    );
}

#[test]
fn hours_that_the_date_does_not_have_are_refused() {
    let lake = lake_with_bronze();
    let error = build_silver(&lake, "12:30-09:30", Existing::Keep).unwrap_err();
    assert!(matches!(error, StageError::Session(_)));
}
