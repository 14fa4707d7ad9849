//! The contracts of a root that the lake has on a date, by what its files map.

use std::collections::BTreeSet;

use vp_lake::Lake;
use vp_market::{Contract, ProductTable, ProductType, SessionDate};

use crate::{DbnReader, SymbolMap};

/// Returns what contracts the lake has of a root (`ES`, `ES.FUT`) on a date, in words; `None` where the
/// symbol is no root, or there are none.
pub fn contracts_offered(
    products: &ProductTable,
    lake: &Lake,
    symbol: &str,
    date: SessionDate,
) -> Option<String> {
    let root = symbol.strip_suffix(".FUT").unwrap_or(symbol);
    products.future(root).ok()?;
    let contracts = contracts_of(lake, root, date);
    (!contracts.is_empty()).then(|| {
        let contracts = contracts.join(", ");
        format!("{symbol} is no single contract; on {date} the lake has: {contracts}")
    })
}

/// Returns the outright contracts of a root that the raw files of a date map, in name order. Files
/// that cannot be read have none; nothing but their heads is read.
fn contracts_of(lake: &Lake, root: &str, date: SessionDate) -> Vec<String> {
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
