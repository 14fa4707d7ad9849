//! Any bytes as the fields of order records: the session's rules hold for what is delivered.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use tempfile::NamedTempFile;
use vp_ingest::{Input, SessionSpec, Source};
use vp_market::{ProductTable, ProductType};

/// The shortest head of a version 3 file without mappings: dataset, no schema, no limits, nothing.
fn head() -> Vec<u8> {
    let mut metadata = vec![0; 100];
    metadata[..9].copy_from_slice(b"GLBX.MDP3");
    metadata[16..18].fill(0xFF);
    metadata[42] = 1;
    metadata[45] = 71;
    // Lengths of the schema definition and of the four lists of symbols.
    metadata.extend([0; 20]);
    let length = u32::try_from(metadata.len()).expect("a hundred bytes and some");
    [b"DBN\x03".to_vec(), length.to_le_bytes().to_vec(), metadata].concat()
}

thread_local! {
    static FILE: RefCell<NamedTempFile> =
        RefCell::new(NamedTempFile::new().expect("a temporary file"));
}

fuzz_target!(|bytes: &[u8]| {
    FILE.with_borrow_mut(|file| {
        let mut contents = head();
        for fields in bytes.chunks(48) {
            contents.extend([14, 0xA0, 1, 0, 17, 0, 0, 0]);
            contents.extend(fields);
        }
        std::fs::write(file.path(), contents).expect("the file can be written");
        let instrument = ProductTable::embedded().instrument(ProductType::FutureMbo, "ESH4");
        let opened = Source::open(SessionSpec {
            input: Input::File(file.path().into()),
            instrument: instrument.expect("ES is a root"),
            date: "2023-12-25".parse().expect("a date"),
            instrument_id: Some(17),
            publisher: None,
        });
        let Ok(mut source) = opened else { return };
        let (mut batch, mut delivered) = (Vec::new(), 0);
        while let Ok(true) = source.next_batch(&mut batch) {
            for record in &batch {
                // A snapshot has the time at which it was received, by which records are chosen.
                let is_inside = source.window().contains(record.ts_event);
                assert!(is_inside || !record.is_snapshot(), "{record:?}");
            }
            delivered += batch.len() as u64;
        }
        assert_eq!(source.counters().delivered, delivered);
    });
});
