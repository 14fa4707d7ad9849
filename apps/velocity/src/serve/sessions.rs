//! What the lake holds, as sessions that can be streamed or could be.

use std::collections::BTreeMap;

use vp_lake::Lake;
use vp_lake::tables::{Filter, Layer};
use vp_market::{ProductTable, ProductType};
use vp_transport::server::SessionEntry;
use vp_velocity::tables::{GOLD_SURFACE, SILVER_BOOK};

/// Returns every session of the lake, by product type, symbol and date. Silver and gold are
/// streamed; bronze is told of because they are made from it.
pub(super) fn list(lake: &Lake, products: &ProductTable) -> Vec<SessionEntry> {
    let mut layers = BTreeMap::new();
    for product_type in ProductType::BOOKS {
        let filter = Filter {
            product_type: Some(product_type),
            ..Filter::default()
        };
        // A lake that cannot be listed has nothing to stream.
        for entry in lake.partitions(&filter).unwrap_or_default() {
            let partition = entry.partition;
            if products
                .instrument(product_type, partition.symbol())
                .is_err()
            {
                continue;
            }
            let name = (
                product_type.name(),
                partition.symbol().to_owned(),
                partition.date().to_string(),
            );
            let there: &mut Vec<Layer> = layers.entry(name).or_default();
            let is_streamed = match partition.layer() {
                Layer::Bronze => true,
                Layer::Silver => partition.table() == SILVER_BOOK.name,
                Layer::Gold => partition.table() == GOLD_SURFACE.name,
            };
            if is_streamed && !entry.is_unfinished && partition.is_complete() {
                there.push(partition.layer());
            }
        }
    }
    let entries = layers
        .into_iter()
        .map(|((product_type, symbol, dt), there)| {
            let missing = Layer::ALL
                .into_iter()
                .filter(|layer| !there.contains(layer));
            SessionEntry {
                product_type: product_type.to_owned(),
                symbol,
                dt,
                source: "file".to_owned(),
                ready: [Layer::Silver, Layer::Gold]
                    .iter()
                    .all(|layer| there.contains(layer)),
                missing: missing.map(|layer| layer.name().to_owned()).collect(),
            }
        });
    entries.collect()
}
