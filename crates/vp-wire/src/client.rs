//! What a viewer may say: a MessagePack map, or the same as JSON text.

use std::fmt;
use std::io::Cursor;

use rmp::Marker;
use serde::{Deserialize, Serialize};
use vp_market::{SessionWindow, WallClock};
use vp_replay::{Command, Speed};

use super::{Error, ErrorCode};

/// A client message may be this many bytes long.
pub const MAX_CLIENT_MESSAGE: usize = 4096;

/// What a viewer asks of its replay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// Stop event time.
    Pause {},
    /// Let it run on.
    Resume {},
    /// Start over at the start time.
    Restart {},
    /// Change the speed.
    Speed {
        /// The factor; 1 is real time, 0 as fast as it goes.
        value: f64,
    },
    /// Go on from another time.
    Seek {
        /// `HH:MM` or `HH:MM:SS`, Eastern Time.
        start_time: String,
    },
}

/// A malformed message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// It is not a map.
    #[error("a message is one map with the key \"type\"")]
    NotAMap,
    /// It is longer than [`MAX_CLIENT_MESSAGE`].
    #[error("a message may be {MAX_CLIENT_MESSAGE} bytes long, found {found}")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// Something follows the map.
    #[error("a message is one map, found {extra} bytes behind it")]
    Trailing {
        /// How many bytes follow.
        extra: usize,
    },
    /// It is no MessagePack, or no message.
    #[error("cannot read the message as MessagePack")]
    MessagePack(#[from] rmp_serde::decode::Error),
    /// It is no JSON, or no message.
    #[error("cannot read the message as JSON")]
    Json(#[from] serde_json::Error),
}

impl ClientMessage {
    /// Reads a message from MessagePack.
    ///
    /// # Errors
    /// [`ParseError`] for anything but exactly one message.
    pub fn from_message_pack(bytes: &[u8]) -> Result<Self, ParseError> {
        check_length(bytes)?;
        let is_map = bytes.first().is_some_and(|&byte| {
            matches!(
                Marker::from_u8(byte),
                Marker::FixMap(_) | Marker::Map16 | Marker::Map32
            )
        });
        if !is_map {
            return Err(ParseError::NotAMap);
        }
        let mut deserializer = rmp_serde::Deserializer::new(Cursor::new(bytes));
        deserializer.set_max_depth(MAX_DEPTH);
        let message = Self::deserialize(&mut deserializer)?;
        match bytes.len().saturating_sub(consumed(&deserializer)) {
            0 => Ok(message),
            extra => Err(ParseError::Trailing { extra }),
        }
    }

    /// Reads a message from JSON.
    ///
    /// # Errors
    /// [`ParseError`] for anything but exactly one message.
    pub fn from_json(text: &str) -> Result<Self, ParseError> {
        check_length(text.as_bytes())?;
        if !text.trim_start().starts_with('{') {
            return Err(ParseError::NotAMap);
        }
        Ok(serde_json::from_str(text)?)
    }

    /// Returns what the message asks of a replay within that session.
    ///
    /// # Errors
    /// `bad_message` for a speed or a time that cannot be.
    pub fn command(&self, session: SessionWindow) -> Result<Command, Error> {
        let refused =
            |error: &dyn fmt::Display| Error::new(ErrorCode::BadMessage, error.to_string());
        let no_time = |error: &dyn fmt::Display| refused(&format_args!("seek: {error}"));
        Ok(match self {
            Self::Pause {} => Command::Pause,
            Self::Resume {} => Command::Resume,
            Self::Restart {} => Command::Restart,
            Self::Speed { value } => {
                Command::Speed(Speed::new(*value).map_err(|error| refused(&error))?)
            }
            Self::Seek { start_time } => {
                let clock: WallClock = start_time.parse().map_err(|error| no_time(&error))?;
                let instant = session.first_instant(clock);
                Command::Seek(instant.map_err(|error| no_time(&error))?)
            }
        })
    }

    /// Encodes the message as MessagePack.
    pub fn encode(&self) -> Vec<u8> {
        super::named_map(self)
    }
}

/// A message is a flat map; anything nested deeper is invalid.
const MAX_DEPTH: usize = 8;

fn check_length(bytes: &[u8]) -> Result<(), ParseError> {
    match bytes.len() {
        found if found > MAX_CLIENT_MESSAGE => Err(ParseError::TooLong { found }),
        _ => Ok(()),
    }
}

fn consumed(
    deserializer: &rmp_serde::Deserializer<rmp_serde::decode::ReadReader<Cursor<&[u8]>>>,
) -> usize {
    usize::try_from(deserializer.position()).expect("a message fits into memory")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pause_with(extra: &[u8]) -> Vec<u8> {
        [&ClientMessage::Pause {}.encode(), extra].concat()
    }

    #[test]
    fn a_message_reads_alike_from_both_forms() {
        let seek = ClientMessage::Seek {
            start_time: "10:15".into(),
        };
        assert_eq!(
            ClientMessage::from_message_pack(&seek.encode()).unwrap(),
            seek
        );
        let json = r#" {"type":"seek","start_time":"10:15"} "#;
        assert_eq!(ClientMessage::from_json(json).unwrap(), seek);
    }

    #[test]
    fn a_speed_may_be_written_as_an_integer() {
        let speed = ClientMessage::Speed { value: 10.0 };
        let json = r#"{"type":"speed","value":10}"#;
        assert_eq!(ClientMessage::from_json(json).unwrap(), speed);
        let packed = b"\x82\xa4type\xa5speed\xa5value\x0a";
        assert_eq!(ClientMessage::from_message_pack(packed).unwrap(), speed);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "null",
            "[\"pause\"]",
            "{}",
            r#"{"type":"stop"}"#,
            r#"{"type":"pause","value":1}"#,
            r#"{"type":"speed"}"#,
            r#"{"type":"speed","value":"10"}"#,
            r#"{"type":"pause"} {"type":"pause"}"#,
            r#"{"type":"pause","type":"resume"}"#,
        ] {
            assert!(ClientMessage::from_json(text).is_err(), "{text}");
        }
        for bytes in [&b""[..], b"\x91\xa5pause", b"\xc0", b"\x81\xa4type\xa5paus"] {
            assert!(
                ClientMessage::from_message_pack(bytes).is_err(),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn bytes_behind_the_map_are_refused() {
        let error = ClientMessage::from_message_pack(&pause_with(&[0])).unwrap_err();
        assert!(matches!(error, ParseError::Trailing { extra: 1 }));
    }

    #[test]
    fn a_message_beyond_the_limit_is_not_even_read() {
        let error = ClientMessage::from_message_pack(&pause_with(&[0; MAX_CLIENT_MESSAGE]));
        assert!(matches!(error, Err(ParseError::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(message) = ClientMessage::from_message_pack(&bytes) {
                prop_assert!(ClientMessage::from_message_pack(&message.encode()).is_ok());
            }
            let _ = ClientMessage::from_json(&String::from_utf8_lossy(&bytes));
        }
    }
}
