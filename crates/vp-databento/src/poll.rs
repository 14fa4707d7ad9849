//! Waiting for jobs: a list at each interval, details of what has changed, and the files of what is
//! done.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use vp_ingest::DbnReader;
use vp_lake::Lake;

use crate::job::JobKey;
use crate::order::OrderError;
use crate::report::{Failure, step};
use crate::service::{RemoteFile, Service, ServiceError};
use crate::tracker::{Entry, FileEntry, JobState, Tracker, TrackerError};
use crate::transfer::{Progress, TransferError, transfer};

/// How many files are transferred at once.
const AT_ONCE: usize = 4;

/// How many intervals in a row may fail; with its retries each takes minutes.
const BAD_ROUNDS: u32 = 20;

/// Waits for jobs and downloads them.
pub struct Poll<'a> {
    /// The service.
    pub service: &'a Service,
    /// Where files go.
    pub lake: &'a Lake,
    /// The record of orders.
    pub tracker: &'a mut Tracker,
    /// Which jobs to wait for.
    pub scope: &'a dyn Fn(&JobKey) -> bool,
    /// How long to wait between two lists.
    pub interval: Duration,
    /// Receives the progress of transfers.
    pub progress: &'a dyn Progress,
}

impl std::fmt::Debug for Poll<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Poll")
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

impl Poll<'_> {
    /// Polls until every job in scope is downloaded, has expired or has failed.
    ///
    /// # Errors
    /// [`OrderError`] if the record of orders cannot be kept, or no call would succeed.
    pub async fn run(mut self) -> Result<Vec<Failure>, OrderError> {
        // What failed is not tried again in this run.
        let mut failed: BTreeMap<JobKey, Failure> = BTreeMap::new();
        let mut bad_rounds = 0;
        loop {
            let open = self.open(&failed);
            if open.is_empty() {
                return Ok(failed.into_values().collect());
            }
            match self.round(&open, &mut failed).await {
                Ok(()) => bad_rounds = 0,
                // A service that was there may come back; one that never answered ends the run.
                Err(OrderError::Service(error))
                    if error.is_transient()
                        && self.service.has_answered()
                        && bad_rounds < BAD_ROUNDS =>
                {
                    bad_rounds += 1;
                    tracing::warn!("retry poll, failure {bad_rounds} of {BAD_ROUNDS}: {error}");
                }
                Err(error) => return Err(error),
            }
            let open = self.open(&failed);
            if open.is_empty() {
                continue;
            }
            step(
                "wait",
                &format_args!("{} jobs", open.len()),
                format_args!("{:.0?}", self.interval),
            );
            tokio::time::sleep(self.interval).await;
        }
    }

    async fn round(
        &mut self,
        open: &[JobKey],
        failed: &mut BTreeMap<JobKey, Failure>,
    ) -> Result<(), OrderError> {
        self.update(open, failed).await?;
        self.download(failed).await
    }

    /// The open jobs in scope that have not failed.
    fn open(&self, failed: &BTreeMap<JobKey, Failure>) -> Vec<JobKey> {
        let entries = self.tracker.entries().iter();
        let open = entries.filter(|(key, entry)| {
            entry.state.is_open() && (self.scope)(key) && !failed.contains_key(key)
        });
        open.map(|(key, _)| key.clone()).collect()
    }

    /// Asks how far the open jobs are.
    async fn update(
        &mut self,
        open: &[JobKey],
        failed: &mut BTreeMap<JobKey, Failure>,
    ) -> Result<(), OrderError> {
        let listed = self.service.list_jobs().await?;
        let listed: BTreeMap<String, JobState> =
            listed.into_iter().map(|job| (job.id, job.state)).collect();
        for key in open {
            let mut entry = self.tracker.entries()[key].clone();
            let Some(id) = entry.job_id.clone() else {
                fail(
                    failed,
                    key,
                    &mut entry,
                    &"the job file has no job_id for it; run submit again",
                );
                self.put(key, entry)?;
                continue;
            };
            // Details tell no more than the list where nothing has changed, except the cost of
            // what is done. What is not listed may have expired.
            let is_unchanged = listed.get(&id) == Some(&entry.state);
            if is_unchanged && entry.state != JobState::Done {
                continue;
            }
            match self.service.job_details(&id).await {
                Ok(details) => {
                    if entry.state == details.state && entry.cost == details.cost.or(entry.cost) {
                        continue;
                    }
                    entry.cost = details.cost.or(entry.cost);
                    entry.state = details.state;
                    step(entry.state.name(), key, &id);
                    if entry.state == JobState::Expired {
                        let why = "has expired before it was downloaded; `reorder_expired` orders \
                                   and pays for it again";
                        failed.insert(key.clone(), Failure::new(key, why));
                    }
                }
                Err(error) if error.is_fatal() || error.is_transient() => return Err(error.into()),
                Err(error) => fail(failed, key, &mut entry, &error),
            }
            self.put(key, entry)?;
        }
        Ok(())
    }

    /// Downloads what is done.
    async fn download(&mut self, failed: &mut BTreeMap<JobKey, Failure>) -> Result<(), OrderError> {
        let mut missing: BTreeMap<JobKey, usize> = BTreeMap::new();
        let mut transfers = Vec::new();
        for key in self.open(failed) {
            let entry = &self.tracker.entries()[&key];
            let Some(id) = entry
                .job_id
                .clone()
                .filter(|_| entry.state == JobState::Done)
            else {
                continue;
            };
            let mut entry = entry.clone();
            match self.service.list_files(&id).await {
                Ok(files) if files.is_empty() => {
                    fail(
                        failed,
                        &key,
                        &mut entry,
                        &"Databento lists no data file for it; poll again later",
                    );
                    self.put(&key, entry)?;
                }
                Ok(files) => {
                    entry.files = files.iter().map(tracked).collect();
                    missing.insert(key.clone(), files.len());
                    transfers.extend(files.into_iter().map(|file| (key.clone(), file)));
                    self.put(&key, entry)?;
                }
                Err(error) if error.is_fatal() || error.is_transient() => return Err(error.into()),
                Err(error) => {
                    fail(failed, &key, &mut entry, &error);
                    self.put(&key, entry)?;
                }
            }
        }
        let (service, lake, progress) = (self.service, self.lake, self.progress);
        let mut running = stream::iter(transfers)
            .map(|(key, file)| async move {
                let folder = lake.raw_table(key.table(), key.symbol()).path().to_owned();
                step("download", &key, &file.name);
                let result = transfer(service, &file, &folder, progress).await;
                (key, folder.join(&file.name), result)
            })
            .buffer_unordered(AT_ONCE);
        let mut fatal = None;
        while let Some((key, path, result)) = running.next().await {
            let mut entry = self.tracker.entries()[&key].clone();
            match result {
                Ok(()) => {
                    step("verified", &key, path.display());
                    if let Some(warning) = unresolved(&path) {
                        failed
                            .entry(key.clone())
                            .or_insert_with(|| Failure::new(&key, warning));
                    }
                    let left = missing.get_mut(&key).expect("every job has been counted");
                    *left -= 1;
                    if *left == 0 {
                        entry.state = JobState::Downloaded;
                        entry.downloaded_at = Some(service.now());
                        entry.error = None;
                    }
                }
                Err(TransferError::Service { source, .. }) if source.is_fatal() => {
                    fatal.get_or_insert(source);
                }
                Err(error) => fail(failed, &key, &mut entry, &error),
            }
            entry.updated_at = service.now();
            self.tracker.put(key, entry)?;
        }
        fatal.map_or(Ok(()), |error: ServiceError| Err(error.into()))
    }

    fn put(&mut self, key: &JobKey, mut entry: Entry) -> Result<(), TrackerError> {
        entry.updated_at = self.service.now();
        self.tracker.put(key.clone(), entry)
    }
}

