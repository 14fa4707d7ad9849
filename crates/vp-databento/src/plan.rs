//! From what is wanted to what has to be ordered, and what that costs. Nothing here costs.

use std::collections::BTreeMap;

use dbn::SType;
use futures_util::future::try_join;
use vp_lake::{Lake, RawTable};

use crate::job::{JobKey, JobRequest};
use crate::report::{Failure, step};
use crate::service::{Query, Service, ServiceError};
use crate::tracker::{Decision, Entry};
use crate::usd::Usd;

/// A job with its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    /// The job.
    pub request: JobRequest,
    /// What it will cost.
    pub cost: Usd,
    /// How many bytes it has before compression.
    pub size: u64,
}

/// What is to be ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The jobs to order.
    pub jobs: Vec<Priced>,
    /// What cannot be ordered.
    pub failures: Vec<Failure>,
}

impl Plan {
    /// Returns what all its jobs cost.
    pub fn cost(&self) -> Usd {
        self.jobs.iter().map(|job| job.cost).sum()
    }

    /// Returns how many bytes all its jobs have before compression.
    pub fn size(&self) -> u64 {
        self.jobs
            .iter()
            .fold(0, |sum, job| sum.saturating_add(job.size))
    }
}

/// What of the jobs that are wanted is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// What has to be ordered.
    pub jobs: Vec<JobRequest>,
    /// What was downloaded and is gone: it is [fetched again](crate::Tracker::fetch_again), for
    /// nothing.
    pub gone: Vec<JobKey>,
    /// What is not ordered, and why.
    pub failures: Vec<Failure>,
}

/// Leaves out what is on order, done or in the lake. Expired jobs are ordered again only with
/// `reorder_expired`.
pub fn missing(
    entries: &BTreeMap<JobKey, Entry>,
    lake: &Lake,
    wanted: Vec<JobRequest>,
    reorder_expired: bool,
) -> Missing {
    let mut missing = Missing::default();
    for request in wanted {
        let key = request.key();
        let entry = entries.get(&key);
        let folder = lake.raw_table(request.table, &request.symbol);
        let is_on_disk = |entry: &Entry| {
            entry.files.iter().all(|file| {
                let path = folder.path().join(&file.name);
                path.exists() || path.with_extension("").exists()
            })
        };
        match (Decision::new(entry, &request, is_on_disk), entry) {
            // A lake may be filled by other means, too. Each table has a file a date.
            (Decision::Order, None) if is_filed(lake, &request) => {
                step("skip", &key, "the lake has a file for this date");
            }
            (Decision::Order | Decision::Ask, _) => missing.jobs.push(request),
            (Decision::Skip | Decision::Reuse, entry) => {
                let state = entry.map_or("", |entry| entry.state.name());
                step("skip", &key, format_args!("it is {state}"));
            }
            (Decision::FetchAgain, _) => missing.gone.push(key),
            (Decision::Expired, _) if reorder_expired => missing.jobs.push(request),
            (Decision::Expired, _) => {
                let why = "has expired before it was downloaded; `reorder_expired` orders and pays \
                           for it again";
                missing.failures.push(Failure::new(&key, why));
            }
        }
    }
    missing
}

fn is_filed(lake: &Lake, request: &JobRequest) -> bool {
    let folder = lake.raw_table(request.table, &request.symbol);
    folder
        .files(request.date)
        .is_ok_and(|files| !files.is_empty())
}

/// Prices jobs. A symbol that the service does not know on the date is reported; a job of which it
/// knows no symbol is not ordered.
///
/// # Errors
/// [`ServiceError`] if no call would succeed.
pub async fn price(service: &Service, requests: Vec<JobRequest>) -> Result<Plan, ServiceError> {
    let mut plan = Plan::default();
    for request in requests {
        match price_one(service, &request, &mut plan.failures).await {
            Ok(Some((cost, size))) => plan.jobs.push(Priced {
                request,
                cost,
                size,
            }),
            Ok(None) => {}
            Err(error) if error.is_fatal() => return Err(error),
            Err(error) => plan.failures.push(Failure::new(&request.key(), error)),
        }
    }
    Ok(plan)
}

async fn price_one(
    service: &Service,
    request: &JobRequest,
    failures: &mut Vec<Failure>,
) -> Result<Option<(Usd, u64)>, ServiceError> {
    if request.stype_in == SType::RawSymbol {
        let kinds = (SType::RawSymbol, SType::InstrumentId);
        let found = service
            .resolve(request.dataset(), &request.symbols, kinds, request.date)
            .await?;
        if !found.unresolved.is_empty() {
            let unresolved = found.unresolved.join(", ");
            let why = format!("symbols that do not resolve on this date: {unresolved}");
            failures.push(Failure::new(&request.key(), why));
        }
        if found.symbols.is_empty() {
            return Ok(None);
        }
    }
    let query = Query::of_job(request);
    let priced = try_join(service.cost(&query), service.size(&query)).await?;
    Ok(Some(priced))
}

/// Returns the raw table of a schema of options.
pub(crate) fn options_table(schema: dbn::Schema, is_future: bool) -> RawTable {
    match (schema, is_future) {
        (dbn::Schema::Statistics, true) => RawTable::FutureOptionStatistics,
        (dbn::Schema::Statistics, false) => RawTable::EquityOptionStatistics,
        (_, true) => RawTable::FutureOptionMbo,
        (_, false) => RawTable::EquityOptionCmbp1,
    }
}
