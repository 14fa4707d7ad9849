//! From a query to a plan that may begin: the app reads the query, and a replay that is ending makes
//! room for the new one.

use std::sync::Arc;

use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use super::backend::StreamPlan;
use super::query::Query;
use super::site::Site;
use vp_wire::{Error, ErrorCode};

/// Begins to read a query.
pub(super) fn start(site: &Arc<Site>, query: String) -> JoinHandle<Result<StreamPlan, Error>> {
    let site = Arc::clone(site);
    tokio::spawn(async move {
        let within = site.settings.deadlines.close_within;
        let openings = Arc::clone(&site.replays.openings);
        let Ok(Ok(permit)) = timeout(within, openings.acquire_owned()).await else {
            return Err(site.replays.limit_reached());
        };
        let backend = Arc::clone(&site.backend);
        let read = spawn_blocking(move || {
            let plan = backend.open(Query::parse(&query)?);
            // Not before: a thread that is blocked counts, whether or not its client has left.
            drop(permit);
            plan
        })
        .await;
        let plan = read.unwrap_or_else(|failed| {
            if let Ok(payload) = failed.try_into_panic() {
                site.journal.panicked("reading a query", &*payload);
            }
            let message = "internal error while opening the session";
            Err(Error::new(ErrorCode::Internal, message))
        })?;
        // A client that comes back may find the thread of its last replay still ending.
        let shared_key = plan.shared.then(|| plan.key.clone());
        let room = site.replays.wait_for_room(shared_key.as_deref());
        let _ = timeout(within, room).await;
        Ok(plan)
    })
}
