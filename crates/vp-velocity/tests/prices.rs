//! Prices at and below 0 are prices; absent ones are null. From records to the columns of the
//! tables, the forecast and the view.

#![cfg(test)]

mod raw_lake;

use std::convert::Infallible;

use raw_lake::{DATE, RawLake, dbn_file, synthetic_messages};
use vp_lake::Lake;
use vp_lake::tables::{Batch, Existing, Layer, Table, Verifier};
use vp_market::{Instrument, Price, ProductTable, ProductType, Record, Right, Side, TickSize};
use vp_testkit::records::{At, TICK_NANOS, ticks};
use vp_velocity::bronze::Choice;
use vp_velocity::gold::{self, Gold};
use vp_velocity::options::{
    OptionBook, OptionContract, OptionGold, OptionSilver, OptionWindow, SpotWindow, StrikeGrid,
};
use vp_velocity::silver::{self, Lattice, Silver, SilverConfig, SilverWindow};
use vp_velocity::stage::Task;
use vp_velocity::tables::{GOLD_SURFACE, SILVER_BOOK, SILVER_FLOW, table_of};
use vp_velocity::view::Views;
use vp_velocity::{Dynamics, Forecaster, Session, SurfaceReader, axis_tick};

const SECOND: u64 = 1_000_000_000;
const START: u64 = 1_700_000_000;

fn tick() -> TickSize {
    TickSize::from_nanos(TICK_NANOS).unwrap()
}

/// The windows of some seconds from [`START`] on.
fn windows(lattice: Lattice, records: &[Record], seconds: u64) -> Vec<SilverWindow> {
    let mut silver = Silver::new(SilverConfig {
        tick: tick(),
        lattice,
        session: Session::new((START + 1) * SECOND, (START + 1 + seconds) * SECOND),
    });
    let mut found = Vec::new();
    let mut keep = |window: &SilverWindow| {
        found.push(window.clone());
        Ok::<(), Infallible>(())
    };
    for record in records {
        let Ok(()) = silver.apply(record, &mut keep);
    }
    let Ok(()) = silver.finish(&mut keep);
    found
}

/// A builder of records that many milliseconds after [`START`].
fn at(ms: u64) -> At {
    At(START * SECOND + ms * 1_000_000)
}

/// A market of a bid and an ask, in ticks, with a trade at the bid.
fn market(bid: i64, ask: i64) -> [Record; 3] {
    [
        at(0).add(1, Side::Bid, ticks(bid), 5),
        at(1).add(2, Side::Ask, ticks(ask), 7),
        at(2).trade(Side::Ask, ticks(bid), 1),
    ]
}

#[test]
fn the_spot_is_a_price_above_at_and_below_zero() {
    for bid in [3, 1, 0, -1, -4] {
        let records = market(bid, bid + 2);
        let found = windows(Lattice::of_prices(tick(), 20), &records, 2);
        // The first window has no spot at its start, and takes that of its end.
        for window in &found {
            let nanos = |ticks: i64| Some(ticks * TICK_NANOS);
            let snapshot = window.snapshot;
            assert_eq!(snapshot.last_trade_price_int, nanos(bid));
            assert_eq!(snapshot.spot_ref_price_int, nanos(bid));
            assert_eq!(snapshot.best_bid_price_int, nanos(bid));
            assert_eq!(snapshot.best_ask_price_int, nanos(bid + 2));
            assert_eq!(snapshot.mid_price_int, nanos(bid + 1));
            assert_eq!(snapshot.best_bid_qty, 5);
            assert_eq!(window.rows.rel_ticks, [0, 2], "{bid}");
        }
        let mut gold = Gold::new(20);
        let surface = gold.apply(&found[1].rows).expect("rows have gold");
        assert_eq!(surface.spot_ref_price_int(), bid * TICK_NANOS);
    }
}

#[test]
fn a_mid_of_zero_is_no_missing_mid() {
    let found = windows(Lattice::of_prices(tick(), 20), &market(-1, 1), 1);
    let snapshot = found[0].snapshot;
    assert_eq!(
        (snapshot.mid_price, snapshot.mid_price_int),
        (Some(0.0), Some(0))
    );
}

#[test]
fn a_later_trade_replaces_one_of_another_sign_and_one_without_price_does_not() {
    let mut records = market(20, 22).to_vec();
    records.push(at(1_000).modify(1, Side::Bid, ticks(-4), 5));
    records.push(at(1_001).trade(Side::Ask, ticks(-4), 1));
    records.push(Record {
        price: None,
        ..at(2_000).trade(Side::Ask, ticks(0), 1)
    });
    let found = windows(Lattice::of_prices(tick(), 200), &records, 4);
    let trades = found
        .iter()
        .map(|window| window.snapshot.last_trade_price_int);
    let expected = [20, -4, -4, -4].map(|ticks: i64| Some(ticks * TICK_NANOS));
    assert!(trades.eq(expected));
    // The spot is that of the window's start.
    let spots = found
        .iter()
        .map(|window| window.snapshot.spot_ref_price_int);
    let expected = [20, 20, -4, -4].map(|ticks: i64| Some(ticks * TICK_NANOS));
    assert!(spots.eq(expected));
}

