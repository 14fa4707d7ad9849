//! What it costs to encode one grid: 21 columns of 101 rows.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vp_wire::{Column, DType, Field, Float, GridUpdate, Numbers};

fn encode(criterion: &mut Criterion) {
    let ks: Vec<i32> = (-50..=50).collect();
    let floats: Vec<f64> = ks.iter().map(|&k| f64::from(k).exp()).collect();
    let events: Vec<i64> = ks.iter().map(|&k| i64::from(k) + 1_000_000).collect();
    let columns = Field::GRID.map(|(name, dtype)| {
        let numbers = match dtype {
            DType::I32 => Numbers::I32((&ks).into()),
            DType::I64 => Numbers::I64((&events).into()),
            DType::F64 => Numbers::F64((&floats).into()),
            DType::U8 | DType::U32 | DType::U64 | DType::F32 => panic!("no column is {dtype:?}"),
        };
        Column::new(name, numbers)
    });
    let update = GridUpdate {
        seq: 1_000,
        epoch: 3,
        ts_ns: 1_770_388_200_000_000_000,
        event_id: 1_000_000,
        mid_price: Some(25_000.125),
        spot_ref_price_int: Some(25_000_000_000_000),
        best_bid_price_int: Some(25_000_000_000_000),
        best_ask_price_int: Some(25_000_250_000_000),
        last_trade_price_int: Some(25_000_250_000_000),
        book_valid: true,
        columns: (&columns[..]).into(),
        ..GridUpdate::default()
    };
    let mut group = criterion.benchmark_group("encode");
    for (name, float) in [("f64", Float::F64), ("f32", Float::F32)] {
        let mut out = Vec::new();
        update.encode(float, &mut out);
        group.throughput(Throughput::Bytes(out.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(&update).encode(float, black_box(&mut out)));
        });
    }
    group.finish();
}

criterion_group!(benches, encode);
criterion_main!(benches);
