//! `download equities`: first the definitions of the options, then, once they say which options
//! expire on a date, the data.

use vp_databento::equities::{data_jobs, definition_jobs};
use vp_databento::{JobKey, Market, Selection};
use vp_lake::RawTable;

use crate::args::{EquitiesArgs, Mode};
use crate::connection::{Connection, wait_for};
use crate::orders::{Orders, poll_alone};
use crate::{estimate, select};

/// Runs the command.
pub(crate) fn run(args: &EquitiesArgs) -> anyhow::Result<()> {
    let selection = select::equities(&args.wanted)?;
    let connection = Connection::new(&args.common)?;
    let covers = |key: &JobKey| selection.covers(key);
    wait_for(async {
        if args.mode == Mode::Poll {
            return poll_alone(&connection, Market::Equities, &args.ordering, &covers).await;
        }
        if args.ordering.dry_run {
            return estimate::equities(&connection, &selection).await;
        }
        let mut orders = Orders::begin(&connection, Market::Equities, &args.ordering).await?;
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
    let lake = &connection.lake;
    let covers = |key: &JobKey| selection.covers(key);
    let definitions = definition_jobs(lake, selection);
    orders.place("definitions", definitions).await?;
    if mode == Mode::Daemon {
        let definitions = RawTable::EquityOptionDefinition;
        let are_definitions = |key: &JobKey| covers(key) && key.table() == definitions;
        orders.wait(&are_definitions).await?;
    }
    let data = data_jobs(lake, selection);
    orders.note(data.failures);
    for (symbol, date) in &data.waiting {
        if mode == Mode::Daemon {
            tracing::warn!(
                "skip options on {symbol} {date}: their definitions are not in the lake"
            );
        } else {
            tracing::warn!(
                "waiting {symbol} {date} its options are known once their definitions have \
                 arrived: poll, then submit again"
            );
        }
    }
    orders.place("data", data.jobs).await?;
    if mode == Mode::Daemon {
        orders.wait(&covers).await?;
    }
    Ok(())
}
