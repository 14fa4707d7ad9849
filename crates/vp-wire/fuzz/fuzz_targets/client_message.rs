//! Any bytes as a client's message: reading them never panics, and what is read can be said again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vp_wire::ClientMessage;

fuzz_target!(|bytes: &[u8]| {
    let read = [
        ClientMessage::from_message_pack(bytes).ok(),
        std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| ClientMessage::from_json(text).ok()),
    ];
    for message in read.into_iter().flatten() {
        let again = ClientMessage::from_message_pack(&message.encode()).expect("it was a message");
        // Compared as bytes: a speed may be no number.
        assert_eq!(again.encode(), message.encode());
    }
});
