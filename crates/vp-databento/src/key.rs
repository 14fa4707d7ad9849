//! The API key of the account. It is never printed, and not validated by a call.

use std::fmt;

/// Replaces the key in texts.
const HIDDEN: &str = "[key]";
/// Characters of a key.
const LENGTH: usize = 32;

/// The key of a Databento account. Neither its debug form nor any error of this crate shows it.
#[derive(Clone)]
pub struct ApiKey(String);

/// An invalid key. The text is not shown: it may be a real key with a typing error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "DATABENTO_API_KEY is invalid: expected {LENGTH} printable ASCII characters without spaces, found {found} characters; copy the key from your Databento account"
)]
pub struct ApiKeyError {
    /// How many characters the text has.
    pub found: usize,
}

impl ApiKey {
    /// Takes a key.
    ///
    /// # Errors
    /// [`ApiKeyError`] if the text is no valid key.
    pub fn new(text: &str) -> Result<Self, ApiKeyError> {
        let is_key = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_key {
            Ok(Self(text.to_owned()))
        } else {
            Err(ApiKeyError {
                found: text.chars().count(),
            })
        }
    }

    /// Returns the text with the key replaced.
    pub fn redact(&self, text: &str) -> String {
        text.replace(&self.0, HIDDEN)
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_shown() {
        let text = "db-0123456789abcdefghijklmnopqrs";
        let key = ApiKey::new(text).unwrap();
        assert_eq!(format!("{key:?}"), "[key]");
        assert_eq!(key.redact(&format!("bad {text}!")), "bad [key]!");
    }

    #[test]
    fn what_is_no_key_is_refused_without_showing_it() {
        for text in ["", "db-secret", "db-0123456789abcdefghijklmnopqr\u{e9}"] {
            let error = ApiKey::new(text).unwrap_err();
            assert!(text.is_empty() || !error.to_string().contains(text));
        }
    }
}
