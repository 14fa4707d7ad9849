//! What went wrong, in words for a person and a code for a program.

use serde::{Deserialize, Serialize};

/// What kind of thing went wrong; a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A query parameter is unknown, repeated, out of range, or at odds with another.
    BadParameter,
    /// The session has no such symbol.
    UnknownSymbol,
    /// There is no session of that date.
    UnknownDate,
    /// Shared replays cannot be controlled.
    SharedReplay,
    /// A malformed client message.
    BadMessage,
    /// A client message longer than 4 KiB.
    TooLarge,
    /// The client took nothing for too long.
    TooSlow,
    /// As many replays run as may.
    ReplayLimit,
    /// The input broke off.
    SourceFailed,
    /// A fault of the server.
    Internal,
}

impl ErrorCode {
    /// Every code.
    pub const ALL: [Self; 10] = [
        Self::BadParameter,
        Self::UnknownSymbol,
        Self::UnknownDate,
        Self::SharedReplay,
        Self::BadMessage,
        Self::TooLarge,
        Self::TooSlow,
        Self::ReplayLimit,
        Self::SourceFailed,
        Self::Internal,
    ];

    /// Returns the code's name, as it appears in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadParameter => "bad_parameter",
            Self::UnknownSymbol => "unknown_symbol",
            Self::UnknownDate => "unknown_date",
            Self::SharedReplay => "shared_replay",
            Self::BadMessage => "bad_message",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::ReplayLimit => "replay_limit",
            Self::SourceFailed => "source_failed",
            Self::Internal => "internal",
        }
    }

    /// Returns the code of the websocket's close, where this is what closes it.
    pub const fn close_code(self) -> u16 {
        match self {
            Self::BadParameter
            | Self::UnknownSymbol
            | Self::UnknownDate
            | Self::SharedReplay
            | Self::BadMessage
            | Self::TooLarge
            | Self::TooSlow => 1008,
            Self::SourceFailed | Self::Internal => 1011,
            Self::ReplayLimit => 1013,
        }
    }
}

/// Before a close for cause, or in answer to a bad message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", rename = "error")]
#[error("{message}")]
pub struct Error {
    /// What kind of thing went wrong.
    pub code: ErrorCode,
    /// What went wrong.
    pub message: String,
    /// What to do about it, if there is something.
    pub hint: Option<String>,
}

impl Error {
    /// Returns an error without a hint.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
        }
    }

    /// Returns the error with a hint.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Encodes the message.
    pub fn encode(&self) -> Vec<u8> {
        super::named_map(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_one_name() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
        }
    }
}
