//! Symbol-mapping records: the symbol of an instrument id, as a recorded stream says it.
//!
//! Whether a symbol is the one that was asked for is not decided here.

use dbn::{UNDEF_TIMESTAMP, rtype};

/// Where the fields of a record lie. The versions of DBN differ in the length of their symbols.
struct Layout {
    input: usize,
    output: usize,
    symbol_bytes: usize,
    times: usize,
}

const V1: Layout = Layout {
    input: 16,
    output: 38,
    symbol_bytes: 22,
    times: 64,
};

/// Versions 2 and 3: before each symbol lies the type of its symbology.
const V2: Layout = Layout {
    input: 17,
    output: 89,
    symbol_bytes: 71,
    times: 160,
};

/// Bytes of a record of version 2 or 3; the older one is shorter, also with the time of sending
/// behind it.
const V2_BYTES: usize = 176;

/// What a symbol-mapping record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mapping<'a> {
    pub(crate) id: u32,
    /// The symbol that was asked for, such as `ES.v.0`.
    pub(crate) requested: &'a str,
    /// The symbol that it means, such as `ESM4`.
    pub(crate) resolved: &'a str,
    /// From when on it does.
    pub(crate) start_ns: Option<u64>,
    /// From when on no more.
    pub(crate) end_ns: Option<u64>,
}

impl<'a> Mapping<'a> {
    /// Takes the bytes of a record apart; `None` for another kind of record, and for one that is
    /// too short or whose symbols are not text.
    pub(crate) fn parse(record: &'a [u8]) -> Option<Self> {
        if record.get(1) != Some(&rtype::SYMBOL_MAPPING) {
            return None;
        }
        let layout = if record.len() < V2_BYTES { V1 } else { V2 };
        let symbol = |start: usize| {
            let bytes = record.get(start..start + layout.symbol_bytes)?;
            let end = bytes.iter().position(|byte| *byte == 0);
            std::str::from_utf8(&bytes[..end.unwrap_or(bytes.len())]).ok()
        };
        let number = |start: usize| record.get(start..)?.first_chunk().copied();
        let time = |start: usize| {
            let bytes = record.get(start..)?.first_chunk().copied()?;
            Some(u64::from_le_bytes(bytes)).filter(|ns| !matches!(*ns, 0 | UNDEF_TIMESTAMP))
        };
        Some(Self {
            id: u32::from_le_bytes(number(4)?),
            requested: symbol(layout.input)?,
            resolved: symbol(layout.output)?,
            start_ns: time(layout.times),
            end_ns: time(layout.times + 8),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::c_char;

    use dbn::{v1, v2, v3};

    use super::*;

    fn text<const N: usize>(text: &str) -> [c_char; N] {
        let mut bytes = [0; N];
        for (byte, letter) in bytes.iter_mut().zip(text.bytes()) {
            *byte = c_char::from_ne_bytes([letter]);
        }
        bytes
    }

    #[test]
    fn every_version_says_the_same() {
        macro_rules! check {
            ($message:ty) => {{
                let mut message = <$message>::default();
                message.hd.instrument_id = 5602;
                message.stype_in_symbol = text("ES.v.0");
                message.stype_out_symbol = text("ESM4");
                message.start_ts = 7;
                message.end_ts = u64::MAX;
                let bytes: &[u8] = message.as_ref();
                let expected = Mapping {
                    id: 5602,
                    requested: "ES.v.0",
                    resolved: "ESM4",
                    start_ns: Some(7),
                    end_ns: None,
                };
                assert_eq!(Mapping::parse(bytes), Some(expected));
                // With the time of sending behind it, and cut short.
                let sent = [bytes, &[1; 8]].concat();
                assert_eq!(Mapping::parse(&sent), Some(expected));
                assert_eq!(Mapping::parse(&bytes[..bytes.len() - 24]), None);
            }};
        }
        check!(v1::SymbolMappingMsg);
        check!(v2::SymbolMappingMsg);
        check!(v3::SymbolMappingMsg);
    }

    #[test]
    fn other_records_and_texts_that_are_none_map_nothing() {
        let message = v3::SymbolMappingMsg {
            stype_out_symbol: text("ESM4"),
            ..Default::default()
        };
        let mut bytes = message.as_ref().to_vec();
        bytes[89] = 0xFF;
        assert_eq!(Mapping::parse(&bytes), None);
        bytes[89] = b'E';
        bytes[1] = rtype::SYSTEM;
        assert_eq!(Mapping::parse(&bytes), None);
        assert_eq!(Mapping::parse(&[]), None);
    }
}
