//! Which partitions a lake has.

use std::convert::Infallible;
use std::ops::ControlFlow;

use vp_market::{ProductType, SessionDate};

use super::partition::{Layer, Partition};
use crate::raw::names_in;
use crate::{Lake, LayoutError};

/// Which partitions to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this layer alone.
    pub layer: Option<Layer>,
    /// Of this kind of instrument alone.
    pub product_type: Option<ProductType>,
    /// Of this contract or ticker alone.
    pub symbol: Option<String>,
    /// Of this date alone.
    pub date: Option<SessionDate>,
}

/// A partition's folder, or what a run has left of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The partition.
    pub partition: Partition,
    /// Whether the folder is the remainder of a run that was interrupted, or is still going on.
    pub is_unfinished: bool,
}

impl Lake {
    /// Lists partitions, by layer, product type, symbol, table and date.
    ///
    /// # Errors
    /// [`LayoutError`] if a folder cannot be listed.
    pub fn partitions(&self, filter: &Filter) -> Result<Vec<Entry>, LayoutError> {
        let mut entries = Vec::new();
        let ControlFlow::Continue(()) = self.visit_partitions(filter, |entry| {
            entries.push(entry);
            ControlFlow::<Infallible>::Continue(())
        })?;
        Ok(entries)
    }

    /// Passes partitions to `each`, by layer, product type, symbol, table and date, until it breaks
    /// off.
    ///
    /// # Errors
    /// [`LayoutError`] if a folder cannot be listed.
    pub fn visit_partitions<B>(
        &self,
        filter: &Filter,
        mut each: impl FnMut(Entry) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, LayoutError> {
        for layer in Layer::ALL
            .into_iter()
            .filter(|l| passes(filter.layer.as_ref(), l))
        {
            for product_type in ProductType::ALL {
                if passes(filter.product_type.as_ref(), &product_type) {
                    let flow = self.visit(layer, product_type, filter, &mut each)?;
                    if flow.is_break() {
                        return Ok(flow);
                    }
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn visit<B>(
        &self,
        layer: Layer,
        product_type: ProductType,
        filter: &Filter,
        each: &mut impl FnMut(Entry) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, LayoutError> {
        let types = self.root().join(layer.folder());
        let symbols = types.join(format!("product_type={product_type}"));
        for symbol in names_in(&symbols)? {
            let Some(symbol) = symbol.strip_prefix("symbol=") else {
                continue;
            };
            if !passes(filter.symbol.as_deref(), symbol) {
                continue;
            }
            let tables = symbols.join(format!("symbol={symbol}"));
            for table in names_in(&tables)? {
                let Some(table) = table.strip_prefix("table=") else {
                    continue;
                };
                for name in names_in(&tables.join(format!("table={table}")))? {
                    let Some((date, is_unfinished)) = date_of(&name) else {
                        continue;
                    };
                    if passes(filter.date.as_ref(), &date) {
                        let partition = self.partition(layer, product_type, symbol, table, date);
                        let flow = each(Entry {
                            partition,
                            is_unfinished,
                        });
                        if flow.is_break() {
                            return Ok(flow);
                        }
                    }
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn passes<T: PartialEq + ?Sized>(wanted: Option<&T>, value: &T) -> bool {
    wanted.is_none_or(|wanted| wanted == value)
}

/// Returns the date in a folder's name, and whether the folder is the rest of an interrupted run.
fn date_of(name: &str) -> Option<(SessionDate, bool)> {
    let remainder = || {
        let name = name.strip_prefix('.')?;
        name.strip_suffix(".unfinished")
            .or_else(|| name.strip_suffix(".replaced"))
    };
    let (name, is_unfinished) = match remainder() {
        Some(name) => (name, true),
        None => (name, false),
    };
    let text = name.strip_prefix("dt=")?;
    // Of the two forms of a date, folders have this one.
    let date = text
        .parse::<SessionDate>()
        .ok()
        .filter(|date| date.to_string() == text)?;
    Some((date, is_unfinished))
}
