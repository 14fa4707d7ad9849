//! What the lake holds, as sessions that can be streamed or could be.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use vp_lake::Lake;
use vp_lake::tables::{Entry, Filter, Layer};
use vp_market::{ProductTable, ProductType, SessionDate};
use vp_transport::server::{Cancellation, Cancelled, SessionEntry};
use vp_velocity::tables::SILVER_BOOK;

/// Whether silver is there, by symbol and date.
type Found = BTreeMap<(String, SessionDate), bool>;

/// Returns every session of the lake that has a partition, by product type, symbol and date. What has
/// silver can be streamed: gold is computed from it.
///
/// # Errors
/// [`Cancelled`] if no request waits for it any more.
pub(super) fn list(
    lake: &Lake,
    products: &ProductTable,
    cancellation: &Cancellation,
) -> Result<Vec<SessionEntry>, Cancelled> {
    let mut sessions = Vec::new();
    let mut product_types = ProductType::BOOKS;
    product_types.sort_by_key(|product_type| product_type.name());
    for product_type in product_types {
        let mut found = Found::new();
        let filter = Filter {
            product_type: Some(product_type),
            ..Filter::default()
        };
        let visited = lake.visit_partitions(&filter, |entry| {
            if let Err(cancelled) = cancellation.check() {
                return ControlFlow::Break(cancelled);
            }
            take(&entry, product_type, products, &mut found);
            ControlFlow::Continue(())
        });
        // A lake that cannot be listed has nothing to stream.
        if let Ok(ControlFlow::Break(cancelled)) = visited {
            return Err(cancelled);
        }
        let entries = found.into_iter();
        sessions.extend(entries.map(|(name, has_silver)| session(product_type, name, has_silver)));
    }
    Ok(sessions)
}

/// Takes note of a partition.
fn take(entry: &Entry, product_type: ProductType, products: &ProductTable, found: &mut Found) {
    let partition = &entry.partition;
    let name = (partition.symbol().to_owned(), partition.date());
    let is_silver = partition.layer() == Layer::Silver && partition.table() == SILVER_BOOK.name;
    if products.instrument(product_type, &name.0).is_err() {
        return;
    }
    let has_silver = found.entry(name).or_default();
    *has_silver |= is_silver && !entry.is_unfinished && partition.is_complete();
}

fn session(
    product_type: ProductType,
    (symbol, date): (String, SessionDate),
    has_silver: bool,
) -> SessionEntry {
    let missing = (!has_silver).then(|| Layer::Silver.name().to_owned());
    SessionEntry {
        product_type: product_type.name().to_owned(),
        symbol,
        dt: date.to_string(),
        source: "file".to_owned(),
        ready: has_silver,
        missing: missing.into_iter().collect(),
    }
}
