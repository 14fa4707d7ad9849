//! `download status`: the orders by state, and what to do next.

use std::collections::BTreeMap;
use std::fmt;

use vp_databento::{Entry, JobKey, JobState, Market, NextStep, Tracker, Usd};
use vp_lake::{LAKE_VARIABLE, Lake};

use crate::args::StatusArgs;
use crate::report;
use vp_cli::report::Bytes;

/// Runs the command.
pub(crate) fn run(args: &StatusArgs) -> anyhow::Result<()> {
    let lake = Lake::resolve(args.lake.clone(), std::env::var_os(LAKE_VARIABLE));
    for market in Market::ALL {
        let entries = Tracker::read(&lake, market)?;
        report::print(&Status {
            market,
            entries: &entries,
            all: args.all,
        })?;
    }
    Ok(())
}

/// The orders of a market.
struct Status<'a> {
    market: Market,
    entries: &'a BTreeMap<JobKey, Entry>,
    all: bool,
}

/// What the jobs in one state come to.
#[derive(Default)]
struct Sum {
    jobs: u64,
    bytes: u64,
    cost: Usd,
}

impl Sum {
    fn add(&mut self, entry: &Entry) {
        self.jobs += 1;
        self.bytes = self.bytes.saturating_add(entry.bytes());
        self.cost += entry.cost.unwrap_or_default();
    }

    fn row(&self, f: &mut fmt::Formatter<'_>, name: &str, next: &str) -> fmt::Result {
        let (jobs, size, cost) = (self.jobs, Bytes(self.bytes), self.cost);
        write!(f, "  {name:<12} {jobs:>6} {size:>10} {cost:>10}  {next}")
    }
}

impl fmt::Display for Status<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let market = self.market;
        if self.entries.is_empty() {
            return write!(f, "{market}: nothing has been ordered");
        }
        writeln!(f, "{market}")?;
        writeln!(
            f,
            "  {:<12} {:>6} {:>10} {:>10}  next",
            "state", "jobs", "size", "cost"
        )?;
        let mut by_state: BTreeMap<&JobState, Sum> = BTreeMap::new();
        let mut total = Sum::default();
        for entry in self.entries.values() {
            by_state.entry(&entry.state).or_default().add(entry);
            total.add(entry);
        }
        for (state, sum) in by_state {
            sum.row(f, state.name(), next(market, state))?;
            writeln!(f)?;
        }
        total.row(f, "total", "")?;
        let listed = |entry: &Entry| {
            self.all || entry.state != JobState::Downloaded || entry.error.is_some()
        };
        for (key, entry) in self.entries.iter().filter(|(_, entry)| listed(entry)) {
            let id = entry.job_id.as_deref().unwrap_or("-");
            let cost = entry
                .cost
                .map_or_else(|| "-".to_owned(), |cost| cost.to_string());
            write!(f, "\n  {:<12} {key}  {id} {cost}", entry.state.name())?;
            if let Some(error) = &entry.error {
                write!(f, "\n               {error}")?;
            }
        }
        Ok(())
    }
}

fn next(market: Market, state: &JobState) -> &'static str {
    match (state.next_step(), market) {
        (NextStep::Nothing, _) => "nothing, its files are in the lake",
        (NextStep::Poll, Market::Futures) => "download futures poll",
        (NextStep::Poll, Market::Equities) => "download equities poll",
        (NextStep::Submit, Market::Futures) => {
            "download futures submit, which orders it if need be"
        }
        (NextStep::Submit, Market::Equities) => {
            "download equities submit, which orders it if need be"
        }
        (NextStep::Reorder, _) => "submit with --reorder-expired, which costs again",
    }
}
