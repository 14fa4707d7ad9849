//! What the records of a whole file say of its instruments: their symbols, where mapping records
//! name them, and their publishers.
//!
//! Reading a file once more costs as much as replaying it, so this is done only where the metadata
//! do not answer.

use std::collections::{BTreeSet, HashMap};

use vp_market::SessionWindow;

use crate::mapping::Mapping;
use crate::symbols::Mappings;
use crate::{DbnReader, IngestError, Publishers, SymbolMap};

/// Instruments that a survey holds at most: more than any venue lists, in less than 100 MiB.
const MAX_INSTRUMENTS: usize = Mappings::MAX;

/// What the records of a file say of its instruments.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// What mapping records name.
    pub(crate) symbols: SymbolMap,
    /// Every instrument of an MBO record, with its publishers within the session; most have one.
    instruments: HashMap<u32, Publishers>,
    /// The instruments of the first records, in file order.
    first: Vec<u32>,
}

impl Survey {
    /// Reads a file to its end. Where it breaks, what comes before decides: the defect is reported
    /// when the session is read.
    ///
    /// # Errors
    /// [`IngestError::TooManyInstruments`] for a file with more of them than any venue lists.
    pub(crate) fn of(mut reader: DbnReader, window: SessionWindow) -> Result<Self, IngestError> {
        let mut found = Self::default();
        let (mut mappings, mut is_full) = (Mappings::default(), false);
        let mut last = None;
        loop {
            let more = reader.read_mbo(|message, bytes| match message {
                Some(message) => {
                    let id = message.hd.instrument_id;
                    let publisher = window
                        .contains(message.ts_recv)
                        .then_some(message.hd.publisher_id);
                    // Most records repeat the one before them.
                    if last != Some((id, publisher)) {
                        last = Some((id, publisher));
                        found.see(id, publisher);
                    }
                }
                None => {
                    if let Some(mapping) = Mapping::parse(bytes) {
                        is_full |= mappings.push(&mapping).is_err();
                    }
                }
            });
            if is_full || found.instruments.len() > MAX_INSTRUMENTS {
                return Err(IngestError::TooManyInstruments {
                    path: reader.path().into(),
                    limit: MAX_INSTRUMENTS,
                });
            }
            if !matches!(more, Ok(true)) {
                break;
            }
        }
        found.symbols = mappings.finish();
        Ok(found)
    }

    fn see(&mut self, id: u32, publisher: Option<u16>) {
        let publishers = self.instruments.entry(id).or_insert_with(|| {
            if self.first.len() < 2 {
                self.first.push(id);
            }
            Publishers::default()
        });
        if let Some(publisher) = publisher {
            publishers.insert(publisher);
        }
    }

    /// Returns the instrument of the MBO records, if all are of one; none where there is no record.
    ///
    /// # Errors
    /// The first two instruments, if there are several.
    pub(crate) fn only_instrument(&self) -> Result<BTreeSet<u32>, [u32; 2]> {
        match self.first[..] {
            [first, second, ..] => Err([first, second]),
            _ => Ok(self.first.iter().copied().collect()),
        }
    }

    /// Returns the instruments that have a record within the session, in order.
    pub(crate) fn instruments(&self) -> BTreeSet<u32> {
        let found = self.instruments.iter();
        found
            .filter(|(_, publishers)| !publishers.is_empty())
            .map(|(id, _)| *id)
            .collect()
    }

    /// Returns the publishers of instruments within the session.
    pub(crate) fn publishers_of(&self, ids: &BTreeSet<u32>) -> Publishers {
        let found = ids.iter().filter_map(|id| self.instruments.get(id));
        found.flat_map(Publishers::iter).collect()
    }
}
