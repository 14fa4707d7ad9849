//! What options cost: a record of silver, over two minutes of a synthetic chain of 62, and a window
//! of gold.

use std::convert::Infallible;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dbn::decode::DecodeRecord;
use dbn::decode::dbn::Decoder;
use dbn::{InstrumentDefMsg, MboMsg};
use vp_ingest::{Counters, normalize};
use vp_market::{Instrument, Price, ProductTable, ProductType, Record, Right, TickSize};
use vp_synth::{
    Compression, OptionChain, SynthConfig, write_option_definitions, write_option_orders,
};
use vp_velocity::options::{
    OptionBook, OptionContract, OptionGold, OptionSilver, OptionWindow, SpotWindow, StrikeGrid,
};

const SECONDS: u64 = 120;
const WHOLE: &str = "a synthetic chain is whole";

type Order = (u32, OptionContract, Record);

fn instrument() -> Instrument {
    let table = ProductTable::embedded();
    let found = table.instrument(ProductType::FutureOptionMbo, "ESH6");
    found.expect("a known contract")
}

/// The orders of a chain, each with what its instrument is.
fn orders(chain: &OptionChain) -> Vec<Order> {
    let mut bytes = Vec::new();
    write_option_definitions(&mut bytes, chain, Compression::None).expect(WHOLE);
    let mut decoder = Decoder::new(bytes.as_slice()).expect(WHOLE);
    let mut contracts = std::collections::HashMap::new();
    while let Some(message) = decoder.decode_record::<InstrumentDefMsg>().expect(WHOLE) {
        let right = Right::from_letter(message.instrument_class.to_ne_bytes()[0]);
        let strike = Price::from_nanos(message.strike_price);
        if let Some((right, strike)) = right.zip(strike) {
            contracts.insert(message.hd.instrument_id, OptionContract { right, strike });
        }
    }
    let mut bytes = Vec::new();
    let length = Duration::from_secs(SECONDS);
    write_option_orders(&mut bytes, chain, length, Compression::None).expect(WHOLE);
    let mut decoder = Decoder::new(bytes.as_slice()).expect(WHOLE);
    let (mut orders, mut counters) = (Vec::new(), Counters::default());
    while let Some(message) = decoder.decode_record::<MboMsg>().expect(WHOLE) {
        let id = message.hd.instrument_id;
        orders.push((id, contracts[&id], normalize(message, &mut counters)));
    }
    orders
}

fn silver(
    grid: StrikeGrid,
    tick: TickSize,
    spots: &[SpotWindow],
    orders: &[Order],
    mut each: impl FnMut(&OptionWindow),
) {
    let mut silver = OptionSilver::<OptionBook>::new(grid, tick, spots.to_vec());
    let mut each = |window: &OptionWindow| {
        each(window);
        Ok::<(), Infallible>(())
    };
    for (id, contract, record) in orders {
        let Ok(()) = silver.apply(*id, *contract, record.ts_event, record, &mut each);
    }
    let Ok(()) = silver.finish(&mut each);
}

fn options(criterion: &mut Criterion) {
    let step = TickSize::from_nanos(5_000_000_000).expect("positive");
    let tick = TickSize::from_nanos(50_000_000).expect("positive");
    let config = SynthConfig::preset("ESH6").expect("a preset");
    let (start_ns, opening) = (config.start_ns(), config.opening().nanos());
    let chain = OptionChain::new(config, step, 15, 1_000).expect(WHOLE);
    let orders = orders(&chain);
    let first = start_ns / 1_000_000_000 + 1;
    let windows = (first..first + SECONDS).map(|second| SpotWindow {
        window_end_ts_ns: (second * 1_000_000_000).cast_signed(),
        spot_ref_price_int: Some(opening),
        book_valid: true,
    });
    let spots: Vec<_> = windows.collect();
    let grid = StrikeGrid::of(&instrument()).expect("its strikes are followed");

    let mut group = criterion.benchmark_group("options");
    group.throughput(Throughput::Elements(orders.len() as u64));
    group.bench_function("silver", |bencher| {
        bencher.iter(|| {
            silver(grid, tick, &spots, &orders, |window| {
                black_box(window);
            });
        });
    });
    let mut silver_windows = Vec::new();
    silver(grid, tick, &spots, &orders, |window| {
        silver_windows.push(window.clone());
    });
    group.throughput(Throughput::Elements(silver_windows.len() as u64));
    group.bench_function("gold", |bencher| {
        bencher.iter(|| {
            let mut gold = OptionGold::new(grid, 200);
            for window in &silver_windows {
                black_box(gold.apply(window.spot, &window.flow));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, options);
criterion_main!(benches);
