//! Publishers: the venue, or the feed of a venue, that a record comes from.
//!
//! Order ids and clears are each publisher's own, so that a book is built of the records of one.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use dbn::{Dataset, Publisher};

/// How many publishers a text lists.
const LISTED: usize = 20;

/// A set of publishers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publishers(Held);

/// Nearly every instrument has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Held {
    #[default]
    None,
    One(u16),
    Many(BTreeSet<u16>),
}

impl Publishers {
    /// Adds a publisher.
    pub(crate) fn insert(&mut self, id: u16) {
        match &mut self.0 {
            Held::None => self.0 = Held::One(id),
            Held::One(known) if *known == id => {}
            Held::One(known) => self.0 = Held::Many(BTreeSet::from([*known, id])),
            Held::Many(known) => {
                known.insert(id);
            }
        }
    }

    /// Adds those of another set.
    pub(crate) fn extend(&mut self, others: &Self) {
        others.iter().for_each(|id| self.insert(id));
    }

    /// Returns the ids of the publishers, in order.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        let (one, many) = match &self.0 {
            Held::None => (None, None),
            Held::One(id) => (Some(*id), None),
            Held::Many(ids) => (None, Some(ids.iter().copied())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0 == Held::None
    }
}

impl FromIterator<u16> for Publishers {
    fn from_iter<T: IntoIterator<Item = u16>>(ids: T) -> Self {
        let mut found = Self::default();
        ids.into_iter().for_each(|id| found.insert(id));
        found
    }
}

impl fmt::Display for Publishers {
    /// Lists the ids, each with its name where it has one: `39 (DBEQ.BASIC.XCHI)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = self.iter().take(LISTED).map(|id| {
            let name = Publisher::try_from(id).ok();
            name.map_or_else(|| id.to_string(), |name| format!("{id} ({name})"))
        });
        f.write_str(&texts.collect::<Vec<_>>().join(", "))?;
        match self.len().saturating_sub(LISTED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Returns the publisher of a dataset that has one only; `None` for a consolidated dataset, and for
/// one that is not known.
pub(crate) fn only_publisher(dataset: &str) -> Option<u16> {
    match Dataset::from_str(dataset).ok()?.publishers() {
        [only] => Some(u16::from(*only)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishers_are_listed_in_order_with_their_names() {
        let found: Publishers = [60_000, 39, 2, 39].into_iter().collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), [2, 39, 60_000]);
        let text = found.to_string();
        assert!(text.starts_with("2 (XNAS.ITCH.XNAS), 39 ("), "{text}");
        assert!(text.ends_with("), 60000"), "{text}");
        assert!(Publishers::default().is_empty());
        assert_eq!(Publishers::from_iter([7, 7]).len(), 1);
    }

    #[test]
    fn datasets_of_one_venue_are_told_from_consolidated_ones() {
        assert_eq!(only_publisher("GLBX.MDP3"), Some(1));
        assert_eq!(only_publisher("XNAS.ITCH"), Some(2));
        for dataset in ["DBEQ.BASIC", "EQUS.PLUS", "OPRA.PILLAR", "SELF.MADE", ""] {
            assert_eq!(only_publisher(dataset), None, "{dataset}");
        }
    }
}
