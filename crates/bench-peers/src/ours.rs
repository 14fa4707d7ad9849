//! The book and the engine of this workspace.

use std::hint::black_box;

use vp_book::{Book, Queues};
use vp_engine::{Engine, GridConfig};

use crate::input::Input;

/// Runs the book alone, its best prices read after every record.
pub(crate) fn book(input: &Input) -> Book {
    let mut book = Book::new(input.tick);
    for record in &input.records {
        black_box(book.apply(record));
        black_box(book.bbo());
    }
    book
}

/// Runs the book with queues, its best prices read after every record.
pub(crate) fn book_with_queues(input: &Input) -> Book<Queues> {
    let mut book = Book::with_queues(input.tick);
    for record in &input.records {
        black_box(book.apply(record));
        black_box(book.bbo());
    }
    book
}

/// Runs book and grid; the grid can be read after every record.
pub(crate) fn engine(input: &Input) -> Engine {
    let mut engine = Engine::new(GridConfig::new(input.tick));
    for record in &input.records {
        black_box(engine.apply(record));
    }
    engine
}
