//! Log lines about failures of clients, limited to so many of a kind in a minute: a client that
//! keeps on failing must not fill the disk. The decision to refuse is made elsewhere.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::public_text::PublicText;
use super::refusal::Reason;
use vp_wire::{Error, ErrorCode};

/// Lines of one kind in a window.
const MOST_LINES: u64 = 10;

/// How long lines of a kind are counted together.
const WINDOW: Duration = Duration::from_mins(1);

/// Bytes of a text that a line shows.
const MOST_TEXT: usize = 2048;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The system refuses to accept a connection.
    Accept,
    /// A connection sent no valid request, or none in time.
    Http,
    /// A request or connection was refused for that reason.
    Refusal(Reason),
    /// A stream ended with an error of that code.
    Stream(ErrorCode),
    /// A thread panicked.
    Panic,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Http => "invalid request",
            Self::Refusal(reason) => reason.name(),
            Self::Stream(code) => code.name(),
            Self::Panic => "panic",
        }
    }
}

/// What was written lately, by kind.
#[derive(Debug, Default)]
pub(super) struct Journal {
    windows: Mutex<BTreeMap<Kind, Window>>,
    public_text: PublicText,
}

#[derive(Debug)]
struct Window {
    began: Instant,
    lines: u64,
    suppressed: u64,
}

impl Journal {
    pub(super) fn new(public_text: PublicText) -> Self {
        Self {
            windows: Mutex::default(),
            public_text,
        }
    }

    /// Returns whether one more line of that kind may be written now, and counts it.
    pub(super) fn allows(&self, kind: Kind) -> bool {
        self.allows_at(kind, Instant::now())
    }

    fn allows_at(&self, kind: Kind, now: Instant) -> bool {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = windows.get_mut(&kind)
            && now.saturating_duration_since(window.began) < WINDOW
        {
            let is_allowed = window.lines < MOST_LINES;
            *(if is_allowed {
                &mut window.lines
            } else {
                &mut window.suppressed
            }) += 1;
            return is_allowed;
        }
        let begun = Window {
            began: now,
            lines: 1,
            suppressed: 0,
        };
        let ended = windows.insert(kind, begun);
        drop(windows);
        if let Some(window) = ended {
            window.report(kind);
        }
        true
    }

    /// Reports what was suppressed in windows that are over.
    pub(super) fn report_ended(&self) {
        self.report_before(Instant::now());
    }

    /// Reports what was suppressed so far.
    pub(super) fn report_all(&self) {
        self.report_before(Instant::now() + WINDOW);
    }

    fn report_before(&self, now: Instant) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |window: &Window| now.saturating_duration_since(window.began) >= WINDOW;
        let ended: Vec<_> = windows
            .extract_if(.., |_, window| is_over(window))
            .collect();
        drop(windows);
        for (kind, window) in ended {
            window.report(kind);
        }
    }

    /// Notes the end of a connection, if that is for what the client sent or did not send.
    pub(super) fn connection_failed(&self, peer: SocketAddr, error: &hyper::Error) {
        if (error.is_timeout() || error.is_parse()) && self.allows(Kind::Http) {
            tracing::info!(%peer, %error, "connection dropped");
        }
    }

    /// Notes a request or connection that was refused.
    pub(super) fn refused(&self, peer: SocketAddr, reason: Reason, detail: &str) {
        if self.allows(Kind::Refusal(reason)) {
            let (reason, detail) = (reason.name(), shown(detail));
            tracing::warn!(%peer, reason, detail, "refused");
        }
    }

    /// Notes that the system gives no further connection.
    pub(super) fn accept_failed(&self, error: &std::io::Error) {
        if self.allows(Kind::Accept) {
            tracing::error!(%error, "cannot accept a connection");
        }
    }

    /// Notes that a thread panicked; `payload` is what it panicked with.
    pub(super) fn panicked(&self, what: &str, payload: &(dyn std::any::Any + Send)) {
        if self.allows(Kind::Panic) {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or(payload.downcast_ref::<&str>().copied());
            let reason = shown(text.unwrap_or("no text"));
            tracing::error!(reason, "{what} panicked");
        }
    }

    /// Returns a text without the server's own paths.
    pub(super) fn public_text(&self, text: &str) -> String {
        self.public_text.of(text)
    }
}

impl Window {
    fn report(&self, kind: Kind) {
        if self.suppressed > 0 {
            let (kind, suppressed) = (kind.name(), self.suppressed);
            tracing::warn!(kind, suppressed, "more lines of this kind were left out");
        }
    }
}

/// A client, as the log names it. What an app says of an error becomes the client's text here, and
/// nowhere else.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    pub(super) journal: Arc<Journal>,
}

impl Peer {
    /// Returns the text of an error for the client.
    pub(super) fn public(&self, error: &Error) -> Error {
        let public = |text: &str| self.journal.public_text(text);
        Error {
            code: error.code,
            message: public(&error.message),
            hint: error.hint.as_deref().map(public),
        }
    }

    /// Notes that the client's stream ends with an error.
    pub(super) fn note(&self, error: &Error) {
        if !self.journal.allows(Kind::Stream(error.code)) {
            return;
        }
        let (peer, code) = (self.address, error.code.name());
        let reason = shown(&error.message);
        match error.code {
            ErrorCode::SourceFailed | ErrorCode::Internal => {
                tracing::error!(%peer, code, reason, "stream failed");
            }
            ErrorCode::TooSlow
            | ErrorCode::TooLarge
            | ErrorCode::BadMessage
            | ErrorCode::ReplayLimit => {
                tracing::warn!(%peer, code, reason, "stream closed");
            }
            ErrorCode::BadParameter
            | ErrorCode::UnknownSymbol
            | ErrorCode::UnknownDate
            | ErrorCode::SharedReplay => {
                tracing::info!(%peer, code, reason, "stream refused");
            }
        }
    }
}

/// Returns the beginning of a text that came from outside. Its control characters are escaped when
/// it is written as a field.
fn shown(text: &str) -> String {
    let end = text.floor_char_boundary(MOST_TEXT);
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_so_many_lines_in_a_minute() {
        let journal = Journal::default();
        let start = Instant::now();
        let allowed = |kind, seconds| {
            let at = start + Duration::from_secs(seconds);
            (0..100).filter(|_| journal.allows_at(kind, at)).count()
        };
        assert_eq!(allowed(Kind::Refusal(Reason::Host), 0), 10);
        assert_eq!(allowed(Kind::Refusal(Reason::Host), 59), 0);
        assert_eq!(allowed(Kind::Refusal(Reason::Limit), 59), 10);
        assert_eq!(allowed(Kind::Refusal(Reason::Host), 60), 10);
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let journal = Journal::default();
        for _ in 0..20 {
            journal.allows(Kind::Accept);
        }
        journal.report_ended();
        assert_eq!(journal.windows.lock().unwrap().len(), 1);
        journal.report_all();
        assert!(journal.windows.lock().unwrap().is_empty());
    }
}
