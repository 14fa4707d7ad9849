//! Why a call failed, and what the caller can do about it. Nothing is retried here.

use std::time::Duration;

use serde::Deserialize;

use crate::key::ApiKey;

/// Why a call failed. No message contains the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// The API key is not accepted (401).
    #[error(
        "Databento does not accept the API key (status 401): {message}; check DATABENTO_API_KEY"
    )]
    Unauthorized {
        /// The message of the service.
        message: String,
    },
    /// The account cannot pay (402).
    #[error("the account cannot pay (status 402): {message}; see its billing page at Databento")]
    Payment {
        /// The message of the service.
        message: String,
    },
    /// The account has no right to this data (403). Other data may be allowed.
    #[error(
        "Databento refuses this to the account (status 403): {message}; the account has no \
         licence for this dataset, or none for data this recent: add the licence at Databento, or \
         leave this data out"
    )]
    Forbidden {
        /// The message of the service.
        message: String,
    },
    /// The request is invalid or cannot be satisfied (any other 4xx). A retry would not help.
    #[error("Databento refuses this request (status {status}): {message}{}", available_text(available.as_ref()))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The message of the service.
        message: String,
        /// First and last instant for which there is data, if the service names them.
        available: Option<(String, String)>,
    },
    /// Too many requests (429).
    #[error("Databento limits the rate of requests (status 429): {message}")]
    TooMany {
        /// The message of the service.
        message: String,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The service failed (5xx, and 408).
    #[error("Databento returned {status} (server error): {message}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// The message of the service.
        message: String,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The connection failed, or one call took longer than the timeout.
    #[error("Databento cannot be reached: {message}")]
    Unreachable {
        /// The error of the connection.
        message: String,
    },
    /// No call has been answered for longer than [`ServiceSettings::silence`] allows.
    ///
    /// [`ServiceSettings::silence`]: super::ServiceSettings::silence
    #[error(
        "{host} has not answered for {} s, last asked for {call} ({message}); check the network, \
         then run the same command again: nothing is ordered twice; --timeout SECONDS waits longer",
        silent.as_secs()
    )]
    Silent {
        /// The host.
        host: String,
        /// The last call.
        call: String,
        /// How long nothing has been answered.
        silent: Duration,
        /// How the last call failed.
        message: String,
    },
    /// The answer cannot be read.
    #[error("the answer of Databento cannot be read: {message}")]
    Unreadable {
        /// What is wrong with it.
        message: String,
    },
    /// The data cannot be written to disk.
    #[error(
        "the data of Databento cannot be written to disk: {message}; make room, then run the same command again"
    )]
    Disk {
        /// The message of the operating system.
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
            Self::TooMany { .. }
            | Self::Unavailable { .. }
            | Self::Unreachable { .. }
            | Self::Silent { .. } => true,
            Self::Unauthorized { .. }
            | Self::Payment { .. }
            | Self::Forbidden { .. }
            | Self::Refused { .. }
            | Self::Unreadable { .. }
            | Self::Disk { .. } => false,
        }
    }

    /// Returns whether every other call would fail, too: the key or the payment is not accepted,
    /// or the service is silent. A 403 concerns one dataset or date and is not fatal.
    pub fn is_fatal(&self) -> bool {
        match self {
            Self::Unauthorized { .. } | Self::Payment { .. } | Self::Silent { .. } => true,
            Self::Forbidden { .. }
            | Self::Refused { .. }
            | Self::TooMany { .. }
            | Self::Unavailable { .. }
            | Self::Unreachable { .. }
            | Self::Unreadable { .. }
            | Self::Disk { .. } => false,
        }
    }

    /// Returns whether the service certainly did nothing: it understood the request and refused it.
    pub fn is_definite(&self) -> bool {
        match self {
            Self::Unauthorized { .. }
            | Self::Payment { .. }
            | Self::Forbidden { .. }
            | Self::Refused { .. }
            | Self::TooMany { .. } => true,
            Self::Unavailable { .. }
            | Self::Unreachable { .. }
            | Self::Silent { .. }
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
            | Self::Forbidden { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::Silent { .. }
            | Self::Unreadable { .. }
            | Self::Disk { .. } => None,
        }
    }

    /// Returns the error for a status other than success.
    pub(super) fn of_status(
        status: u16,
        message: String,
        available: Option<(String, String)>,
        retry_after: Option<Duration>,
    ) -> Self {
        match status {
            401 => Self::Unauthorized { message },
            402 => Self::Payment { message },
            403 => Self::Forbidden { message },
            429 => Self::TooMany {
                message,
                retry_after,
            },
            // 408 is a timeout of the service: like one of this program, it proves nothing.
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

    /// Returns the error of a call through the vendor's crate, which hides the header `Retry-After`.
    pub(super) fn of_official(key: &ApiKey, error: databento::Error) -> Self {
        use databento::Error;
        match error {
            Error::Api(error) => {
                let text = |name: &str| {
                    let value = error.payload.as_ref()?.get(name)?.as_str()?;
                    Some(key.redact(value))
                };
                let available = text("available_start").zip(text("available_end"));
                // The crate gives the whole body where it lacks a field that the crate expects.
                let (message, also) = read_refusal(&key.redact(&error.message));
                let available = available.or(also);
                // Its limits are per second and, for orders, per minute: see `submit`.
                Self::of_status(error.status_code.as_u16(), message, available, None)
            }
            Error::Http(error) => Self::of_transport(key, error),
            // Only errors of the operating system have a number; those of the connection are wrapped.
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
        // The address adds nothing to the message, and may be long.
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

/// Reads the header `Retry-After`, in seconds.
fn retry_after(headers: &reqwest::header::HeaderMap) -> Option<Duration> {
    const LONGEST: Duration = Duration::from_hours(1);
    let text = headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?;
    let seconds = Duration::from_secs(text.trim().parse().ok()?);
    Some(seconds.min(LONGEST))
}

/// The longest excerpt of an answer in an error.
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
