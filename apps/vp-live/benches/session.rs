//! What a session costs, stage by stage: decoding, the book, the engine, and decoding and engine
//! together, as `vp-live run` joins them.
//!
//! Input is ESH4 of 2023-12-25 where the real data is, laid end to end 20 times, a snapshot clear
//! before each copy; then a synthetic session of over five million records. A session's window
//! admits one date, so the real file repeats its times, and each copy's day is added to the records
//! after decoding: without it time would stand still in all copies but the first.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use dbn::decode::{DbnDecoder, DbnMetadata, DecodeRecord};
use dbn::encode::{DbnEncoder, EncodeRecord};
use dbn::{MboMsg, UNDEF_PRICE, flags};
use vp_engine::{Action, Book, Engine, Record};
use vp_ingest::{Input, SessionSpec, Source};
use vp_live::encode::{Aging, FrameEncoder};
use vp_market::{Instrument, ProductTable, ProductType};
use vp_replay::Stamp;
use vp_session::grid_config;
use vp_session::{Moment, Tape};
use vp_synth::{Compression, SynthConfig};
use vp_wire::{Field, Float};

/// How often the real session is laid end to end.
const COPIES: usize = 20;
/// Event time between two grids.
const EMISSION_NS: u64 = 25_000_000;
const DAY_NS: u64 = 86_400_000_000_000;
/// The real session, in the shared folder.
const REAL: &str = "data/lake/raw/source=databento/product_type=future_mbo/symbol=ES/\
                    table=market_by_order_dbn/glbx-mdp3-20231225.mbo.dbn.zst";
/// Event time in which the synthetic preset has over five million records.
const SYNTHETIC: Duration = Duration::from_mins(84);

/// One session as an uncompressed DBN file, and how to ask for it.
struct Session {
    /// What its figures are called.
    name: &'static str,
    bytes: Vec<u8>,
    symbol: &'static str,
    date: &'static str,
}

impl Session {
    fn real() -> Result<Option<Self>, Box<dyn Error>> {
        let Some(path) = vp_testkit::shared::path(REAL) else {
            say("SPYMASTER_SHARED has no real session: SYNTHETIC FIGURES ONLY");
            return Ok(None);
        };
        let once = zstd::decode_all(File::open(path)?)?;
        Ok(Some(Self {
            name: "esh4",
            bytes: repeated(&once)?,
            symbol: "ESH4",
            date: "2023-12-25",
        }))
    }

    fn synthetic() -> Result<Self, Box<dyn Error>> {
        let mut bytes = Vec::new();
        let config = SynthConfig::preset("ESH6")?;
        vp_synth::write_dbn(&mut bytes, &config, SYNTHETIC, Compression::None)?;
        Ok(Self {
            name: "synthetic",
            bytes,
            symbol: "ESH6",
            date: "2026-02-06",
        })
    }

    fn instrument(&self) -> Result<Instrument, Box<dyn Error>> {
        Ok(ProductTable::embedded().instrument(ProductType::FutureMbo, self.symbol)?)
    }

    fn open(&self, path: &Path) -> Result<Source, Box<dyn Error>> {
        Ok(Source::open(SessionSpec {
            input: Input::File(path.into()),
            instrument: self.instrument()?,
            date: self.date.parse()?,
            instrument_id: None,
            publisher: None,
        })?)
    }

    /// Reads the file to its end, each batch as it comes.
    fn read(
        &self,
        path: &Path,
        mut each: impl FnMut(&mut [Record]),
    ) -> Result<u64, Box<dyn Error>> {
        let mut source = self.open(path)?;
        let mut batch = Vec::new();
        while source.next_batch(&mut batch)? {
            each(&mut batch);
        }
        Ok(source.counters().delivered)
    }
}

/// Returns the file of all copies.
fn repeated(once: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut decoder = DbnDecoder::new(once)?;
    let metadata = decoder.metadata().clone();
    let mut messages = Vec::new();
    while let Some(message) = decoder.decode_record::<MboMsg>()? {
        messages.push(message.clone());
    }
    let mut clear = messages.first().ok_or("the session is empty")?.clone();
    clear.action = b'R'.cast_signed();
    clear.side = b'N'.cast_signed();
    clear.order_id = 0;
    clear.price = UNDEF_PRICE;
    clear.size = 0;
    clear.flags = flags::SNAPSHOT.into();
    let mut file = Vec::new();
    let mut encoder = DbnEncoder::new(&mut file, &metadata)?;
    for _ in 0..COPIES {
        encoder.encode_record(&clear)?;
        for message in &messages {
            encoder.encode_record(message)?;
        }
    }
    Ok(file)
}

/// Gives each copy, which its clear begins, a day of its own.
#[derive(Default)]
struct Days {
    offset_ns: Option<u64>,
}

impl Days {
    #[inline]
    fn shift(&mut self, record: &mut Record) {
        if record.action == Action::Clear && record.is_snapshot() {
            self.offset_ns = Some(self.offset_ns.map_or(0, |offset| offset + DAY_NS));
        }
        record.ts_event += self.offset_ns.unwrap_or(0);
    }
}

/// Runs the stages and keeps how long every sample of each took.
struct Stages<'a> {
    session: &'static str,
    criterion: &'a mut Criterion,
    records: usize,
    medians: Vec<(&'static str, Duration)>,
}

