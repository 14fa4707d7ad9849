//! What is wanted, checked, and what is left out of it.

use std::time::{SystemTime, UNIX_EPOCH};

use vp_databento::{Market, SchemaTexts, Selection};
use vp_market::SessionDate;

use crate::args::{DaysArgs, WantedEquities, WantedFutures};
use crate::report;

/// A date that has not begun.
#[derive(Debug, thiserror::Error)]
#[error("--end {end} is later than today, {today} in UTC: there is nothing to order of it yet")]
pub(crate) struct Later {
    end: SessionDate,
    today: SessionDate,
}

/// Checks what is wanted of futures.
pub(crate) fn futures(wanted: &WantedFutures) -> anyhow::Result<Selection> {
    let own = if wanted.include_futures {
        vec!["mbo".to_owned()]
    } else {
        Vec::new()
    };
    let schemas = SchemaTexts {
        own: &own,
        options: &wanted.options_schemas,
    };
    select(Market::Futures, &wanted.days, schemas)
}

/// Checks what is wanted of shares.
pub(crate) fn equities(wanted: &WantedEquities) -> anyhow::Result<Selection> {
    let schemas = SchemaTexts {
        own: &wanted.equity_schemas,
        options: &wanted.options_schemas,
    };
    select(Market::Equities, &wanted.days, schemas)
}

/// Checks what is wanted, and says which days of the range have no session.
fn select(market: Market, days: &DaysArgs, schemas: SchemaTexts<'_>) -> anyhow::Result<Selection> {
    let range = (days.start, days.end);
    let selection = Selection::new(market, range, &days.symbols, schemas)?;
    if let Some(today) = today().filter(|today| days.end > *today) {
        let end = days.end;
        return Err(Later { end, today }.into());
    }
    let skipped = selection.skipped();
    if !skipped.0.is_empty() {
        report::note(&format_args!("no session, and left out: {skipped}"));
    }
    Ok(selection)
}

/// Returns the UTC day by this machine's clock.
fn today() -> Option<SessionDate> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    SessionDate::of_utc(u64::try_from(now.as_nanos()).ok()?)
}