/// Notes a failure. The state stays: what is paid for can be fetched later.
fn fail(
    failed: &mut BTreeMap<JobKey, Failure>,
    key: &JobKey,
    entry: &mut Entry,
    why: &dyn std::fmt::Display,
) {
    tracing::error!("failed {key}: {why}");
    entry.error = Some(why.to_string());
    failed.insert(key.clone(), Failure::new(key, why));
}

fn tracked(file: &RemoteFile) -> FileEntry {
    FileEntry {
        name: file.name.clone(),
        size: file.size,
        sha256: file.sha256.clone(),
    }
}

/// Returns the warning for a complete file that is not what was ordered.
fn unresolved(path: &Path) -> Option<String> {
    let reader = match DbnReader::open(path) {
        Ok(reader) => reader,
        Err(error) => {
            return Some(format!(
                "the file is as Databento made it, but cannot be read: {error}"
            ));
        }
    };
    let metadata = reader.metadata();
    let symbols: BTreeSet<&str> = metadata
        .partial
        .iter()
        .chain(&metadata.not_found)
        .map(String::as_str)
        .collect();
    let symbols: Vec<&str> = symbols.into_iter().collect();
    (!symbols.is_empty()).then(|| {
        format!(
            "the file has no data for symbols that did not resolve: {}",
            symbols.join(", ")
        )
    })
}
