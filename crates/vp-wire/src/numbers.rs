//! Arrays of numbers: little-endian bytes in MessagePack, plain arrays in JSON.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::field::{DType, Float};

/// An array of numbers of one type, borrowed from their owner or owned.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the types")]
pub enum Numbers<'a> {
    U8(Cow<'a, [u8]>),
    U32(Cow<'a, [u32]>),
    U64(Cow<'a, [u64]>),
    I32(Cow<'a, [i32]>),
    I64(Cow<'a, [i64]>),
    F32(Cow<'a, [f32]>),
    F64(Cow<'a, [f64]>),
}

/// Evaluates the body with the slice of numbers, whatever their type.
macro_rules! with_slice {
    ($numbers:expr, $slice:ident => $body:expr) => {
        match $numbers {
            Numbers::U8($slice) => $body,
            Numbers::U32($slice) => $body,
            Numbers::U64($slice) => $body,
            Numbers::I32($slice) => $body,
            Numbers::I64($slice) => $body,
            Numbers::F32($slice) => $body,
            Numbers::F64($slice) => $body,
        }
    };
}

impl Numbers<'_> {
    /// Returns how many numbers there are.
    pub fn len(&self) -> usize {
        with_slice!(self, slice => slice.len())
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns their type.
    pub const fn dtype(&self) -> DType {
        match self {
            Self::U8(_) => DType::U8,
            Self::U32(_) => DType::U32,
            Self::U64(_) => DType::U64,
            Self::I32(_) => DType::I32,
            Self::I64(_) => DType::I64,
            Self::F32(_) => DType::F32,
            Self::F64(_) => DType::F64,
        }
    }

    /// Returns the number at `index` as a float, the nearest one for integers beyond 2⁵³.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the caller asks for a float to show"
    )]
    pub fn get_f64(&self, index: usize) -> Option<f64> {
        match self {
            Self::U8(slice) => slice.get(index).copied().map(f64::from),
            Self::U32(slice) => slice.get(index).copied().map(f64::from),
            Self::U64(slice) => slice.get(index).map(|&value| value as f64),
            Self::I32(slice) => slice.get(index).copied().map(f64::from),
            Self::I64(slice) => slice.get(index).map(|&value| value as f64),
            Self::F32(slice) => slice.get(index).copied().map(f64::from),
            Self::F64(slice) => slice.get(index).copied(),
        }
    }

    /// Returns whether these are the 64-bit floats that a viewer asked to have in 32 bits.
    #[inline]
    pub(super) const fn is_narrowed(&self, float: Float) -> bool {
        matches!((self, float), (Self::F64(_), Float::F32))
    }

    /// Writes the numbers, little-endian, to the front of `out`, and returns how many bytes they
    /// take. 64-bit floats are narrowed if asked for.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "30 of 240 ns a grid")]
    pub(super) fn write(&self, narrows: bool, out: &mut [u8]) -> usize {
        match self {
            Self::F64(slice) if narrows => write(slice, out, |value| narrowed(value).to_le_bytes()),
            Self::U8(slice) => write(slice, out, u8::to_le_bytes),
            Self::U32(slice) => write(slice, out, u32::to_le_bytes),
            Self::U64(slice) => write(slice, out, u64::to_le_bytes),
            Self::I32(slice) => write(slice, out, i32::to_le_bytes),
            Self::I64(slice) => write(slice, out, i64::to_le_bytes),
            Self::F32(slice) => write(slice, out, f32::to_le_bytes),
            Self::F64(slice) => write(slice, out, f64::to_le_bytes),
        }
    }

    /// Reads numbers of that type; `None` where the bytes are no whole number of them.
    pub(super) fn read(dtype: DType, bytes: &[u8]) -> Option<Numbers<'static>> {
        Some(match dtype {
            DType::U8 => Numbers::U8(read(bytes, u8::from_le_bytes)?),
            DType::U32 => Numbers::U32(read(bytes, u32::from_le_bytes)?),
            DType::U64 => Numbers::U64(read(bytes, u64::from_le_bytes)?),
            DType::I32 => Numbers::I32(read(bytes, i32::from_le_bytes)?),
            DType::I64 => Numbers::I64(read(bytes, i64::from_le_bytes)?),
            DType::F32 => Numbers::F32(read(bytes, f32::from_le_bytes)?),
            DType::F64 => Numbers::F64(read(bytes, f64::from_le_bytes)?),
        })
    }
}

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return with_slice!(self, slice => serializer.collect_seq(slice.iter()));
        }
        let mut bytes = vec![0; self.len() * self.dtype().size()];
        self.write(false, &mut bytes);
        serializer.serialize_bytes(&bytes)
    }
}

#[inline]
fn write<T: Copy, const N: usize>(
    values: &[T],
    out: &mut [u8],
    to_bytes: impl Fn(T) -> [u8; N],
) -> usize {
    let bytes = &mut out[..values.len() * N];
    for (place, &value) in bytes.as_chunks_mut().0.iter_mut().zip(values) {
        *place = to_bytes(value);
    }
    bytes.len()
}

fn read<T: Clone, const N: usize>(
    bytes: &[u8],
    from_bytes: impl Fn([u8; N]) -> T,
) -> Option<Cow<'static, [T]>> {
    let (chunks, rest) = bytes.as_chunks();
    rest.is_empty()
        .then(|| chunks.iter().map(|&chunk| from_bytes(chunk)).collect())
}

/// The nearest 32-bit float; the viewer asked for it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "half the bytes are the purpose"
)]
pub(super) const fn narrowed(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_whole_number_of_values_are_refused() {
        assert_eq!(Numbers::read(DType::I32, &[0; 7]), None);
        let found = Numbers::read(DType::I32, &[0xfe, 0xff, 0xff, 0xff]);
        assert_eq!(found, Some(Numbers::I32(vec![-2].into())));
    }

    #[test]
    fn floats_are_narrowed_only_when_asked_for() {
        let numbers = Numbers::F64(Cow::Borrowed(&[0.1]));
        let mut out = [0; 8];
        assert_eq!(numbers.write(true, &mut out), 4);
        assert_eq!(out[..4], 0.1f32.to_le_bytes());
        assert_eq!(numbers.write(false, &mut out), 8);
        assert_eq!(out, 0.1f64.to_le_bytes());
    }
}
