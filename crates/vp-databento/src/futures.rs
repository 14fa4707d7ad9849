//! Futures: which contract and which options of a root belong to a date. The first asks what is
//! free and looks at what is there; only [`resolve`] costs.

mod cache;
mod choose;
mod look_up;
mod pending;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use dbn::{SType, Schema};
use vp_ingest::DbnError;
use vp_lake::{Lake, RawTable};
use vp_market::SessionDate;

use crate::job::{JobRequest, MOST_SYMBOLS};
use crate::parents::candidates;
use crate::plan::options_table;
use crate::report::Failure;
use crate::selection::Selection;
use crate::service::{Service, ServiceError};

pub use cache::{CacheError, ChosenOptions, Resolved};
pub use look_up::resolve;
pub use pending::Pending;

const DATASET: &str = "GLBX.MDP3";

/// What is known of a root on a date before anything is paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Day {
    /// Everything, from an earlier run.
    Known(Resolved),
    /// What has to be looked up.
    Pending(Pending),
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
        let why = format!(
            "no family holds options on {}; those that exist: {}",
            resolved.contract,
            resolved.tried.join(", ")
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
