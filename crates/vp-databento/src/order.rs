//! Orders: each is written down before it is sent, and one whose answer was lost is looked for
//! before it is sent again. Whether it may be paid for is the caller's to ask.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::instant::Instant;
use crate::job::{JobKey, JobRequest};
use crate::plan::Priced;
use crate::report::{Failure, step};
use crate::service::{JobDetails, Service, ServiceError};
use crate::tracker::{Entry, JobState, Tracker, TrackerError};

/// How far the two clocks may be apart once they have been compared, travel included.
const CLOCK_MARGIN: Duration = Duration::from_mins(2);

/// How orders are sent.
#[derive(Clone, Copy, Debug)]
pub struct OrderSettings {
    /// How long to wait between two orders.
    pub pause: Duration,
    /// How long an order may take to appear in the service's list of jobs.
    pub settle: Duration,
}

/// Why no further order is sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// The job file cannot be read or written.
    #[error(transparent)]
    Tracker(#[from] TrackerError),
    /// No call would succeed, or the jobs cannot be listed.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Several jobs match one order whose answer was lost.
    #[error(
        "the answer to the order of {key} was lost, and {} jobs at Databento match it: {}; write \
         the right one into the job file as job_id of that key, with the state submitted",
        ids.len(), ids.join(", ")
    )]
    SeveralMatches {
        /// The job.
        key: JobKey,
        /// The jobs that could be this order.
        ids: Vec<String>,
    },
}

/// Looks for the jobs whose orders were begun and never answered. Those that are found are
/// adopted; the others stay [`JobState::Submitting`]. Returns those about which nothing is known.
///
/// # Errors
/// [`OrderError`] if one cannot be told from another, or nothing can be asked.
pub async fn find_unanswered(
    service: &Service,
    tracker: &mut Tracker,
    settings: OrderSettings,
) -> Result<Vec<Failure>, OrderError> {
    let mut failures = Vec::new();
    let submitting = |(key, entry): (&JobKey, &Entry)| {
        (entry.state == JobState::Submitting).then(|| key.clone())
    };
    let keys: Vec<JobKey> = tracker.entries().iter().filter_map(submitting).collect();
    if keys.is_empty() {
        return Ok(failures);
    }
    // This also sets the clock, by which the wait is measured.
    service.list_jobs().await?;
    let newest = keys
        .iter()
        .map(|key| tracker.entries()[key].updated_at)
        .max();
    let age = service.now().since(newest.unwrap_or(Instant(0)));
    tokio::time::sleep(settings.settle.saturating_sub(age)).await;
    for key in keys {
        match adopt(service, tracker, &key).await? {
            Search::Found => {}
            Search::NotFound => step("not-found", &key, "no job at Databento matches its order"),
            Search::Undecided(failure) => failures.push(failure),
        }
    }
    Ok(failures)
}

/// Orders jobs, one after the other. What fails is added to `failures`; the rest goes on.
///
/// # Errors
/// [`OrderError`] if no further order may or can be sent.
pub async fn order(
    service: &Service,
    tracker: &mut Tracker,
    jobs: &[Priced],
    settings: OrderSettings,
    failures: &mut Vec<Failure>,
) -> Result<(), OrderError> {
    if jobs.is_empty() {
        return Ok(());
    }
    // Orders are matched by the service's clock, which an answer has to tell first.
    service.list_jobs().await?;
    for (index, job) in jobs.iter().enumerate() {
        if index > 0 {
            tokio::time::sleep(settings.pause).await;
        }
        if let Some(failure) = order_one(service, tracker, job, settings).await? {
            tracing::error!("failed {failure}");
            failures.push(failure);
        }
    }
    Ok(())
}

async fn order_one(
    service: &Service,
    tracker: &mut Tracker,
    job: &Priced,
    settings: OrderSettings,
) -> Result<Option<Failure>, OrderError> {
    let request = &job.request;
    let key = request.key();
    let backoff = service.backoff();
    // An earlier attempt at the same order may arrive yet, however long ago it was made.
    let unanswered = tracker
        .entries()
        .get(&key)
        .filter(|entry| entry.state == JobState::Submitting && entry.has_payload_of(request));
    let mut is_unanswered = unanswered.is_some();
    let mut entry = begin(service, tracker, job);
    if let Some(unanswered) = unanswered {
        entry.submitted_at = unanswered.submitted_at;
    }
    let mut attempt = 0;
    loop {
        attempt += 1;
        // Nothing comes between the last look and the order but its being written down.
        let turn = service.turn_to_submit().await;
        if is_unanswered {
            match adopt(service, tracker, &key).await? {
                Search::Found => return Ok(None),
                Search::NotFound => {}
                Search::Undecided(failure) => return Ok(Some(failure)),
            }
        }
        entry.updated_at = service.now();
        tracker.put(key.clone(), entry.clone())?;
        step(
            "order",
            &key,
            format_args!("{} symbols, {}", entry.symbols_count, job.cost),
        );
        let error = match service.submit(request, turn).await {
            Ok(id) => {
                step("ordered", &key, &id);
                take(service, tracker, &key, id, JobState::Submitted)?;
                return Ok(None);
            }
            Err(error) => error,
        };
        let is_last = attempt >= backoff.attempts;
        let pause = service.pause(attempt, &error);
        if matches!(error, ServiceError::TooMany { .. }) && !is_last {
            tracing::warn!("retry order in {pause:.1?}: {error}");
            tokio::time::sleep(pause).await;
            continue;
        }
        entry.error = Some(error.to_string());
        if error.is_definite() {
            // A refusal does not prove that an earlier attempt without an answer failed.
            if !is_unanswered {
                entry.state = JobState::Error;
            }
        } else if !error.is_fatal() {
            tracing::warn!("unanswered {key}: {error}");
            is_unanswered = true;
            tokio::time::sleep(settings.settle + pause).await;
            if !is_last {
                continue;
            }
            match adopt(service, tracker, &key).await? {
                Search::Found => return Ok(None),
                Search::NotFound => {}
                Search::Undecided(failure) => return Ok(Some(failure)),
            }
        }
        entry.updated_at = service.now();
        tracker.put(key.clone(), entry)?;
        return if error.is_fatal() {
            Err(error.into())
        } else {
            Ok(Some(Failure::new(&key, error)))
        };
    }
}

