//! Other people's order books on the records of ours: a yardstick, never shipped.
//!
//! Every contestant gets the same records in types of its own, made before its clock starts, and
//! its best bid and ask are read after every record. They run in turn, so that a slow minute of
//! the machine is everybody's. Nothing here decides whether a book is right: how far the others
//! agree with ours is printed beside the times.

mod agreement;
mod decoding;
mod flow;
mod hft;
mod input;
mod nautilus;
mod ours;
mod race;

use anyhow::Context;

use input::Input;
use race::Race;

/// Records of the synthetic input, at least.
const SYNTHETIC_RECORDS: usize = 5_000_000;
/// Times that every contestant runs, if the command line does not say.
const RUNS: usize = 7;

fn main() -> anyhow::Result<()> {
    let runs = match std::env::args().nth(1) {
        Some(runs) => runs.parse().context("the argument is how often to run")?,
        None => RUNS,
    };
    match Input::real()? {
        Some(input) => measure(&input, runs)?,
        None => println!("SKIPPED: SPYMASTER_SHARED has no real session\n"),
    }
    measure(&Input::synthetic(SYNTHETIC_RECORDS)?, runs)
}

/// Prints how far the books agree, and the medians of all contestants on one input.
fn measure(input: &Input, runs: usize) -> anyhow::Result<()> {
    println!("## {}\n", input.name);
    let steps = flow::resolve(&input.records);
    println!(
        "{} records, {} steps for the other books; {} runs in turn\n",
        input.records.len(),
        steps.len(),
        runs
    );
    let hft_steps = hft::steps(&steps, input.tick);
    let deltas = nautilus::deltas(&steps);
    let (lowest, highest) = flow::price_range(&steps).context("no order has a price")?;
    let roi = hft::Range::new(lowest, highest, input.tick);
    agreement::print(input, &steps, &hft_steps, roi, &deltas);

    let mut race = Race::new(input.records.len());
    race.enter("dbn, as-is", || decoding::all(&input.dbn));
    race.enter("vp-book", || ours::book(input));
    race.enter("vp-book with queues", || ours::book_with_queues(input));
    race.enter("vp-engine (book + grid)", || ours::engine(input));
    race.enter("hftbacktest, ROI vector L3", || {
        hft::roi(&hft_steps, input.tick, roi)
    });
    race.enter("hftbacktest, hash map L3", || {
        hft::hash_map(&hft_steps, input.tick)
    });
    race.enter("nautilus-model, L3", || nautilus::book(&deltas));
    race.run(runs);
    race.print();
    race.print_ratio("vp-book", "hftbacktest, ROI vector L3", 0.65);
    race.print_ratio("vp-book with queues", "vp-book", 1.6);
    race.print_ratio("vp-engine (book + grid)", "nautilus-model, L3", 0.5);
    println!();
    Ok(())
}
