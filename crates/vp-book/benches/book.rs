//! What a record costs the book alone, over a million synthetic records of a deep future, with the
//! best prices read after each, as a strategy would.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use vp_book::Book;
use vp_market::Record;
use vp_synth::{SynthConfig, SyntheticMarket};

const RECORDS: usize = 1_000_000;
const SEED: u64 = 20_260_206;

fn book(criterion: &mut Criterion) {
    let config = SynthConfig::preset("ESH6").expect("its own preset");
    let market = SyntheticMarket::new(&config.clone().with_seed(SEED));
    let records: Vec<Record> = market.into_records().take(RECORDS).collect();
    let mut group = criterion.benchmark_group("book");
    group
        .throughput(Throughput::Elements(RECORDS as u64))
        .sampling_mode(SamplingMode::Flat)
        .sample_size(20);
    group.bench_function("apply_and_read_best", |bencher| {
        bencher.iter(|| {
            let mut book = Book::new(config.tick());
            for record in &records {
                black_box(book.apply(record));
                black_box(book.bbo());
            }
            book
        });
    });
    group.bench_function("apply_and_read_best_with_queues", |bencher| {
        bencher.iter(|| {
            let mut book = Book::with_queues(config.tick());
            for record in &records {
                black_box(book.apply(record));
                black_box(book.bbo());
            }
            book
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_secs(1));
    targets = book
}
criterion_main!(benches);
