//! Whose raw files bronze is made from: those of a root, a contract or a ticker.

use vp_ingest::RawDaySpec;
use vp_lake::tables::Settings;
use vp_market::{Instrument, ProductError, ProductTable, ProductType};

use crate::stage::Task;

/// A name under which the lake keeps raw files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawSymbol {
    pub(super) product_type: ProductType,
    /// A root, a contract of it, or a ticker.
    pub(super) symbol: String,
    /// The contract's root, or the symbol again.
    pub(super) root: String,
    pub(super) choice: Choice,
}

/// Which records to read where the raw files leave a choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The instrument id of the contract, where the files do not map it.
    pub instrument_id: Option<u32>,
    /// The publisher, where instruments have records of several.
    pub publisher: Option<u16>,
}

impl Choice {
    /// Returns the choice among the settings of a partition of bronze.
    pub(crate) fn settings_in(settings: &Settings) -> Settings {
        settings.only(&["instrument_id", "publisher"])
    }
}

impl RawSymbol {
    /// Returns the root, contract or ticker of that name.
    ///
    /// # Errors
    /// [`ProductError`] if the table does not know it.
    pub fn new(
        products: &ProductTable,
        product_type: ProductType,
        symbol: &str,
    ) -> Result<Self, ProductError> {
        let is_root = has_contracts(product_type) && products.future(symbol).is_ok();
        let root = if is_root {
            symbol.into()
        } else {
            products.instrument(product_type, symbol)?.root
        };
        Ok(Self {
            product_type,
            symbol: symbol.into(),
            root,
            choice: Choice::default(),
        })
    }

    /// Returns the same symbol, with that choice of records.
    #[must_use]
    pub fn choosing(self, choice: Choice) -> Self {
        Self { choice, ..self }
    }

    /// Returns the contract or ticker of an instrument.
    pub fn of(instrument: &Instrument) -> Self {
        Self {
            product_type: instrument.product_type,
            symbol: instrument.symbol.clone(),
            root: instrument.root.clone(),
            choice: Choice::default(),
        }
    }

    /// Returns the raw files of a task's date.
    pub(crate) fn day(&self, task: &Task) -> RawDaySpec {
        RawDaySpec {
            lake: task.lake.clone(),
            product_type: self.product_type,
            symbol: self.symbol.clone(),
            root: self.root.clone(),
            date: task.date,
            instrument_id: self.choice.instrument_id,
            publisher: self.choice.publisher,
        }
    }

    /// Returns the choices behind its partitions.
    pub(crate) fn settings(&self) -> Settings {
        let Choice {
            instrument_id,
            publisher,
        } = self.choice;
        let mut settings = vec![
            ("product_type", self.product_type.name().to_owned()),
            ("source", "databento".to_owned()),
        ];
        settings.extend(instrument_id.map(|id| ("instrument_id", id.to_string())));
        settings.extend(publisher.map(|id| ("publisher", id.to_string())));
        Settings::new(settings)
    }

    /// Returns the contract or ticker, if it is not a root that was named.
    pub fn contract(&self) -> Option<&str> {
        let is_root = has_contracts(self.product_type) && self.symbol == self.root;
        (!is_root).then_some(&self.symbol)
    }
}

/// Returns whether the raw files are a root's and the partitions its contracts'.
const fn has_contracts(product_type: ProductType) -> bool {
    match product_type {
        ProductType::FutureMbo | ProductType::FutureOptionMbo => true,
        ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => false,
    }
}
