//! What the symbols that a file maps say of its instruments: which contract an id is, that it is
//! another one, or nothing.
//!
//! Files are not opened here.

use std::path::Path;

use vp_market::{Contract, ProductType, is_equity_symbol};

use crate::candidates::Query;
use crate::{IngestError, SymbolMap};

/// Returns whether a mapped symbol names an instrument. One that does not names whatever instrument
/// a rule chooses (`ES.v.0`, `ES.FUT`), or repeats the id.
pub(crate) fn names_instrument(product_type: ProductType, symbol: &str) -> bool {
    match product_type {
        ProductType::FutureMbo | ProductType::FutureOptionMbo => {
            // Spreads and options hold one of these marks, rules never do.
            Contract::parse(symbol).is_some() || symbol.contains(['-', ':', ' '])
        }
        ProductType::EquityMbo => is_equity_symbol(symbol) && !is_number(symbol),
        ProductType::EquityOptionCmbp1 => !is_number(symbol),
    }
}

fn is_number(symbol: &str) -> bool {
    symbol.bytes().all(|byte| byte.is_ascii_digit())
}

impl SymbolMap {
    /// Returns whether any symbol names an instrument.
    pub(crate) fn names_instruments(&self, product_type: ProductType) -> bool {
        self.iter()
            .any(|(symbol, _)| names_instrument(product_type, symbol))
    }
}

impl Query<'_> {
    /// Refuses instrument ids that the file at `path` maps, on the date, to another contract than
    /// the one that is asked for, or to a rule of another root.
    ///
    /// The symbols of a share differ from feed to feed (`BRK.B`, `BRK B`), so none contradicts
    /// another.
    pub(crate) fn check_ids<'i>(
        &self,
        path: &Path,
        symbols: &SymbolMap,
        ids: impl IntoIterator<Item = &'i u32>,
    ) -> Result<(), IngestError> {
        if self.product_type != ProductType::FutureMbo {
            return Ok(());
        }
        for &id in ids {
            let mut names = symbols.symbols_of(id, self.date);
            if let Some(name) = names.find(|name| self.is_contradicted_by(name)) {
                return Err(IngestError::Contradiction {
                    path: path.into(),
                    id,
                    name: name.to_owned(),
                    symbol: self.symbol.to_owned(),
                });
            }
        }
        Ok(())
    }

    fn is_contradicted_by(&self, name: &str) -> bool {
        if names_instrument(self.product_type, name) {
            return name != self.symbol;
        }
        name.split_once('.')
            .is_some_and(|(root, _)| root != self.root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contracts_spreads_and_options_name_an_instrument_and_rules_do_not() {
        let future = |symbol| names_instrument(ProductType::FutureMbo, symbol);
        for symbol in [
            "ESM4",
            "ESM4-ESU4",
            "ES:BF M4-U4-Z4",
            "UD:1V: GN 1",
            "ESM4 C5200",
        ] {
            assert!(future(symbol), "{symbol}");
        }
        for symbol in [
            "ES.v.0",
            "ES.c.12",
            "ES.n.0",
            "ES.FUT",
            "5602",
            "ALL_SYMBOLS",
            "",
        ] {
            assert!(!future(symbol), "{symbol}");
        }
        let share = |symbol| names_instrument(ProductType::EquityMbo, symbol);
        assert!(share("BRK.B") && share("AAC+") && !share("5602") && !share("qqq"));
    }

    #[test]
    fn a_future_is_contradicted_by_other_contracts_and_by_rules_of_other_roots() {
        let query = Query {
            product_type: ProductType::FutureMbo,
            symbol: "ESM4",
            root: "ES",
            date: "2024-05-08".parse().unwrap(),
        };
        for name in ["ESM4", "ES.v.0", "ES.FUT", "5602", "ALL_SYMBOLS"] {
            assert!(!query.is_contradicted_by(name), "{name}");
        }
        for name in ["NQM4", "ESU4", "ESM4-ESU4", "NQ.v.0", "MES.c.0"] {
            assert!(query.is_contradicted_by(name), "{name}");
        }
    }
}
