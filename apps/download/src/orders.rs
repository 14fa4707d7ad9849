//! The orders of one run: priced, agreed to, sent, polled, and reported. What is wanted is decided
//! elsewhere.

use anyhow::{Context, bail};
use vp_databento::{
    Failure, JobKey, JobRequest, Market, OrderSettings, Plan, Poll, Tracker, find_unanswered,
    missing, order, price,
};

use crate::args::OrderingArgs;
use crate::ask::Budget;
use crate::bars::Bars;
use crate::connection::Connection;
use crate::report;
use vp_cli::report::Bytes;

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
        let mut orders = Self {
            connection,
            args,
            budget,
            failures: Vec::new(),
            tracker: Tracker::open(&connection.lake, market)?,
        };
        let failures = find(connection, &mut orders.tracker, args).await?;
        orders.note(failures);
        Ok(orders)
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
        let plan = price(service, missing.jobs)
            .await
            .with_context(|| format!("the {what} cannot be priced; none are ordered"))?;
        show(&plan)?;
        let cost = plan.cost();
        self.note(plan.failures);
        if plan.jobs.is_empty() {
            tracing::info!("order nothing: no {what} are missing that can be ordered");
            return Ok(());
        }
        self.budget
            .agree(&format!("{} jobs of {what}", plan.jobs.len()), cost)?;
        let failed = &mut self.failures;
        order(
            service,
            &mut self.tracker,
            &plan.jobs,
            settings(self.args),
            failed,
        )
        .await
        .with_context(|| format!("the remaining {what} are not ordered"))
    }

    /// Waits for the jobs in scope and downloads them.
    pub(crate) async fn wait(&mut self, scope: &dyn Fn(&JobKey) -> bool) -> anyhow::Result<()> {
        let failed = poll(self.connection, self.args, &mut self.tracker, scope).await?;
        self.failures.extend(failed);
        Ok(())
    }

    /// Reports what failed, which makes the run a failure. What ended the run comes last.
    pub(crate) fn finish(self, result: anyhow::Result<()>) -> anyhow::Result<()> {
        let failed = report_failures(&self.failures);
        match (result, failed) {
            (Ok(()), failed) => failed,
            (Err(error), Ok(())) => Err(error),
            (Err(error), Err(_)) => {
                let failed = list(&self.failures);
                tracing::error!("failed before the run ended:{failed}");
                Err(error)
            }
        }
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
    let mut failures = find(connection, &mut tracker, args).await?;
    failures.extend(poll(connection, args, &mut tracker, scope).await?);
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
    poll.run()
        .await
        .context("the jobs on order cannot be polled; what is on order stays on order")
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
    bail!(
        "{} failed, everything else is done; fix the cause and run the same command again:{}",
        failures.len(),
        list(failures)
    )
}

/// Writes each failure as a line of its own.
fn list(failures: &[Failure]) -> String {
    let lines = failures.iter().map(|failure| format!("\n  {failure}"));
    lines.collect()
}

/// Searches for the orders whose answers an earlier run did not get.
async fn find(
    connection: &Connection,
    tracker: &mut Tracker,
    args: &OrderingArgs,
) -> anyhow::Result<Vec<Failure>> {
    find_unanswered(&connection.service, tracker, settings(args))
        .await
        .context(
            "the unanswered orders of an earlier run cannot be searched for; nothing is ordered",
        )
}

fn settings(args: &OrderingArgs) -> OrderSettings {
    OrderSettings {
        pause: args.pause_seconds,
        settle: args.settle_seconds,
    }
}
