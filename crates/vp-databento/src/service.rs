//! The service's calls, within its limits, with timeouts and retries. What is ordered, and why, is
//! not known here.
//!
//! Orders, file lists, symbols, costs and definitions go through the vendor's own crate. Lists and
//! details of jobs and the files themselves do not: the crate fails on a state of a job that it
//! does not know, and takes a corrupt file for a whole one.

mod backoff;
mod clock;
mod details;
mod error;
mod jobs;
mod official;
mod silence;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use databento::HistoricalClient;
use reqwest::Url;

use crate::instant::Instant;
use crate::key::ApiKey;
use crate::limits::RateLimit;

pub use backoff::Backoff;
pub use details::{JobDetails, ListedJob};
pub use error::ServiceError;
pub(crate) use official::Query;
pub use official::{RemoteFile, Resolution};

use clock::ServiceClock;
use silence::Silence;

/// The address of the service; tests use another.
pub const BASE_URL: &str = "https://hist.databento.com";

/// How the service is called.
#[derive(Clone, Debug)]
pub struct ServiceSettings {
    /// Where it is: [`BASE_URL`].
    pub base_url: String,
    /// How long to wait before a call is repeated.
    pub backoff: Backoff,
    /// How long one call may take; for a file, how long no byte may arrive.
    pub timeout: Duration,
    /// How long the service may answer no call at all, retries included, before calls fail as
    /// [`ServiceError::Silent`].
    pub silence: Duration,
    /// The folder in which the processes that use one account keep its limits together; without
    /// one, or where it is not there, this one keeps them for itself.
    pub limits: Option<PathBuf>,
}

/// Why the service cannot be called at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address is invalid.
    #[error("the address {url:?} of the service is invalid; expected https://host")]
    Url {
        /// The refused text.
        url: String,
    },
    /// No client can be made, for example because the system has no certificates.
    #[error("the HTTP client cannot be created: {reason}; check the system's certificates")]
    Client {
        /// Why not.
        reason: String,
    },
}

/// The service.
#[derive(Clone)]
pub struct Service {
    key: ApiKey,
    base: Url,
    official: HistoricalClient,
    http: reqwest::Client,
    submits: Arc<RateLimit>,
    calls: Arc<RateLimit>,
    backoff: Backoff,
    timeout: Duration,
    silence: Arc<Silence>,
    clock: Arc<ServiceClock>,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("base", &self.base.as_str())
            .finish_non_exhaustive()
    }
}

impl Service {
    /// Prepares to call the service. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectError`] for an invalid address, or a system without certificates.
    pub fn new(key: ApiKey, settings: &ServiceSettings) -> Result<Self, ConnectError> {
        // The first caller of a process decides; everybody here decides alike.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let base: Url = settings.base_url.parse().map_err(|_| ConnectError::Url {
            url: settings.base_url.clone(),
        })?;
        let failed = |error: &dyn std::fmt::Display| ConnectError::Client {
            reason: key.redact(&error.to_string()),
        };
        let client = || {
            reqwest::Client::builder()
                .connect_timeout(settings.timeout.min(Duration::from_secs(20)))
                // The longest wait for the next byte.
                .read_timeout(settings.timeout)
                // Whatever is sent is sent once: only this program decides on a repetition.
                .retry(reqwest::retry::never())
        };
        let official = HistoricalClient::builder()
            .base_url(base.clone())
            // A fresh connection for each call: the client repeats what it sent on an old one that
            // turned out to be closed. A redirected order would be sent twice.
            .http_client_builder(
                client()
                    .pool_max_idle_per_host(0)
                    .redirect(reqwest::redirect::Policy::none()),
            )
            .key(key.expose())
            .and_then(databento::historical::ClientBuilder::build)
            .map_err(|error| failed(&error))?;
        let limit = |name: &str, span| {
            let shared = settings.limits.as_ref().map(|folder| folder.join(name));
            Arc::new(RateLimit::new(20, span, shared))
        };
        let host = base.host_str().unwrap_or_default().to_owned();
        Ok(Self {
            silence: Arc::new(Silence::new(host, settings.silence)),
            timeout: settings.timeout,
            base,
            official,
            http: client()
                .user_agent(concat!("spymaster/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|error| failed(&error))?,
            // A little more than the service's second and minute, as no two clocks agree.
            submits: limit("submits.lock", Duration::from_secs(61)),
            calls: limit("calls.lock", Duration::from_millis(1_100)),
            backoff: settings.backoff,
            clock: Arc::new(ServiceClock::default()),
            key,
        })
    }

    /// Returns the time by the service's clock, as far as its answers have told it.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Returns how long to wait before a call is repeated.
    pub fn backoff(&self) -> Backoff {
        self.backoff
    }

    /// Returns how long to wait after that many attempts: no longer than the service may be silent,
    /// unless it asked for more.
    pub(crate) fn pause(&self, attempt: u32, error: &ServiceError) -> Duration {
        let asked = error.retry_after();
        let pause = self.backoff.pause(attempt, asked);
        pause
            .min(self.silence.left())
            .max(asked.unwrap_or_default())
    }

    /// Returns whether the service has answered any call yet.
    pub fn has_answered(&self) -> bool {
        self.silence.has_answered()
    }

    /// Makes a call that changes nothing, and repeats it after a transient failure.
    async fn repeat<T, F, C>(&self, name: &str, mut call: C) -> Result<T, ServiceError>
    where
        C: FnMut() -> F,
        F: Future<Output = Result<T, ServiceError>>,
    {
        let watch = || {
            let limit = Some(self.timeout);
            self.silence.watch(name, limit, || false, call())
        };
        self.repeat_watched(name, watch).await
    }

    /// Makes a call that watches itself, and repeats it after a transient failure.
    async fn repeat_watched<T, F, C>(&self, name: &str, mut call: C) -> Result<T, ServiceError>
    where
        C: FnMut() -> F,
        F: Future<Output = Result<T, ServiceError>>,
    {
        let mut attempt = 0;
        loop {
            let turn = self.calls.turn().await;
            let error = match call().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            drop(turn);
            attempt += 1;
            if !error.is_transient() || error.is_fatal() || attempt >= self.backoff.attempts {
                return Err(error);
            }
            let pause = self.pause(attempt, &error);
            tracing::warn!("retry {name} in {pause:.1?}: {error}");
            tokio::time::sleep(pause).await;
        }
    }
}
