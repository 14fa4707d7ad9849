//! Contestants in turn, and the medians of what each took.

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// One who runs.
struct Contestant<'a> {
    name: &'static str,
    run: Box<dyn FnMut() -> Duration + 'a>,
    samples: Vec<Duration>,
}

/// Returns the time that this thread has had a processor: what others do meanwhile is left out.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Everybody on one input.
pub(crate) struct Race<'a> {
    records: usize,
    contestants: Vec<Contestant<'a>>,
}

impl<'a> Race<'a> {
    pub(crate) const fn new(records: usize) -> Self {
        Self {
            records,
            contestants: Vec::new(),
        }
    }

    /// Adds a contestant. What `work` returns is dropped after its clock has stopped.
    pub(crate) fn enter<T>(&mut self, name: &'static str, mut work: impl FnMut() -> T + 'a) {
        let run = move || {
            let started = processor_time();
            let result = black_box(work());
            let elapsed = processor_time() - started;
            drop(result);
            elapsed
        };
        self.contestants.push(Contestant {
            name,
            run: Box::new(run),
            samples: Vec::new(),
        });
    }

    /// Runs everybody that often, in turn, after one round that does not count.
    pub(crate) fn run(&mut self, rounds: usize) {
        for round in 0..=rounds {
            for contestant in &mut self.contestants {
                let elapsed = (contestant.run)();
                if round > 0 {
                    contestant.samples.push(elapsed);
                }
            }
        }
        for contestant in &mut self.contestants {
            contestant.samples.sort_unstable();
        }
    }

    fn nanos(&self, elapsed: Duration) -> f64 {
        elapsed.as_secs_f64() * 1e9 / self.records as f64
    }

    fn median(&self, name: &str) -> Option<f64> {
        let contestant = self
            .contestants
            .iter()
            .find(|contestant| contestant.name == name)?;
        let samples = &contestant.samples;
        samples
            .get(samples.len() / 2)
            .map(|median| self.nanos(*median))
    }

    /// Prints median, fastest and slowest of everybody.
    pub(crate) fn print(&self) {
        println!("| what | ns a record, median | fastest | slowest | million records/s |");
        println!("| --- | ---: | ---: | ---: | ---: |");
        for contestant in &self.contestants {
            let (Some(first), Some(last)) = (contestant.samples.first(), contestant.samples.last())
            else {
                continue;
            };
            let median = self.median(contestant.name).expect("it has samples");
            println!(
                "| {} | {median:.1} | {:.1} | {:.1} | {:.1} |",
                contestant.name,
                self.nanos(*first),
                self.nanos(*last),
                1e3 / median
            );
        }
        println!();
    }

    /// Prints the ratio of two medians beside what is to be reached.
    pub(crate) fn print_ratio(&self, of: &str, to: &str, reach: f64) {
        if let (Some(of_median), Some(to_median)) = (self.median(of), self.median(to)) {
            println!(
                "{of} / {to}: {:.2} (to reach: {reach})",
                of_median / to_median
            );
        }
    }
}
