//! The options of this process, where an error names one: how it is spelled, and what set it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// The options of this process.
static OPTIONS: OnceLock<Options> = OnceLock::new();

#[derive(Debug)]
struct Options {
    /// The long names that the program and its commands have.
    names: BTreeSet<String>,
    /// What set those of this call that were not typed.
    origins: BTreeMap<String, String>,
}

/// Takes the options of this process, once.
pub(crate) fn set(names: BTreeSet<String>, origins: BTreeMap<String, String>) {
    // A process has one command line.
    let _ = OPTIONS.set(Options { names, origins });
}

/// Returns what set an option of this process that was not typed: a variable, or a line of the file of
/// settings. `None` for one that was typed, and for one that has its default.
pub fn origin_of(option: &str) -> Option<&'static str> {
    OPTIONS.get()?.origins.get(option).map(String::as_str)
}

/// Returns an error's text with this program's spelling of options. Libraries name a
/// parameter as `` `product_type` ``; where this program has an option of that name, it becomes
/// `--product-type`.
pub(crate) fn spelled(text: &str) -> String {
    let none = BTreeSet::new();
    spelled_with(text, OPTIONS.get().map_or(&none, |options| &options.names))
}

fn spelled_with(text: &str, names: &BTreeSet<String>) -> String {
    let mut spelled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, quoted)) = rest.split_once('`') {
        spelled += before;
        let option = quoted
            .split_once('`')
            .map(|(name, after)| (name.replace('_', "-"), after))
            .filter(|(name, _)| names.contains(name));
        rest = if let Some((name, after)) = option {
            spelled += &format!("--{name}");
            after
        } else {
            spelled.push('`');
            quoted
        };
    }
    spelled + rest
}

/// Returns the options that a text names (`--bucket`) and that were not typed, each with what set it.
pub(crate) fn origins_in(text: &str) -> impl Iterator<Item = (&str, &'static str)> {
    let is_of_name = |letter: char| letter.is_ascii_lowercase() || letter == '-';
    text.split("--").skip(1).filter_map(move |rest| {
        let end = rest.find(|letter| !is_of_name(letter));
        let name = rest[..end.unwrap_or(rest.len())].trim_end_matches('-');
        origin_of(name).map(|origin| (name, origin))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_a_library_names_becomes_the_option_of_this_program() {
        let names = BTreeSet::from(["product-type".to_owned(), "dt".to_owned()]);
        for (text, expected) in [
            (
                "use `product_type` equity_mbo",
                "use --product-type equity_mbo",
            ),
            ("the date with `dt`", "the date with --dt"),
            ("give it `strikes`, or `dt`", "give it `strikes`, or --dt"),
            ("an open ` stays", "an open ` stays"),
            ("```dt`", "``--dt"),
            ("", ""),
        ] {
            assert_eq!(spelled_with(text, &names), expected);
        }
    }
}
