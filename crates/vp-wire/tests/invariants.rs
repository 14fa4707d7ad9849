//! What holds for every grid: one encoding, read back as it was, in JSON too.

#![expect(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test may stop at what it did not expect"
)]

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::prelude::*;
use vp_market::{Aggressor, ProductTable, ProductType};
use vp_wire::{
    Batch, BatchContent, Column, DType, DecodeError, Decoder, Field, Float, GridUpdate, Numbers,
    RuntimeConfig, ServerMessage, StreamConfig, Surfaces, Table, Trade,
};

const ROWS: usize = 7;

fn instrument() -> vp_market::RuntimeConfig {
    let table = ProductTable::embedded();
    let instrument = table.instrument(ProductType::FutureMbo, "ESH6").unwrap();
    vp_market::RuntimeConfig::new(&instrument, 3)
}

fn stream() -> StreamConfig {
    StreamConfig {
        source: "file".into(),
        dt: "2026-02-06".into(),
        speed: 0.0,
        start_time: None,
        end_time: None,
        throttle_ms: 0,
        view: "frozen".into(),
        shared: true,
    }
}

fn config(float: Float) -> RuntimeConfig {
    RuntimeConfig::dense_grid(&instrument(), stream(), Field::grid(float))
}

fn velocity_config() -> RuntimeConfig {
    let content = BatchContent {
        surfaces: Surfaces::fields(),
        strike_ticks: None,
        calibrated: false,
        beta: 0.0,
        gamma: 0.0,
        horizon_s: 30,
    };
    RuntimeConfig::surfaces(&instrument(), stream(), content)
}

fn any_trade() -> impl Strategy<Value = Trade> {
    let aggressor = prop_oneof![
        Just(None),
        Just(Some(Aggressor::Buyer)),
        Just(Some(Aggressor::Seller))
    ];
    (any::<u64>(), any::<i64>(), any::<u32>(), aggressor).prop_map(
        |(ts_ns, price_int, size, aggressor)| Trade {
            ts_ns,
            price_int,
            size,
            aggressor,
        },
    )
}

fn any_column(name: &'static str, dtype: DType, rows: usize) -> BoxedStrategy<Column<'static>> {
    let named = move |numbers| Column {
        name: Cow::Borrowed(name),
        numbers,
    };
    match dtype {
        DType::U8 => vec(any::<u8>(), rows)
            .prop_map(move |values| named(Numbers::U8(values.into())))
            .boxed(),
        DType::I32 => vec(any::<i32>(), rows)
            .prop_map(move |values| named(Numbers::I32(values.into())))
            .boxed(),
        DType::I64 => vec(any::<i64>(), rows)
            .prop_map(move |values| named(Numbers::I64(values.into())))
            .boxed(),
        DType::F64 => vec(any::<f64>(), rows)
            .prop_map(move |values| named(Numbers::F64(values.into())))
            .boxed(),
        other => panic!("no column is {other:?}"),
    }
}

prop_compose! {
    fn any_grid()(
        (seq, epoch, ts_ns, event_id) in any::<(u64, u64, u64, u64)>(),
        mid_price in any::<Option<f64>>(),
        prices in any::<[Option<i64>; 4]>(),
        book_valid in any::<bool>(),
        trades in vec(any_trade(), 0..20),
        trades_dropped in any::<u32>(),
        columns in Field::GRID.map(|(name, dtype)| any_column(name, dtype, ROWS)).to_vec(),
    ) -> GridUpdate<'static> {
        GridUpdate {
            seq,
            epoch,
            ts_ns,
            event_id,
            mid_price,
            spot_ref_price_int: prices[0],
            best_bid_price_int: prices[1],
            best_ask_price_int: prices[2],
            last_trade_price_int: prices[3],
            book_valid,
            trades: trades.into(),
            trades_dropped,
            columns: columns.into(),
        }
    }
}

fn any_table(fields: &'static [(&'static str, DType)]) -> impl Strategy<Value = Table<'static>> {
    (0..9_usize).prop_flat_map(move |rows| {
        let columns = fields
            .iter()
            .map(|(name, dtype)| any_column(name, *dtype, rows));
        columns.collect::<Vec<_>>().prop_map(Table::new)
    })
}

prop_compose! {
    fn any_batch()(
        (seq, epoch, window_end_ts_ns) in any::<(u64, u64, u64)>(),
        spot_ref_price_int in any::<Option<i64>>(),
        snap in any_table(&Field::SNAP),
        velocity in any_table(&Field::VELOCITY),
        options in any_table(&Field::OPTIONS),
        forecast in any_table(&Field::FORECAST),
    ) -> Batch<'static> {
        let surfaces = Surfaces { snap, velocity, options, forecast };
        Batch { seq, epoch, window_end_ts_ns, spot_ref_price_int, surfaces }
    }
}

