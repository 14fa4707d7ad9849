//! Why a call failed, and what that means for whoever made it.

use std::time::Duration;

use serde::Deserialize;

use crate::key::ApiKey;

/// Why a call failed. No text of it holds the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// The key is not accepted, or not for this.
    #[error(
        "the service does not accept the key (status {status}): {message}; check DATABENTO_API_KEY and the account's rights"
    )]
    Unauthorized {
        /// The HTTP status, 401 or 403.
        status: u16,
        /// What the service says.
        message: String,
    },
    /// The account cannot pay.
    #[error("the account cannot pay (status 402): {message}; see the billing page of the account")]
    Payment {
        /// What the service says.
        message: String,
    },
    /// The request is refused, and will be.
    #[error("the service refuses this (status {status}): {message}{}", available_text(available.as_ref()))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the service says.
        message: String,
        /// First and last instant for which there is data, where the service says so.
        available: Option<(String, String)>,
    },
    /// Too many requests.
    #[error("the service asks for a pause (status 429): {message}")]
    TooMany {
        /// What the service says.
        message: String,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The service is out of order.
    #[error("the service is out of order (status {status}): {message}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// What the service says.
        message: String,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The connection failed.
    #[error("the service cannot be reached: {message}")]
    Unreachable {
        /// What the system says.
        message: String,
    },
    /// The answer is none.
    #[error("the service's answer cannot be understood: {message}")]
    Unreadable {
        /// What is wrong with it.
        message: String,
    },
    /// What the service sends cannot be kept.
    #[error("what the service sends cannot be written: {message}")]
    Disk {
        /// What the system says.
        message: String,
    },
}

fn available_text(available: Option<&(String, String)>) -> String {
    match available {
        Some((start, end)) => format!("; data is available from {start} to {end}"),
        None => String::new(),
    }
}

impl ServiceError {
    /// Returns whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::TooMany { .. } | Self::Unavailable { .. } | Self::Unreachable { .. } => true,
            Self::Unauthorized { .. }
            | Self::Payment { .. }
            | Self::Refused { .. }
            | Self::Unreadable { .. }
            | Self::Disk { .. } => false,
        }
    }

    /// Returns whether every other call would fail alike.
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Unauthorized { .. } | Self::Payment { .. })
    }

    /// Returns whether the service certainly did nothing: it understood the request and said no.
    pub fn is_definite(&self) -> bool {
        match self {
            Self::Unauthorized { .. }
            | Self::Payment { .. }
            | Self::Refused { .. }
            | Self::TooMany { .. } => true,
            Self::Unavailable { .. }
            | Self::Unreachable { .. }
            | Self::Unreadable { .. }
            | Self::Disk { .. } => false,
        }
    }

    /// Returns how long the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany { retry_after, .. } | Self::Unavailable { retry_after, .. } => {
                *retry_after
            }
            Self::Unauthorized { .. }
            | Self::Payment { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::Unreadable { .. }
            | Self::Disk { .. } => None,
        }
    }

    /// Returns the error that a status other than success stands for.
    pub(super) fn of_status(
        status: u16,
        message: String,
        available: Option<(String, String)>,
        retry_after: Option<Duration>,
    ) -> Self {
        match status {
            401 | 403 => Self::Unauthorized { status, message },
            402 => Self::Payment { message },
            429 => Self::TooMany {
                message,
                retry_after,
            },
            // A timeout that the service reports says as little as one of this program.
            408 | 500.. => Self::Unavailable {
                status,
                message,
                retry_after,
            },
            _ => Self::Refused {
                status,
                message,
                available,
            },
        }
    }

    /// Returns the error of a call through the vendor's crate, which does not tell `Retry-After`.
    pub(super) fn of_official(key: &ApiKey, error: databento::Error) -> Self {
        use databento::Error;
        match error {
            Error::Api(error) => {
                let text = |name: &str| {
                    let value = error.payload.as_ref()?.get(name)?.as_str()?;
                    Some(key.redact(value))
                };
                let available = text("available_start").zip(text("available_end"));
                let message = key.redact(&error.message);
                // Its limits are per second and, for orders, per minute: see `submit`.
                Self::of_status(error.status_code.as_u16(), message, available, None)
            }
            Error::Http(error) => Self::of_transport(key, error),
            // Only the system's own errors bear a number; those of the connection are wrapped.
            Error::Io(error) if error.raw_os_error().is_some() => Self::Disk {
                message: error.to_string(),
            },
            Error::Json(_) | Error::Utf8(_) | Error::Dbn(_) => Self::Unreadable {
                message: key.redact(&error.to_string()),
            },
            Error::BadArgument { .. } | Error::Io(_) | Error::Internal(_) | Error::Auth(_) | _ => {
                Self::Unreachable {
                    message: key.redact(&error.to_string()),
                }
            }
        }
    }

    /// Returns the error of a connection.
    pub(super) fn of_transport(key: &ApiKey, error: reqwest::Error) -> Self {
        // The address says nothing that the message does not, and may be long.
        let error = error.without_url();
        let mut message = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        Self::Unreachable {
            message: key.redact(&message),
        }
    }

    /// Returns the error of an answer to a call of this program's own.
    pub(crate) async fn of_response(key: &ApiKey, response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let body = response.text().await.unwrap_or_default();
        let (message, available) = read_refusal(&body);
        Self::of_status(status, key.redact(&message), available, retry_after)
    }
}

/// The header that says how long to wait, in seconds.
fn retry_after(headers: &reqwest::header::HeaderMap) -> Option<Duration> {
    const LONGEST: Duration = Duration::from_hours(1);
    let text = headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?;
    let seconds = Duration::from_secs(text.trim().parse().ok()?);
    Some(seconds.min(LONGEST))
}

/// Longest part of an answer that an error shows.
const LONGEST_MESSAGE: usize = 500;

/// Reads what the service says about a refusal, and the range of data that it names.
fn read_refusal(body: &str) -> (String, Option<(String, String)>) {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Detail {
        Text(String),
        Structure {
            message: String,
            #[serde(default)]
            payload: Payload,
        },
    }
    #[derive(Default, Deserialize)]
    struct Payload {
        available_start: Option<String>,
        available_end: Option<String>,
    }
    #[derive(Deserialize)]
    struct Body {
        detail: Detail,
    }
    match serde_json::from_str(body) {
        Ok(Body {
            detail: Detail::Text(text),
        }) => (text, None),
        Ok(Body {
            detail: Detail::Structure { message, payload },
        }) => (message, payload.available_start.zip(payload.available_end)),
        Err(_) => (body.chars().take(LONGEST_MESSAGE).collect(), None),
    }
}
