//! The answers that ask the app, which may wait for a disk: health and the list of sessions.

use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use serde::Serialize;
use serde_json::json;
use tokio::time::timeout;

use super::backend::{Backend, SessionEntry};
use super::flight::{Flight, FlightError};
use super::reply::{JSON, Reply, failed, json_reply, reply};
use super::site::Site;

/// What the app is asked, each at most once at a time.
pub(super) struct Questions {
    health: Flight<Result<(), String>>,
    /// The body of the answer, encoded once for all who wait for it.
    sessions: Flight<Bytes>,
}

/// The body of `/v1/sessions`.
#[derive(Serialize)]
struct Sessions {
    sessions: Vec<SessionEntry>,
}

impl Questions {
    pub(super) fn new(backend: &Arc<dyn Backend>) -> Self {
        let health = Arc::clone(backend);
        let sessions = Arc::clone(backend);
        Self {
            health: Flight::new("health", move |_| Ok(health.health())),
            sessions: Flight::new("sessions", move |cancellation| {
                let sessions = sessions.sessions(cancellation)?;
                let body = serde_json::to_vec(&Sessions { sessions });
                Ok(body.expect("names and flags are valid JSON").into())
            }),
        }
    }

    /// Gives up what is being worked out.
    pub(super) fn stop(&self) {
        self.health.stop();
        self.sessions.stop();
    }
}

impl Site {
    pub(super) async fn health(&self) -> Reply {
        let within = self.settings.deadlines.health_within;
        let reason = match timeout(within, self.questions.health.result()).await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(reason))) => Some(self.journal.public_text(&reason)),
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => {
                let seconds = within.as_secs_f64();
                Some(format!(
                    "the server's data did not answer within {seconds} s"
                ))
            }
        };
        let service = self.backend.service();
        let mut body = json!({
            "status": if reason.is_some() { "unavailable" } else { "ok" },
            "service": service.name,
            "version": service.version,
        });
        let Some(reason) = reason else {
            return json_reply(StatusCode::OK, &body);
        };
        body["reason"] = reason.into();
        json_reply(StatusCode::SERVICE_UNAVAILABLE, &body)
    }

    pub(super) async fn sessions(&self) -> Reply {
        let mut is_stopping = self.is_stopping.clone();
        let result = tokio::select! {
            result = self.questions.sessions.result() => result,
            _ = is_stopping.wait_for(|is_stopping| *is_stopping) => Err(FlightError::Stopping),
        };
        match result {
            Ok(body) => reply(StatusCode::OK, JSON, body),
            Err(error @ FlightError::Stopping) => {
                failed(StatusCode::SERVICE_UNAVAILABLE, &error.to_string())
            }
            Err(error) => failed(
                StatusCode::INTERNAL_SERVER_ERROR,
                &format!("the sessions cannot be listed: {error}"),
            ),
        }
    }
}
