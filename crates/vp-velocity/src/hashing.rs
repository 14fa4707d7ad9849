//! A hash of integers that costs one multiplication, the same in every run.
//!
//! Only for look-up by integers that a venue hands out; nothing is iterated into output.

use std::hash::{BuildHasher, Hasher};

/// Builds [`Fold`]s.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Folded;

/// The hash so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fold(u64);

impl BuildHasher for Folded {
    type Hasher = Fold;

    #[inline]
    fn build_hasher(&self) -> Fold {
        Fold(0)
    }
}

impl Hasher for Fold {
    #[inline]
    fn write_u64(&mut self, value: u64) {
        // 2^64 divided by the golden ratio; both halves of the product, so that every bit of the
        // value reaches every bit of the hash that a table looks at.
        let product = u128::from(self.0 ^ value) * 0x9E37_79B9_7F4A_7C15;
        #[expect(clippy::cast_possible_truncation, reason = "the halves are folded")]
        let folded = (product as u64) ^ ((product >> 64) as u64);
        self.0 = folded;
    }

    #[inline]
    fn write_i64(&mut self, value: i64) {
        self.write_u64(value.cast_unsigned());
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u8(byte);
        }
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
