//! Which files a day is read from, and what each of their instrument ids means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use vp_market::{Contract, ProductType, SessionWindow, is_equity_symbol};

use super::RawDaySpec;
use crate::candidates::{Candidate, Choice, Query};
use crate::day_files::DayFiles;
use crate::left_out::{LeftOut, LeftOutReason};
use crate::source::plan::{self, Contents};
use crate::survey::Survey;
use crate::{DbnReader, FileIdentity, IngestError, Publishers, SymbolMap};

/// What an instrument id means in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mapped {
    pub(super) id: u32,
    pub(super) target: Target,
}

/// What becomes of an instrument's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// They are passed on as those of the contract with that number.
    Contract(usize),
    /// They are left out, and counted under the name with that number.
    Name(usize),
    /// They are of a contract that another file covers.
    Displaced,
}

/// What a day is read from.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) paths: Vec<PathBuf>,
    /// The contracts, in name order.
    pub(super) contracts: Vec<String>,
    /// What is left out, by name.
    pub(super) names: Vec<String>,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) window: SessionWindow,
    /// Each file with the ids of each contract.
    ids: Vec<(FileIdentity, BTreeMap<u32, String>)>,
}

/// A file that holds contracts.
struct Found {
    candidate: Candidate,
    identity: FileIdentity,
    by_id: BTreeMap<u32, String>,
    /// The names of the other ids.
    others: BTreeMap<u32, String>,
}

impl Plan {
    /// Finds the files, and what each maps.
    pub(super) fn new(spec: &RawDaySpec) -> Result<(Self, DayFiles<Vec<Mapped>>), IngestError> {
        let query = spec.query();
        let is_root = query.symbol == query.root && query.product_type == ProductType::FutureMbo;
        if is_root && spec.instrument_id.is_some() {
            let symbol = spec.symbol.clone();
            return Err(IngestError::IdOfRoot { symbol });
        }
        let candidates = query.candidates(&spec.lake)?;
        let mut all_symbols = SymbolMap::default();
        let (mut found, mut left_out) = (Vec::new(), Vec::new());
        for candidate in &candidates {
            match query.open(&candidate.path)? {
                Ok(reader) => {
                    let looked_into = look_into(spec, candidate, reader, &mut all_symbols)?;
                    found.extend(Some(looked_into).filter(|found| !found.by_id.is_empty()));
                }
                Err(file) => left_out.push(file),
            }
        }
        if left_out.len() == candidates.len() {
            return Err(query.other_schemas(&left_out));
        }
        let contracts = found.iter().flat_map(|found| found.by_id.values());
        let contracts: BTreeSet<String> = contracts.cloned().collect();
        let first = candidates.into_iter().map(|candidate| candidate.path);
        let first = first.into_iter().next().unwrap_or_default();
        if !is_root && !contracts.contains(query.symbol) {
            return Err(plan::unmapped(first, query.symbol, query.date, all_symbols));
        }
        if contracts.is_empty() {
            return Err(IngestError::NoContracts {
                path: first,
                date: query.date,
                mapped: all_symbols,
            });
        }
        let names = found.iter().flat_map(|found| found.others.values());
        let names: BTreeSet<String> = names.cloned().collect();
        let mut plan = Self {
            paths: Vec::new(),
            contracts: contracts.into_iter().collect(),
            names: names.into_iter().collect(),
            left_out,
            ids: Vec::new(),
            window: query.window(),
        };
        let files = plan.take(&found);
        for file in &plan.left_out {
            tracing::warn!("{file}");
        }
        Ok((plan, files))
    }

    /// Numbers contracts and names, and drops what other files cover.
    fn take(&mut self, found: &[Found]) -> DayFiles<Vec<Mapped>> {
        let mut choice = Choice::default();
        for found in found {
            for contract in found.by_id.values() {
                choice.add(contract, &found.candidate);
            }
        }
        let mut files = DayFiles::default();
        for found in found {
            let mut targets: BTreeMap<u32, Target> = BTreeMap::new();
            let mut displaced: Vec<(String, LeftOutReason)> = Vec::new();
            for (&id, contract) in &found.by_id {
                let target = match choice.displaced(contract, &found.candidate) {
                    None => Target::Contract(place(&self.contracts, contract)),
                    Some(reason) => {
                        displaced.push((contract.clone(), reason));
                        Target::Displaced
                    }
                };
                targets.insert(id, target);
            }
            for (&id, name) in &found.others {
                targets.insert(id, Target::Name(place(&self.names, name)));
            }
            let is_read = displaced.len() < found.by_id.len();
            if let Some((_, reason)) = displaced.first().cloned() {
                let mut contracts: Vec<_> = displaced.into_iter().map(|(name, _)| name).collect();
                contracts.dedup();
                self.left_out.push(LeftOut {
                    path: found.candidate.path.clone(),
                    reason,
                    contracts: if is_read { contracts } else { Vec::new() },
                });
            }
            if is_read {
                let mapped = targets
                    .into_iter()
                    .map(|(id, target)| Mapped { id, target });
                let path = found.candidate.path.clone();
                files.push(path.clone(), found.identity, mapped.collect());
                self.paths.push(path);
                self.ids.push((found.identity, found.by_id.clone()));
            }
        }
        files
    }

