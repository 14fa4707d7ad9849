//! What reading the bytes alone costs: dbn, record by record, without the upgrade of old versions.

use std::hint::black_box;

use dbn::MboMsg;
use dbn::decode::{DbnDecoder, DecodeRecord};
use dbn::enums::VersionUpgradePolicy;

/// Decodes a whole file that lies in memory.
pub(crate) fn all(dbn: &[u8]) {
    let mut decoder = DbnDecoder::with_upgrade_policy(dbn, VersionUpgradePolicy::AsIs)
        .expect("it has been read before");
    while let Some(message) = decoder
        .decode_record::<MboMsg>()
        .expect("it has been read before")
    {
        black_box(message);
    }
}
