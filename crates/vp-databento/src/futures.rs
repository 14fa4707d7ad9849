//! Futures: which contract and which options of a root belong to a date. The first asks what is
//! free and looks at what is there; only [`resolve`] costs.

mod cache;
mod choose;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dbn::{InstrumentDefMsg, SType, Schema};
use vp_ingest::{DbnError, DbnReader};
use vp_lake::{Lake, RawTable};
use vp_market::SessionDate;

use crate::definitions::OptionDefinition;
use crate::job::{JobRequest, MOST_SYMBOLS};
use crate::parents::{Candidate, candidates};
use crate::place;
use crate::plan::options_table;
use crate::report::{Failure, step};
use crate::selection::Selection;
use crate::service::{Query, Service, ServiceError};
use crate::usd::Usd;

pub use cache::{CacheError, ChosenOptions, Resolved};

const DATASET: &str = "GLBX.MDP3";

/// What is known of a root on a date before anything is paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Day {
    /// Everything, from an earlier run.
    Known(Resolved),
    /// What has to be looked up.
    Pending(Pending),
}

/// A root on a date whose contract or options are not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The root.
    pub root: String,
    /// The date.
    pub date: SessionDate,
    /// The contract, where an earlier run looked it up.
    pub contract: Option<String>,
    /// The families that may hold the options, best first, as far as they exist; none where no
    /// options are wanted.
    pub candidates: Vec<Candidate>,
    /// Whether options are wanted.
    pub has_options: bool,
}

/// Why a root cannot be resolved on a date.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The service does not answer.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A file cannot be written.
    #[error("{} cannot be written: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A definitions file cannot be read.
    #[error(transparent)]
    Definitions(#[from] DbnError),
    /// What was resolved cannot be kept.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// No contract is the front month.
    #[error("{symbol} names no contract on the date; the market may have been closed")]
    NoContract {
        /// The continuous symbol.
        symbol: String,
    },
}

/// Looks at what is there and asks what is free: which candidates exist.
///
/// # Errors
/// [`ResolveError`] for this root and date.
pub async fn survey(
    service: &Service,
    lake: &Lake,
    selection: &Selection,
    root: &str,
    date: SessionDate,
) -> Result<Day, ResolveError> {
    let has_options = selection.has_options();
    let cached = Resolved::load(lake, root, date)?;
    if let Some(resolved) = &cached
        && (!has_options || resolved.has_looked_for_options())
    {
        return Ok(Day::Known(resolved.clone()));
    }
    let mut pending = Pending {
        root: root.to_owned(),
        date,
        contract: cached.map(|resolved| resolved.contract),
        candidates: Vec::new(),
        has_options,
    };
    if has_options {
        let mut exists = BTreeMap::new();
        for candidate in candidates(root, date) {
            let is_known = exists.get(&candidate.parent).copied();
            let does_exist = match is_known {
                Some(known) => known,
                None => has_instruments(service, &candidate.parent, date).await?,
            };
            exists.insert(candidate.parent.clone(), does_exist);
            if does_exist {
                pending.candidates.push(candidate);
            }
        }
    }
    Ok(Day::Pending(pending))
}

/// Returns whether a parent has instruments on the date that are no user's own combinations.
async fn has_instruments(
    service: &Service,
    parent: &str,
    date: SessionDate,
) -> Result<bool, ServiceError> {
    let symbols = BTreeSet::from([parent.to_owned()]);
    let kinds = (SType::Parent, SType::InstrumentId);
    match service.resolve(DATASET, &symbols, kinds, date).await {
        Ok(found) => Ok(found
            .symbols
            .keys()
            .any(|symbol| !symbol.starts_with("UD:"))),
        // A family that does not exist is refused; a date without data names what there is.
        Err(ServiceError::Refused {
            available: None, ..
        }) => Ok(false),
        Err(error) => Err(error),
    }
}

impl Pending {
    /// Asks what it would cost at most to look everything up. This is free.
    ///
    /// # Errors
    /// [`ServiceError`] once repeating does not help.
    pub async fn cost(&self, service: &Service, lake: &Lake) -> Result<Usd, ServiceError> {
        let mut cost = Usd::default();
        if self.contract.is_none() {
            cost += service.cost(&self.contract_query()).await?;
        }
        let on_disk = self.parent_on_disk(lake);
        for parent in self.parents() {
            if on_disk.as_deref() != Some(parent) {
                cost += service.cost(&self.options_query(parent)).await?;
            }
        }
        Ok(cost)
    }