impl Stages<'_> {
    /// Measures one stage; `run` does all of it once.
    fn measure<T>(&mut self, name: &'static str, mut run: impl FnMut() -> T) {
        let mut samples = Vec::new();
        let mut group = self.criterion.benchmark_group(self.session);
        group
            .throughput(Throughput::Elements(self.records as u64))
            .sampling_mode(SamplingMode::Flat)
            .sample_size(15);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|iterations| {
                let mut total = Duration::ZERO;
                for _ in 0..iterations {
                    let started = Instant::now();
                    let result = black_box(run());
                    let elapsed = started.elapsed();
                    drop(result);
                    samples.push(elapsed);
                    total += elapsed;
                }
                total
            });
        });
        group.finish();
        samples.sort_unstable();
        // A filter on the command line leaves stages out.
        if let Some(median) = samples.get(samples.len() / 2) {
            self.medians.push((name, *median));
        }
    }

    fn print(&self) {
        say(&format!(
            "{:<14} {:>14} {:>12}   medians over {} records of {}",
            "stage", "records/s", "ns/record", self.records, self.session
        ));
        for (name, median) in &self.medians {
            #[expect(clippy::cast_precision_loss, reason = "printed to four digits")]
            let per_record = median.as_secs_f64() / self.records as f64;
            let (rate, nanos) = (1.0 / per_record, per_record * 1e9);
            say(&format!("{name:<14} {rate:>14.0} {nanos:>12.1}"));
        }
        for (stage, yardstick) in [("engine_grids", "engine"), ("run_zst", "zstd_alone")] {
            let median = |name| self.medians.iter().find(|it| it.0 == name).map(|it| it.1);
            if let (Some(stage_time), Some(yard_time)) = (median(stage), median(yardstick)) {
                let ratio = stage_time.as_secs_f64() / yard_time.as_secs_f64();
                say(&format!("{stage} over {yardstick}: {ratio:.2}"));
            }
        }
    }
}

#[expect(clippy::print_stderr, reason = "a benchmark reports to its terminal")]
fn say(line: &str) {
    eprintln!("{line}");
}

fn stages(criterion: &mut Criterion, mut session: Session) -> Result<(), Box<dyn Error>> {
    let config = grid_config(&session.instrument()?);
    let folder = tempfile::tempdir()?;
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let (plain, compressed) = (path("session.dbn"), path("session.dbn.zst"));
    let bytes = std::mem::take(&mut session.bytes);
    std::fs::write(&compressed, zstd::encode_all(bytes.as_slice(), 3)?)?;
    std::fs::write(&plain, bytes)?;

    let (mut records, mut days) = (Vec::new(), Days::default());
    session.read(&plain, |batch| {
        for record in batch.iter_mut() {
            days.shift(record);
        }
        records.extend_from_slice(batch);
    })?;

    let read = |path: &Path, each: &mut dyn FnMut(&mut [Record])| {
        session
            .read(path, each)
            .expect("the file has been read before")
    };
    let decode_into_engine = |path: &Path| {
        let (mut engine, mut days) = (Engine::new(config), Days::default());
        read(path, &mut |batch| {
            for record in batch {
                days.shift(record);
                black_box(engine.apply(record));
            }
        });
        engine
    };
    let mut stages = Stages {
        session: session.name,
        criterion,
        records: records.len(),
        medians: Vec::new(),
    };
    stages.measure("decode", || {
        read(&plain, &mut |batch| {
            black_box(batch);
        })
    });
    stages.measure("decode_zst", || {
        read(&compressed, &mut |batch| {
            black_box(batch);
        })
    });
    stages.measure("book", || {
        let mut book = Book::new(config.price_tick());
        for record in &records {
            black_box(book.apply(record));
            black_box(book.bbo());
        }
        book
    });
    stages.measure("engine", || {
        let mut engine = Engine::new(config);
        for record in &records {
            black_box(engine.apply(record));
        }
        engine
    });
    stages.measure("engine_grids", || {
        let (mut engine, tape) = (Engine::new(config), Tape::new());
        let mut frames = FrameEncoder::new(Aging::Frozen, Field::grid(Float::F64));
        let (mut due, mut seq) = (0, 0);
        for record in &records {
            black_box(engine.apply(record));
            if record.ts_event >= due {
                due = record.ts_event + EMISSION_NS;
                seq += 1;
                let stamp = Stamp { seq, epoch: 1 };
                let (engine, tape) = (&engine, &tape);
                black_box(frames.encode(Moment {
                    stamp,
                    engine,
                    tape,
                }));
            }
        }
        engine
    });
    stages.measure("run", || decode_into_engine(&plain));
    // The yardstick of the next: no reader of this file can be faster than its decompression.
    stages.measure("zstd_alone", || {
        decompress(&compressed).expect("it has been read before")
    });
    stages.measure("run_zst", || decode_into_engine(&compressed));
    stages.print();
    Ok(())
}

/// Decompresses a file block by block and returns how many bytes it held.
fn decompress(path: &Path) -> std::io::Result<usize> {
    let mut decoder = zstd::Decoder::new(File::open(path)?)?;
    let mut block = vec![0; 1 << 18];
    let mut total = 0;
    loop {
        match decoder.read(black_box(&mut block))? {
            0 => return Ok(total),
            read => total += read,
        }
    }
}

fn session(criterion: &mut Criterion) {
    let real = Session::real().expect("the real session can be read");
    for session in real
        .into_iter()
        .chain([Session::synthetic().expect("it has a preset")])
    {
        stages(criterion, session).expect("the input can be written and read");
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4));
    targets = session
}
criterion_main!(benches);
