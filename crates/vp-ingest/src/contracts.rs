//! The contracts of a root that the lake has on a date, by what its files map.

use std::collections::BTreeSet;

use vp_lake::Lake;
use vp_market::{Contract, ProductType, SessionDate};

use crate::{DbnReader, SymbolMap};

/// Returns the outright contracts of a root that the raw files of a date map, in name order. Files
/// that cannot be read have none; nothing but their heads is read.
pub fn contracts_of(lake: &Lake, root: &str, date: SessionDate) -> Vec<String> {
    let files = lake.raw_mbo(ProductType::FutureMbo, root).files(date);
    let mut contracts = BTreeSet::new();
    for file in files.unwrap_or_default() {
        let Ok(reader) = DbnReader::open(&file) else {
            continue;
        };
        let symbols = SymbolMap::new(reader.metadata());
        let is_one = |symbol: &str| {
            Contract::parse(symbol).is_some_and(|contract| contract.root == root)
                && !symbols.ids_on(symbol, date).is_empty()
        };
        let names = symbols.iter().map(|(symbol, _)| symbol);
        contracts.extend(names.filter(|symbol| is_one(symbol)).map(str::to_owned));
    }
    contracts.into_iter().collect()
}
