//! Which session of a file is meant, where the file alone was named: the rest is taken from it.

use std::fs;
use std::path::Path;

use vp_market::{
    Instrument, MarkThresholds, Price, Product, ProductError, ProductTable, ProductType,
    SessionDate, TickSize,
};

use crate::candidates::product_type_of;
use crate::{DbnReader, Definition, HeldSessions, IngestError};

/// How many ticks to either side of the spot are kept of a product that only its definition tells.
const GRID_MAX_TICKS: u32 = 200;

/// What the caller specified beside the file; the rest is taken from the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileWish<'a> {
    /// The kind of instrument, else that of the dataset.
    pub product_type: Option<ProductType>,
    /// The contract or ticker, else the busiest.
    pub symbol: Option<&'a str>,
    /// The session's date, else that of the busiest session.
    pub date: Option<SessionDate>,
}

/// The session of a file that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChoice {
    /// The contract or ticker.
    pub instrument: Instrument,
    /// The session's date.
    pub date: SessionDate,
    /// What the file holds; `None` where symbol and date were given and it was not looked at.
    pub held: Option<HeldSessions>,
}

impl FileChoice {
    /// Chooses the session. A future that `products` does not have is added to it, with the tick of
    /// its definition, if a definition file lies in the same folder.
    ///
    /// # Errors
    /// [`FileChoiceError`] for a file that cannot be read or holds no such session, and for a symbol
    /// that no product fits.
    pub fn new(
        path: &Path,
        wish: FileWish<'_>,
        products: &mut ProductTable,
    ) -> Result<Self, FileChoiceError> {
        let (product_type, symbol, date, held) = match (wish.symbol, wish.date) {
            (Some(symbol), Some(date)) if !is_root(products, symbol) => {
                let product_type = match wish.product_type {
                    Some(product_type) => product_type,
                    None => of_dataset(path)?,
                };
                (product_type, symbol.to_owned(), date, None)
            }
            (symbol, date) => {
                let held = HeldSessions::of(path, wish.product_type)?;
                let Some(session) = held.fitting(symbol, date).next() else {
                    return Err(not_held(products, held, symbol, date).into());
                };
                let (symbol, date) = (session.symbol.clone(), session.date);
                (held.product_type(), symbol, date, Some(held))
            }
        };
        let instrument = match products.instrument(product_type, &symbol) {
            Err(ProductError::UnknownRoot { root, .. }) => {
                let product = defined(path, &symbol)?.ok_or_else(|| IngestError::NoTick {
                    root: root.clone(),
                    symbol: symbol.clone(),
                })?;
                products.insert_future(&root, product);
                products.instrument(product_type, &symbol)?
            }
            found => found?,
        };
        Ok(Self {
            instrument,
            date,
            held,
        })
    }
}

/// Why no session of a file can be chosen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileChoiceError {
    /// The file cannot be read, or holds no such session.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// No product fits the symbol.
    #[error(transparent)]
    Product(#[from] ProductError),
}

fn of_dataset(path: &Path) -> Result<ProductType, IngestError> {
    let reader = DbnReader::open(path)?;
    let dataset = &reader.metadata().dataset;
    product_type_of(dataset).ok_or_else(|| IngestError::UnknownDataset {
        path: path.into(),
        dataset: dataset.clone(),
    })
}

/// Returns whether a symbol is a root of the table (`ES`, `ES.FUT`), of which a file may hold several
/// contracts.
fn is_root(products: &ProductTable, symbol: &str) -> bool {
    let root = symbol.strip_suffix(".FUT").unwrap_or(symbol);
    products.future(root).is_ok()
}

fn not_held(
    products: &ProductTable,
    held: HeldSessions,
    symbol: Option<&str>,
    date: Option<SessionDate>,
) -> IngestError {
    let is_future = held.product_type() == ProductType::FutureMbo;
    let symbol = symbol.map(|symbol| {
        let is_root = is_future && is_root(products, symbol);
        let hint = if is_root {
            " (which is no single contract)"
        } else {
            ""
        };
        format!(" of {symbol}{hint}")
    });
    let date = date.map(|date| format!(" on {date}"));
    IngestError::NotHeld {
        path: held.path().into(),
        wish: symbol.unwrap_or_default() + &date.unwrap_or_default(),
        held: Box::new(held),
    }
}

/// Returns the product of a contract as the definition files in the file's folder have it: the last
/// definition counts. A definition file that cannot be read is passed over.
fn defined(path: &Path, symbol: &str) -> Result<Option<Product>, IngestError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(None);
    };
    let is_definition = |path: &std::path::PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.contains("definition") && name.contains(".dbn"))
    };
    let mut files: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(is_definition)
        .collect();
    files.sort();
    let mut found = None;
    for file in files {
        let Ok(reader) = DbnReader::open(&file) else {
            continue;
        };
        Definition::read_all(reader, |definition| {
            if definition.symbol == symbol
                && let Some(tick) = definition.tick
            {
                found = Some(product(tick, definition.unit_quantity));
            }
        })?;
    }
    Ok(found)
}

/// One point is worth one unit of the currency where the definition does not say.
const ONE: Price = Price::from_nanos(1_000_000_000).expect("one is a price");

fn product(tick: TickSize, unit_quantity: Option<Price>) -> Product {
    Product {
        tick,
        bucket: tick,
        grid_max_ticks: GRID_MAX_TICKS,
        strikes: None,
        multiplier: unit_quantity
            .filter(|quantity| quantity.nanos() > 0)
            .unwrap_or(ONE),
        marks: MarkThresholds::OF_FUTURES,
    }
}
