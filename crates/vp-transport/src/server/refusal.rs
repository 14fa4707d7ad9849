//! What the server refuses, and why: each refusal is counted under one of a few reasons.
//!
//! What a replay answers to its client is not among them: the stream carries that itself.

use std::borrow::Cow;

use hyper::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use hyper::{HeaderMap, StatusCode};

/// Why a request or a connection is refused. The list is closed: it labels a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// The connection limit is reached.
    Limit,
    /// The Host header names another server.
    Host,
    /// The page that asks is foreign.
    Origin,
    /// The method is not supported.
    Method,
    /// The request has a body.
    Body,
    /// The websocket handshake is invalid.
    Handshake,
    /// More requests came at once than the server takes.
    Pipeline,
    /// The client did not take its answer in time.
    TooSlow,
}

impl Reason {
    /// Returns its name, as the metric and the log give it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Host => "host",
            Self::Origin => "origin",
            Self::Method => "method",
            Self::Body => "body",
            Self::Handshake => "handshake",
            Self::Pipeline => "pipeline",
            Self::TooSlow => "too_slow",
        }
    }
}

/// A request that is refused: why, and what the client reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: Reason,
    pub(super) status: StatusCode,
    pub(super) message: Cow<'static, str>,
    /// Details for the log, beside the message.
    sent: String,
}

impl Refusal {
    pub(super) fn new(
        reason: Reason,
        status: StatusCode,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        let message = message.into();
        Self {
            reason,
            status,
            message,
            sent: String::new(),
        }
    }

    pub(super) fn forbidden(reason: Reason, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(reason, StatusCode::FORBIDDEN, message)
    }

    /// Adds the Host and Origin headers of the request to the log text.
    pub(super) fn sent_by(mut self, headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| {
            let value = headers.get(name).map(HeaderValue::as_bytes);
            String::from_utf8_lossy(value.unwrap_or(b"-")).into_owned()
        };
        self.sent = format!("; Host: {}, Origin: {}", text(HOST), text(ORIGIN));
        self
    }

    /// Returns the log text of the refusal.
    pub(super) fn detail(&self) -> String {
        format!("{}{}", self.message, self.sent)
    }
}
