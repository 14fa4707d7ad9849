//! Any bytes as a server's messages: a client neither panics nor takes more memory than they do.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vp_wire::{Decoder, Float, ServerMessage, read_frame};

fuzz_target!(|bytes: &[u8]| {
    let (mut decoder, mut input, mut frame) = (Decoder::default(), bytes, Vec::new());
    while let Ok(true) = read_frame(&mut input, &mut frame) {
        let mut encoded = Vec::new();
        match decoder.decode(&frame) {
            Ok(ServerMessage::GridUpdate(grid)) => grid.encode(Float::F64, &mut encoded),
            Ok(ServerMessage::Batch(batch)) => encoded = batch.encode(),
            _ => continue,
        }
        decoder.decode(&encoded).expect("it was a message");
    }
});
