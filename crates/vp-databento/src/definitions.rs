//! Instrument definitions: which options a file defines. Which of them matter is not known here.

use std::collections::BTreeMap;
use std::path::Path;

use dbn::{InstrumentDefMsg, RecordRef, v1, v2};
use vp_ingest::{DbnError, DbnReader};
use vp_market::{EasternTime, SessionDate};

/// What a definition says of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OptionDefinition {
    /// The option's symbol at its venue.
    pub(crate) raw_symbol: String,
    /// The symbol of the contract or share that it is on.
    pub(crate) underlying: String,
    /// The last eligible trade time, nanoseconds since the Unix epoch, UTC.
    pub(crate) expiration_ns: u64,
}

impl OptionDefinition {
    /// Reads every option that a definitions file of DBN version 1, 2 or 3 defines, by symbol. The
    /// last definition of a symbol counts; instruments that are no calls or puts are passed over.
    ///
    /// # Errors
    /// [`DbnError`] for a file that is no DBN file, or breaks off.
    pub(crate) fn read_all(path: &Path) -> Result<BTreeMap<String, Self>, DbnError> {
        let mut reader = DbnReader::open(path)?;
        let mut options = BTreeMap::new();
        let mut take = |record: RecordRef<'_>| {
            if let Some(option) = Self::of(record) {
                options.insert(option.raw_symbol.clone(), option);
            }
        };
        while reader.read(&mut take)? {}
        Ok(options)
    }

    /// Returns the date in New York on which the option expires.
    ///
    /// Some venues give no time of day: their instant is midnight UTC of the date itself, which in
    /// New York would be the evening before.
    pub(crate) fn expiration_date(&self) -> Option<SessionDate> {
        const DAY_NS: u64 = 86_400_000_000_000;
        const NOON_NS: u64 = DAY_NS / 2;
        let ns = if self.expiration_ns.is_multiple_of(DAY_NS) {
            self.expiration_ns.checked_add(NOON_NS)?
        } else {
            self.expiration_ns
        };
        EasternTime::from_ns(ns).session_date()
    }

    /// Returns the option that a record defines. The versions differ in the length of their texts.
    fn of(record: RecordRef<'_>) -> Option<Self> {
        macro_rules! fields {
            ($definition:expr) => {
                Self::new(
                    $definition.raw_symbol().ok()?,
                    $definition.underlying().ok()?,
                    $definition.instrument_class,
                    $definition.expiration,
                )
            };
        }
        if let Ok(definition) = record.try_get::<InstrumentDefMsg>() {
            fields!(definition)
        } else if let Ok(definition) = record.try_get::<v2::InstrumentDefMsg>() {
            fields!(definition)
        } else {
            fields!(record.try_get::<v1::InstrumentDefMsg>().ok()?)
        }
    }

    fn new(
        raw_symbol: &str,
        underlying: &str,
        class: std::ffi::c_char,
        expiration_ns: u64,
    ) -> Option<Self> {
        let is_option = matches!(u8::try_from(class), Ok(b'C' | b'P'));
        is_option.then(|| Self {
            raw_symbol: raw_symbol.to_owned(),
            underlying: underlying.to_owned(),
            expiration_ns,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::c_char;

    use dbn::encode::EncodeRecord;
    use dbn::encode::dbn::Encoder;
    use dbn::{Metadata, SType, Schema};

    use super::*;

    /// 2026-02-06 16:00 in New York.
    const AFTERNOON: u64 = 1_770_411_600_000_000_000;

    fn text<const N: usize>(text: &str) -> [c_char; N] {
        let mut bytes = [0; N];
        for (byte, letter) in bytes.iter_mut().zip(text.bytes()) {
            *byte = letter.cast_signed();
        }
        bytes
    }

    fn read<T: dbn::encode::DbnEncodable>(
        version: u8,
        definitions: &[T],
    ) -> BTreeMap<String, OptionDefinition> {
        let metadata = Metadata::builder()
            .version(version)
            .dataset("GLBX.MDP3".to_owned())
            .schema(Some(Schema::Definition))
            .start(0)
            .stype_in(Some(SType::Parent))
            .stype_out(SType::InstrumentId)
            .build();
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut encoder = Encoder::new(file.as_file(), &metadata).unwrap();
        for definition in definitions {
            encoder.encode_record(definition).unwrap();
        }
        OptionDefinition::read_all(file.path()).unwrap()
    }

    fn definition(symbol: &str, class: char, expiration: u64) -> InstrumentDefMsg {
        InstrumentDefMsg {
            raw_symbol: text(symbol),
            underlying: text("MNQH6"),
            instrument_class: text::<1>(&class.to_string())[0],
            expiration,
            ..InstrumentDefMsg::default()
        }
    }

    #[test]
    fn calls_and_puts_are_read_and_the_last_definition_counts() {
        let found = read(
            3,
            &[
                definition("MQ1G6 C21500", 'C', 1),
                definition("MNQH6", 'F', AFTERNOON),
                definition("MQ1G6 P21500", 'P', AFTERNOON),
                definition("MQ1G6 C21500", 'C', AFTERNOON),
            ],
        );
        let symbols: Vec<_> = found.keys().map(String::as_str).collect();
        assert_eq!(symbols, ["MQ1G6 C21500", "MQ1G6 P21500"]);
        assert_eq!(found["MQ1G6 C21500"].underlying, "MNQH6");
        assert_eq!(found["MQ1G6 C21500"].expiration_ns, AFTERNOON);
    }

    #[test]
    fn definitions_of_older_versions_are_read() {
        let second = v2::InstrumentDefMsg {
            raw_symbol: text("MQ1G6 C21500"),
            instrument_class: text::<1>("C")[0],
            ..v2::InstrumentDefMsg::default()
        };
        let first = v1::InstrumentDefMsg {
            raw_symbol: text("MQ1G6 P21500"),
            instrument_class: text::<1>("P")[0],
            ..v1::InstrumentDefMsg::default()
        };
        assert!(read(2, &[second]).contains_key("MQ1G6 C21500"));
        assert!(read(1, &[first]).contains_key("MQ1G6 P21500"));
    }

    #[test]
    fn an_option_expires_on_the_date_in_new_york() {
        for (ns, date) in [
            (AFTERNOON, "2026-02-06"),
            // 20:00 in New York.
            (1_770_426_000_000_000_000, "2026-02-06"),
            // Midnight UTC: a venue that gives dates alone.
            (1_770_336_000_000_000_000, "2026-02-06"),
        ] {
            let option = &read(3, &[definition("X", 'C', ns)])["X"];
            assert_eq!(option.expiration_date().unwrap().to_string(), date, "{ns}");
        }
        let never = &read(3, &[definition("X", 'C', u64::MAX)])["X"];
        assert_eq!(never.expiration_date(), None);
    }
}
