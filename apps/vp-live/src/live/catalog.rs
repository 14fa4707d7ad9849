//! What the lake holds, as sessions that can be streamed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use vp_ingest::{DbnReader, SymbolMap};
use vp_lake::Lake;
use vp_market::{ProductTable, ProductType, SessionDate};
use vp_transport::server::SessionEntry;

/// The sessions of a lake. The symbols that a file maps are read once, and again when it changes.
#[derive(Debug)]
pub(super) struct Catalog {
    lake: Lake,
    maps: Mutex<BTreeMap<PathBuf, (SystemTime, SymbolMap)>>,
}

impl Catalog {
    pub(super) fn new(lake: Lake) -> Self {
        Self {
            lake,
            maps: Mutex::new(BTreeMap::new()),
        }
    }

    /// Returns every session of the lake, by product type, symbol and date.
    pub(super) fn sessions(&self, products: &ProductTable) -> Vec<SessionEntry> {
        let mut entries = Vec::new();
        for product_type in ProductType::BOOKS {
            // A lake that cannot be listed has nothing to stream.
            for folder in self.lake.raw_symbols(product_type).unwrap_or_default() {
                self.add_folder(product_type, &folder, products, &mut entries);
            }
        }
        entries.sort_by(|a, b| {
            (&a.product_type, &a.symbol, &a.dt).cmp(&(&b.product_type, &b.symbol, &b.dt))
        });
        entries.dedup();
        entries
    }

    fn add_folder(
        &self,
        product_type: ProductType,
        name: &str,
        products: &ProductTable,
        entries: &mut Vec<SessionEntry>,
    ) {
        let folder = self.lake.raw_mbo(product_type, name);
        for date in folder.dates().unwrap_or_default() {
            for path in folder.files(date).unwrap_or_default() {
                for symbol in self.symbols(&path, date) {
                    if products.instrument(product_type, &symbol).is_err() {
                        continue;
                    }
                    entries.push(SessionEntry {
                        product_type: product_type.name().to_owned(),
                        symbol,
                        dt: date.to_string(),
                        source: "file".to_owned(),
                        ready: true,
                        missing: Vec::new(),
                    });
                }
            }
        }
    }

    /// Returns the symbols that a file maps on that date, none where it cannot be read.
    fn symbols(&self, path: &Path, date: SessionDate) -> Vec<String> {
        let Ok(changed) = path.metadata().and_then(|metadata| metadata.modified()) else {
            return Vec::new();
        };
        // What one request left behind is whole: entries are inserted complete.
        let mut maps = self.maps.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = maps.get(path).is_some_and(|(known, _)| *known == changed);
        if !is_known && let Ok(reader) = DbnReader::open(path) {
            maps.insert(
                path.to_owned(),
                (changed, SymbolMap::new(reader.metadata())),
            );
        }
        let Some((_, map)) = maps.get(path) else {
            return Vec::new();
        };
        let on_date = map
            .iter()
            .filter(|(symbol, _)| !map.ids_on(symbol, date).is_empty());
        on_date.map(|(symbol, _)| symbol.to_owned()).collect()
    }
}
