//! `download futures`: first what names contracts and options, then their data.

use vp_databento::futures::{self, Day, Pending, ResolveError, Resolved};
use vp_databento::{Failure, Market, SchemaTexts, Selection, Usd};

use crate::args::{FuturesArgs, Mode, WantedFutures};
use crate::connection::{Connection, wait_for};
use crate::estimate;
use crate::orders::{Orders, poll_alone};

/// Runs the command.
pub(crate) fn run(args: &FuturesArgs) -> anyhow::Result<()> {
    let selection = select(&args.wanted)?;
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
        let resolved = resolve(&connection, &selection, &mut orders).await?;
        let mut wanted = Vec::new();
        for day in &resolved {
            let (jobs, failure) = futures::jobs(&selection, day);
            wanted.extend(jobs);
            orders.note(failure);
        }
        orders.place("data", wanted).await?;
        if args.mode == Mode::Daemon {
            orders.wait(&covers).await?;
        }
        orders.finish()
    })
}

/// Checks what is wanted.
pub(crate) fn select(wanted: &WantedFutures) -> anyhow::Result<Selection> {
    let own = if wanted.include_futures {
        vec!["mbo".to_owned()]
    } else {
        Vec::new()
    };
    let schemas = SchemaTexts {
        own: &own,
        options: &wanted.options_schemas,
    };
    let days = &wanted.days;
    Ok(Selection::new(
        Market::Futures,
        (days.start, days.end),
        &days.symbols,
        schemas,
    )?)
}

/// Looks up contracts and options, once somebody has agreed to the price.
async fn resolve(
    connection: &Connection,
    selection: &Selection,
    orders: &mut Orders<'_>,
) -> anyhow::Result<Vec<Resolved>> {
    let Connection { service, lake } = connection;
    let surveyed = survey(connection, selection).await?;
    orders.note(surveyed.failures);
    let mut resolved = surveyed.known;
    if surveyed.pending.is_empty() {
        return Ok(resolved);
    }
    let mut cost = Usd::default();
    let mut priced = Vec::new();
    for pending in surveyed.pending {
        match pending.cost(service, lake).await {
            Ok(one) => {
                cost += one;
                priced.push(pending);
            }
            Err(error) if error.is_fatal() => return Err(error.into()),
            Err(error) => orders.note([failure(&pending.root, pending.date, &error)]),
        }
    }
    let what = format!(
        "definitions for {} contracts and their options (at most)",
        priced.len()
    );
    orders.budget().agree(&what, cost)?;
    for pending in &priced {
        match futures::resolve(service, lake, pending).await {
            Ok(day) => resolved.push(day),
            Err(ResolveError::Service(error)) if error.is_fatal() => return Err(error.into()),
            Err(error) => orders.note([failure(&pending.root, pending.date, &error)]),
        }
    }
    resolved.sort_by(|a, b| (a.date, &a.root).cmp(&(b.date, &b.root)));
    Ok(resolved)
}

/// What is known before anything is paid for.
#[derive(Debug, Default)]
pub(crate) struct Surveyed {
    pub(crate) known: Vec<Resolved>,
    pub(crate) pending: Vec<Pending>,
    pub(crate) failures: Vec<Failure>,
}

/// Asks what is free to ask about every root and date.
pub(crate) async fn survey(
    connection: &Connection,
    selection: &Selection,
) -> anyhow::Result<Surveyed> {
    let mut surveyed = Surveyed::default();
    for (root, date) in selection.days() {
        let Connection { service, lake } = connection;
        match futures::survey(service, lake, selection, root, date).await {
            Ok(Day::Known(resolved)) => surveyed.known.push(resolved),
            Ok(Day::Pending(pending)) => surveyed.pending.push(pending),
            Err(ResolveError::Service(error)) if error.is_fatal() => return Err(error.into()),
            Err(error) => surveyed.failures.push(failure(root, date, &error)),
        }
    }
    Ok(surveyed)
}

pub(crate) fn failure(
    root: &str,
    date: vp_market::SessionDate,
    error: &dyn std::error::Error,
) -> Failure {
    Failure {
        what: format!("{root} {date}"),
        why: error.to_string(),
    }
}