    /// Returns the job for the contract, if it is wanted and there is one. This is free: the contract
    /// is named by symbols alone.
    ///
    /// # Errors
    /// [`ServiceError`] once repeating does not help.
    pub async fn contract_job(
        &self,
        service: &Service,
        selection: &Selection,
    ) -> Result<Option<JobRequest>, ServiceError> {
        if !selection.own_schemas().contains(&Schema::Mbo) {
            return Ok(None);
        }
        let contract = self.contract_for_free(service).await?;
        Ok(contract.map(|contract| JobRequest {
            table: RawTable::FutureMbo,
            symbol: self.root.clone(),
            date: self.date,
            symbols: BTreeSet::from([contract]),
            stype_in: SType::RawSymbol,
        }))
    }

    async fn contract_for_free(&self, service: &Service) -> Result<Option<String>, ServiceError> {
        if self.contract.is_some() {
            return Ok(self.contract.clone());
        }
        let mut symbol = self.continuous();
        for kinds in [
            (SType::Continuous, SType::InstrumentId),
            (SType::InstrumentId, SType::RawSymbol),
        ] {
            let wanted = BTreeSet::from([symbol.clone()]);
            let mut found = service.resolve(DATASET, &wanted, kinds, self.date).await?;
            match found.symbols.remove(&symbol) {
                Some(next) => symbol = next,
                None => return Ok(None),
            }
        }
        Ok(Some(symbol))
    }

    /// Returns the jobs for the options as they would be with a whole family in place of the chosen
    /// ones: an upper bound for their price, where nothing has been looked up yet.
    pub fn jobs_at_most(&self, selection: &Selection) -> Vec<JobRequest> {
        let Some(first) = self.candidates.first() else {
            return Vec::new();
        };
        let parent = BTreeSet::from([first.parent.clone()]);
        let jobs = selection.options_schemas().map(|schema| JobRequest {
            table: options_table(schema, true),
            symbol: self.root.clone(),
            date: self.date,
            symbols: parent.clone(),
            stype_in: SType::Parent,
        });
        jobs.collect()
    }

    /// The distinct parents, best first.
    fn parents(&self) -> Vec<&str> {
        let mut parents = Vec::new();
        for candidate in &self.candidates {
            if !parents.contains(&candidate.parent.as_str()) {
                parents.push(candidate.parent.as_str());
            }
        }
        parents
    }

    fn continuous(&self) -> String {
        format!("{}.v.0", self.root)
    }

    fn contract_query(&self) -> Query<'static> {
        self.definition_query(self.continuous(), SType::Continuous)
    }

    fn options_query(&self, parent: &str) -> Query<'static> {
        self.definition_query(parent.to_owned(), SType::Parent)
    }

    fn definition_query(&self, symbol: String, stype_in: SType) -> Query<'static> {
        Query {
            dataset: DATASET,
            schema: Schema::Definition,
            symbols: vec![symbol],
            stype_in,
            date: self.date,
        }
    }

    fn folder(&self, lake: &Lake) -> PathBuf {
        lake.raw_table(RawTable::FutureOptionDefinition, &self.root)
            .path()
            .to_owned()
    }

    fn definitions_path(&self, lake: &Lake) -> PathBuf {
        let name = format!("glbx-mdp3-{}.definition.dbn.zst", self.date.compact());
        self.folder(lake).join(name)
    }

    /// Returns the parent whose definitions are in the lake.
    fn parent_on_disk(&self, lake: &Lake) -> Option<String> {
        let reader = DbnReader::open(&self.definitions_path(lake)).ok()?;
        match reader.metadata().symbols.as_slice() {
            [parent] => Some(parent.clone()),
            _ => None,
        }
    }
}

