//! What a partition was made with: the choices that change its rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The choices behind a partition (session, tick, grid, product), by name.
///
/// Two partitions of one place with equal settings and equal inputs hold equal rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// Returns these settings.
    pub fn new<V: Into<String>>(settings: impl IntoIterator<Item = (&'static str, V)>) -> Self {
        let settings = settings.into_iter();
        Self(settings.map(|(k, v)| (k.to_owned(), v.into())).collect())
    }

    /// Returns the setting of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns these settings together with others, which replace those of the same name.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Returns those of these names.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> Self {
        let named = self.iter().filter(|(name, _)| names.contains(name));
        Self(
            named
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    /// Returns all of them, in name order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Says in what the settings of a partition differ from the `wanted` ones.
    pub(super) fn differences(&self, wanted: &Self) -> String {
        let names = self.0.keys().chain(wanted.0.keys());
        let mut names: Vec<_> = names
            .filter(|name| self.get(name) != wanted.get(name))
            .collect();
        names.sort_unstable();
        names.dedup();
        let told: Vec<_> = names
            .into_iter()
            .map(|name| {
                let value = |settings: &Self| settings.get(name).unwrap_or("nothing").to_owned();
                format!("{name} is {}, not {}", value(self), value(wanted))
            })
            .collect();
        told.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_that_differs_is_named_once_with_both_values() {
        let there = Settings::new([("session", "09:30-12:30"), ("tick", "0.25"), ("old", "1")]);
        let wanted = Settings::new([("session", "17:00-19:00"), ("tick", "0.25")]);
        assert_eq!(
            there.differences(&wanted),
            "old is 1, not nothing; session is 09:30-12:30, not 17:00-19:00"
        );
        assert_eq!(there.differences(&there), "");
        assert_eq!(wanted.get("tick"), Some("0.25"));
    }
}
