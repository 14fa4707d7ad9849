//! The product table: what is fixed about an instrument before its first record arrives.
//!
//! The table is a TOML text, embedded and replaceable. Reading files is left to the caller.

mod contract;
mod runtime_config;
mod table_text;

use std::collections::BTreeMap;

pub use contract::{Contract, is_equity_symbol, symbol_as_typed};
pub use runtime_config::RuntimeConfig;

use crate::{MarkThresholds, Price, ProductType, TickSize};

/// The widest bucket: a thousand currency units.
const MAX_BUCKET_NANOS: i64 = 1_000_000_000_000;

/// What is fixed about a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// The smallest price increment.
    pub tick: TickSize,
    /// The width of a grid bucket, a whole multiple of the tick. Futures: the tick.
    pub bucket: TickSize,
    /// How many ticks to either side of the spot the velocity pipeline keeps.
    pub grid_max_ticks: u32,
    /// The strikes of its options that are followed, where there are any.
    pub strikes: Option<Strikes>,
    /// The currency value of one point of one contract or share; for display only.
    pub multiplier: Price,
    /// From which size on trades and orders are marked.
    pub marks: MarkThresholds,
}

/// The option strikes of a future that are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strikes {
    /// The distance between two strikes, in points.
    pub step: TickSize,
    /// How many strikes to either side of the spot.
    pub max_offsets: u32,
}

impl Product {
    /// Returns the product with buckets of another width.
    ///
    /// # Errors
    /// [`ProductError::Bucket`] where the width is no whole multiple of the tick, or a grid of such
    /// buckets would leave the range of prices.
    pub fn with_bucket(&self, width: Price) -> Result<Self, ProductError> {
        let refused = || ProductError::Bucket {
            width,
            tick: self.tick,
        };
        let bucket = TickSize::from_nanos(width.nanos()).map_err(|_| refused())?;
        if !self.tick.divides(width) || width.nanos() > MAX_BUCKET_NANOS {
            return Err(refused());
        }
        Ok(Self {
            bucket,
            ..self.clone()
        })
    }

    /// Returns how many decimals a price is shown with: as many as the tick needs, at least 2.
    pub fn price_decimals(&self) -> u32 {
        let tick = self.tick.nanos();
        let needed = (0..9).find(|&decimals| tick % 10_i64.pow(9 - decimals) == 0);
        needed.unwrap_or(9).max(2)
    }
}

/// Every product that is known.
///
/// # Examples
/// ```
/// use vp_market::{ProductTable, ProductType};
///
/// let table = ProductTable::embedded();
/// let instrument = table.instrument(ProductType::FutureMbo, "SILH6").unwrap();
/// assert_eq!(instrument.root, "SIL");
/// assert_eq!(instrument.product.tick.to_string(), "0.005");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductTable {
    futures: BTreeMap<String, Product>,
    equities: Product,
    equity_overrides: BTreeMap<String, Product>,
}

/// One symbol, with what the product table knows about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instrument {
    /// The kind of instrument.
    pub product_type: ProductType,
    /// The contract (ESH6) or the ticker; for options that of the underlying.
    pub symbol: String,
    /// The contract's root (ES); for an equity the ticker again.
    pub root: String,
    /// Its row of the table.
    pub product: Product,
}

/// Why a product table or a symbol is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProductError {
    /// The text is no product table.
    #[error("the product table cannot be read: {reason}")]
    Table {
        /// Where it breaks, and why.
        reason: String,
    },
    /// A value that no product can have.
    #[error("the product table gives {product} the {key} {value:?}: {reason}")]
    Value {
        /// The root, the equity's symbol, or `equities`.
        product: String,
        /// The key within its table.
        key: &'static str,
        /// The refused text.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A width that no bucket of the product can have.
    #[error("a bucket is a whole multiple of the tick {tick}, up to 1000, found {width}")]
    Bucket {
        /// The refused width.
        width: Price,
        /// The product's tick.
        tick: TickSize,
    },
    /// An empty text in the place of a symbol.
    #[error("a symbol is the name of a contract or a ticker, such as ESH6 or QQQ")]
    NoSymbol,
    /// A root that is not in the table.
    #[error("unknown root {root:?}, known are: {known}")]
    UnknownRoot {
        /// The refused root.
        root: String,
        /// The roots of the table.
        known: String,
    },
    /// Not of the form of a futures contract.
    #[error(
        "{symbol:?} is not a futures contract: expected a root ({known}), a month code \
         (FGHJKMNQUVXZ) and one or two digits of the year, such as ESH6"
    )]
    NotContract {
        /// The refused symbol.
        symbol: String,
        /// The roots of the table.
        known: String,
    },
    /// A root, where one of its contracts is needed.
    #[error(
        "{symbol} is not a contract but the root {root}: name one of its contracts, with a month code \
         (FGHJKMNQUVXZ) and one or two digits of the year, such as {root}H6"
    )]
    Root {
        /// The refused symbol, such as `ES` or `ES.FUT`.
        symbol: String,
        /// The root.
        root: String,
    },
    /// Not of the form of a ticker.
    #[error(
        "{symbol:?} is not an equity symbol: expected up to 15 capital letters, digits, spaces or \
         . _ - + = ^ #, such as QQQ or BRK.B; a file that spells it otherwise is read under such a \
         name with --instrument-id"
    )]
    NotTicker {
        /// The refused symbol.
        symbol: String,
    },
}

