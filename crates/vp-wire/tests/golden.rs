//! The committed bytes of every message: what the code encodes, and what it reads from them.
//!
//! `SPYMASTER_BLESS=1` rewrites them (`just bless`). The viewer in TypeScript decodes the same.

#![expect(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test may stop at what it did not expect"
)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Once;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use vp_market::{Aggressor, ProductTable, ProductType};
use vp_replay::Phase;
use vp_wire::{
    Batch, BatchContent, ClientMessage, Column, DType, Decoder, Error, ErrorCode, Field, Float,
    GridUpdate, Numbers, PROTOCOL, RuntimeConfig, ServerMessage, Status, StreamConfig, Surfaces,
    Table, Trade,
};

fn instrument() -> vp_market::RuntimeConfig {
    let table = ProductTable::embedded();
    let instrument = table.instrument(ProductType::FutureMbo, "MNQH6").unwrap();
    vp_market::RuntimeConfig::new(&instrument, 50)
}

fn runtime_config(fields: Vec<Field>) -> RuntimeConfig {
    RuntimeConfig::dense_grid(
        &instrument(),
        StreamConfig {
            source: "synthetic".into(),
            dt: "2026-02-06".into(),
            speed: 1.0,
            start_time: Some("09:30".into()),
            end_time: None,
            throttle_ms: 25,
            view: "frozen".into(),
            shared: false,
        },
        fields,
    )
}

fn velocity_config() -> RuntimeConfig {
    RuntimeConfig::surfaces(
        &instrument(),
        StreamConfig {
            source: "file".into(),
            dt: "2026-02-06".into(),
            speed: 10.0,
            start_time: None,
            end_time: None,
            throttle_ms: 0,
            view: "frozen".into(),
            shared: true,
        },
        BatchContent {
            surfaces: Surfaces::fields(),
            strike_ticks: Some(200),
            calibrated: true,
            beta: 0.125,
            gamma: 0.875,
            horizon_s: 2,
        },
    )
}

fn i32s<const N: usize>(values: [i32; N]) -> Numbers<'static> {
    Numbers::I32(values.to_vec().into())
}

fn i64s<const N: usize>(values: [i64; N]) -> Numbers<'static> {
    Numbers::I64(values.to_vec().into())
}

fn f64s<const N: usize>(values: [f64; N]) -> Numbers<'static> {
    Numbers::F64(values.to_vec().into())
}

fn letters<const N: usize>(values: [u8; N]) -> Numbers<'static> {
    Numbers::U8(values.to_vec().into())
}

/// Three of the rows that a window of MNQH6 has, a strike, and a horizon of two seconds.
fn full_batch() -> Batch<'static> {
    let spot = 25_000_250_000_000;
    Batch {
        seq: 1,
        epoch: 2,
        window_end_ts_ns: 1_770_388_201_000_000_000,
        spot_ref_price_int: Some(spot),
        surfaces: Surfaces {
            snap: Table::of(
                Field::SNAP,
                [f64s([25_000.125]), i64s([spot]), letters([1])],
            ),
            velocity: Table::of(
                Field::VELOCITY,
                [
                    i32s([-1, 0, 1]),
                    letters(*b"ABB"),
                    f64s([0.5, -0.25, 1.0 / 3.0]),
                    f64s([1.5, 0.0, 2.5]),
                    f64s([1.0, 1.25, 4.0]),
                    f64s([1.0, 0.8, 0.25]),
                    f64s([-0.125, 0.0, 0.1]),
                    f64s([0.0, 1e-300, 7.0]),
                    f64s([0.75, -0.0, 1e6]),
                ],
            ),
            options: Table::of(
                Field::OPTIONS,
                [
                    i32s([-1, 199]),
                    i64s([25_000_000_000_000, 25_050_000_000_000]),
                    f64s([0.5, -0.5]),
                    f64s([0.25, -0.75]),
                    f64s([2.0, 0.0]),
                    f64s([4.5, 4.0]),
                    f64s([0.625, 0.0]),
                ],
            ),
            forecast: Table::of(
                Field::FORECAST,
                [
                    i32s([0, 1, 2]),
                    i64s([i64::MIN, 100_000, 100_002]),
                    i64s([i64::MIN, -1, 1]),
                    f64s([f64::NAN, 0.0, 0.3]),
                    f64s([0.2, f64::NAN, f64::NAN]),
                    f64s([-0.1, f64::NAN, f64::NAN]),
                    i32s([7, i32::MIN, i32::MIN]),
                    i32s([64, i32::MIN, i32::MIN]),
                ],
            ),
        },
    }
}

