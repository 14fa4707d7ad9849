//! Looking up the contract and the options of a date in their definitions, each of which is paid for
//! once.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use vp_ingest::{DbnReader, Definition};
use vp_lake::Lake;

use super::{Pending, ResolveError, Resolved, choose};
use crate::definitions::{ListedOptions, add_options};
use crate::parents::Candidate;
use crate::place;
use crate::report::{Failure, step};
use crate::service::{Query, Service};

/// Looks up the contract and the options of a date, and keeps both. **This costs**, unless an
/// earlier run has paid for it. If the definitions of the options are refused, the refusal is
/// returned beside the contract.
///
/// # Errors
/// [`ResolveError`] for this root and date.
pub async fn resolve(
    service: &Service,
    lake: &Lake,
    pending: &Pending,
) -> Result<(Resolved, Option<Failure>), ResolveError> {
    let mut definitions = Definitions::new(service, lake, pending)?;
    let mut resolved = Resolved {
        root: pending.root.clone(),
        date: pending.date,
        contract: match &pending.contract {
            Some(contract) => contract.clone(),
            None => definitions.front_month().await?,
        },
        tried: Vec::new(),
        options: None,
    };
    // The contract has been paid for, even if looking up the options fails.
    resolved.store(lake)?;
    for candidate in &pending.candidates {
        let parent = &candidate.parent;
        resolved.tried.push(parent.clone());
        let family = match definitions.family(candidate).await {
            Ok(family) => family,
            Err(ResolveError::Service(error)) if !error.is_fatal() => {
                definitions.discard(parent)?;
                definitions.clear()?;
                // Stored as it was above: the next run looks the options up again.
                resolved.tried.clear();
                let failure = pending.options_failure(Some(parent), &error);
                return Ok((resolved, Some(failure)));
            }
            Err(error) => return Err(error),
        };
        let chosen = choose::choose(family, &resolved.contract, candidate, pending.date);
        if let Some(options) = chosen {
            definitions.keep(&options.parent)?;
            resolved.options = Some(options);
            break;
        }
    }
    definitions.clear()?;
    resolved.store(lake)?;
    Ok((resolved, None))
}

/// The definitions of a root on a date, as far as they have been asked for.
struct Definitions<'a> {
    service: &'a Service,
    pending: &'a Pending,
    /// Where the definitions of the chosen family belong.
    path: PathBuf,
    /// The family whose definitions are there.
    on_disk: Option<String>,
    /// The options of the families, by the family's name.
    families: BTreeMap<String, ListedOptions>,
}

impl<'a> Definitions<'a> {
    fn new(service: &'a Service, lake: &Lake, pending: &'a Pending) -> Result<Self, ResolveError> {
        let path = pending.definitions_path(lake);
        let folder = pending.folder(lake);
        std::fs::create_dir_all(&folder).map_err(|source| disk(&folder, source))?;
        Ok(Self {
            service,
            pending,
            path,
            on_disk: pending.parent_on_disk(lake),
            families: BTreeMap::new(),
        })
    }

    /// Reads the contract's name from the definition of the continuous symbol.
    async fn front_month(&self) -> Result<String, ResolveError> {
        let symbol = self.pending.continuous();
        let part = self.part_of(&symbol);
        let query = self.pending.contract_query();
        self.fetch(&query, &part, "front month").await?;
        let mut contract = None;
        Definition::read_all(DbnReader::open(&part)?, |definition| {
            contract = Some(definition.symbol.to_owned());
        })?;
        place::remove(&part).map_err(|source| disk(&part, source))?;
        contract
            .filter(|contract| contract.starts_with(&self.pending.root))
            .ok_or(ResolveError::NoContract { symbol })
    }

    /// Returns the options of a candidate's family.
    async fn family(&mut self, candidate: &Candidate) -> Result<&ListedOptions, ResolveError> {
        let parent = &candidate.parent;
        if !self.families.contains_key(parent) {
            let mut options = ListedOptions::new();
            if self.on_disk.as_ref() == Some(parent) {
                add_options(&self.path, &mut options)?;
            } else {
                let part = self.part_of(parent);
                let query = self.pending.options_query(parent);
                self.fetch(&query, &part, candidate.reason).await?;
                add_options(&part, &mut options)?;
            }
            self.families.insert(parent.clone(), options);
        }
        Ok(&self.families[parent])
    }

    async fn fetch(
        &self,
        query: &Query<'_>,
        part: &Path,
        reason: impl std::fmt::Display,
    ) -> Result<(), ResolveError> {
        let what = format!("{} {}", query.symbols.join(","), query.date);
        step("definitions", &what, reason);
        Ok(self.service.definitions(query, part).await?)
    }

    /// Moves the definitions of the chosen family to their place.
    fn keep(&self, parent: &str) -> Result<(), ResolveError> {
        if self.on_disk.as_deref() == Some(parent) {
            return Ok(());
        }
        place::publish(&self.part_of(parent), &self.path).map_err(|source| disk(&self.path, source))
    }

    /// Removes the definitions of the other families.
    fn clear(&self) -> Result<(), ResolveError> {
        self.families
            .keys()
            .try_for_each(|parent| self.discard(parent))
    }

    /// Removes what has arrived of a family's definitions.
    fn discard(&self, parent: &str) -> Result<(), ResolveError> {
        let part = self.part_of(parent);
        place::remove(&part).map_err(|source| disk(&part, source))
    }

    fn part_of(&self, symbol: &str) -> PathBuf {
        place::part_of(&self.path.with_added_extension(symbol))
    }
}

fn disk(path: &Path, source: io::Error) -> ResolveError {
    ResolveError::Disk {
        path: path.into(),
        source,
    }
}
