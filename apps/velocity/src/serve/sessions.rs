//! What the lake holds, as sessions that can be streamed or could be.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use vp_lake::Lake;
use vp_lake::tables::{Entry, Filter, Layer};
use vp_market::{ProductTable, ProductType, SessionDate};
use vp_transport::server::{Cancellation, Cancelled, SessionEntry};
use vp_velocity::tables::{GOLD_SURFACE, SILVER_BOOK};

/// The layers that are there, by symbol and date.
type Found = BTreeMap<(String, SessionDate), Vec<Layer>>;

/// Returns every session of the lake, by product type, symbol and date. Silver and gold are
/// streamed; bronze is listed because they are made from it.
///
/// # Errors
/// [`Cancelled`] if nobody waits for it any more.
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
        sessions.extend(entries.map(|(name, layers)| session(product_type, name, &layers)));
    }
    Ok(sessions)
}

/// Takes note of a partition.
fn take(entry: &Entry, product_type: ProductType, products: &ProductTable, found: &mut Found) {
    let partition = &entry.partition;
    let name = (partition.symbol().to_owned(), partition.date());
    let is_streamed = match partition.layer() {
        Layer::Bronze => true,
        Layer::Silver => partition.table() == SILVER_BOOK.name,
        Layer::Gold => partition.table() == GOLD_SURFACE.name,
    };
    if products.instrument(product_type, &name.0).is_err() {
        return;
    }
    let there = found.entry(name).or_default();
    if is_streamed && !entry.is_unfinished && partition.is_complete() {
        there.push(partition.layer());
    }
}

fn session(
    product_type: ProductType,
    (symbol, date): (String, SessionDate),
    there: &[Layer],
) -> SessionEntry {
    let missing = Layer::ALL
        .into_iter()
        .filter(|layer| !there.contains(layer));
    SessionEntry {
        product_type: product_type.name().to_owned(),
        symbol,
        dt: date.to_string(),
        source: "file".to_owned(),
        ready: [Layer::Silver, Layer::Gold]
            .iter()
            .all(|layer| there.contains(layer)),
        missing: missing.map(|layer| layer.name().to_owned()).collect(),
    }
}
