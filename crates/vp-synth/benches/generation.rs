//! Time to generate records, one number per kind of market.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vp_synth::{SynthConfig, SyntheticMarket};

const RECORDS: usize = 100_000;

fn generation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("generation");
    group.throughput(Throughput::Elements(RECORDS as u64));
    for symbol in SynthConfig::presets() {
        let config = SynthConfig::preset(symbol).expect("its own preset");
        let mut market = SyntheticMarket::new(&config);
        let mut records = Vec::with_capacity(2 * RECORDS);
        group.bench_function(symbol, |bencher| {
            bencher.iter(|| {
                records.clear();
                while records.len() < RECORDS {
                    market.next_event(&mut records);
                }
                black_box(records.last());
            });
        });
    }
    group.finish();
}

criterion_group!(benches, generation);
criterion_main!(benches);
