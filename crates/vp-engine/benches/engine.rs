//! What a record costs the engine, book and grid together, over a million synthetic records of a
//! deep future; and what it costs to read the grid.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use vp_engine::{Engine, GridConfig, GridSnapshot, Record};
use vp_synth::{SynthConfig, SyntheticMarket};

const RECORDS: usize = 1_000_000;
const SEED: u64 = 20_260_206;
/// The least event time between two grids that are read.
const EMISSION_NS: u64 = 25_000_000;

/// A million records, and the grid of their product.
fn session() -> (Vec<Record>, GridConfig) {
    let config = SynthConfig::preset("ESH6").expect("its own preset");
    let market = SyntheticMarket::new(&config.clone().with_seed(SEED));
    let records = market.into_records().take(RECORDS).collect();
    (records, GridConfig::new(config.tick()))
}

fn engine(criterion: &mut Criterion) {
    let (records, config) = session();
    let mut group = criterion.benchmark_group("engine");
    group
        .throughput(Throughput::Elements(RECORDS as u64))
        .sampling_mode(SamplingMode::Flat)
        .sample_size(20);
    group.bench_function("apply", |bencher| {
        bencher.iter(|| {
            let mut engine = Engine::new(config);
            for record in &records {
                black_box(engine.apply(record));
            }
            engine
        });
    });
    group.bench_function("apply_and_read_every_25_ms", |bencher| {
        bencher.iter(|| {
            let mut engine = Engine::new(config);
            let mut snapshot = GridSnapshot::of(engine.grid());
            let mut due_ns = 0;
            for record in &records {
                if engine.apply(record).commits > 0 && engine.grid().ts_ns() >= Some(due_ns) {
                    due_ns = engine.grid().ts_ns().unwrap_or(0) + EMISSION_NS;
                    snapshot.fill(engine.grid());
                    black_box(&snapshot);
                }
            }
            engine
        });
    });
    group.finish();
}

fn grid(criterion: &mut Criterion) {
    let (records, config) = session();
    let mut engine = Engine::new(config);
    for record in &records {
        engine.apply(record);
    }
    let grid = engine.grid();
    let mut snapshot = GridSnapshot::of(grid);
    let mut group = criterion.benchmark_group("grid");
    group.throughput(Throughput::Elements(1));
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            snapshot.fill(black_box(grid));
            black_box(&snapshot);
        });
    });
    group.bench_function("read_decayed", |bencher| {
        bencher.iter(|| {
            snapshot.fill_decayed(black_box(grid), grid.ts_ns().unwrap_or(0) + EMISSION_NS);
            black_box(&snapshot);
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4));
    targets = engine, grid
}
criterion_main!(benches);
