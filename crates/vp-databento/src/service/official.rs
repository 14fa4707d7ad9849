//! The calls that go through the vendor's crate.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use databento::historical::batch::SubmitJobParams;
use databento::historical::metadata::GetQueryParams;
use databento::historical::symbology::ResolveParams;
use databento::historical::timeseries::GetRangeToFileParams;
use databento::historical::{DateRange, DateTimeRange};
use dbn::decode::DbnMetadata as _;
use dbn::{Compression, Encoding, SType, Schema};
use time::{Date, Month};
use vp_market::SessionDate;

use super::{Service, ServiceError};
use crate::job::JobRequest;
use crate::limits::Turn;
use crate::usd::Usd;

/// What symbols mean on a date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// Each resolved symbol, and what it means.
    pub symbols: BTreeMap<String, String>,
    /// The symbols that mean nothing, or not all day.
    pub unresolved: Vec<String>,
}

/// A file of a job, as the service lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFile {
    /// Its name.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// Where it is.
    pub url: String,
}

/// What is asked for in terms of data: for prices, sizes and definitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query<'a> {
    pub(crate) dataset: &'a str,
    pub(crate) schema: Schema,
    pub(crate) symbols: Vec<String>,
    pub(crate) stype_in: SType,
    pub(crate) date: SessionDate,
}

impl<'a> Query<'a> {
    /// Returns what a job is of.
    pub(crate) fn of_job(job: &'a JobRequest) -> Self {
        Self {
            dataset: job.dataset(),
            schema: job.schema(),
            symbols: job.symbols.iter().cloned().collect(),
            stype_in: job.stype_in,
            date: job.date,
        }
    }

    fn params(&self) -> GetQueryParams {
        GetQueryParams::builder()
            .dataset(self.dataset)
            .symbols(self.symbols.clone())
            .schema(self.schema)
            .date_time_range(DateTimeRange::from(day(self.date)))
            .stype_in(self.stype_in)
            .build()
    }
}

impl Service {
    /// Resolves symbols of one kind into another, on one date. This is free.
    ///
    /// # Errors
    /// [`ServiceError`] once repeating does not help.
    pub async fn resolve(
        &self,
        dataset: &str,
        symbols: &BTreeSet<String>,
        (stype_in, stype_out): (SType, SType),
        date: SessionDate,
    ) -> Result<Resolution, ServiceError> {
        let params = ResolveParams::builder()
            .dataset(dataset)
            .symbols(symbols.iter().cloned().collect::<Vec<_>>())
            .stype_in(stype_in)
            .stype_out(stype_out)
            .date_range(DateRange::from(day(date)))
            .build();
        let found = self
            .repeat("symbology.resolve", || async {
                let mut client = self.official.clone();
                let answer = client.symbology().resolve(&params).await;
                answer.map_err(|error| self.of_official(error))
            })
            .await?;
        let resolved = found
            .mappings
            .into_iter()
            .filter_map(|(symbol, intervals)| {
                let last = intervals.into_iter().next_back()?;
                Some((symbol, last.symbol))
            });
        let mut unresolved = [found.partial, found.not_found].concat();
        unresolved.sort();
        Ok(Resolution {
            symbols: resolved.collect(),
            unresolved,
        })
    }

    /// Asks what data would cost. This is free.
    ///
    /// # Errors
    /// [`ServiceError`] once repeating does not help.
    pub(crate) async fn cost(&self, query: &Query<'_>) -> Result<Usd, ServiceError> {
        let params = query.params();
        let dollars = self
            .repeat("metadata.get_cost", || async {
                let mut client = self.official.clone();
                let answer = client.metadata().get_cost(&params).await;
                answer.map_err(|error| self.of_official(error))
            })
            .await?;
        Usd::try_from(dollars).map_err(|error| ServiceError::Unreadable {
            message: error.to_string(),
        })
    }

    /// Asks how many bytes data has before compression. This is free.
    ///
    /// # Errors
    /// [`ServiceError`] once repeating does not help.
    pub(crate) async fn size(&self, query: &Query<'_>) -> Result<u64, ServiceError> {
        let params = query.params();
        self.repeat("metadata.get_billable_size", || async {
            let mut client = self.official.clone();
            let answer = client.metadata().get_billable_size(&params).await;
            answer.map_err(|error| self.of_official(error))
        })
        .await
    }

