//! Which of a family's options are those of a date.

use std::collections::{BTreeMap, BTreeSet};

use vp_market::SessionDate;

use super::cache::ChosenOptions;
use crate::definitions::OptionDefinition;
use crate::parents::{Candidate, Reason};

/// Returns a family's options on the contract: of those of the date itself the ones that expire on
/// it, otherwise the ones of the nearest expiration from the date on. `None` if there are none.
pub(super) fn choose(
    definitions: &BTreeMap<String, OptionDefinition>,
    contract: &str,
    candidate: &Candidate,
    date: SessionDate,
) -> Option<ChosenOptions> {
    let mut by_expiration: BTreeMap<SessionDate, BTreeSet<String>> = BTreeMap::new();
    for option in definitions.values() {
        let is_own = option.underlying == contract && !option.raw_symbol.starts_with("UD:");
        if let Some(expiration) = option.expiration_date().filter(|_| is_own) {
            by_expiration
                .entry(expiration)
                .or_default()
                .insert(option.raw_symbol.clone());
        }
    }
    let mut from_date = by_expiration.range(date..);
    let (expiration, symbols) = match candidate.reason {
        Reason::SameDay => by_expiration.get_key_value(&date)?,
        Reason::Later { .. } | Reason::Monthly => from_date.next()?,
    };
    Some(ChosenOptions {
        candidate: candidate.reason.to_string(),
        parent: candidate.parent.clone(),
        expiration: *expiration,
        symbols: symbols.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days in nanoseconds, and 2026-02-06 16:00 in New York.
    const DAY: u64 = 86_400_000_000_000;
    const FRIDAY: u64 = 1_770_411_600_000_000_000;

    fn check(reason: Reason, options: &[(&str, &str, u64)], expected: Option<&str>) {
        let definition =
            |(symbol, underlying, expiration_ns): &(&str, &str, u64)| OptionDefinition {
                raw_symbol: (*symbol).into(),
                underlying: (*underlying).into(),
                expiration_ns: *expiration_ns,
            };
        let definitions = options
            .iter()
            .map(|option| (option.0.to_owned(), definition(option)));
        let candidate = Candidate {
            reason,
            parent: "MQ1.OPT".into(),
        };
        let date = "2026-02-06".parse().unwrap();
        let chosen = choose(&definitions.collect(), "MNQH6", &candidate, date);
        let symbols = chosen.map(|chosen| chosen.symbols.into_iter().collect::<Vec<_>>().join(" "));
        assert_eq!(symbols.as_deref(), expected);
    }

    #[test]
    fn options_of_the_date_expire_on_it() {
        let options = [
            ("a", "MNQH6", FRIDAY),
            ("b", "MNQH6", FRIDAY + 3 * DAY),
            ("c", "MNQH6", FRIDAY),
        ];
        check(Reason::SameDay, &options, Some("a c"));
        check(Reason::SameDay, &options[1..2], None);
    }

    #[test]
    fn otherwise_the_nearest_expiration_from_the_date_on_counts() {
        let options = [
            ("a", "MNQH6", FRIDAY - DAY),
            ("b", "MNQH6", FRIDAY + 3 * DAY),
            ("c", "MNQH6", FRIDAY + 4 * DAY),
        ];
        check(Reason::Monthly, &options, Some("b"));
        check(Reason::Monthly, &options[..1], None);
    }

    #[test]
    fn other_contracts_and_combinations_of_users_do_not_count() {
        let options = [
            ("a", "MNQM6", FRIDAY),
            ("UD:1V: b", "MNQH6", FRIDAY),
            ("c", "MNQH6", u64::MAX),
        ];
        check(Reason::SameDay, &options, None);
    }
}