/// Returns the entry that is written before an order is sent.
fn begin(service: &Service, tracker: &Tracker, job: &Priced) -> Entry {
    let before = tracker.entries().get(&job.request.key());
    let replaces = before.and_then(|before| before.job_id.clone().or(before.replaces.clone()));
    Entry::submitting(&job.request, service.now(), Some(job.cost), replaces)
}

/// What is known of the job of an unanswered order.
enum Search {
    /// It is there, and has been adopted.
    Found,
    /// No job is this order.
    NotFound,
    /// The service refused the details of a job that could be this order.
    Undecided(Failure),
}

/// Looks for the job of an unanswered order.
async fn adopt(
    service: &Service,
    tracker: &mut Tracker,
    key: &JobKey,
) -> Result<Search, OrderError> {
    let entry = &tracker.entries()[key];
    let earliest = entry.submitted_at.minus(CLOCK_MARGIN);
    let known: BTreeSet<&str> = tracker
        .entries()
        .values()
        .flat_map(|entry| [entry.job_id.as_deref(), entry.replaces.as_deref()])
        .flatten()
        .collect();
    let mut matching = Vec::new();
    for listed in service.list_jobs().await? {
        if listed.received_at < earliest || known.contains(listed.id.as_str()) {
            continue;
        }
        let details = match service.job_details(&listed.id).await {
            Ok(details) => details,
            Err(error) if error.is_fatal() || error.is_transient() => return Err(error.into()),
            Err(error) => {
                let why = format!(
                    "the answer to its order was lost, and job {} may be it, whose details cannot \
                     be read: {error}; it is not ordered again before that is known",
                    listed.id
                );
                return Ok(Search::Undecided(Failure::new(key, why)));
            }
        };
        if is_job_of(&details, key, entry) {
            matching.push(details);
        }
    }
    match matching.as_slice() {
        [] => Ok(Search::NotFound),
        [found] => {
            let (id, state) = (found.id.clone(), found.state.clone());
            step("found", key, format_args!("{id} ({state})"));
            take(service, tracker, key, id, state)?;
            Ok(Search::Found)
        }
        several => Err(OrderError::SeveralMatches {
            key: key.clone(),
            ids: several.iter().map(|job| job.id.clone()).collect(),
        }),
    }
}

/// Returns whether a job is what was ordered.
fn is_job_of(job: &JobDetails, key: &JobKey, entry: &Entry) -> bool {
    const DAY: Duration = Duration::from_hours(24);
    let start = Instant::parse(&key.date().to_string());
    job.dataset == key.dataset()
        && job.schema == key.schema()
        && job.stype_in == entry.stype_in
        && crate::job::symbols_digest(&job.symbols) == entry.symbols_digest
        && Some(job.start) == start
        && job.end == job.start.plus(DAY)
}

/// Writes down that a job is on order.
fn take(
    service: &Service,
    tracker: &mut Tracker,
    key: &JobKey,
    id: String,
    state: JobState,
) -> Result<(), TrackerError> {
    let mut entry = tracker.entries()[key].clone();
    entry.job_id = Some(id);
    entry.state = state;
    entry.error = None;
    entry.updated_at = service.now();
    tracker.put(key.clone(), entry)
}

impl JobRequest {
    /// Returns a line that says what is ordered.
    pub fn describe(&self) -> String {
        let symbols: Vec<&str> = self.symbols.iter().map(String::as_str).collect();
        let shown = match symbols.as_slice() {
            [first, second, third, rest @ ..] if rest.len() > 1 => {
                format!("{first}, {second}, {third} and {} more", rest.len())
            }
            few => few.join(", "),
        };
        format!("{} as {}: {shown}", self.key(), self.stype_in)
    }
}
