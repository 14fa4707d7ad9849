//! What grows with what: the cost of a record with the orders that rest, with the width of the
//! grid, and with how often a grid is emitted. What a viewer costs is measured where viewers are,
//! in the fan-out benchmark of `vp-transport`.

#[path = "scaling/crowd.rs"]
mod crowd;

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use crowd::Crowd;
use vp_engine::{Book, Engine, GridConfig, Record};
use vp_live::encode::{Aging, FrameEncoder};
use vp_replay::{Stamp, Throttle};
use vp_session::{Moment, Tape};
use vp_synth::{SynthConfig, SyntheticMarket};
use vp_wire::{Field, Float};

/// Times that everything is measured; the tables show medians.
const RUNS: usize = 5;
/// Records of a run.
const RECORDS: usize = 400_000;

fn main() -> Result<(), Box<dyn Error>> {
    with_orders();
    let config = SynthConfig::preset("ESH6")?;
    let records: Vec<_> = SyntheticMarket::new(&config)
        .into_records()
        .take(RECORDS)
        .collect();
    let grid = GridConfig::new(config.tick());
    with_width(&records, grid)?;
    with_emission(&records, grid);
    Ok(())
}

/// Orders come, go and change while so many others rest.
fn with_orders() {
    say("\n| resting orders | levels | book, ns a record | book + grid, ns a record |");
    say("| ---: | ---: | ---: | ---: |");
    for orders in [1_000, 10_000, 100_000, 1_000_000, 10_000_000] {
        let mut crowd = Crowd::new();
        let arrivals = crowd.gather(orders);
        let runs: Vec<_> = (0..RUNS).map(|_| crowd.flow(RECORDS)).collect();

        let mut book = Book::new(crowd::TICK);
        for record in &arrivals {
            book.apply(record);
        }
        let of_book = median(runs.iter().map(|run| {
            timed(|| {
                for ahead in run.chunks(Book::PREFETCH) {
                    book.prefetch(ahead);
                    for record in ahead {
                        black_box(book.apply(record));
                        black_box(book.bbo());
                    }
                }
            })
        }));
        assert_eq!(book.order_count(), crowd.len(), "no order was lost");
        let levels: usize = vp_engine::Side::BOTH
            .map(|side| book.level_count(side))
            .iter()
            .sum();
        drop(book);

        let mut engine = Engine::new(GridConfig::new(crowd::TICK));
        for record in &arrivals {
            engine.apply(record);
        }
        let of_engine = median(runs.iter().map(|run| {
            timed(|| {
                engine.apply_batch(run, |grid| _ = black_box(grid.events()));
            })
        }));
        say(&format!(
            "| {orders} | {levels} | {:.1} | {:.1} |",
            nanos(of_book, RECORDS),
            nanos(of_engine, RECORDS)
        ));
    }
}

/// The grid has K buckets on either side.
fn with_width(records: &[Record], grid: GridConfig) -> Result<(), Box<dyn Error>> {
    say("\n| K | book + grid, ns a record | copy and encode a grid, ns | bytes |");
    say("| ---: | ---: | ---: | ---: |");
    for half_width in [10, 50, 100, 200, 500, 1_000] {
        let config = grid.with_half_width(half_width)?;
        let of_record = median((0..RUNS).map(|_| {
            let mut engine = Engine::new(config);
            timed(|| {
                for record in records {
                    black_box(engine.apply(record));
                }
            })
        }));
        let mut engine = Engine::new(config);
        for record in records {
            engine.apply(record);
        }
        let mut emitter = Emitter::new();
        // Another engine each time, so that every grid is copied and encoded whole.
        let other = engine.clone();
        let length = emitter.emit(&engine);
        let of_grid = median((0..RUNS).map(|_| {
            timed(|| {
                for _ in 0..500 {
                    emitter.emit(black_box(&other));
                    emitter.emit(black_box(&engine));
                }
            })
        }));
        say(&format!(
            "| {half_width} | {:.1} | {:.0} | {} |",
            nanos(of_record, records.len()),
            nanos(of_grid, 1_000),
            length
        ));
    }
    Ok(())
}

/// A grid is copied and encoded each interval of event time.
fn with_emission(records: &[Record], grid: GridConfig) {
    say("\n| emission | grids a record | ns a record |");
    say("| --- | ---: | ---: |");
    for (name, interval_ns) in [
        ("never", None),
        ("every 250 ms", Some(250_000_000)),
        ("every 25 ms", Some(25_000_000)),
        ("every 1 ms", Some(1_000_000)),
        ("every event", Some(0)),
    ] {
        let mut emitter = Emitter::new();
        let elapsed = median((0..RUNS).map(|_| {
            emitter.grids = 0;
            timed(|| emitter.run(records, grid, interval_ns))
        }));
        #[expect(clippy::cast_precision_loss, reason = "printed to three digits")]
        let share = emitter.grids as f64 / records.len() as f64;
        say(&format!(
            "| {name} | {share:.3} | {:.1} |",
            nanos(elapsed, records.len())
        ));
    }
}

/// Encodes grids as the program does.
struct Emitter {
    frames: FrameEncoder,
    tape: Tape,
    grids: usize,
}

impl Emitter {
    fn new() -> Self {
        Self {
            frames: FrameEncoder::new(Aging::Frozen, Field::grid(Float::F64)),
            tape: Tape::new(),
            grids: 0,
        }
    }

    fn run(&mut self, records: &[Record], grid: GridConfig, interval_ns: Option<u64>) {
        let mut engine = Engine::new(grid);
        let mut throttle = interval_ns.map(Throttle::new);
        for record in records {
            if let Some(throttle) = &mut throttle
                && throttle.reach(record.ts_event)
            {
                self.emit(&engine);
            }
            let commits = black_box(engine.apply(record)).commits;
            if let Some(throttle) = &mut throttle
                && commits > 0
                && throttle.commit(engine.grid().ts_ns().unwrap_or(0))
            {
                self.emit(&engine);
            }
        }
    }

    fn emit(&mut self, engine: &Engine) -> usize {
        self.grids += 1;
        let moment = Moment {
            stamp: Stamp { seq: 1, epoch: 0 },
            engine,
            tape: &self.tape,
        };
        black_box(self.frames.encode(moment)).len()
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn median(samples: impl Iterator<Item = Duration>) -> Duration {
    let mut samples: Vec<_> = samples.collect();
    samples.sort_unstable();
    samples[samples.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "printed to four digits")]
fn nanos(elapsed: Duration, of: usize) -> f64 {
    elapsed.as_secs_f64() * 1e9 / of as f64
}

#[expect(clippy::print_stderr, reason = "a benchmark reports to its terminal")]
fn say(line: &str) {
    eprintln!("{line}");
}
