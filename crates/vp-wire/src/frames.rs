//! Frames in a file: each behind its length, a u32, little-endian.

use std::io::{ErrorKind, Read, Write};

/// No frame is longer than this; a longer length is no frame file.
const MAX_FRAME: u32 = 64 << 20;

/// A frame file that cannot be read or written any further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The file ends within a frame.
    #[error("the file ends within a frame")]
    Truncated,
    /// A length beyond any frame's.
    #[error("a frame of {length} bytes is longer than {MAX_FRAME}, so this is no file of frames")]
    TooLong {
        /// The length.
        length: u64,
    },
    /// The file cannot be read or written.
    #[error("cannot read or write a file of frames")]
    Io(#[from] std::io::Error),
}

/// Appends a frame.
///
/// # Errors
/// [`FrameError`] if the frame is too long or the file does not take it.
pub fn write_frame(out: &mut impl Write, frame: &[u8]) -> Result<(), FrameError> {
    let length = u32::try_from(frame.len()).ok();
    let Some(length) = length.filter(|length| *length <= MAX_FRAME) else {
        return Err(FrameError::TooLong {
            length: frame.len() as u64,
        });
    };
    out.write_all(&length.to_le_bytes())?;
    out.write_all(frame)?;
    Ok(())
}

/// Reads the next frame in place of what `frame` holds; returns whether there was one.
///
/// # Errors
/// [`FrameError`] if the file is cut short, or does not hold frames.
pub fn read_frame(input: &mut impl Read, frame: &mut Vec<u8>) -> Result<bool, FrameError> {
    frame.clear();
    let mut length = [0; 4];
    let (first, others) = length.split_at_mut(1);
    loop {
        match input.read(first) {
            Ok(0) => return Ok(false),
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    input.read_exact(others).map_err(cut_short)?;
    let length = u32::from_le_bytes(length);
    if length > MAX_FRAME {
        return Err(FrameError::TooLong {
            length: length.into(),
        });
    }
    // Read as far as the file goes: a length alone does not make memory grow.
    let read = input.take(length.into()).read_to_end(frame)?;
    if read < length as usize {
        return Err(FrameError::Truncated);
    }
    Ok(true)
}

fn cut_short(error: std::io::Error) -> FrameError {
    if error.kind() == ErrorKind::UnexpectedEof {
        FrameError::Truncated
    } else {
        error.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_in_order() {
        let mut file = Vec::new();
        for frame in [&b"one"[..], b"", b"three"] {
            write_frame(&mut file, frame).unwrap();
        }
        assert_eq!(file[..7], *b"\x03\0\0\0one");
        let (mut input, mut frame, mut found) = (&file[..], Vec::new(), Vec::new());
        while read_frame(&mut input, &mut frame).unwrap() {
            found.push(frame.clone());
        }
        assert_eq!(found, [&b"one"[..], b"", b"three"]);
    }

    #[test]
    fn a_file_cut_anywhere_within_a_frame_says_so() {
        let mut file = Vec::new();
        write_frame(&mut file, b"frame").unwrap();
        for cut in 1..file.len() {
            let error = read_frame(&mut &file[..cut], &mut Vec::new());
            assert!(matches!(error, Err(FrameError::Truncated)), "{cut}");
        }
    }

    #[test]
    fn a_length_beyond_reason_is_refused_without_memory() {
        let error = read_frame(&mut &[0xff; 8][..], &mut Vec::new());
        assert!(matches!(error, Err(FrameError::TooLong { .. })));
    }
}
