//! The key of the account, which is shown nowhere.

use std::fmt;

/// What stands where a key was.
const HIDDEN: &str = "[key]";
/// Characters of a key.
const LENGTH: usize = 32;

/// The key of a Databento account. Neither its debug form nor any error of this crate shows it.
#[derive(Clone)]
pub struct ApiKey(String);

/// A text that is no key. The text itself is not shown: it may be one but for a typing error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "DATABENTO_API_KEY holds no key: {LENGTH} letters, digits and signs of ASCII are expected, {found} characters found"
)]
pub struct ApiKeyError {
    /// How many characters the text has.
    pub found: usize,
}

impl ApiKey {
    /// Takes a key.
    ///
    /// # Errors
    /// [`ApiKeyError`] for a text that cannot be one.
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

    /// Returns the text without the key, whoever put it there.
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
