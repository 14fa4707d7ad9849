//! `velocity run`: the partitions of one or several dates, side by side.

mod bars;
mod plan;
mod subject;
mod summary;

use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use crate::args::{self, RunArgs};
use crate::dates::Dates;
use crate::{Verdict, log};
use bars::Bars;
use plan::Plan;
use subject::Subject;
use summary::{Made, Summary};
use vp_cli::report;

/// Makes what is asked for, and prints a summary of it.
///
/// # Errors
/// If the arguments contradict each other or name no instrument. What fails later is part of the
/// summary.
pub fn run(args: &RunArgs) -> anyhow::Result<Verdict> {
    let bars = Bars::new();
    log::start(&args.log_level, bars.inner())?;
    let subject = Subject::from_args(args, &bars)?;
    let plan = Plan::new(args, &subject)?;
    let started = Instant::now();
    let made = side_by_side(&plan, &subject.dates, args::workers(args.workers), &bars);
    let summary = Summary {
        made,
        elapsed: started.elapsed(),
    };
    if args.json {
        report::print(&format_args!("{:#}\n", summary.json()))?;
    } else {
        report::print(&summary)?;
        for error in summary.errors() {
            report::error(error);
        }
    }
    Ok(summary.verdict())
}

/// Works on the dates, some at a time, and returns what came of them in their order.
fn side_by_side(plan: &Plan, dates: &Dates, workers: usize, bars: &Bars) -> Made {
    let waiting = Mutex::new(dates.days());
    let done = Mutex::new(Vec::new());
    let next = || waiting.lock().ok()?.next();
    thread::scope(|scope| {
        for _ in 0..workers.min(dates.days().count()) {
            scope.spawn(|| {
                while let Some(date) = next() {
                    let made = plan.run(date, bars);
                    if let Ok(mut done) = done.lock() {
                        done.push((date, made));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(date, _)| *date);
    let mut all = Made::default();
    for (_, made) in done {
        all.rows.extend(made.rows);
        all.left_out.extend(made.left_out);
    }
    all
}
