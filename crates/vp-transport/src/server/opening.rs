//! From a query to a plan that may begin: the app reads the query, and a replay that is ending makes
//! room for the new one.

use std::sync::Arc;

use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use super::backend::StreamPlan;
use super::http::Site;
use super::query::Query;
use crate::message::{Error, ErrorCode};

/// Begins to read a query.
pub(super) fn start(site: &Arc<Site>, query: String) -> JoinHandle<Result<StreamPlan, Error>> {
    let site = Arc::clone(site);
    tokio::spawn(async move {
        let backend = Arc::clone(&site.backend);
        let read = spawn_blocking(move || backend.open(Query::parse(&query)?)).await;
        let plan = read.unwrap_or_else(|failed| {
            if let Ok(payload) = failed.try_into_panic() {
                site.journal.panicked("reading a query", &*payload);
            }
            let message = "internal error while opening the session";
            Err(Error::new(ErrorCode::Internal, message))
        })?;
        // A client that comes back finds the thread of its last replay still ending, most often.
        let within = site.settings.deadlines.close_within;
        let shared_key = plan.shared.then(|| plan.key.clone());
        let room = site.replays.wait_for_room(shared_key.as_deref());
        let _ = timeout(within, room).await;
        Ok(plan)
    })
}
