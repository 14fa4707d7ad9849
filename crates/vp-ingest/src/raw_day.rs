//! The messages of all outright contracts of a date, as the feed sent them.
//!
//! Nothing is rewritten and no contract is chosen; the session's window alone decides what passes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dbn::MboMsg;
use vp_lake::Lake;
use vp_market::{Contract, ProductType, SessionDate, SessionWindow, is_equity_symbol};

use crate::day_files::DayFiles;
use crate::filter::{Counters, is_in_session};
use crate::source::{Progress, plan};
use crate::{DbnReader, IngestError, SymbolMap};

/// Which date to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawDaySpec {
    /// Where the files are.
    pub lake: Lake,
    /// The kind of instrument.
    pub product_type: ProductType,
    /// A root, a contract of it, or a ticker.
    pub symbol: String,
    /// The contract's root, or the symbol again.
    pub root: String,
    /// The session's date.
    pub date: SessionDate,
}

/// The messages of a date's files, in file order.
#[derive(Debug)]
pub struct RawDay {
    paths: Vec<PathBuf>,
    symbols: Vec<String>,
    /// Each with what it maps on the date, by instrument id.
    files: DayFiles<Vec<Mapped>>,
    window: SessionWindow,
    counters: Counters,
}

/// An instrument id and the number of its contract.
#[derive(Clone, Copy, Debug)]
struct Mapped {
    id: u32,
    symbol: usize,
}

impl RawDay {
    /// Finds the date's files and reads what they map; a file that maps nothing of the date is
    /// left out.
    ///
    /// # Errors
    /// [`IngestError`] for files that are missing, unreadable, or map no contract on the date; for
    /// a contract that was asked for by name and is not mapped.
    pub fn open(spec: &RawDaySpec) -> Result<Self, IngestError> {
        let RawDaySpec {
            lake,
            product_type,
            symbol,
            root,
            date,
        } = spec;
        let paths = plan::paths_in(lake, *product_type, symbol, root, *date)?;
        let mut all_symbols = SymbolMap::default();
        let mut found = Vec::new();
        for path in &paths {
            let reader = plan::open_mbo(path)?;
            let identity = plan::identity(&reader)?;
            let symbols = SymbolMap::new(reader.metadata());
            let by_id = if symbols.is_empty() {
                unmapped_contract(spec, reader)?
            } else {
                contracts_on(path, &symbols, *product_type, *date)?
            };
            all_symbols.extend(symbols);
            if !by_id.is_empty() {
                found.push((path.clone(), identity, by_id));
            }
        }
        let names: BTreeSet<&String> = found
            .iter()
            .flat_map(|(.., by_id)| by_id.values())
            .collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        // A lake's folder that was looked into has files.
        let first = paths.into_iter().next().unwrap_or_default();
        let is_contract = symbol != root || *product_type == ProductType::EquityMbo;
        if is_contract && !names.contains(symbol) {
            return Err(plan::unmapped(first, symbol, *date, all_symbols));
        }
        if names.is_empty() {
            return Err(IngestError::NoContracts {
                path: first,
                date: *date,
                mapped: all_symbols,
            });
        }
        let mut files = DayFiles::default();
        for (path, identity, by_id) in &found {
            let mapped = by_id.iter().map(|(&id, symbol)| Mapped {
                id,
                symbol: names.partition_point(|name| name < symbol),
            });
            files.push(path.clone(), *identity, mapped.collect());
        }
        Ok(Self {
            paths: found.into_iter().map(|(path, ..)| path).collect(),
            symbols: names,
            files,
            window: SessionWindow::new(*product_type, *date),
            counters: Counters::default(),
        })
    }

    /// Returns the contracts that the files map on the date, in name order; spreads are none.
    pub fn symbols(&self) -> &[String] {
        &self.symbols
    }

    /// Returns the files, in the order in which they are read.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Returns the session's window.
    pub fn window(&self) -> SessionWindow {
        self.window
    }

    /// Returns what came of the messages so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Returns how far the files have been read.
    pub fn progress(&self) -> Progress {
        self.files.progress()
    }

    /// Passes the next messages to `each`, in file order, with the number of their contract in
    /// [`Self::symbols`]; returns `false` at the end.
    ///
    /// # Errors
    /// [`IngestError`] where a file breaks, after everything before has been passed on.
    pub fn read(&mut self, mut each: impl FnMut(usize, &MboMsg)) -> Result<bool, IngestError> {
        let (counters, window) = (&mut self.counters, self.window);
        self.files.read(|reader, mapped| {
            // Messages of one contract follow each other.
            let mut last = mapped[0];
            reader.read_mbo(|message| {
                counters.records += 1;
                let Some(message) = message else {
                    counters.other_rtypes += 1;
                    return;
                };
                let id = message.hd.instrument_id;
                if last.id != id {
                    let Ok(place) = mapped.binary_search_by_key(&id, |mapped| mapped.id) else {
                        counters.other_instruments += 1;
                        return;
                    };
                    last = mapped[place];
                }
                if is_in_session(message, window) {
                    counters.delivered += 1;
                    each(last.symbol, message);
                } else {
                    counters.outside_window += 1;
                }
            })
        })
    }
}

/// Returns the outright contracts that a file maps on a date, by instrument id.
fn contracts_on(
    path: &Path,
    symbols: &SymbolMap,
    product_type: ProductType,
    date: SessionDate,
) -> Result<BTreeMap<u32, String>, IngestError> {
    let is_outright = |symbol: &str| match product_type {
        ProductType::FutureMbo => Contract::parse(symbol).is_some(),
        ProductType::EquityMbo => is_equity_symbol(symbol),
        // Many instruments make up one partition: they are read by days of their own.
        ProductType::FutureOptionMbo | ProductType::EquityOptionCmbp1 => false,
    };
    let mut by_id: BTreeMap<u32, String> = BTreeMap::new();
    for (symbol, ids) in symbols.iter().filter(|(symbol, _)| is_outright(symbol)) {
        for mapped in ids.iter().filter(|mapped| mapped.holds_on(date)) {
            let other = by_id.insert(mapped.id, symbol.to_owned());
            if let Some(first) = other.filter(|other| other != symbol) {
                return Err(IngestError::Ambiguous {
                    path: path.into(),
                    id: mapped.id,
                    first,
                    second: symbol.to_owned(),
                });
            }
        }
    }
    Ok(by_id)
}

/// Returns the one instrument of a file that maps none, as the contract that was asked for.
fn unmapped_contract(
    spec: &RawDaySpec,
    reader: DbnReader,
) -> Result<BTreeMap<u32, String>, IngestError> {
    if spec.product_type == ProductType::FutureMbo && spec.symbol == spec.root {
        return Err(IngestError::NoMappings {
            path: reader.path().into(),
            symbol: spec.symbol.clone(),
        });
    }
    let ids = plan::only_instrument(reader)?;
    let named = ids.into_iter().map(|id| (id, spec.symbol.clone()));
    Ok(named.collect())
}