    /// Streams definitions into a file, compressed. **This costs.**
    ///
    /// A stream that breaks off is asked for again; the file is whole when this returns.
    ///
    /// # Errors
    /// [`ServiceError`] once repeating does not help, or the file cannot be written.
    pub(crate) async fn definitions(
        &self,
        query: &Query<'_>,
        path: &Path,
    ) -> Result<(), ServiceError> {
        let params = GetRangeToFileParams::builder()
            .dataset(query.dataset)
            .symbols(query.symbols.clone())
            .schema(query.schema)
            .date_time_range(DateTimeRange::from(day(query.date)))
            .stype_in(query.stype_in)
            .path(path)
            .build();
        let name = "timeseries.get_range";
        let stream = || async {
            let mut client = self.official.clone();
            let answer = client.timeseries().get_range_to_file(&params).await;
            let decoder = answer.map_err(|error| self.of_official(error))?;
            let metadata = decoder.metadata();
            Ok([metadata.partial.as_slice(), &metadata.not_found].concat())
        };
        // A stream may be long; each attempt starts over, so that only more than ever is progress.
        let longest = AtomicU64::new(0);
        let grows = || {
            let length = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
            length > longest.fetch_max(length, Ordering::Relaxed)
        };
        let unresolved = self
            .repeat_watched(name, || self.silence.watch(name, None, grows, stream()))
            .await?;
        if !unresolved.is_empty() {
            tracing::warn!(
                "definitions of {}: these symbols do not resolve: {}",
                query.date,
                unresolved.join(", ")
            );
        }
        Ok(())
    }

    /// Waits until the limit on orders lets one be sent.
    pub(crate) async fn turn_to_submit(&self) -> Turn<'_> {
        self.submits.turn().await
    }

    /// Orders a job, in its [turn](Self::turn_to_submit). **This costs.** It is sent once; the
    /// caller decides whether to repeat it.
    ///
    /// Returns the service's name of the job.
    ///
    /// # Errors
    /// [`ServiceError`]; unless it [is definite](ServiceError::is_definite) the job may have been
    /// ordered all the same.
    pub(crate) async fn submit(
        &self,
        job: &JobRequest,
        turn: Turn<'_>,
    ) -> Result<String, ServiceError> {
        let query = Query::of_job(job);
        let params = SubmitJobParams::builder()
            .dataset(query.dataset)
            .symbols(query.symbols)
            .schema(query.schema)
            .date_time_range(DateTimeRange::from(day(query.date)))
            .stype_in(query.stype_in)
            .encoding(Encoding::Dbn)
            .compression(Compression::Zstd)
            .build();
        let mut client = self.official.clone();
        // An answer that takes longer is considered lost, and the job is searched for.
        let submit = async {
            let answer = client.batch().submit_job(&params).await;
            answer.map_err(|error| self.of_official(error))
        };
        let limit = Some(self.timeout);
        let answer = self
            .silence
            .watch("batch.submit_job", limit, || false, submit)
            .await;
        drop(turn);
        answer.map(|job| job.id)
    }

    /// Lists the data files of a job.
    ///
    /// # Errors
    /// [`ServiceError`] once repeating does not help, or for a file that cannot be verified.
    pub(crate) async fn list_files(&self, job_id: &str) -> Result<Vec<RemoteFile>, ServiceError> {
        let files = self
            .repeat("batch.list_files", || async {
                let mut client = self.official.clone();
                let answer = client.batch().list_files(job_id).await;
                answer.map_err(|error| self.of_official(error))
            })
            .await?;
        let data = files
            .into_iter()
            .filter(|file| file.filename.ends_with(".dbn.zst"));
        let unreadable = |name: &str, what: &str| ServiceError::Unreadable {
            message: format!("the file {name:?} of job {job_id} has {what}"),
        };
        data.map(|mut file| {
            let name = file.filename;
            if !is_plain_name(&name) {
                return Err(unreadable(&name, "a name that is no file name"));
            }
            let digest = file.hash.strip_prefix("sha256:").unwrap_or_default();
            if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(unreadable(
                    &name,
                    "no SHA-256, without which it cannot be verified",
                ));
            }
            let url = file
                .urls
                .remove("https")
                .ok_or_else(|| unreadable(&name, "no https address"))?;
            Ok(RemoteFile {
                sha256: digest.to_ascii_lowercase(),
                name,
                size: file.size,
                url,
            })
        })
        .collect()
    }

    fn of_official(&self, error: databento::Error) -> ServiceError {
        ServiceError::of_official(&self.key, error)
    }
}

/// Returns whether a name is that of a file in a folder, wherever the folder is.
fn is_plain_name(name: &str) -> bool {
    !name.starts_with('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Returns the date and the next one.
fn day(date: SessionDate) -> (Date, Date) {
    let first = Month::try_from(date.month().unsigned_abs())
        .and_then(|month| {
            Date::from_calendar_date(date.year().into(), month, date.day().unsigned_abs())
        })
        .expect("session dates are days of the calendar");
    (
        first,
        first
            .next_day()
            .expect("session dates end long before the calendar"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_where_the_next_begins() {
        let (first, next) = day("2024-02-29".parse().unwrap());
        assert_eq!(
            (first.to_string(), next.to_string()),
            ("2024-02-29".into(), "2024-03-01".into())
        );
    }

    #[test]
    fn names_that_lead_elsewhere_are_none() {
        assert!(is_plain_name("glbx-mdp3-20260206.mbo.dbn.zst"));
        for name in [
            "../a.dbn.zst",
            "a/b.dbn.zst",
            ".a.dbn.zst",
            "a\\b.dbn.zst",
            "\u{e9}.dbn.zst",
        ] {
            assert!(!is_plain_name(name), "{name}");
        }
    }
}
