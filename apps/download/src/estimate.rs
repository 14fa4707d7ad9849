//! `download estimate` and `--dry-run`: the jobs and what they cost, by free calls alone.

use vp_databento::{JobRequest, Market, Selection, Tracker, Usd, missing, price};

use crate::args::{EstimateArgs, EstimateMarket};
use crate::connection::{Connection, wait_for};
use crate::orders::{report_failures, show};
use crate::survey::{failure, survey};
use crate::{report, select};

/// Runs the command.
pub(crate) fn run(args: &EstimateArgs) -> anyhow::Result<()> {
    match &args.market {
        EstimateMarket::Futures { wanted, common } => {
            let selection = select::futures(wanted)?;
            let connection = Connection::new(common)?;
            wait_for(futures(&connection, &selection))
        }
        EstimateMarket::Equities { wanted, common } => {
            let selection = select::equities(wanted)?;
            let connection = Connection::new(common)?;
            wait_for(equities(&connection, &selection))
        }
    }
}

/// Estimates futures. Options that have not been looked up yet cost at most what their whole family
/// does.
pub(crate) async fn futures(connection: &Connection, selection: &Selection) -> anyhow::Result<()> {
    let mut surveyed = survey(connection, selection).await?;
    let mut failures = surveyed.failures;
    let mut jobs = Vec::new();
    for day in &surveyed.known {
        let (known, failure) = vp_databento::futures::jobs(selection, day);
        jobs.extend(known);
        failures.extend(failure);
    }
    let (mut look_up, mut at_most) = (Usd::default(), Vec::new());
    for pending in &mut surveyed.pending {
        let Connection { service, lake } = connection;
        match pending.cost(service, lake).await {
            Ok((cost, failure)) => {
                look_up += cost;
                failures.extend(failure);
            }
            Err(error) if error.is_fatal() => return Err(error.into()),
            Err(error) => failures.push(failure(&pending.root, pending.date, &error)),
        }
        match pending.contract_job(service, selection).await {
            Ok(job) => jobs.extend(job),
            Err(error) if error.is_fatal() => return Err(error.into()),
            Err(error) => failures.push(failure(&pending.root, pending.date, &error)),
        }
        at_most.extend(pending.jobs_at_most(selection));
    }
    let known = Estimate {
        connection,
        market: Market::Futures,
        jobs,
    };
    failures.extend(known.show().await?);
    if !surveyed.pending.is_empty() {
        let days = surveyed.pending.len();
        report::print(&format_args!(
            "\n{days} days are not looked up yet. Definitions that name contracts and options cost \
             {look_up} at most; then, in place of whole families, at most:"
        ))?;
        let bound = Estimate {
            connection,
            market: Market::Futures,
            jobs: at_most,
        };
        failures.extend(bound.show().await?);
    }
    report_failures(&failures)
}

/// Estimates equities. Options whose definitions are not there cost at most what all options on the
/// share do.
pub(crate) async fn equities(connection: &Connection, selection: &Selection) -> anyhow::Result<()> {
    let lake = &connection.lake;
    let mut jobs = vp_databento::equities::definition_jobs(lake, selection);
    let data = vp_databento::equities::data_jobs(lake, selection);
    jobs.extend(data.jobs);
    let mut failures = data.failures;
    let known = Estimate {
        connection,
        market: Market::Equities,
        jobs,
    };
    failures.extend(known.show().await?);
    if !data.waiting.is_empty() {
        report::print(&format_args!(
            "\nWhich options expire on a date is known once their definitions are there. In place \
             of all options, at most:"
        ))?;
        let jobs = vp_databento::equities::jobs_at_most(selection, &data.waiting);
        let bound = Estimate {
            connection,
            market: Market::Equities,
            jobs,
        };
        failures.extend(bound.show().await?);
    }
    report_failures(&failures)
}

/// Jobs that are to be priced.
struct Estimate<'a> {
    connection: &'a Connection,
    market: Market,
    jobs: Vec<JobRequest>,
}

impl Estimate<'_> {
    /// Prints what is missing of the jobs; returns what failed.
    async fn show(self) -> anyhow::Result<Vec<vp_databento::Failure>> {
        let Connection { service, lake } = self.connection;
        let entries = Tracker::read(lake, self.market)?;
        let missing = missing(&entries, lake, self.jobs, false);
        let plan = price(service, missing.jobs).await?;
        show(&plan)?;
        Ok([missing.failures, plan.failures].concat())
    }
}
