//! Messages of options as columns.

use vp_ingest::{Cmbp1Msg, MboMsg, OptionDefinition, OptionMessage};
use vp_lake::tables::{Table, Text, Values};
use vp_market::{Price, Right};

use super::columns::columns;
use crate::tables::{BRONZE_CMBP_1, BRONZE_OPTION_MBO};

/// A message, with the number of its option.
#[derive(Clone, Debug)]
pub(super) struct Numbered<M> {
    pub(super) option: usize,
    pub(super) message: M,
}

/// A kind of message that bronze has a table for.
pub(super) trait Row: OptionMessage + Clone {
    /// The table.
    const TABLE: &'static Table;

    /// Returns the columns, in order, of what is in the message itself.
    fn columns(rows: &[Numbered<Self>], options: &[OptionDefinition]) -> Vec<Values>;
}

impl Row for MboMsg {
    const TABLE: &'static Table = &BRONZE_OPTION_MBO;

    fn columns(rows: &[Numbered<Self>], options: &[OptionDefinition]) -> Vec<Values> {
        let symbols = rows.iter().map(|row| &*options[row.option].symbol);
        columns(|| rows.iter().map(|row| &row.message), symbols.collect())
    }
}

impl Row for Cmbp1Msg {
    const TABLE: &'static Table = &BRONZE_CMBP_1;

    fn columns(rows: &[Numbered<Self>], _: &[OptionDefinition]) -> Vec<Values> {
        let numbers = |number: fn(&Self) -> i64| {
            Values::I64(rows.iter().map(|row| number(&row.message)).collect())
        };
        let price = |feed: i64| Price::from_nanos(feed).map_or(0, Price::nanos);
        let prices = |of: fn(&Self) -> i64| {
            Values::I64(rows.iter().map(|row| price(of(&row.message))).collect())
        };
        vec![
            numbers(|message| message.ts_recv.cast_signed()),
            numbers(|message| message.hd.ts_event.cast_signed()),
            numbers(|message| message.hd.publisher_id.into()),
            numbers(|message| message.hd.instrument_id.into()),
            prices(|message| message.levels[0].bid_px),
            prices(|message| message.levels[0].ask_px),
            numbers(|message| message.levels[0].bid_sz.into()),
            numbers(|message| message.levels[0].ask_sz.into()),
        ]
    }
}

/// Returns all columns of a table of options.
pub(super) fn option_columns<M: Row>(
    rows: &[Numbered<M>],
    options: &[OptionDefinition],
) -> Vec<Values> {
    let of = |row: &Numbered<M>| &options[row.option];
    let letter = |right| match right {
        Right::Call => "C",
        Right::Put => "P",
    };
    let underlyings: Text = rows.iter().map(|row| &*of(row).underlying).collect();
    let rights: Text = rows.iter().map(|row| letter(of(row).right)).collect();
    let strikes = rows.iter().map(|row| of(row).strike.nanos());
    let expirations = rows.iter().map(|row| of(row).expiration_ns.cast_signed());
    let mut values = M::columns(rows, options);
    values.extend([
        Values::Text(underlyings),
        Values::Text(rights),
        Values::I64(strikes.collect()),
        Values::I64(expirations.collect()),
    ]);
    values
}
