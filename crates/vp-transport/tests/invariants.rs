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
use vp_transport::message::{
    Column, DType, Decoder, Field, Float, GridFrame, GridUpdate, Numbers, RuntimeConfig,
    ServerMessage, StreamConfig, Trade,
};

const ROWS: usize = 7;

fn config(float: Float) -> RuntimeConfig {
    let table = ProductTable::embedded();
    let instrument = table.instrument(ProductType::FutureMbo, "ESH6").unwrap();
    let config = vp_market::RuntimeConfig::new(&instrument, 3);
    let stream = StreamConfig {
        source: "file".into(),
        dt: "2026-02-06".into(),
        speed: 0.0,
        start_time: None,
        end_time: None,
        throttle_ms: 0,
        view: "frozen".into(),
        shared: true,
    };
    RuntimeConfig::dense_grid(&config, stream, Field::grid(float))
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

fn any_column(name: &'static str, dtype: DType) -> BoxedStrategy<Column<'static>> {
    let named = move |numbers| Column {
        name: Cow::Borrowed(name),
        numbers,
    };
    match dtype {
        DType::I32 => vec(any::<i32>(), ROWS)
            .prop_map(move |values| named(Numbers::I32(values.into())))
            .boxed(),
        DType::I64 => vec(any::<i64>(), ROWS)
            .prop_map(move |values| named(Numbers::I64(values.into())))
            .boxed(),
        DType::F64 => vec(any::<f64>(), ROWS)
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
        columns in Field::GRID.map(|(name, dtype)| any_column(name, dtype)).to_vec(),
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

proptest! {
    #[test]
    fn a_frame_brought_up_to_date_is_one_encoded_anew(
        // Changes, whether they are named, and how many trades there are.
        steps in vec((vec((0..ROWS, any::<f64>()), 0..5), any::<bool>(), 0..80usize), 1..20),
        is_narrow in any::<bool>(),
    ) {
        let float = if is_narrow { Float::F32 } else { Float::F64 };
        let mut frame = GridFrame::new(float);
        let (mut values, mut events) = ([0.0; ROWS], [0i64; ROWS]);
        let ks: Vec<i32> = (-3..=3).collect();
        for (seq, (changes, is_named, trades)) in (1i64..).zip(steps) {
            let rows: Vec<_> = changes.iter().map(|(row, _)| *row).collect();
            for (row, value) in changes {
                (values[row], events[row]) = (value, seq);
            }
            let columns = [
                Column::new("k", Numbers::I32((&ks).into())),
                Column::new("v_add", Numbers::F64((&values[..]).into())),
                Column::new("last_event_id", Numbers::I64((&events[..]).into())),
            ];
            // The more trades, the longer what comes before the columns.
            let trade = Trade { ts_ns: 1, price_int: -5, size: 3, aggressor: None };
            let mut grid = GridUpdate {
                seq: seq.unsigned_abs(),
                trades: vec![trade; trades].into(),
                ..GridUpdate::default()
            };
            let found = frame.encode(&grid, columns.iter().cloned(), is_named.then_some(&rows)).to_vec();
            grid.columns = (&columns[..]).into();
            let mut expected = Vec::new();
            grid.encode(float, &mut expected);
            prop_assert_eq!(found, expected);
        }
    }
}