/// A window before the first order: one row in `snap`, none elsewhere.
fn empty_batch() -> Batch<'static> {
    Batch {
        seq: u64::MAX,
        epoch: 128,
        window_end_ts_ns: 0,
        spot_ref_price_int: None,
        surfaces: Surfaces {
            snap: Table::of(Field::SNAP, [f64s([0.0]), i64s([0]), letters([0])]),
            velocity: Table::of(
                Field::VELOCITY,
                [
                    i32s([]),
                    letters([]),
                    f64s([]),
                    f64s([]),
                    f64s([]),
                    f64s([]),
                    f64s([]),
                    f64s([]),
                    f64s([]),
                ],
            ),
            options: Table::of(
                Field::OPTIONS,
                [
                    i32s([]),
                    i64s([]),
                    f64s([]),
                    f64s([]),
                    f64s([]),
                    f64s([]),
                    f64s([]),
                ],
            ),
            forecast: Table::of(
                Field::FORECAST,
                [
                    i32s([]),
                    i64s([]),
                    i64s([]),
                    f64s([]),
                    f64s([]),
                    f64s([]),
                    i32s([]),
                    i32s([]),
                ],
            ),
        },
    }
}

/// A column whose values all differ.
fn column(field: &Field, place: i32) -> Column<'static> {
    let ks = -50..=50;
    let value = |k: i32| f64::from(place) * 1000.5 + f64::from(k) / 3.0;
    let numbers = match field.dtype {
        DType::I32 => Numbers::I32(ks.collect()),
        DType::I64 => Numbers::I64(ks.map(|k| (1 << 53) + i64::from(k)).collect()),
        DType::F32 => Numbers::F32(ks.map(|k| value(k) as f32).collect()),
        DType::F64 => Numbers::F64(ks.map(value).collect()),
        other => panic!("no column is {other:?}"),
    };
    Column {
        name: field.name.clone(),
        numbers,
    }
}

fn columns(fields: &[Field]) -> Cow<'static, [Column<'static>]> {
    fields
        .iter()
        .zip(0..)
        .map(|(f, at)| column(f, at))
        .collect()
}

fn full_grid(fields: &[Field]) -> GridUpdate<'static> {
    let trade = |ts_ns, price_int, size, aggressor| Trade {
        ts_ns,
        price_int,
        size,
        aggressor,
    };
    GridUpdate {
        seq: 1,
        epoch: 2,
        ts_ns: 1_770_388_200_123_456_789,
        event_id: 65_536,
        mid_price: Some(25_000.125),
        spot_ref_price_int: Some(25_000_000_000_000),
        best_bid_price_int: Some(25_000_000_000_000),
        best_ask_price_int: Some(25_000_250_000_000),
        last_trade_price_int: Some(-37_630_000_000),
        book_valid: true,
        trades: vec![
            trade(
                1_770_388_200_123_000_000,
                i64::MIN,
                1,
                Some(Aggressor::Buyer),
            ),
            trade(u64::MAX, 0, u32::MAX, Some(Aggressor::Seller)),
            trade(0, i64::MAX, 7, None),
        ]
        .into(),
        trades_dropped: 300,
        columns: columns(fields),
    }
}

fn empty_grid(fields: &[Field]) -> GridUpdate<'static> {
    GridUpdate {
        seq: u64::MAX,
        epoch: 128,
        columns: columns(fields),
        ..GridUpdate::default()
    }
}

/// A golden file: what it is, its bytes, its meaning.
struct Golden {
    says: &'static str,
    bytes: Vec<u8>,
    message: Value,
}

fn server(says: &'static str, message: &ServerMessage) -> Golden {
    Golden {
        says,
        bytes: rmp_serde::to_vec_named(message).unwrap(),
        message: serde_json::to_value(message).unwrap(),
    }
}

fn client(says: &'static str, message: &ClientMessage) -> Golden {
    Golden {
        says,
        bytes: message.encode(),
        message: serde_json::to_value(message).unwrap(),
    }
}

