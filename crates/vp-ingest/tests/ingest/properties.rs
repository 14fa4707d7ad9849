//! What must hold for any file.

use std::io::{self, Read};
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use vp_ingest::{DbnReader, Inspection};

use crate::dbn_file::{DbnFile, Folder, Mbo, NOON, read_bytes};

/// Gives its bytes in pieces of the given sizes, over and over.
struct Pieces {
    bytes: Vec<u8>,
    position: usize,
    sizes: Vec<usize>,
    turn: usize,
}

impl Read for Pieces {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()];
        self.turn += 1;
        let rest = &self.bytes[self.position..];
        let count = size.min(rest.len()).min(space.len());
        space[..count].copy_from_slice(&rest[..count]);
        self.position += count;
        Ok(count)
    }
}

/// The instrument ids and times of a stream's records, and the message of its defect.
fn read_pieces(bytes: &[u8], sizes: &[usize]) -> (Vec<(u32, u64)>, Option<String>) {
    let pieces = Pieces {
        bytes: bytes.to_vec(),
        position: 0,
        sizes: sizes.to_vec(),
        turn: 0,
    };
    let mut records = Vec::new();
    let mut reader = match DbnReader::from_input(Path::new("x"), Box::new(pieces)) {
        Ok(reader) => reader,
        Err(error) => return (records, Some(error.to_string())),
    };
    loop {
        match reader.read(|record| {
            let header = record.header();
            records.push((header.instrument_id, header.ts_event));
        }) {
            Ok(true) => {}
            Ok(false) => return (records, None),
            Err(error) => return (records, Some(error.to_string())),
        }
    }
}

fn any_record() -> impl Strategy<Value = Mbo> {
    let letters = prop::sample::select(b"AACCMRTFNx".to_vec());
    (0..64u64, letters, any::<u8>(), 0..3u32).prop_map(|(id, action, flags, offset)| Mbo {
        action,
        flags,
        instrument_id: 16 + offset,
        ts_event: NOON + id,
        ..Mbo::add(id)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn how_the_bytes_are_cut_does_not_matter(
        records in vec(any_record(), 0..400),
        sizes in vec(1..5000usize, 1..8),
        cut in 0..200usize,
        is_compressed in any::<bool>(),
    ) {
        let file = DbnFile::new().with(records);
        let mut bytes = if is_compressed { file.compressed() } else { file.bytes() };
        bytes.truncate(bytes.len() - cut.min(bytes.len()));
        prop_assert_eq!(read_pieces(&bytes, &sizes), read_pieces(&bytes, &[usize::MAX]));
    }

    #[test]
    fn every_record_of_a_file_is_counted_once(records in vec(any_record(), 0..3000)) {
        let folder = Folder::new();
        let count = records.len() as u64;
        let outcome = read_bytes(&folder, "a.dbn", &DbnFile::new().with(records).bytes());
        let found = outcome.counters;
        let skipped = found.other_rtypes + found.other_instruments + found.outside_window;
        prop_assert_eq!(found.records, count);
        prop_assert_eq!(found.delivered + skipped, count);
        prop_assert_eq!(found.delivered, outcome.records.len() as u64);
    }

    #[test]
    fn a_damaged_file_never_panics(
        records in vec(any_record(), 0..100),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        is_compressed in any::<bool>(),
    ) {
        let folder = Folder::new();
        let file = DbnFile::new().with(records);
        let mut bytes = if is_compressed { file.compressed() } else { file.bytes() };
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let outcome = read_bytes(&folder, "a.dbn", &bytes);
        prop_assert!(outcome.records.len() <= 100 || outcome.error.is_none());
        if let Ok(found) = Inspection::of(&folder.path().join("a.dbn")) {
            prop_assert!(found.records >= outcome.records.len() as u64);
        }
    }
}
