//! What a real session costs, stage by stage: decoding, the book, the engine, and decoding and
//! engine together, as `vp-live run` joins them.
//!
//! Input is ESH4 of 2023-12-25 where the real data is, else a synthetic file of about as many
//! records. It is laid end to end 20 times, a snapshot clear before each copy. A session's window
//! admits one date, so the file repeats its times, and each copy's day is added to the records
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
use vp_live::grids::{Moment, Tape};
use vp_live::session::grid_config;
use vp_market::{Instrument, ProductTable, ProductType};
use vp_replay::Stamp;
use vp_synth::{Compression, SynthConfig};
use vp_transport::message::{Field, Float};

const COPIES: usize = 20;
/// Event time between two grids.
const EMISSION_NS: u64 = 25_000_000;
const DAY_NS: u64 = 86_400_000_000_000;
/// The real session, in the shared folder.
const REAL: &str = "data/lake/raw/source=databento/product_type=future_mbo/symbol=ES/\
                    table=market_by_order_dbn/glbx-mdp3-20231225.mbo.dbn.zst";
/// Event time that takes the synthetic preset about as many records as the real session has.
const SYNTHETIC: Duration = Duration::from_mins(1);

/// One session as an uncompressed DBN file, and how to ask for it.
struct Session {
    bytes: Vec<u8>,
    symbol: &'static str,
    date: &'static str,
}

impl Session {
    fn find() -> Result<Self, Box<dyn Error>> {
        if let Some(path) = vp_testkit::shared::path(REAL) {
            return Ok(Self {
                bytes: zstd::decode_all(File::open(path)?)?,
                symbol: "ESH4",
                date: "2023-12-25",
            });
        }
        say("SPYMASTER_SHARED has no real session: THESE NUMBERS ARE OF A SYNTHETIC ONE");
        let mut bytes = Vec::new();
        let config = SynthConfig::preset("ESH6")?;
        vp_synth::write_dbn(&mut bytes, &config, SYNTHETIC, Compression::None)?;
        Ok(Self {
            bytes,
            symbol: "ESH6",
            date: "2026-02-06",
        })
    }

    fn instrument(&self) -> Result<Instrument, Box<dyn Error>> {
        Ok(ProductTable::embedded().instrument(ProductType::FutureMbo, self.symbol)?)
    }

    /// Returns the file of all copies, and how many records it has.
    fn repeated(&self) -> Result<(Vec<u8>, usize), Box<dyn Error>> {
        let mut decoder = DbnDecoder::new(self.bytes.as_slice())?;
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
        Ok((file, COPIES * (1 + messages.len())))
    }

    fn open(&self, path: &Path) -> Result<Source, Box<dyn Error>> {
        Ok(Source::open(SessionSpec {
            input: Input::File(path.into()),
            instrument: self.instrument()?,
            date: self.date.parse()?,
            instrument_id: None,
        })?)
    }

    /// Reads a file of copies to its end, each batch as it comes.
    fn read(&self, path: &Path, mut each: impl FnMut(&[Record])) -> Result<u64, Box<dyn Error>> {
        let mut source = self.open(path)?;
        let mut batch = Vec::new();
        while source.next_batch(&mut batch)? {
            each(&batch);
        }
        Ok(source.counters().delivered)
    }
}

/// Gives each copy, which its clear begins, a day of its own.
#[derive(Default)]
struct Days {
    offset_ns: Option<u64>,
}

impl Days {
    #[inline]
    fn shift(&mut self, record: &Record) -> Record {
        if record.action == Action::Clear && record.is_snapshot() {
            self.offset_ns = Some(self.offset_ns.map_or(0, |offset| offset + DAY_NS));
        }
        Record {
            ts_event: record.ts_event + self.offset_ns.unwrap_or(0),
            ..*record
        }
    }
}

/// Runs the stages and keeps how long every sample of each took.
struct Stages<'a> {
    criterion: &'a mut Criterion,
    records: usize,
    medians: Vec<(&'static str, Duration)>,
}

impl Stages<'_> {
    /// Measures one stage; `run` does all of it once.
    fn measure<T>(&mut self, name: &'static str, mut run: impl FnMut() -> T) {
        let mut samples = Vec::new();
        let mut group = self.criterion.benchmark_group("session");
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
            "{:<14} {:>14} {:>12}   medians over {} records",
            "stage", "records/s", "ns/record", self.records
        ));
        for (name, median) in &self.medians {
            #[expect(clippy::cast_precision_loss, reason = "printed to four digits")]
            let per_record = median.as_secs_f64() / self.records as f64;
            let (rate, nanos) = (1.0 / per_record, per_record * 1e9);
            say(&format!("{name:<14} {rate:>14.0} {nanos:>12.1}"));
        }
    }
}

#[expect(clippy::print_stderr, reason = "a benchmark reports to its terminal")]
fn say(line: &str) {
    eprintln!("{line}");
}

fn stages(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let session = Session::find()?;
    let config = grid_config(&session.instrument()?);
    let (file, count) = session.repeated()?;
    let folder = tempfile::tempdir()?;
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let (plain, compressed) = (path("session.dbn"), path("session.dbn.zst"));
    std::fs::write(&compressed, zstd::encode_all(file.as_slice(), 3)?)?;
    std::fs::write(&plain, file)?;

    let mut records = Vec::with_capacity(count);
    let mut days = Days::default();
    session.read(&plain, |batch| {
        records.extend(batch.iter().map(|record| days.shift(record)));
    })?;
    assert_eq!(records.len(), count, "the whole session is delivered");

    let read = |path: &Path, each: &mut dyn FnMut(&[Record])| {
        session
            .read(path, each)
            .expect("the file has been read before")
    };
    let decode_into_engine = |path: &Path| {
        let (mut engine, mut days) = (Engine::new(config), Days::default());
        read(path, &mut |batch| {
            for record in batch {
                black_box(engine.apply(&days.shift(record)));
            }
        });
        engine
    };
    let mut stages = Stages {
        criterion,
        records: count,
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
    // The yardstick of the next: nobody who reads this file can be faster than its decompression.
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
    stages(criterion).expect("the input can be written and read");
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4));
    targets = session
}
criterion_main!(benches);
