//! Messages as columns, and columns as messages.
//!
//! Every number is written with the bits that the feed sent: an unsigned one of 64 bits as the
//! signed one of the same bits. A letter is written as the character of its number.

use std::ffi::c_char;
use std::fmt::Debug;

use vp_ingest::MboMsg;
use vp_lake::tables::{Batch, SchemaError, SchemaFault, Text, Values};

/// Rows that are turned into columns at a time.
pub(super) const BATCH_ROWS: usize = 8192;

/// Returns the columns of bronze, in order, with the symbol of each message.
pub(super) fn columns<'a, I: ExactSizeIterator<Item = &'a MboMsg>>(
    messages: impl Fn() -> I,
    symbols: Text,
) -> Vec<Values> {
    let numbers = |number: fn(&MboMsg) -> i64| Values::I64(messages().map(number).collect());
    let letters = |letter: fn(&MboMsg) -> c_char| {
        let mut text = Text::with_capacity(symbols.len());
        for message in messages() {
            let [letter] = letter(message).to_ne_bytes();
            text.push(char::from(letter).encode_utf8(&mut [0; 4]));
        }
        Values::Text(text)
    };
    vec![
        numbers(|message| message.ts_recv.cast_signed()),
        numbers(|message| message.size.into()),
        numbers(|message| message.hd.ts_event.cast_signed()),
        numbers(|message| message.channel_id.into()),
        numbers(|message| message.hd.rtype.into()),
        numbers(|message| message.order_id.cast_signed()),
        numbers(|message| message.hd.publisher_id.into()),
        numbers(|message| message.flags.raw().into()),
        numbers(|message| message.hd.instrument_id.into()),
        numbers(|message| message.ts_in_delta.into()),
        letters(|message| message.action),
        numbers(|message| message.sequence.into()),
        letters(|message| message.side),
        Values::Text(symbols),
        numbers(|message| message.price),
    ]
}

/// The columns that make a difference to a book.
pub(super) const WANTED: [&str; 8] = [
    "ts_recv", "ts_event", "order_id", "price", "size", "flags", "action", "side",
];

/// Passes the rows to `each` as messages, of which the fields of [`WANTED`] are set.
pub(super) fn messages(batch: &Batch, mut each: impl FnMut(&MboMsg)) -> Result<(), SchemaError> {
    let [ts_recv, ts_event, order_id, price, sizes, flags] =
        ["ts_recv", "ts_event", "order_id", "price", "size", "flags"].map(|name| batch.i64(name));
    let letters = batch.text("action").zip(batch.text("side"));
    let mut message = MboMsg::default();
    for (row, (action, side)) in letters.enumerate() {
        message.ts_recv = ts_recv[row].cast_unsigned();
        message.hd.ts_event = ts_event[row].cast_unsigned();
        message.order_id = order_id[row].cast_unsigned();
        message.price = price[row];
        message.size = u32::try_from(sizes[row]).map_err(|_| impossible("size", sizes[row]))?;
        let bits = u8::try_from(flags[row]).map_err(|_| impossible("flags", flags[row]))?;
        message.flags.set_raw(bits);
        message.action = letter(action).ok_or_else(|| impossible("action", action))?;
        message.side = letter(side).ok_or_else(|| impossible("side", side))?;
        each(&message);
    }
    Ok(())
}

/// Returns the letter of a text that holds nothing else.
fn letter(text: &str) -> Option<c_char> {
    let mut characters = text.chars();
    let letter = u8::try_from(characters.next()?).ok()?;
    let is_alone = characters.next().is_none();
    is_alone.then_some(c_char::from_ne_bytes([letter]))
}

fn impossible(column: &str, found: impl Debug) -> SchemaError {
    let found = format!("{found:?}");
    SchemaError::new(column, SchemaFault::Value { found })
}
