//! The orders of one run: priced, agreed to, sent, waited for, and what failed of them.

use anyhow::bail;
use vp_databento::{
    Failure, JobKey, JobRequest, Market, OrderSettings, Plan, Poll, Tracker, find_unanswered,
    missing, order, price,
};

use crate::args::OrderingArgs;
use crate::ask::Budget;
use crate::bars::Bars;
use crate::connection::Connection;
use crate::report::{self, Bytes};

/// The orders of one run.
#[derive(Debug)]
pub(crate) struct Orders<'a> {
    connection: &'a Connection,
    args: &'a OrderingArgs,
    tracker: Tracker,
    budget: Budget,
    failures: Vec<Failure>,
}

impl<'a> Orders<'a> {
    /// Makes sure that somebody consents, keeps other processes out, and settles what an earlier
    /// run left open.
    pub(crate) async fn begin(
        connection: &'a Connection,
        market: Market,
        args: &'a OrderingArgs,
    ) -> anyhow::Result<Self> {
        let budget = Budget::new(args)?;
        let mut tracker = Tracker::open(&connection.lake, market)?;
        find_unanswered(&connection.service, &mut tracker, settings(args)).await?;
        Ok(Self {
            connection,
            args,
            tracker,
            budget,
            failures: Vec::new(),
        })
    }

    /// Returns what may be spent.
    pub(crate) fn budget(&mut self) -> &mut Budget {
        &mut self.budget
    }

    /// Notes what failed and stopped nothing else.
    pub(crate) fn note(&mut self, failures: impl IntoIterator<Item = Failure>) {
        for failure in failures {
            tracing::error!("failed {failure}");
            self.failures.push(failure);
        }
    }

    /// Orders what is missing of the jobs that are wanted, once somebody has agreed to the price.
    pub(crate) async fn place(
        &mut self,
        what: &str,
        wanted: Vec<JobRequest>,
    ) -> anyhow::Result<()> {
        if wanted.is_empty() {
            return Ok(());
        }
        let Connection { service, lake } = self.connection;
        let reorder = self.args.reorder_expired;
        let missing = missing(self.tracker.entries(), lake, wanted, reorder);
        self.tracker.fetch_again(&missing.gone)?;
        self.note(missing.failures);
        let plan = price(service, missing.jobs).await?;
        show(&plan)?;
        let cost = plan.cost();
        self.note(plan.failures);
        if plan.jobs.is_empty() {
            tracing::info!("order nothing: of the {what} nothing is missing that can be ordered");
            return Ok(());
        }
        self.budget
            .agree(&format!("{} jobs of {what}", plan.jobs.len()), cost)?;
        let failed = order(service, &mut self.tracker, &plan.jobs, settings(self.args)).await?;
        self.failures.extend(failed);
        Ok(())
    }

    /// Waits for the jobs in scope and downloads them.
    pub(crate) async fn wait(&mut self, scope: &dyn Fn(&JobKey) -> bool) -> anyhow::Result<()> {
        let failed = poll(self.connection, self.args, &mut self.tracker, scope).await?;
        self.failures.extend(failed);
        Ok(())
    }

    /// Reports what failed, which makes the run a failure.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        report_failures(&self.failures)
    }
}

/// Waits for what is on order, and downloads it. Nothing is ordered.
pub(crate) async fn poll_alone(
    connection: &Connection,
    market: Market,
    args: &OrderingArgs,
    scope: &dyn Fn(&JobKey) -> bool,
) -> anyhow::Result<()> {
    let mut tracker = Tracker::open(&connection.lake, market)?;
    find_unanswered(&connection.service, &mut tracker, settings(args)).await?;
    let failures = poll(connection, args, &mut tracker, scope).await?;
    report_failures(&failures)
}

async fn poll(
    connection: &Connection,
    args: &OrderingArgs,
    tracker: &mut Tracker,
    scope: &dyn Fn(&JobKey) -> bool,
) -> anyhow::Result<Vec<Failure>> {
    let poll = Poll {
        service: &connection.service,
        lake: &connection.lake,
        tracker,
        scope,
        interval: args.poll_interval,
        progress: &Bars::default(),
    };
    Ok(poll.run().await?)
}

/// Prints each job with size and price, and the sums.
pub(crate) fn show(plan: &Plan) -> anyhow::Result<()> {
    for job in &plan.jobs {
        let (size, cost) = (Bytes(job.size), job.cost);
        report::print(&format_args!(
            "{size:>10} {cost:>9}  {}",
            job.request.describe()
        ))?;
    }
    let (size, cost) = (Bytes(plan.size()), plan.cost());
    report::print(&format_args!(
        "{size:>10} {cost:>9}  {} jobs, sizes before compression",
        plan.jobs.len()
    ))
}

/// Fails if anything has.
pub(crate) fn report_failures(failures: &[Failure]) -> anyhow::Result<()> {
    if failures.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = failures
        .iter()
        .map(|failure| format!("\n  {failure}"))
        .collect();
    bail!(
        "{} failed, everything else is done:{}",
        failures.len(),
        lines.concat()
    )
}

fn settings(args: &OrderingArgs) -> OrderSettings {
    OrderSettings {
        pause: args.pause_seconds,
        settle: args.settle_seconds,
    }
}
