//! A root on a date that has to be looked up: what is asked for, what that costs, and an upper bound
//! for what follows. Nothing here costs.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::PathBuf;

use dbn::{SType, Schema};
use vp_ingest::DbnReader;
use vp_lake::{Lake, RawTable};
use vp_market::SessionDate;

use super::DATASET;
use crate::job::JobRequest;
use crate::parents::Candidate;
use crate::plan::options_table;
use crate::report::Failure;
use crate::selection::Selection;
use crate::service::{Query, Service, ServiceError};
use crate::usd::Usd;

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
    /// Whether options are looked up.
    pub has_options: bool,
}

impl Pending {
    /// Asks what it would cost at most to look everything up. This is free. If the price of a family
    /// of options is refused, the refusal is returned beside the cost, and the day goes on without
    /// options: any other family might be the wrong one.
    ///
    /// # Errors
    /// [`ServiceError`] once repeating does not help.
    pub async fn cost(
        &mut self,
        service: &Service,
        lake: &Lake,
    ) -> Result<(Usd, Option<Failure>), ServiceError> {
        let mut cost = Usd::default();
        if self.contract.is_none() {
            cost += service.cost(&self.contract_query()).await?;
        }
        let on_disk = self.parent_on_disk(lake);
        let mut of_options = Usd::default();
        for parent in self.parents() {
            if on_disk.as_deref() == Some(parent) {
                continue;
            }
            match service.cost(&self.options_query(parent)).await {
                Ok(one) => of_options += one,
                Err(error) if error.is_fatal() => return Err(error),
                Err(error) => {
                    let parent = parent.to_owned();
                    let failure = self.give_up_options(Some(&parent), &error);
                    return Ok((cost, Some(failure)));
                }
            }
        }
        Ok((cost + of_options, None))
    }

    /// Goes on without options, whose definitions or family were refused.
    pub(super) fn give_up_options(&mut self, parent: Option<&str>, error: &dyn Error) -> Failure {
        self.has_options = false;
        self.candidates.clear();
        self.options_failure(parent, error)
    }

    /// Says that the options of this date are not ordered, and why.
    pub(super) fn options_failure(&self, parent: Option<&str>, error: &dyn Error) -> Failure {
        let Self { root, date, .. } = self;
        let what = match parent {
            Some(parent) => format!("{DATASET} definition options on {root} {date} ({parent})"),
            None => format!("{DATASET} symbols of options on {root} {date}"),
        };
        Failure {
            what,
            why: format!("{error}; no options are ordered for this date"),
        }
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

    pub(super) fn continuous(&self) -> String {
        format!("{}.v.0", self.root)
    }

    pub(super) fn contract_query(&self) -> Query<'static> {
        self.definition_query(self.continuous(), SType::Continuous)
    }

    pub(super) fn options_query(&self, parent: &str) -> Query<'static> {
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

    pub(super) fn folder(&self, lake: &Lake) -> PathBuf {
        lake.raw_table(RawTable::FutureOptionDefinition, &self.root)
            .path()
            .to_owned()
    }

    pub(super) fn definitions_path(&self, lake: &Lake) -> PathBuf {
        let name = format!("glbx-mdp3-{}.definition.dbn.zst", self.date.compact());
        self.folder(lake).join(name)
    }

    /// Returns the parent whose definitions are in the lake.
    pub(super) fn parent_on_disk(&self, lake: &Lake) -> Option<String> {
        let reader = DbnReader::open(&self.definitions_path(lake)).ok()?;
        match reader.metadata().symbols.as_slice() {
            [parent] => Some(parent.clone()),
            _ => None,
        }
    }
}
