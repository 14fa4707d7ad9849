//! Numbers as people read them.

use std::fmt;

/// Writes a count with a comma between thousands.
#[derive(Clone, Copy, Debug)]
pub struct Count(
    /// The count.
    pub u64,
);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::with_capacity(digits.len() * 4 / 3);
        for (place, digit) in digits.char_indices() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

/// Writes a number of bytes in the unit that suits it.
#[derive(Clone, Copy, Debug)]
pub struct Bytes(
    /// The number.
    pub u64,
);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut unit = "B";
        // Tenths of the unit, rounded up.
        let mut tenths = u128::from(self.0) * 10;
        for larger in ["kB", "MB", "GB", "TB", "PB"] {
            if tenths < 10_000 {
                break;
            }
            tenths = tenths.div_ceil(1_000);
            unit = larger;
        }
        let text = if unit == "B" {
            format!("{} B", self.0)
        } else {
            format!("{}.{} {unit}", tenths / 10, tenths % 10)
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let texts = [0, 7, 999, 1000, 68_792, 1_375_860].map(|n| Count(n).to_string());
        assert_eq!(texts, ["0", "7", "999", "1,000", "68,792", "1,375,860"]);
    }

    #[test]
    fn bytes_are_written_in_the_unit_that_suits_them() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_234_567, "1.3 MB"),
            (5_000_000_000, "5.0 GB"),
            (u64::MAX, "18446.8 PB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }
}
