//! This program's own calls: lists and details of jobs, and the bytes of files.

use std::ops::Deref;
use std::time::Duration;

use reqwest::header::{DATE, RANGE};
use reqwest::{Response, Url};

use super::details::{self, DetailsError};
use super::{JobDetails, ListedJob, Service, ServiceError};

/// How far back jobs are listed; the service keeps files for as long.
const LISTED: Duration = Duration::from_hours(30 * 24);
/// A clock that is off by more than this would list the wrong jobs.
const CLOCK_TOLERANCE_S: u64 = 3_600;
/// The most bytes of an answer about jobs.
const MOST_BYTES: usize = 64 << 20;

impl Service {
    /// Lists the jobs of the last 30 days, expired ones aside.
    ///
    /// # Errors
    /// [`ServiceError`] once repeating does not help.
    pub async fn list_jobs(&self) -> Result<Vec<ListedJob>, ServiceError> {
        loop {
            let ahead_s = self.clock.ahead_s();
            let since = self.now().minus(LISTED).0.to_string();
            let query = [("since", since.as_str())];
            let bytes = self
                .repeat("batch.list_jobs", || self.get("batch.list_jobs", &query))
                .await?;
            // The first answer tells how wrong this machine's clock is.
            if self.clock.ahead_s().abs_diff(ahead_s) <= CLOCK_TOLERANCE_S {
                return details::read_list(&bytes).map_err(|error| self.unreadable(&error));
            }
            tracing::warn!(
                "the clock of this machine is {} s behind Databento's, which is used instead",
                self.clock.ahead_s()
            );
        }
    }

    /// Asks for the details of a job.
    ///
    /// # Errors
    /// [`ServiceError`] once repeating does not help.
    pub async fn job_details(&self, id: &str) -> Result<JobDetails, ServiceError> {
        let query = [("job_id", id)];
        let bytes = self
            .repeat("batch.get_job_details", || {
                self.get("batch.get_job_details", &query)
            })
            .await?;
        let details = details::read_details(&bytes).map_err(|error| self.unreadable(&error))?;
        if details.id == id {
            Ok(details)
        } else {
            Err(ServiceError::Unreadable {
                message: format!("asked for job {id}, it answers about {}", details.id),
            })
        }
    }

    /// Asks once for the bytes of a file from `offset` on.
    ///
    /// # Errors
    /// [`ServiceError`] for an answer other than success or a range that cannot be.
    pub(crate) async fn get_file(&self, url: &Url, offset: u64) -> Result<Response, ServiceError> {
        let mut request = self
            .http
            .get(url.clone())
            .basic_auth(self.key.expose(), None::<&str>);
        if offset > 0 {
            request = request.header(RANGE, format!("bytes={offset}-"));
        }
        let call = async {
            let response = request
                .send()
                .await
                .map_err(|error| self.unreachable(error))?;
            if response.status().is_success() || response.status().as_u16() == 416 {
                Ok(response)
            } else {
                Err(ServiceError::of_response(&self.key, response).await)
            }
        };
        let limit = Some(self.timeout);
        self.silence.watch(url.path(), limit, || false, call).await
    }

    /// Waits for the next bytes of a file; `None` is its end.
    ///
    /// # Errors
    /// [`ServiceError`] if the connection fails, or no byte arrives in time.
    pub(crate) async fn next_chunk(
        &self,
        response: &mut Response,
        name: &str,
    ) -> Result<Option<impl Deref<Target = [u8]> + use<>>, ServiceError> {
        let chunk = async {
            let chunk = response.chunk().await;
            chunk.map_err(|error| self.unreachable(error))
        };
        self.silence.watch(name, None, || false, chunk).await
    }

    /// Returns the address of a file that the service lists, at the host that gets the key.
    pub(crate) fn file_url(&self, listed: &str) -> Option<Url> {
        let listed: Url = listed.parse().ok()?;
        self.base.join(listed.path()).ok()
    }

    pub(crate) fn unreachable(&self, error: reqwest::Error) -> ServiceError {
        ServiceError::of_transport(&self.key, error)
    }

    fn unreadable(&self, error: &DetailsError) -> ServiceError {
        ServiceError::Unreadable {
            message: self.key.redact(&error.to_string()),
        }
    }

    async fn get(&self, call: &str, query: &[(&str, &str)]) -> Result<Vec<u8>, ServiceError> {
        let mut url = self
            .base
            .join(&format!("v0/{call}"))
            .expect("a path without oddities");
        url.query_pairs_mut().extend_pairs(query);
        let request = self
            .http
            .get(url)
            .basic_auth(self.key.expose(), None::<&str>);
        let mut response = request
            .send()
            .await
            .map_err(|error| self.unreachable(error))?;
        if let Some(date) = response
            .headers()
            .get(DATE)
            .and_then(|date| date.to_str().ok())
        {
            self.clock.learn(date);
        }
        if !response.status().is_success() {
            return Err(ServiceError::of_response(&self.key, response).await);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.unreachable(error))?
        {
            if bytes.len() + chunk.len() > MOST_BYTES {
                let message = format!("the answer to {call} has more than {MOST_BYTES} bytes");
                return Err(ServiceError::Unreadable { message });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}