/// Looks up the contract and the options of a date, and keeps both. **This costs**, unless an
/// earlier run has paid for it.
///
/// # Errors
/// [`ResolveError`] for this root and date.
pub async fn resolve(
    service: &Service,
    lake: &Lake,
    pending: &Pending,
) -> Result<Resolved, ResolveError> {
    let path = pending.definitions_path(lake);
    let folder = pending.folder(lake);
    let disk = |source| ResolveError::Disk {
        path: path.clone(),
        source,
    };
    std::fs::create_dir_all(&folder).map_err(disk)?;
    let mut resolved = Resolved {
        root: pending.root.clone(),
        date: pending.date,
        contract: match &pending.contract {
            Some(contract) => contract.clone(),
            None => front_month(service, pending, &path).await?,
        },
        tried: Vec::new(),
        options: None,
    };
    // Whatever becomes of the options, the contract has been paid for.
    resolved.store(lake)?;
    if !pending.has_options {
        return Ok(resolved);
    }
    let part = place::part_of(&path);
    let mut definitions: BTreeMap<&str, BTreeMap<String, OptionDefinition>> = BTreeMap::new();
    for candidate in &pending.candidates {
        let parent = candidate.parent.as_str();
        let is_on_disk = pending.parent_on_disk(lake).as_deref() == Some(parent);
        if !definitions.contains_key(parent) {
            if !is_on_disk {
                step(
                    "definitions",
                    &format_args!("{parent} {}", pending.date),
                    candidate.reason,
                );
                service
                    .definitions(&pending.options_query(parent), &part)
                    .await?;
            }
            let read = OptionDefinition::read_all(if is_on_disk { &path } else { &part })?;
            definitions.insert(parent, read);
        }
        let chosen = choose::choose(
            &definitions[parent],
            &resolved.contract,
            candidate,
            pending.date,
        );
        resolved.tried.push(parent.to_owned());
        if let Some(options) = chosen {
            if !is_on_disk && part.exists() {
                place::publish(&part, &path).map_err(disk)?;
            }
            resolved.options = Some(options);
            break;
        }
    }
    place::remove(&part).map_err(disk)?;
    resolved.store(lake)?;
    Ok(resolved)
}

/// Reads the contract's name from the definition of the continuous symbol.
async fn front_month(
    service: &Service,
    pending: &Pending,
    path: &Path,
) -> Result<String, ResolveError> {
    let symbol = pending.continuous();
    step(
        "definitions",
        &format_args!("{symbol} {}", pending.date),
        "front month",
    );
    let part = place::part_of(path);
    service
        .definitions(&pending.contract_query(), &part)
        .await?;
    let mut contract = None;
    let mut reader = DbnReader::open(&part)?;
    let mut take = |record: dbn::RecordRef<'_>| {
        if let Ok(definition) = record.try_get::<InstrumentDefMsg>() {
            contract = definition.raw_symbol().ok().map(str::to_owned);
        }
    };
    while reader.read(&mut take)? {}
    place::remove(&part).map_err(|source| ResolveError::Disk { path: part, source })?;
    contract
        .filter(|contract| contract.starts_with(&pending.root))
        .ok_or(ResolveError::NoContract { symbol })
}

/// Returns the jobs of a date whose contract and options are known, and what cannot be ordered.
pub fn jobs(selection: &Selection, resolved: &Resolved) -> (Vec<JobRequest>, Option<Failure>) {
    let job = |table, symbols, stype_in| JobRequest {
        table,
        symbol: resolved.root.clone(),
        date: resolved.date,
        symbols,
        stype_in,
    };
    let mut jobs = Vec::new();
    if selection.own_schemas().contains(&Schema::Mbo) {
        let contract = BTreeSet::from([resolved.contract.clone()]);
        jobs.push(job(RawTable::FutureMbo, contract, SType::RawSymbol));
    }
    if !selection.has_options() {
        return (jobs, None);
    }
    let Some(options) = &resolved.options else {
        let what = format!("options on {} {}", resolved.root, resolved.date);
        let tried = resolved.tried.join(", ");
        let why = format!(
            "none of the families holds options on {}: {tried}",
            resolved.contract
        );
        return (jobs, Some(Failure { what, why }));
    };
    let (symbols, stype_in) = if options.symbols.len() > MOST_SYMBOLS {
        (BTreeSet::from([options.parent.clone()]), SType::Parent)
    } else {
        (options.symbols.clone(), SType::RawSymbol)
    };
    let of_options = selection
        .options_schemas()
        .map(|schema| job(options_table(schema, true), symbols.clone(), stype_in));
    jobs.extend(of_options);
    (jobs, None)
}
