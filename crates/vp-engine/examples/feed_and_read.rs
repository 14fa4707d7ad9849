//! Feeds a handful of records by hand and reads the grid: depth, flow, forces, best prices, and
//! the same grid a few seconds later.
//!
//! `cargo run -p vp-engine --example feed_and_read`

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use vp_engine::{Action, Engine, Flags, Grid, GridConfig, Price, Record, Side, TickSize};

/// 2026-02-06 09:30:00 in New York.
const OPEN_NS: u64 = 1_770_388_200_000_000_000;
const SECOND_NS: u64 = 1_000_000_000;
/// A quarter of a point.
const TICK_NANOS: i64 = 250_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tick = TickSize::from_nanos(TICK_NANOS)?;
    let mut engine = Engine::new(GridConfig::new(tick).with_half_width(3)?);

    // Each record here is an event of its own: LAST closes it, and the grid moves on.
    let mut feed = |after_ns, action, order_id, side, price: &str, size| {
        let record = Record {
            ts_event: OPEN_NS + after_ns,
            order_id,
            price: price.parse().ok(),
            size,
            action,
            side: Some(side),
            flags: Flags::LAST,
        };
        engine.apply(&record).commits
    };
    // A clear says that the book is whole from here on.
    feed(0, Action::Clear, 0, Side::Bid, "0", 0);
    // There is no spot, and so no row to hold flow, until both sides are there: the first bid ends
    // up as depth at rest, but not as size added.
    feed(0, Action::Add, 1, Side::Bid, "6905.00", 40);
    feed(0, Action::Add, 2, Side::Ask, "6905.25", 25);
    feed(0, Action::Add, 3, Side::Ask, "6905.50", 60);
    // Half a second on a seller is lifted: the fill says why, the cancel takes the size away.
    feed(SECOND_NS / 2, Action::Fill, 2, Side::Ask, "6905.25", 15);
    feed(SECOND_NS / 2, Action::Cancel, 2, Side::Ask, "6905.25", 15);
    // Then the offer above is pulled in part, and a bid joins below.
    feed(SECOND_NS, Action::Cancel, 3, Side::Ask, "6905.50", 45);
    feed(SECOND_NS, Action::Add, 4, Side::Bid, "6904.75", 80);

    let grid = engine.grid();
    println!(
        "event {}: {} bid, {} asked, mid {}, book valid: {}\n",
        grid.events(),
        written(grid.best_bid()),
        written(grid.best_ask()),
        grid.mid_price()
            .map_or("none".into(), |mid| format!("{mid:.3}")),
        grid.is_book_valid(),
    );
    let now_ns = grid.ts_ns().ok_or("no event")?;
    print_rows(grid, now_ns);
    println!("\nthe same grid had nothing happened for five seconds:\n");
    print_rows(grid, now_ns + 5 * SECOND_NS);
    Ok(())
}

fn written(price: Option<Price>) -> String {
    price.map_or("none".into(), |price| price.to_string())
}

/// Prints the grid as it is at a time, highest price first as on a ladder.
fn print_rows(grid: Grid<'_>, at_ns: u64) {
    println!(
        "{:>3} {:>8} {:>6} | {:>7} {:>7} {:>7} | {:>9} {:>9} {:>10}",
        "k", "price", "depth", "added", "pulled", "filled", "pressure", "vacuum", "resistance"
    );
    for k in grid.rows().rev() {
        let Some(bucket) = grid.bucket_at(k, at_ns) else {
            continue;
        };
        println!(
            "{k:>3} {:>8} {:>6} | {:>7.2} {:>7.2} {:>7.2} | {:>9.3} {:>9.3} {:>10.3}",
            written(grid.price_of(k)),
            bucket.rest_depth,
            bucket.add_mass,
            bucket.pull_mass,
            bucket.fill_mass,
            bucket.pressure(),
            bucket.vacuum(),
            bucket.resistance(),
        );
    }
}