#[test]
fn what_is_absent_is_none_and_without_a_spot_there_are_no_rows() {
    let records = [
        at(1_500).add(1, Side::Ask, ticks(0), 7),
        at(2_500).cancel(1, Side::Ask, ticks(0), 7),
    ];
    let found = windows(Lattice::of_prices(tick(), 20), &records, 4);
    let prices = |window: &SilverWindow| {
        let snapshot = window.snapshot;
        [
            snapshot.best_bid_price_int,
            snapshot.best_ask_price_int,
            snapshot.mid_price_int,
            snapshot.last_trade_price_int,
            snapshot.spot_ref_price_int,
        ]
    };
    assert_eq!(prices(&found[0]), [None; 5]);
    assert_eq!(prices(&found[1]), [None, Some(0), None, None, Some(0)]);
    // At the start of the third there is still a spot.
    assert_eq!(prices(&found[2]), [None, None, None, None, Some(0)]);
    assert_eq!(prices(&found[3]), [None; 5]);
    let rows = found.iter().map(|window| window.rows.len());
    assert!(rows.eq([0, 1, 1, 0]));
    assert!(
        found
            .iter()
            .all(|window| window.snapshot.mid_price.is_none())
    );
}

#[test]
fn a_share_whose_price_rounds_to_zero_has_rows() {
    let bucket = TickSize::from_nanos(500_000_000).unwrap();
    let cents = |cents: i64| Price::from_nanos(cents * 10_000_000).unwrap();
    let records = [
        at(0).add(1, Side::Bid, cents(10), 300),
        at(1).add(2, Side::Ask, cents(60), 100),
    ];
    let found = windows(Lattice::of_buckets(bucket, 100), &records, 1);
    assert_eq!(found[0].snapshot.spot_ref_price_int, Some(0));
    assert_eq!(found[0].rows.price_int, [0, 500_000_000]);
    assert!(Gold::new(200).apply(&found[0].rows).is_some());
}

#[test]
fn options_on_a_future_at_zero_have_flow_and_gold() {
    let grid = StrikeGrid {
        step: TickSize::from_nanos(1_000_000_000).unwrap(),
        max_offsets: 2,
        tick: tick(),
    };
    let end = ((START + 1) * SECOND).cast_signed();
    let spots = [Some(0), None].into_iter().enumerate();
    let spots = spots.map(|(second, spot_ref_price_int)| SpotWindow {
        window_end_ts_ns: end + i64::try_from(second).unwrap() * 1_000_000_000,
        spot_ref_price_int,
        book_valid: true,
    });
    let mut silver = OptionSilver::<OptionBook>::new(grid, tick(), spots.collect());
    let mut found = Vec::new();
    let mut keep = |window: &OptionWindow| {
        found.push(window.clone());
        Ok::<(), Infallible>(())
    };
    let contract = OptionContract {
        right: Right::Put,
        strike: Price::from_nanos(-1_000_000_000).unwrap(),
    };
    for (id, side, premium) in [(1, Side::Bid, 0), (2, Side::Ask, 1)] {
        let record = at(id).add(id, side, ticks(premium), 3);
        let Ok(()) = silver.apply(7, contract, record.ts_event, &record, &mut keep);
    }
    let Ok(()) = silver.finish(&mut keep);
    assert_eq!(found[0].flow.len(), 20);
    assert_eq!(found[0].flow.strike_price_int[0], -2_000_000_000);
    let depth: u64 = found[0].flow.sums.iter().map(|sums| sums.end).sum();
    assert_eq!(depth, 6);
    // A premium of 0 is a price, too; the snapshot of a window without spot stays.
    assert_eq!((found[0].snapshots.len(), found[1].snapshots.len()), (1, 1));
    assert!(found[1].flow.is_empty());
    let mut gold = OptionGold::new(grid, 8);
    assert!(gold.apply(found[0].spot, &found[0].flow).is_some());
    assert!(gold.apply(found[1].spot, &found[1].flow).is_none());
}

