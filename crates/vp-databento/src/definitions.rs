//! Which options a definitions file lists. Which of them matter is not known here.

use std::collections::BTreeMap;
use std::path::Path;

use vp_ingest::{DbnError, DbnReader, Definition};
use vp_market::{Expiration, SessionDate};

/// The options of a definitions file, by symbol.
pub(crate) type ListedOptions = BTreeMap<String, ListedOption>;

/// What an order has to know of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedOption {
    /// The symbol of the contract or share that it is on.
    pub(crate) underlying: String,
    /// The date on which it expires, if it ever does.
    pub(crate) expiration: Option<SessionDate>,
}

/// Adds every call and put that a file lists. The last definition of a symbol counts.
///
/// # Errors
/// [`DbnError`] for a file that is no DBN file, or breaks off.
pub(crate) fn add_options(path: &Path, options: &mut ListedOptions) -> Result<(), DbnError> {
    Definition::read_all(DbnReader::open(path)?, |definition| {
        if definition.right.is_some() {
            let listed = ListedOption {
                underlying: definition.underlying.to_owned(),
                expiration: definition.expiration.and_then(Expiration::date),
            };
            options.insert(definition.symbol.to_owned(), listed);
        } else {
            options.remove(definition.symbol);
        }
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::c_char;

    use dbn::encode::EncodeRecord;
    use dbn::encode::dbn::Encoder;
    use dbn::{InstrumentDefMsg, Metadata, SType, Schema};

    use super::*;

    /// 2026-02-06 00:00 UTC: that day, without a time of day.
    const FRIDAY: u64 = 1_770_336_000_000_000_000;

    fn text<const N: usize>(text: &str) -> [c_char; N] {
        let mut bytes = [0; N];
        for (byte, letter) in bytes.iter_mut().zip(text.bytes()) {
            *byte = letter.cast_signed();
        }
        bytes
    }

    fn read(definitions: &[(&str, &str, u64)]) -> Vec<(String, Option<String>)> {
        let metadata = Metadata::builder()
            .version(3)
            .dataset("GLBX.MDP3".to_owned())
            .schema(Some(Schema::Definition))
            .start(0)
            .stype_in(Some(SType::Parent))
            .stype_out(SType::InstrumentId)
            .build();
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut encoder = Encoder::new(file.as_file(), &metadata).unwrap();
        for (symbol, class, expiration) in definitions {
            let definition = InstrumentDefMsg {
                raw_symbol: text(symbol),
                underlying: text("MNQH6"),
                instrument_class: text::<1>(class)[0],
                expiration: *expiration,
                ..InstrumentDefMsg::default()
            };
            encoder.encode_record(&definition).unwrap();
        }
        let mut options = ListedOptions::new();
        add_options(file.path(), &mut options).unwrap();
        assert!(options.values().all(|option| option.underlying == "MNQH6"));
        let date = |option: ListedOption| option.expiration.map(|date| date.to_string());
        options
            .into_iter()
            .map(|(symbol, option)| (symbol, date(option)))
            .collect()
    }

    #[test]
    fn calls_and_puts_are_listed_and_the_last_definition_of_a_symbol_counts() {
        let found = read(&[
            ("MQ1G6 C21500", "C", 1),
            ("MNQH6", "F", FRIDAY),
            ("MQ1G6 P21500", "P", u64::MAX),
            ("MQ1G6 C21500", "C", FRIDAY),
            ("MQ1G6 C21600", "C", FRIDAY),
            ("MQ1G6 C21600", "T", FRIDAY),
        ]);
        let expected = [
            ("MQ1G6 C21500".to_owned(), Some("2026-02-06".to_owned())),
            ("MQ1G6 P21500".to_owned(), None),
        ];
        assert_eq!(found, expected);
    }
}
