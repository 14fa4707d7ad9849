//! `download futures`: first what names contracts and options, then their data.

use vp_databento::futures::{self, ResolveError, Resolved};
use vp_databento::{Market, Selection, Usd};

use crate::args::{FuturesArgs, Mode};
use crate::connection::{Connection, wait_for};
use crate::orders::{Orders, poll_alone};
use crate::survey::{failure, survey};
use crate::{estimate, select};

/// Runs the command.
pub(crate) fn run(args: &FuturesArgs) -> anyhow::Result<()> {
    let selection = select::futures(&args.wanted)?;
    let connection = Connection::new(&args.common)?;
    wait_for(async {
        let covers = |key: &vp_databento::JobKey| selection.covers(key);
        if args.mode == Mode::Poll {
            return poll_alone(&connection, Market::Futures, &args.ordering, &covers).await;
        }
        if args.ordering.dry_run {
            return estimate::futures(&connection, &selection).await;
        }
        let mut orders = Orders::begin(&connection, Market::Futures, &args.ordering).await?;
        let result = run_phases(&connection, &selection, args.mode, &mut orders).await;
        orders.finish(result)
    })
}

/// Orders, and in the daemon's mode downloads; what fails alone is noted.
async fn run_phases(
    connection: &Connection,
    selection: &Selection,
    mode: Mode,
    orders: &mut Orders<'_>,
) -> anyhow::Result<()> {
    let resolved = resolve(connection, selection, orders).await?;
    let mut wanted = Vec::new();
    for day in &resolved {
        if day.is_contract_only {
            wanted.extend(futures::contract_jobs(selection, &day.resolved));
            continue;
        }
        let (jobs, failure) = futures::jobs(selection, &day.resolved);
        wanted.extend(jobs);
        orders.note(failure);
    }
    orders.place("data", wanted).await?;
    if mode == Mode::Daemon {
        orders.wait(&|key| selection.covers(key)).await?;
    }
    Ok(())
}

/// A root on a date whose contract is known.
struct LookedUp {
    resolved: Resolved,
    /// The options could not be looked up, which has been noted.
    is_contract_only: bool,
}

/// Looks up contracts and options, once somebody has agreed to the price.
async fn resolve(
    connection: &Connection,
    selection: &Selection,
    orders: &mut Orders<'_>,
) -> anyhow::Result<Vec<LookedUp>> {
    let Connection { service, lake } = connection;
    let surveyed = survey(connection, selection).await?;
    orders.note(surveyed.failures);
    let known = surveyed.known.into_iter().map(|resolved| LookedUp {
        resolved,
        is_contract_only: false,
    });
    let mut resolved: Vec<LookedUp> = known.collect();
    if surveyed.pending.is_empty() {
        return Ok(resolved);
    }
    let mut cost = Usd::default();
    let mut priced = Vec::new();
    for mut pending in surveyed.pending {
        match pending.cost(service, lake).await {
            Ok((one, failure)) => {
                cost += one;
                orders.note(failure);
                priced.push(pending);
            }
            Err(error) if error.is_fatal() => return Err(error.into()),
            Err(error) => orders.note([failure(&pending.root, pending.date, &error)]),
        }
    }
    if priced.is_empty() {
        return Ok(resolved);
    }
    let what = format!(
        "definitions for {} contracts and their options (at most)",
        priced.len()
    );
    orders.budget().agree(&what, cost)?;
    for pending in &priced {
        match futures::resolve(service, lake, pending).await {
            Ok((day, failure)) => {
                let has_options = pending.has_options || !selection.has_options();
                resolved.push(LookedUp {
                    resolved: day,
                    is_contract_only: !has_options || failure.is_some(),
                });
                orders.note(failure);
            }
            Err(ResolveError::Service(error)) if error.is_fatal() => return Err(error.into()),
            Err(error) => orders.note([failure(&pending.root, pending.date, &error)]),
        }
    }
    resolved.sort_by(|a, b| {
        let of = |day: &LookedUp| (day.resolved.date, day.resolved.root.clone());
        of(a).cmp(&of(b))
    });
    Ok(resolved)
}