fn read(frame: &[u8], float: Float) -> GridUpdate<'static> {
    let mut decoder = Decoder::default();
    decoder.decode(&config(float).encode()).unwrap();
    match decoder.decode(frame).unwrap() {
        ServerMessage::GridUpdate(grid) => grid,
        other => panic!("a grid was encoded, and read as {other:?}"),
    }
}

proptest! {
    #[test]
    fn a_grid_is_read_back_as_it_was(grid in any_grid()) {
        let mut out = vec![0xaa; 100];
        grid.encode(Float::F64, &mut out);
        prop_assert_eq!(read(&out, Float::F64), grid);
    }

    #[test]
    fn the_hot_encoder_writes_what_the_plain_one_does(grid in any_grid()) {
        let mut out = Vec::new();
        grid.encode(Float::F64, &mut out);
        prop_assert_eq!(out, rmp_serde::to_vec_named(&grid).unwrap());
    }

    #[test]
    fn narrow_floats_are_the_nearest(grid in any_grid()) {
        let mut out = Vec::new();
        grid.encode(Float::F32, &mut out);
        for (sent, read) in grid.columns.iter().zip(read(&out, Float::F32).columns.iter()) {
            match (&sent.numbers, &read.numbers) {
                (Numbers::F64(sent), Numbers::F32(read)) => {
                    let nearest: Vec<_> = sent.iter().map(|&value| value as f32).collect();
                    prop_assert_eq!(&nearest[..], &read[..]);
                }
                (sent, read) => prop_assert_eq!(sent, read),
            }
        }
    }

    #[test]
    fn json_holds_the_same_numbers(grid in any_grid()) {
        let mut line = Vec::new();
        grid.write_json(&mut line);
        let json: serde_json::Value = serde_json::from_slice(&line).unwrap();
        prop_assert_eq!(json["type"].as_str(), Some("grid_update"));
        prop_assert_eq!(json["seq"].as_u64(), Some(grid.seq));
        prop_assert_eq!(json["best_bid_price_int"].as_i64(), grid.best_bid_price_int);
        for column in grid.columns.as_ref() {
            let values = json["columns"][&*column.name].as_array().unwrap();
            prop_assert_eq!(values.len(), ROWS);
            if let Numbers::I64(numbers) = &column.numbers {
                let found: Vec<_> = values.iter().map(|value| value.as_i64().unwrap()).collect();
                prop_assert_eq!(&found[..], &numbers[..]);
            }
        }
    }

    #[test]
    fn a_frame_cut_short_or_changed_is_an_error_or_a_grid(
        grid in any_grid(), cut in 0..1200usize, flip in any::<u8>(),
    ) {
        let mut decoder = Decoder::default();
        decoder.decode(&config(Float::F64).encode()).unwrap();
        let mut out = Vec::new();
        grid.encode(Float::F64, &mut out);
        let cut = cut.min(out.len() - 1);
        prop_assert!(decoder.decode(&out[..cut]).is_err());
        out[cut] ^= flip;
        let _ = decoder.decode(&out);
    }

    #[test]
    fn a_batch_is_read_back_as_it_was(batch in any_batch()) {
        let mut decoder = Decoder::default();
        decoder.decode(&velocity_config().encode()).unwrap();
        let found = decoder.decode(&batch.encode()).unwrap();
        prop_assert_eq!(found, ServerMessage::Batch(batch));
    }

    #[test]
    fn a_batch_cut_anywhere_is_refused(batch in any_batch(), cut in any::<prop::sample::Index>()) {
        let mut decoder = Decoder::default();
        decoder.decode(&velocity_config().encode()).unwrap();
        let frame = batch.encode();
        prop_assert!(decoder.decode(&frame[..cut.index(frame.len())]).is_err());
    }
}

#[test]
fn a_grid_before_its_runtime_config_is_an_error() {
    let mut out = Vec::new();
    GridUpdate::default().encode(Float::F64, &mut out);
    assert!(Decoder::default().decode(&out).is_err());
}

#[test]
fn a_newer_protocol_is_refused_by_name() {
    let config = RuntimeConfig {
        protocol: 2,
        ..config(Float::F64)
    };
    let error = Decoder::default().decode(&config.encode()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the server speaks protocol 2, and this client up to 1; update it"
    );
}

#[test]
fn a_message_of_the_other_mode_is_refused() {
    let mut decoder = Decoder::default();
    decoder.decode(&velocity_config().encode()).unwrap();
    let mut grid = Vec::new();
    GridUpdate::default().encode(Float::F64, &mut grid);
    let error = decoder.decode(&grid).unwrap_err();
    assert!(matches!(
        error,
        DecodeError::NotAnnounced {
            kind: "grid_update"
        }
    ));
}