/// A lake with bronze of a synthetic session that begins at 0 and falls.
fn lake_around_zero() -> (RawLake, Instrument) {
    let lake = RawLake::new();
    let mut messages = synthetic_messages(20);
    let first = messages
        .iter()
        .find(|message| message.action == b'T'.cast_signed());
    // The session's first spot lies a point below its first trade.
    let down = first.expect("a trade").price - 1_000_000_000;
    for message in &mut messages {
        if message.price != i64::MAX {
            message.price -= down;
        }
    }
    let id = messages[0].hd.instrument_id;
    let file = dbn_file(&[("ESH6", id)], &messages);
    lake.write("ES", "es-20260206.dbn", &file);
    lake.bronze("ES").unwrap();
    let products = ProductTable::embedded();
    let es = products.instrument(ProductType::FutureMbo, "ESH6").unwrap();
    (lake, es)
}

fn each_batch(lake: &Lake, layer: Layer, table: &'static Table, mut each: impl FnMut(&Batch)) {
    let date = DATE.parse().unwrap();
    let future = ProductType::FutureMbo;
    let partition = lake.partition(layer, future, "ESH6", table.name, date);
    let defects = Verifier::new(lake.clone())
        .knowing(table_of)
        .verify(&partition);
    assert!(defects.is_empty(), "{defects:?}");
    let mut reader = partition.open(table, &[]).unwrap();
    assert_eq!(reader.manifest().schema_version, 2);
    while let Some(batch) = reader.next_batch().unwrap() {
        each(&batch);
    }
}

#[test]
fn a_session_around_zero_goes_through_all_layers_to_forecast_and_view() {
    let (raw, es) = lake_around_zero();
    let (lake, date) = (raw.lake(), DATE.parse().unwrap());
    let task = Task {
        lake: lake.clone(),
        date,
        existing: Existing::Keep,
        tool_version: "test 0".into(),
        created_at: "2026-02-07T00:00:00Z".into(),
    };
    let hours = "09:30-09:30:20".parse().unwrap();
    silver::build(&task, &es, hours, Choice::default(), &mut |_| {}).unwrap();
    gold::build(&task, &es, &mut |_| {}).unwrap();

    let mut spots = Vec::new();
    let nullable = [
        "best_bid_price_int",
        "best_ask_price_int",
        "mid_price_int",
        "last_trade_price_int",
        "spot_ref_price_int",
    ];
    each_batch(&lake, Layer::Silver, &SILVER_BOOK, |batch| {
        for name in nullable {
            let first = batch.option_i64(name).next();
            assert_eq!(
                first,
                Some(None),
                "before the first record there is no {name}"
            );
        }
        assert_eq!(batch.option_f64("mid_price").next(), Some(None));
        let ends = batch.i64("window_end_ts_ns").iter().copied();
        spots.extend(ends.zip(batch.option_i64("spot_ref_price_int")));
    });
    let prices: Vec<_> = spots.iter().filter_map(|(_, spot)| *spot).collect();
    assert!(
        prices.contains(&0) && prices.iter().any(|spot| *spot < 0),
        "{prices:?}"
    );
    assert_eq!(prices.len(), spots.len() - 1);

    let with_spot: Vec<_> = spots.iter().filter(|(_, spot)| spot.is_some()).collect();
    for (layer, table) in [(Layer::Silver, &SILVER_FLOW), (Layer::Gold, &GOLD_SURFACE)] {
        let mut found = Vec::new();
        each_batch(&lake, layer, table, |batch| {
            let ends = batch.i64("window_end_ts_ns").iter();
            let rows = ends.zip(batch.i64("spot_ref_price_int"));
            found.extend(rows.map(|(end, spot)| (*end, Some(*spot))));
        });
        found.dedup();
        assert!(found.iter().eq(with_spot.iter().copied()), "{}", table.name);
    }

    let mut reader = SurfaceReader::open(&lake, &es, date).unwrap();
    let mut forecaster = Forecaster::new(Dynamics::DRIFT_ONLY, axis_tick(&es), 2);
    let mut forecast = Vec::new();
    while let Some(window) = reader.next_window().unwrap() {
        let made = forecaster.forecast(window.spot, window.surface);
        let prediction = made.predictions[0];
        let spot_tick = window.spot.nanos() / TICK_NANOS;
        assert_eq!(prediction.spot_tick, spot_tick + prediction.tick_delta);
        forecast.push((window.end_ts_ns, Some(window.spot.nanos())));
    }
    assert!(forecast.iter().eq(with_spot.iter().copied()));

    let (snaps, mut viewer) = Views::default().open(&lake, &es, date).unwrap();
    assert_eq!(snaps.len(), spots.len());
    for snap in snaps {
        let shown = viewer.window(snap.end_ts_ns).unwrap();
        let spot = shown.map(|gold| gold.spot.nanos());
        assert_eq!(spot, snap.spot_ref_price_int);
    }
}
