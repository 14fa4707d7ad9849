//! The raw tables that are downloaded, and the folder of each. What is in their files is not known
//! here.

use crate::{Lake, RawFolder};

/// A kind of raw file, by what it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RawTable {
    /// Futures contracts, market by order.
    FutureMbo,
    /// Options on futures, market by order.
    FutureOptionMbo,
    /// Options on futures, the venue's statistics.
    FutureOptionStatistics,
    /// Options on futures, instrument definitions.
    FutureOptionDefinition,
    /// Shares, market by order.
    EquityMbo,
    /// Shares, instrument definitions: one file a date for all symbols.
    EquityDefinition,
    /// Options on shares, best prices of every venue consolidated.
    EquityOptionCmbp1,
    /// Options on shares, statistics.
    EquityOptionStatistics,
    /// Options on shares, instrument definitions.
    EquityOptionDefinition,
}

impl RawTable {
    /// Every raw table.
    pub const ALL: [Self; 9] = [
        Self::FutureMbo,
        Self::FutureOptionMbo,
        Self::FutureOptionStatistics,
        Self::FutureOptionDefinition,
        Self::EquityMbo,
        Self::EquityDefinition,
        Self::EquityOptionCmbp1,
        Self::EquityOptionStatistics,
        Self::EquityOptionDefinition,
    ];

    /// Returns the product type that the folder names, or `definition`, which is of no single one.
    pub const fn product_type(self) -> &'static str {
        match self {
            Self::FutureMbo => "future_mbo",
            Self::FutureOptionMbo | Self::FutureOptionStatistics => "future_option_mbo",
            Self::EquityMbo => "equity_mbo",
            Self::EquityOptionCmbp1 => "equity_option_cmbp_1",
            Self::EquityOptionStatistics => "equity_option_statistics",
            Self::FutureOptionDefinition
            | Self::EquityDefinition
            | Self::EquityOptionDefinition => "definition",
        }
    }

    /// Returns the folder below `raw/source=databento`.
    fn folder(self, symbol: &str) -> String {
        let of_table = |table: &str| {
            let product_type = self.product_type();
            format!("product_type={product_type}/symbol={symbol}/table={table}")
        };
        match self {
            Self::FutureMbo | Self::FutureOptionMbo | Self::EquityMbo => {
                of_table("market_by_order_dbn")
            }
            Self::FutureOptionStatistics | Self::EquityOptionStatistics => of_table("statistics"),
            Self::EquityOptionCmbp1 => of_table("cmbp_1"),
            Self::FutureOptionDefinition => {
                format!("dataset=definition/venue=glbx/type=futures_options/symbol={symbol}")
            }
            Self::EquityDefinition => "dataset=definition/venue=xnas".to_owned(),
            Self::EquityOptionDefinition => {
                format!("dataset=definition/venue=opra/symbol={symbol}")
            }
        }
    }
}

impl Lake {
    /// Returns the folder of a raw table's files, whether or not it exists. `symbol` is the root of
    /// a future, or the ticker.
    pub fn raw_table(&self, table: RawTable, symbol: &str) -> RawFolder {
        let raw = self.root().join("raw/source=databento");
        RawFolder::new(raw.join(table.folder(symbol)))
    }
}

#[cfg(test)]
mod tests {
    use vp_market::ProductType;

    use super::*;

    #[test]
    fn every_table_has_its_folder() {
        let folders = [
            "product_type=future_mbo/symbol=S/table=market_by_order_dbn",
            "product_type=future_option_mbo/symbol=S/table=market_by_order_dbn",
            "product_type=future_option_mbo/symbol=S/table=statistics",
            "dataset=definition/venue=glbx/type=futures_options/symbol=S",
            "product_type=equity_mbo/symbol=S/table=market_by_order_dbn",
            "dataset=definition/venue=xnas",
            "product_type=equity_option_cmbp_1/symbol=S/table=cmbp_1",
            "product_type=equity_option_statistics/symbol=S/table=statistics",
            "dataset=definition/venue=opra/symbol=S",
        ];
        for (table, folder) in RawTable::ALL.into_iter().zip(folders) {
            let found = Lake::new("lake").raw_table(table, "S");
            let expected = format!("lake/raw/source=databento/{folder}");
            assert_eq!(found.path(), std::path::Path::new(&expected));
        }
    }

    #[test]
    fn what_is_downloaded_lies_where_sessions_are_read() {
        let lake = Lake::new("lake");
        for (table, product_type) in [
            (RawTable::FutureMbo, ProductType::FutureMbo),
            (RawTable::EquityMbo, ProductType::EquityMbo),
            (RawTable::FutureOptionMbo, ProductType::FutureOptionMbo),
        ] {
            assert_eq!(lake.raw_table(table, "S"), lake.raw_mbo(product_type, "S"));
        }
    }
}
