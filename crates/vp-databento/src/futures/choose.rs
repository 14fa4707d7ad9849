//! Which of a family's options are those of a date.

use std::collections::{BTreeMap, BTreeSet};

use vp_market::SessionDate;

use super::cache::ChosenOptions;
use crate::definitions::ListedOptions;
use crate::parents::{Candidate, Reason};

/// Returns a family's options on the contract: of those of the date itself the ones that expire on
/// it, otherwise the ones of the nearest expiration from the date on. `None` if there are none.
pub(super) fn choose(
    listed: &ListedOptions,
    contract: &str,
    candidate: &Candidate,
    date: SessionDate,
) -> Option<ChosenOptions> {
    let mut by_expiration: BTreeMap<SessionDate, BTreeSet<String>> = BTreeMap::new();
    for (symbol, option) in listed {
        let is_own = option.underlying == contract && !symbol.starts_with("UD:");
        if let Some(expiration) = option.expiration.filter(|_| is_own) {
            let symbols = by_expiration.entry(expiration).or_default();
            symbols.insert(symbol.clone());
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
    use crate::definitions::ListedOption;

    fn check(reason: Reason, options: &[(&str, &str, &str)], expected: Option<&str>) {
        let listed = options.iter().map(|(symbol, underlying, expiration)| {
            let option = ListedOption {
                underlying: (*underlying).into(),
                expiration: expiration.parse().ok(),
            };
            ((*symbol).to_owned(), option)
        });
        let candidate = Candidate {
            reason,
            parent: "MQ1.OPT".into(),
        };
        let date = "2026-02-06".parse().unwrap();
        let chosen = choose(&listed.collect(), "MNQH6", &candidate, date);
        let symbols = chosen.map(|chosen| chosen.symbols.into_iter().collect::<Vec<_>>().join(" "));
        assert_eq!(symbols.as_deref(), expected);
    }

    #[test]
    fn options_of_the_date_expire_on_it() {
        let options = [
            ("a", "MNQH6", "2026-02-06"),
            ("b", "MNQH6", "2026-02-09"),
            ("c", "MNQH6", "2026-02-06"),
        ];
        check(Reason::SameDay, &options, Some("a c"));
        check(Reason::SameDay, &options[1..2], None);
    }

    #[test]
    fn otherwise_the_nearest_expiration_from_the_date_on_counts() {
        let options = [
            ("a", "MNQH6", "2026-02-05"),
            ("b", "MNQH6", "2026-02-09"),
            ("c", "MNQH6", "2026-02-10"),
        ];
        check(Reason::Monthly, &options, Some("b"));
        check(Reason::Monthly, &options[..1], None);
    }

    #[test]
    fn other_contracts_and_combinations_of_users_do_not_count() {
        let options = [
            ("a", "MNQM6", "2026-02-06"),
            ("UD:1V: b", "MNQH6", "2026-02-06"),
            ("c", "MNQH6", "never"),
        ];
        check(Reason::SameDay, &options, None);
    }
}
