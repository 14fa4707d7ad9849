//! What a window costs in silver and in gold, in processor time and without files: a quarter of an
//! hour of a deep synthetic future, and two hours of a real one with eleven thousand resting orders
//! where the shared data is there.

mod processor_time;

use std::convert::Infallible;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use vp_ingest::{Input, SessionSpec, Source};
use vp_lake::Lake;
use vp_market::{Instrument, ProductTable, ProductType, Record, Side};
use vp_synth::{SynthConfig, SyntheticMarket};
use vp_velocity::Session;
use vp_velocity::gold::{Field, Gold};
use vp_velocity::silver::{Lattice, Silver, SilverConfig, SilverWindow};

use processor_time::ProcessorTime;

const SEED: u64 = 20_260_206;

/// Records of a session, and what silver is made of them.
struct Case {
    name: &'static str,
    records: Vec<Record>,
    config: SilverConfig,
    half_width: u32,
}

impl Case {
    fn new(
        name: &'static str,
        instrument: &Instrument,
        records: Vec<Record>,
        session: Session,
    ) -> Self {
        Self {
            name,
            records,
            config: SilverConfig {
                tick: instrument.product.tick,
                lattice: Lattice::of(instrument),
                session,
            },
            half_width: Gold::half_width_of(instrument),
        }
    }

    /// A million records of the synthetic ESH6, about a thousand a second.
    fn synthetic() -> Self {
        let es = future("ESH6");
        let config = SynthConfig::preset("ESH6").expect("its own preset");
        let market = SyntheticMarket::new(&config.with_seed(SEED));
        let records: Vec<_> = market.into_records().take(1_000_000).collect();
        let span = |record: Option<&Record>| record.expect("records").ts_event;
        let session = Session::new(span(records.first()), span(records.last()));
        Self::new("synthetic", &es, records, session)
    }

    /// Two hours of ESH4, a holiday's evening, where the shared data is there.
    fn real() -> Option<Self> {
        let lake = vp_testkit::shared::path("data/lake")?;
        let es = future("ESH4");
        let mut source = Source::open(SessionSpec {
            input: Input::Lake(Lake::new(lake)),
            instrument: es.clone(),
            date: "2023-12-25".parse().expect("a date"),
            instrument_id: None,
            publisher: None,
        })
        .expect("the shared session");
        let (mut records, mut batch) = (Vec::new(), Vec::new());
        while source.next_batch(&mut batch).expect("a batch") {
            records.append(&mut batch);
        }
        let session = Session::new(1_703_541_600_000_000_000, 1_703_548_800_000_000_000);
        Some(Self::new("ESH4", &es, records, session))
    }

    fn silver(&self, mut each: impl FnMut(&SilverWindow)) {
        let mut silver = Silver::new(self.config);
        let mut each = |window: &SilverWindow| {
            each(window);
            Ok::<(), Infallible>(())
        };
        for record in &self.records {
            let Ok(()) = silver.apply(record, &mut each);
        }
        let Ok(()) = silver.finish(each);
    }
}

fn future(symbol: &str) -> Instrument {
    let table = ProductTable::embedded();
    table
        .instrument(ProductType::FutureMbo, symbol)
        .expect("a known symbol")
}

fn windows(criterion: &mut Criterion<ProcessorTime>) {
    for case in std::iter::once(Case::synthetic()).chain(Case::real()) {
        let mut silver = Vec::new();
        case.silver(|window| silver.push(window.clone()));
        let mut group = criterion.benchmark_group(case.name);
        group
            .throughput(Throughput::Elements(silver.len() as u64))
            .sampling_mode(SamplingMode::Flat)
            .sample_size(10);
        group.bench_function("silver", |bencher| {
            bencher.iter(|| case.silver(|window| _ = black_box(window)));
        });
        group.bench_function("gold", |bencher| {
            bencher.iter(|| {
                let mut gold = Gold::new(case.half_width);
                for window in &silver {
                    let surface = gold
                        .apply(&window.rows)
                        .and_then(|gold| gold.surface(Side::Ask));
                    black_box(surface.map(|surface| surface.column(Field::PressureGrad)));
                }
            });
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .with_measurement(ProcessorTime)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = windows
}
criterion_main!(benches);
