//! A grid as a table of text: the highest price first, the spot marked.

use std::fmt::Write;

use vp_market::{EasternTime, Price};
use vp_wire::{GridUpdate, RuntimeConfig, Status};

/// The columns shown: heading, column of the grid.
const COLUMNS: [(&str, &str); 7] = [
    ("rest", "rest_depth"),
    ("pressure", "pressure_variant"),
    ("vacuum", "vacuum_variant"),
    ("resist", "resistance_variant"),
    ("add", "add_mass"),
    ("pull", "pull_mass"),
    ("fill", "fill_mass"),
];

/// Returns the table of a grid: `rows` buckets to either side of the spot.
pub(super) fn of(
    config: &RuntimeConfig,
    status: Option<&Status>,
    grid: &GridUpdate<'_>,
    rows: u32,
) -> String {
    let price = |nanos: Option<i64>| text_of(nanos, config.price_decimals as usize);
    let phase = status.map_or("live", |status| status.phase.name());
    let mut text = format!(
        "{} {}  {}  {phase}  seq {}  event {}\nbid {}  ask {}  last {}{}\n",
        config.symbol,
        config.stream.dt,
        EasternTime::from_ns(grid.ts_ns).clock(),
        grid.seq,
        grid.event_id,
        price(grid.best_bid_price_int),
        price(grid.best_ask_price_int),
        price(grid.last_trade_price_int),
        if grid.book_valid {
            ""
        } else {
            "  BOOK NOT VALID"
        },
    );
    // Writing to a string cannot fail.
    let _ = write!(text, "{:>12}", "price");
    for (head, _) in COLUMNS {
        let _ = write!(text, "{head:>10}");
    }
    text.push('\n');
    let half = i64::from(config.half_width);
    let shown = i64::from(rows).min(half);
    for k in (-shown..=shown).rev() {
        let Ok(row) = usize::try_from(k + half) else {
            continue;
        };
        let nanos = grid
            .spot_ref_price_int
            .map(|spot| spot.saturating_add(k * config.bucket_int));
        let mark = if k == 0 { '>' } else { ' ' };
        let _ = write!(text, "{mark}{:>11}", price(nanos));
        for (_, name) in COLUMNS {
            let value = grid.column(name).and_then(|numbers| numbers.get_f64(row));
            let _ = match value {
                Some(value) => write!(text, "{value:>10.2}"),
                None => write!(text, "{:>10}", "-"),
            };
        }
        text.push('\n');
    }
    text
}

fn text_of(nanos: Option<i64>, decimals: usize) -> String {
    match nanos.and_then(Price::from_nanos) {
        Some(price) => format!("{price:.decimals$}"),
        None => "-".to_owned(),
    }
}
