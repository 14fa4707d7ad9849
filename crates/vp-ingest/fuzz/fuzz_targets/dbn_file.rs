//! Any bytes as a DBN file: opening, reading and inspecting them never panics.

#![no_main]

use std::io::Cursor;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use vp_ingest::{DbnReader, Inspection};

fuzz_target!(|bytes: &[u8]| {
    let input = Box::new(Cursor::new(bytes.to_vec()));
    if let Ok(reader) = DbnReader::from_input(Path::new("fuzz"), input) {
        let found = Inspection::of_reader(reader);
        let named: u64 = found.by_rtype.values().sum();
        assert_eq!(named, found.records);
    }
});
