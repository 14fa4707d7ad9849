//! What each record does to a book, worked out in advance for books that do not attribute flow themselves.
//!
//! A venue's cancel says what is taken off; the other books want the size that is left, or a
//! deletion. Working that out is part of keeping a book, but not of theirs, so that here it is
//! done before their clocks start: an advantage to them.

use std::collections::HashMap;

use vp_market::{Action, Price, Record, Side};

/// An order as a step leaves it.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) side: Side,
    pub(crate) price: Price,
    pub(crate) size: u32,
}

/// What happens to a book.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    /// Nothing: a trade, a fill, or an order that does not rest there.
    Nothing,
    Add(Order),
    /// The order keeps its side.
    Modify(Order),
    Delete(Order),
    Clear,
}

/// One change and its time.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub(crate) ts_ns: u64,
    pub(crate) change: Change,
    /// Whether this is the last, nearly always the only, step of its record.
    pub(crate) ends_record: bool,
}

/// Returns the steps of all records; an order that changes its side takes two.
pub(crate) fn resolve(records: &[Record]) -> Vec<Step> {
    let mut resting: HashMap<u64, Order> = HashMap::new();
    let mut steps = Vec::with_capacity(records.len());
    for record in records {
        let ts_ns = record.ts_event;
        let mut push = |change, ends_record| {
            steps.push(Step {
                ts_ns,
                change,
                ends_record,
            });
        };
        let known = resting.get(&record.order_id).copied();
        match record.action {
            Action::Clear => {
                resting.clear();
                push(Change::Clear, true);
            }
            Action::Add | Action::Modify => {
                let (Some(side), Some(price)) = (record.side, record.price) else {
                    push(Change::Nothing, true);
                    continue;
                };
                let order = Order {
                    id: record.order_id,
                    side,
                    price,
                    size: record.size,
                };
                resting.insert(order.id, order);
                match known {
                    None => push(Change::Add(order), true),
                    Some(old) if old.side == side => push(Change::Modify(order), true),
                    Some(old) => {
                        push(Change::Delete(old), false);
                        push(Change::Add(order), true);
                    }
                }
            }
            Action::Cancel => match known {
                None => push(Change::Nothing, true),
                Some(old) if record.size < old.size => {
                    let size = old.size - record.size;
                    let order = Order { size, ..old };
                    resting.insert(order.id, order);
                    push(Change::Modify(order), true);
                }
                Some(old) => {
                    resting.remove(&old.id);
                    push(Change::Delete(old), true);
                }
            },
            Action::Trade | Action::Fill | Action::None => push(Change::Nothing, true),
        }
    }
    steps
}

/// Returns the lowest and the highest price at which an order rests.
pub(crate) fn price_range(steps: &[Step]) -> Option<(Price, Price)> {
    let prices = steps.iter().filter_map(|step| match step.change {
        Change::Add(order) | Change::Modify(order) => Some(order.price),
        Change::Nothing | Change::Delete(_) | Change::Clear => None,
    });
    prices.fold(None, |range, price| match range {
        None => Some((price, price)),
        Some((lowest, highest)) => Some((price.min(lowest), price.max(highest))),
    })
}
