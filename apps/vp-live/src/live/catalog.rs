//! What the lake holds, as sessions that can be streamed.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::Metadata;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use vp_ingest::{DbnError, DbnReader, FileIdentity, SymbolMap};
use vp_lake::{Lake, RawFile};
use vp_market::{ProductTable, ProductType, SessionDate};
use vp_transport::server::{Cancellation, Cancelled, SessionEntry};

/// The sessions of a lake.
///
/// Every listing looks at each file's metadata. The symbols that a file maps are read once, and
/// again when the file has changed. What was known of a file that is gone is forgotten.
#[derive(Debug)]
pub(super) struct Catalog {
    lake: Lake,
    known: Mutex<Known>,
}

/// What is known of files, by path.
#[derive(Debug, Default)]
struct Known {
    files: BTreeMap<OsString, KnownFile>,
    /// Counts listings.
    listing: u64,
}

#[derive(Debug)]
struct KnownFile {
    version: FileIdentity,
    sessions: Vec<Mapped>,
    /// The last listing that found the file.
    listing: u64,
}

/// A contract or ticker that a file maps, and the dates on which it does.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mapped {
    symbol: String,
    root: String,
    dates: Vec<SessionDate>,
}

impl Catalog {
    pub(super) fn new(lake: Lake) -> Self {
        Self {
            lake,
            known: Mutex::default(),
        }
    }

    /// Returns every session of the lake, by product type, symbol and date.
    ///
    /// # Errors
    /// [`Cancelled`] if no request waits for it any more. What was read is kept for the next time.
    pub(super) fn sessions(
        &self,
        products: &ProductTable,
        cancellation: &Cancellation,
    ) -> Result<Vec<SessionEntry>, Cancelled> {
        // A listing that panicked has inserted only complete entries.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.listing += 1;
        let mut entries = Vec::new();
        let mut product_types = ProductType::BOOKS;
        product_types.sort_by_key(|product_type| product_type.name());
        for product_type in product_types {
            let mut sessions = BTreeSet::new();
            // A lake that cannot be listed has nothing to stream.
            let folders = self.lake.raw_symbols(product_type).unwrap_or_default();
            for folder in &folders {
                let files = self.lake.raw_mbo(product_type, folder).list();
                for file in files.unwrap_or_default() {
                    cancellation.check()?;
                    let mapped = known.sessions_of(&file, product_type, products);
                    let is_read_here = |mapped: &&Mapped| {
                        // As `Lake::session_mbo` chooses: the symbol's own folder, else its root's.
                        mapped.symbol == *folder
                            || mapped.root == *folder
                                && folders.binary_search(&mapped.symbol).is_err()
                    };
                    for Mapped { symbol, dates, .. } in mapped.iter().filter(is_read_here) {
                        sessions.extend(dates.iter().map(|date| (symbol.clone(), *date)));
                    }
                }
            }
            entries.extend(sessions.into_iter().map(|(symbol, date)| SessionEntry {
                product_type: product_type.name().to_owned(),
                symbol,
                dt: date.to_string(),
                source: "file".to_owned(),
                ready: true,
                missing: Vec::new(),
            }));
        }
        let listing = known.listing;
        known.files.retain(|_, file| file.listing == listing);
        Ok(entries)
    }
}

impl Known {
    /// Returns what a file maps; nothing where it cannot be read.
    fn sessions_of(
        &mut self,
        file: &RawFile,
        product_type: ProductType,
        products: &ProductTable,
    ) -> &[Mapped] {
        // Only regular files are opened: a FIFO would keep the listing for ever.
        let Some(metadata) = file.path().metadata().ok().filter(Metadata::is_file) else {
            return &[];
        };
        let (path, version) = (file.path().as_os_str(), FileIdentity::new(&metadata));
        let is_known = |known: &KnownFile| known.version == version;
        if !self.files.get(path).is_some_and(is_known) {
            let sessions = match read(file.path()) {
                Ok(map) => {
                    let dates: BTreeSet<_> = file.dates().collect();
                    mapped(&map, &dates, product_type, products)
                }
                // The disk may give it the next time.
                Err(DbnError::Head { source, .. }) if source.raw_os_error().is_some() => {
                    return &[];
                }
                Err(_) => Vec::new(),
            };
            let known = KnownFile {
                version,
                sessions,
                listing: 0,
            };
            self.files.insert(path.to_owned(), known);
        }
        self.files.get_mut(path).map_or(&[], |known| {
            known.listing = self.listing;
            &known.sessions
        })
    }
}

/// Returns the symbols that a file of market-by-order records maps.
fn read(path: &Path) -> Result<SymbolMap, DbnError> {
    let reader = DbnReader::open(path)?;
    let metadata = reader.metadata();
    let is_mbo = metadata
        .schema
        .is_none_or(|schema| schema.as_str() == "mbo");
    Ok(if is_mbo {
        SymbolMap::new(metadata)
    } else {
        SymbolMap::default()
    })
}

/// Returns the instruments of the product table that a file maps on its dates.
fn mapped(
    map: &SymbolMap,
    dates: &BTreeSet<SessionDate>,
    product_type: ProductType,
    products: &ProductTable,
) -> Vec<Mapped> {
    let of_symbol = |(symbol, _): (&str, _)| {
        let instrument = products.instrument(product_type, symbol).ok()?;
        let is_mapped = |date: &&SessionDate| !map.ids_on(symbol, **date).is_empty();
        let dates: Vec<_> = dates.iter().filter(is_mapped).copied().collect();
        (!dates.is_empty()).then(|| Mapped {
            symbol: symbol.to_owned(),
            root: instrument.root,
            dates,
        })
    };
    map.iter().filter_map(of_symbol).collect()
}
