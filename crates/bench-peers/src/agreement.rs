//! How far the books agree: best bid and ask of each after every record, beside ours.

use nautilus_model::data::OrderBookDelta;
use vp_book::Book;

use crate::flow::Step;
use crate::hft::{self, HftStep, Range};
use crate::input::Input;
use crate::nautilus;

/// Prints after how many records the best prices of the others differ from ours.
pub(crate) fn print(
    input: &Input,
    steps: &[Step],
    hft_steps: &[HftStep],
    range: Range,
    deltas: &[Option<OrderBookDelta>],
) {
    let mut book = Book::new(input.tick);
    let (mut hft, mut nautilus) = (hft::roi_book(input.tick, range), nautilus::new());
    let (mut of_hft, mut of_nautilus) = (0_u64, 0_u64);
    let mut records = input.records.iter();
    for ((step, hft_step), delta) in steps.iter().zip(hft_steps).zip(deltas) {
        hft::apply(&mut hft, hft_step);
        nautilus::apply(&mut nautilus, delta.as_ref());
        if !step.ends_record {
            continue;
        }
        book.apply(records.next().expect("every record has its steps"));
        let bbo = book.bbo();
        let ours =
            [bbo.bid, bbo.ask].map(|price| price.map(|price| price.nanos() / input.tick.nanos()));
        of_hft += u64::from(hft::best(&hft) != ours);
        of_nautilus += u64::from(nautilus::best(&nautilus, input.tick) != ours);
    }
    println!(
        "best prices that differ from vp-book's: hftbacktest {of_hft} (it moves the other side \
         away where a book is crossed), nautilus-model {of_nautilus}\n"
    );
}
