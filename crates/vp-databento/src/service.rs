//! The service's calls, within its limits and with retries. What is ordered, and why, is not known
//! here.
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

/// Where the service is, unless a test says otherwise.
pub const BASE_URL: &str = "https://hist.databento.com";

/// How the service is called.
#[derive(Clone, Debug)]
pub struct ServiceSettings {
    /// Where it is: [`BASE_URL`].
    pub base_url: String,
    /// How long to wait before a call is repeated.
    pub backoff: Backoff,
    /// The folder in which the processes that use one account keep its limits together; without
    /// one, or where it is not there, this one keeps them for itself.
    pub limits: Option<PathBuf>,
}

/// Why the service cannot be called at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address is none.
    #[error("{url:?} is no address of the form https://host")]
    Url {
        /// The refused text.
        url: String,
    },
    /// No client can be made, for example because the system has no certificates.
    #[error("no connection can be prepared: {reason}")]
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
    /// [`ConnectError`] for an address that is none, or a system without certificates.
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
                .connect_timeout(Duration::from_secs(20))
                // Without a byte for that long a connection is taken for dead.
                .read_timeout(Duration::from_mins(2))
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
        Ok(Self {
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

    /// Makes a call that changes nothing, and repeats it while its failure may pass.
    async fn repeat<T, F, C>(&self, verb: &str, mut call: C) -> Result<T, ServiceError>
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
            if !error.is_transient() || attempt >= self.backoff.attempts {
                return Err(error);
            }
            let pause = self.backoff.pause(attempt, error.retry_after());
            tracing::warn!("retry {verb} in {pause:.1?}: {error}");
            tokio::time::sleep(pause).await;
        }
    }
}
