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
use crate::parents::{Candidate, candidates};
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
    /// A call failed.
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
    #[error("{symbol} has no definition on this date; the market may have been closed")]
    NoContract {
        /// The continuous symbol.
        symbol: String,
    },
}

/// Looks at what is there and asks what is free: which candidates exist. If that is refused for the
/// options, the refusal is returned beside the day, and the day goes on without options.
///
/// # Errors
/// [`ResolveError`] for this root and date.
pub async fn survey(
    service: &Service,
    lake: &Lake,
    selection: &Selection,
    root: &str,
    date: SessionDate,
) -> Result<(Day, Option<Failure>), ResolveError> {
    let has_options = selection.has_options();
    let cached = Resolved::load(lake, root, date)?;
    if let Some(resolved) = &cached
        && (!has_options || resolved.has_looked_for_options())
    {
        return Ok((Day::Known(resolved.clone()), None));
    }
    let mut pending = Pending {
        root: root.to_owned(),
        date,
        contract: cached.map(|resolved| resolved.contract),
        candidates: Vec::new(),
        has_options,
    };
    let mut failure = None;
    if has_options {
        match existing(service, root, date).await {
            Ok(existing) => pending.candidates = existing,
            Err(error) if error.is_fatal() => return Err(error.into()),
            Err(error) => failure = Some(pending.give_up_options(None, &error)),
        }
    }
    Ok((Day::Pending(pending), failure))
}

/// Returns the candidates that exist, best first.
async fn existing(
    service: &Service,
    root: &str,
    date: SessionDate,
) -> Result<Vec<Candidate>, ServiceError> {
    let mut exists = BTreeMap::new();
    let mut existing = Vec::new();
    let mut refusal = None;
    for candidate in candidates(root, date) {
        let parent = &candidate.parent;
        if !exists.contains_key(parent) {
            let answer = match has_instruments(service, parent, date).await {
                // A family that does not exist is refused; a date without data names what there is.
                Err(
                    error @ ServiceError::Refused {
                        available: None, ..
                    },
                ) => {
                    refusal.get_or_insert(error);
                    false
                }
                answer => answer?,
            };
            exists.insert(parent.clone(), answer);
        }
        if exists[parent] {
            existing.push(candidate);
        }
    }
    match refusal {
        // A refusal of every family is not about the families.
        Some(refusal) if existing.is_empty() => Err(refusal),
        _ => Ok(existing),
    }
}

/// Returns whether a parent has instruments on the date that are no user's own combinations.
async fn has_instruments(
    service: &Service,
    parent: &str,
    date: SessionDate,
) -> Result<bool, ServiceError> {
    let symbols = BTreeSet::from([parent.to_owned()]);
    let kinds = (SType::Parent, SType::InstrumentId);
    let found = service.resolve(DATASET, &symbols, kinds, date).await?;
    Ok(found
        .symbols
        .keys()
        .any(|symbol| !symbol.starts_with("UD:")))
}

/// Returns the jobs of a date whose contract is known and whose options are not.
pub fn contract_jobs(selection: &Selection, resolved: &Resolved) -> Vec<JobRequest> {
    let job = JobRequest {
        table: RawTable::FutureMbo,
        symbol: resolved.root.clone(),
        date: resolved.date,
        symbols: BTreeSet::from([resolved.contract.clone()]),
        stype_in: SType::RawSymbol,
    };
    let is_wanted = selection.own_schemas().contains(&Schema::Mbo);
    is_wanted.then_some(job).into_iter().collect()
}

/// Returns the jobs of a date whose contract and options are known, and what cannot be ordered.
pub fn jobs(selection: &Selection, resolved: &Resolved) -> (Vec<JobRequest>, Option<Failure>) {
    let mut jobs = contract_jobs(selection, resolved);
    if !selection.has_options() {
        return (jobs, None);
    }
    let Some(options) = &resolved.options else {
        let what = format!("options on {} {}", resolved.root, resolved.date);
        let why = format!(
            "no option family has options on {}; families that exist: {}",
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
    let of_options = selection.options_schemas().map(|schema| JobRequest {
        table: options_table(schema, true),
        symbol: resolved.root.clone(),
        date: resolved.date,
        symbols: symbols.clone(),
        stype_in,
    });
    jobs.extend(of_options);
    (jobs, None)
}
