//! The synthetic session, pinned: an accidental change of a single bit is seen here.
//!
//! A deliberate change of the generator changes this digest, in the same commit.

use sha2::{Digest, Sha256};
use vp_market::{Price, Side};
use vp_synth::{SynthConfig, SyntheticMarket};

const RECORDS: usize = 200_000;
const DIGEST: &str = "dbc14ffb5628b00b2e0b0e63ddebca38b80c3bf1527579d13b94ac25fc887e9f";

#[test]
fn the_default_session_has_not_changed() {
    let mut hasher = Sha256::new();
    for record in SyntheticMarket::new(&SynthConfig::default())
        .into_records()
        .take(RECORDS)
    {
        hasher.update(record.ts_event.to_le_bytes());
        hasher.update(record.order_id.to_le_bytes());
        hasher.update(Price::to_feed(record.price).to_le_bytes());
        hasher.update(record.size.to_le_bytes());
        hasher.update([record.action as u8]);
        hasher.update([record.side.map_or(b'N', |side: Side| side as u8)]);
        hasher.update([record.flags.0]);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let found = digest.map(|byte| format!("{byte:02x}")).concat();
    assert_eq!(
        found, DIGEST,
        "the first {RECORDS} records of MNQH6 with seed 7"
    );
}