impl ProductTable {
    /// Returns the table that is part of the binary.
    #[expect(clippy::missing_panics_doc, reason = "the embedded text is tested")]
    pub fn embedded() -> Self {
        Self::parse(include_str!("../products.toml")).expect("a test reads the embedded table")
    }

    /// Reads a table.
    ///
    /// # Errors
    /// [`ProductError::Table`] and [`ProductError::Value`] for an invalid table.
    pub fn parse(text: &str) -> Result<Self, ProductError> {
        table_text::parse(text)
    }

    /// Returns the roots of the futures, in order.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        self.futures.keys().map(String::as_str)
    }

    /// Returns the product type that a symbol has by default: `future_mbo` for a contract
    /// and for a root of the table (`ES`, `ES.FUT`), `equity_mbo` for anything else.
    pub fn product_type_of(&self, symbol: &str) -> ProductType {
        let root = symbol.strip_suffix(".FUT").unwrap_or(symbol);
        if Contract::parse(symbol).is_some() || self.futures.contains_key(root) {
            ProductType::FutureMbo
        } else {
            ProductType::EquityMbo
        }
    }

    /// Returns the future of that root.
    ///
    /// # Errors
    /// [`ProductError::UnknownRoot`] where the table has none.
    pub fn future(&self, root: &str) -> Result<&Product, ProductError> {
        self.futures
            .get(root)
            .ok_or_else(|| ProductError::UnknownRoot {
                root: root.into(),
                known: self.known_roots(),
            })
    }

    /// Adds a future, or replaces it.
    pub fn insert_future(&mut self, root: &str, product: Product) {
        self.futures.insert(root.into(), product);
    }

    /// Returns the equity of that ticker: the defaults, with what the table says of it alone.
    pub fn equity(&self, symbol: &str) -> &Product {
        self.equity_overrides.get(symbol).unwrap_or(&self.equities)
    }

    /// Returns what is known of a contract or ticker.
    ///
    /// # Errors
    /// [`ProductError`] where the symbol is not of the type's form or its root is unknown.
    pub fn instrument(
        &self,
        product_type: ProductType,
        symbol: &str,
    ) -> Result<Instrument, ProductError> {
        let (root, product) = match product_type {
            ProductType::FutureMbo | ProductType::FutureOptionMbo => {
                let not_contract = || {
                    let symbol = symbol.to_owned();
                    let root = symbol.strip_suffix(".FUT").unwrap_or(&symbol).to_owned();
                    if self.futures.contains_key(&root) {
                        return ProductError::Root { symbol, root };
                    }
                    let known = self.known_roots();
                    ProductError::NotContract { symbol, known }
                };
                let contract = Contract::parse(symbol).ok_or_else(not_contract)?;
                (contract.root, self.future(contract.root)?)
            }
            ProductType::EquityMbo | ProductType::EquityOptionCmbp1 if is_equity_symbol(symbol) => {
                (symbol, self.equity(symbol))
            }
            ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => {
                return Err(ProductError::NotTicker {
                    symbol: symbol.into(),
                });
            }
        };
        Ok(Instrument {
            product_type,
            symbol: symbol.into(),
            root: root.into(),
            product: product.clone(),
        })
    }

    fn known_roots(&self) -> String {
        self.roots().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests;
