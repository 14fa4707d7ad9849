//! What all connections of a server share.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use super::access::Access;
use super::backend::Backend;
use super::journal::Journal;
use super::lists::Questions;
use super::metrics::Metrics;
use super::pages::Pages;
use super::refusal::Reason;
use super::replays::Replays;
use super::settings::Settings;

/// What every connection shares.
pub(super) struct Site {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) settings: Settings,
    pub(super) access: Access,
    pub(super) pages: Pages,
    pub(super) metrics: Arc<Metrics>,
    pub(super) replays: Arc<Replays>,
    pub(super) permits: Arc<Semaphore>,
    pub(super) is_stopping: watch::Receiver<bool>,
    pub(super) journal: Arc<Journal>,
    pub(super) questions: Questions,
}

impl Site {
    /// Counts a refusal and logs it. All of them pass through here.
    pub(super) fn note(&self, peer: SocketAddr, reason: Reason, detail: &str) {
        if matches!(reason, Reason::Limit | Reason::Host | Reason::Origin) {
            self.metrics.connections_refused.add(1);
        }
        self.metrics.refusals.add(reason.name(), 1);
        self.journal.refused(peer, reason, detail);
    }
}