/// Every message of a stream, in an order in which one decoder can read them.
fn stream() -> Vec<(&'static str, &'static str, ServerMessage)> {
    let all = Field::grid(Float::F64);
    let few = Field::select("k,pressure_variant,last_event_id", Float::F32).unwrap();
    let config =
        |fields: &[Field]| ServerMessage::RuntimeConfig(Box::new(runtime_config(fields.to_vec())));
    let status = Status {
        phase: Phase::Live,
        records: 1_234_567,
        events: 456_789,
        event_rate: 1523.25,
        behind_ms: 0.5,
        conflated_total: 3,
        anomalies: BTreeMap::from([("off_tick".into(), 2), ("unknown_order".into(), 70_000)]),
        progress: Some(0.25),
        notice: None,
    };
    let error = Error::new(ErrorCode::UnknownDate, "no session of 2026-02-07")
        .with_hint("there are: 2026-02-06");
    vec![
        ("runtime_config", "the first message", config(&all)),
        (
            "grid_update",
            "a grid of every column, with trades",
            ServerMessage::GridUpdate(full_grid(&all)),
        ),
        (
            "grid_update_empty",
            "a grid before both sides were present",
            ServerMessage::GridUpdate(empty_grid(&all)),
        ),
        ("status", "a running replay", ServerMessage::Status(status)),
        (
            "status_ended",
            "a replay whose input has ended",
            ServerMessage::Status(Status {
                phase: Phase::Ended,
                records: 0,
                events: 0,
                event_rate: 0.0,
                behind_ms: 0.0,
                conflated_total: 0,
                anomalies: BTreeMap::new(),
                progress: None,
                notice: Some("a gap of 3600 s was shortened to 5 s".into()),
            }),
        ),
        ("error", "a refused query", ServerMessage::Error(error)),
        (
            "runtime_config_f32",
            "three columns, floats of 32 bits",
            config(&few),
        ),
        (
            "grid_update_f32",
            "a grid of three columns, floats of 32 bits",
            ServerMessage::GridUpdate(full_grid(&few)),
        ),
        (
            "runtime_config_velocity",
            "the first message of a velocity stream",
            ServerMessage::RuntimeConfig(Box::new(velocity_config())),
        ),
        (
            "batch",
            "a window with options and a forecast",
            ServerMessage::Batch(full_batch()),
        ),
        (
            "batch_empty",
            "a window before there was a price",
            ServerMessage::Batch(empty_batch()),
        ),
    ]
}

fn goldens() -> BTreeMap<String, Golden> {
    let mut goldens: BTreeMap<_, _> = stream()
        .iter()
        .map(|(name, says, message)| ((*name).into(), server(says, message)))
        .collect();
    let messages = [
        ("pause", ClientMessage::Pause {}),
        ("resume", ClientMessage::Resume {}),
        ("restart", ClientMessage::Restart {}),
        ("speed", ClientMessage::Speed { value: 10.0 }),
        (
            "seek",
            ClientMessage::Seek {
                start_time: "10:15".into(),
            },
        ),
    ];
    for (name, message) in messages {
        goldens.insert(
            format!("client_{name}"),
            client("a client message", &message),
        );
    }
    goldens
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
}

/// Returns the committed bytes, which are rewritten first where that is asked for.
fn committed(file: &str) -> Vec<u8> {
    static BLESSING: Once = Once::new();
    BLESSING.call_once(|| {
        if std::env::var_os("SPYMASTER_BLESS").is_some() {
            let goldens = goldens();
            for (name, golden) in &goldens {
                fs::write(folder().join(format!("{name}.bin")), &golden.bytes).unwrap();
            }
            fs::write(folder().join("metadata.json"), metadata(&goldens)).unwrap();
        }
    });
    fs::read(folder().join(file)).unwrap()
}

fn metadata(goldens: &BTreeMap<String, Golden>) -> String {
    let lines: Vec<_> = goldens
        .iter()
        .map(|(name, golden)| {
            let digest = Sha256::digest(&golden.bytes);
            let digest = digest
                .iter()
                .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
            let about = json!({ "says": golden.says, "sha256": digest, "message": golden.message });
            format!("    \"{name}.bin\": {about}")
        })
        .collect();
    format!(
        concat!(
            "{{\n  \"source\": \"synthetic, written by tests/golden.rs\",\n",
            "  \"licence\": \"MIT OR Apache-2.0\",\n  \"instrument\": \"MNQH6\",\n",
            "  \"session_date\": \"2026-02-06\",\n  \"protocol\": {},\n",
            "  \"files\": {{\n{}\n  }}\n}}\n"
        ),
        PROTOCOL,
        lines.join(",\n")
    )
}

#[test]
fn every_message_has_the_committed_bytes() {
    let goldens = goldens();
    let about = metadata(&goldens);
    for (name, golden) in &goldens {
        assert!(
            committed(&format!("{name}.bin")) == golden.bytes,
            "{name} is encoded otherwise"
        );
    }
    assert!(committed("metadata.json") == about.as_bytes());
}

#[test]
fn the_committed_bytes_are_read_as_what_they_mean() {
    let mut decoder = Decoder::default();
    for (name, _, expected) in stream() {
        let committed = committed(&format!("{name}.bin"));
        let found = decoder.decode(&committed).unwrap();
        // As text, because what is absent is NaN, which equals nothing.
        assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{name}");
    }
    for name in ["pause", "resume", "restart", "speed", "seek"] {
        let committed = committed(&format!("client_{name}.bin"));
        let message = ClientMessage::from_message_pack(&committed).unwrap();
        let json = serde_json::to_value(&message).unwrap();
        assert_eq!(json["type"], name);
    }
}

#[test]
fn the_hot_encoder_writes_the_committed_bytes() {
    let mut out = Vec::new();
    for (name, _, message) in stream() {
        if let ServerMessage::GridUpdate(grid) = message {
            grid.encode(Float::F64, &mut out);
            assert!(out == committed(&format!("{name}.bin")), "{name}");
        }
    }
}
