//! The service and the lake that a command works with.

use std::future::Future;

use anyhow::{Context, anyhow};
use vp_databento::{ApiKey, Backoff, Service, ServiceSettings};
use vp_lake::{LAKE_VARIABLE, Lake};

use crate::args::CommonArgs;
use crate::log;

/// The variable that holds the key; nothing else may.
const KEY_VARIABLE: &str = "DATABENTO_API_KEY";

/// How many timeouts the service may be silent for: with the default, two and a half minutes.
const SILENT_TIMEOUTS: u32 = 3;

/// The service and the lake.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) service: Service,
    pub(crate) lake: Lake,
}

impl Connection {
    /// Starts the log, reads the key and prepares the service; nothing is sent yet.
    pub(crate) fn new(args: &CommonArgs) -> anyhow::Result<Self> {
        log::start(args.log_file.as_deref())?;
        let text = std::env::var_os(KEY_VARIABLE).ok_or_else(|| {
            anyhow!("{KEY_VARIABLE} is not set; set it to the API key of your Databento account")
        })?;
        let key = ApiKey::new(&text.to_string_lossy())?;
        log::hide(&key);
        let backoff = Backoff {
            first: args.retry_seconds,
            ..Backoff::default()
        };
        let lake = Lake::resolve(args.lake.clone(), std::env::var_os(LAKE_VARIABLE));
        let settings = ServiceSettings {
            base_url: args.base_url.clone(),
            backoff,
            timeout: args.timeout,
            silence: args.timeout * SILENT_TIMEOUTS,
            limits: Some(lake.jobs_folder()),
        };
        let service = Service::new(key, &settings)?;
        Ok(Self { service, lake })
    }
}

/// Runs asynchronous work to its end.
pub(crate) fn wait_for(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot be started")?;
    let result = runtime.block_on(work);
    // A name look-up that hangs must not keep the process from ending.
    runtime.shutdown_background();
    result
}
