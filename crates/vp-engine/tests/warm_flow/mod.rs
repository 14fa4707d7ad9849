//! A flow a second time: what it allocates once everything has had its size. Shared by the tests
//! over synthetic flow and by those over real files.

#![allow(dead_code, reason = "not every test target uses all of it")]

use allocation_counter::measure;
use vp_engine::{Action, Book, Engine, Flags, GridConfig, Keep, Record};

const DAY_NS: u64 = 86_400_000_000_000;

/// Returns the same flow a day later, behind the clear of a snapshot.
fn next_day(records: &[Record]) -> Vec<Record> {
    let first = records.first().expect("the flow is not empty");
    let clear = Record {
        order_id: 0,
        price: None,
        size: 0,
        action: Action::Clear,
        side: None,
        flags: Flags::SNAPSHOT,
        ..*first
    };
    let mut records: Vec<_> = std::iter::once(&clear).chain(records).copied().collect();
    for record in &mut records {
        record.ts_event += DAY_NS;
    }
    records
}

/// Returns how often a book allocates in its second day of the same flow.
pub(crate) fn in_book(records: &[Record], config: GridConfig) -> u64 {
    of_book(Book::new(config.price_tick()), records)
}

/// The same of a book that keeps queues.
pub(crate) fn in_queues(records: &[Record], config: GridConfig) -> u64 {
    of_book(Book::with_queues(config.price_tick()), records)
}

fn of_book<K: Keep>(mut book: Book<K>, records: &[Record]) -> u64 {
    let next_day = next_day(records);
    for record in records {
        book.apply(record);
    }
    let allocations = measure(|| {
        for record in &next_day {
            book.apply(record);
        }
    });
    assert!(book.bbo().both().is_some(), "the flow leaves a book");
    allocations.count_total
}

/// Returns how often an engine allocates in its second day of the same flow.
pub(crate) fn in_engine(records: &[Record], config: GridConfig) -> u64 {
    let next_day = next_day(records);
    let mut engine = Engine::new(config);
    for record in records {
        engine.apply(record);
    }
    let events = engine.grid().events();
    let allocations = measure(|| {
        for record in &next_day {
            engine.apply(record);
        }
    });
    assert!(engine.grid().events() > events, "the flow has events");
    allocations.count_total
}

/// Returns how often an engine allocates in its first day.
pub(crate) fn in_cold_engine(records: &[Record], config: GridConfig) -> u64 {
    let mut engine = Engine::new(config);
    let allocations = measure(|| {
        for record in records {
            engine.apply(record);
        }
    });
    allocations.count_total
}
