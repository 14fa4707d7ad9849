//! What is wanted, checked, and what is left out of it.

use vp_databento::{Market, SchemaTexts, Selection};

use crate::args::DaysArgs;
use crate::report;

/// Checks what is wanted, and says which days of the range have no session.
pub(crate) fn select(
    market: Market,
    days: &DaysArgs,
    schemas: SchemaTexts<'_>,
) -> anyhow::Result<Selection> {
    let range = (days.start, days.end);
    let selection = Selection::new(market, range, &days.symbols, schemas)?;
    let skipped = selection.skipped();
    if !skipped.0.is_empty() {
        report::note(&format_args!("no session, and left out: {skipped}"));
    }
    Ok(selection)
}