    /// Returns the publishers of a contract: the known ones, and those that the file holds.
    pub(super) fn publishers(&self, path: &Path, contract: usize, known: [u16; 2]) -> Publishers {
        let mut publishers: Publishers = known.into_iter().collect();
        let contract = &self.contracts[contract];
        let mut files = self.paths.iter().zip(&self.ids);
        if let Some((path, (identity, by_id))) = files.find(|(of, _)| *of == path)
            && let Ok(reader) = plan::reopen(path, *identity)
            && let Ok(survey) = Survey::of(reader, self.window)
        {
            let ids = by_id.iter().filter(|(_, name)| *name == contract);
            let ids = ids.map(|(id, _)| *id).collect();
            publishers.extend(&survey.publishers_of(&ids));
        }
        publishers
    }
}

/// Returns the place of a name that is there.
fn place(sorted: &[String], name: &str) -> usize {
    sorted.partition_point(|known| known.as_str() < name)
}

/// Finds the contracts of a file.
fn look_into(
    spec: &RawDaySpec,
    candidate: &Candidate,
    reader: DbnReader,
    all_symbols: &mut SymbolMap,
) -> Result<Found, IngestError> {
    let (query, path) = (spec.query(), &candidate.path);
    let identity = plan::identity(&reader)?;
    let mut contents = Contents::new(reader);
    let named = |ids: &BTreeSet<u32>| ids.iter().map(|id| (*id, spec.symbol.clone())).collect();
    let by_id = if let Some(id) = spec.instrument_id {
        let ids = BTreeSet::from([id]);
        query.check_ids(path, &contents.symbols, &ids)?;
        named(&ids)
    } else {
        if contents.is_incomplete(&query) {
            contents.survey(&query)?;
        }
        if contents.symbols.names_instruments(query.product_type) {
            contracts_on(path, &contents.symbols, &query)?
        } else {
            if query.product_type == ProductType::FutureMbo && query.symbol == query.root {
                return Err(IngestError::NoMappings {
                    path: path.clone(),
                    symbol: spec.symbol.clone(),
                    mapped: contents.symbols,
                });
            }
            let ids = contents.only_instrument(&query)?;
            query.check_ids(path, &contents.symbols, &ids)?;
            named(&ids)
        }
    };
    let mut others = BTreeMap::new();
    for (symbol, ids) in contents.symbols.iter() {
        let held = ids.iter().filter(|mapped| mapped.holds_on(query.date));
        for mapped in held.filter(|mapped| !by_id.contains_key(&mapped.id)) {
            others.insert(mapped.id, symbol.to_owned());
        }
    }
    all_symbols.extend(contents.symbols);
    Ok(Found {
        candidate: candidate.clone(),
        identity,
        by_id,
        others,
    })
}

/// Returns the outright contracts that a file maps on a date, by instrument id.
fn contracts_on(
    path: &Path,
    symbols: &SymbolMap,
    query: &Query<'_>,
) -> Result<BTreeMap<u32, String>, IngestError> {
    let is_outright = |symbol: &str| match query.product_type {
        ProductType::FutureMbo => Contract::parse(symbol).is_some(),
        ProductType::EquityMbo => is_equity_symbol(symbol),
        // Many instruments make up one partition: they are read by days of their own.
        ProductType::FutureOptionMbo | ProductType::EquityOptionCmbp1 => false,
    };
    let mut by_id: BTreeMap<u32, String> = BTreeMap::new();
    for (symbol, ids) in symbols.iter().filter(|(symbol, _)| is_outright(symbol)) {
        for mapped in ids.iter().filter(|mapped| mapped.holds_on(query.date)) {
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
