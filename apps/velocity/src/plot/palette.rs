//! From a value to a colour.
//!
//! Fields of both signs go from blue over the dark of nothing to orange, alike to both sides of
//! zero; others from dark to bright. A few extreme values would leave the rest in the dark, so the
//! scale ends where one value in fifty lies beyond; where most of the rest is still small, it
//! follows the root.

use super::canvas::Colour;

/// How many of a hundred values that are not dark the scale holds.
pub(super) const HELD_PERCENT: usize = 98;

/// Colours by how far the value lies to the negative, to the positive end; zero first.
const COLD: [Colour; 5] = [
    [12, 14, 20],
    [16, 44, 92],
    [22, 94, 168],
    [64, 164, 224],
    [200, 240, 255],
];
const WARM: [Colour; 5] = [
    [12, 14, 20],
    [96, 32, 22],
    [186, 70, 22],
    [242, 148, 40],
    [255, 240, 190],
];

/// The scale of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Palette {
    low: f64,
    high: f64,
    /// The value that is dark: 0 where there are values on both sides of it, else an end.
    origin: f64,
    /// How far from there the scale reaches.
    span: f64,
    /// Colours follow the root of the distance, not the distance.
    is_rooted: bool,
}

impl Palette {
    /// Returns the scale of those values.
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        let least = values.iter().copied().reduce(f64::min).unwrap_or(0.0);
        let most = values.iter().copied().reduce(f64::max).unwrap_or(0.0);
        // One sign alone: from the end that is nearer to nothing, be that 0 or, as of nu, 1.
        let origin = match (least < 0.0, most > 0.0) {
            (true, true) => 0.0,
            (true, false) => most,
            (false, _) => least,
        };
        for value in &mut values {
            *value = (*value - origin).abs();
        }
        // Cells in which nothing happens say nothing about the scale.
        values.retain(|distance| *distance > 0.0);
        values.sort_unstable_by(f64::total_cmp);
        let held = values.get(values.len() * HELD_PERCENT / 100);
        let span = held.or(values.last()).copied().unwrap_or(1.0);
        let median = values.get(values.len() / 2).copied().unwrap_or(span);
        Self {
            low: if least < origin {
                origin - span
            } else {
                origin
            },
            high: if most > origin || least >= origin {
                origin + span
            } else {
                origin
            },
            origin,
            span,
            is_rooted: 4.0 * median < span,
        }
    }

    /// Returns the colour of a value.
    pub(super) fn colour(&self, value: f64) -> Colour {
        let share = (value - self.origin) / self.span;
        let ramp = if share < 0.0 { &COLD } else { &WARM };
        let strength = share.abs().min(1.0);
        blend(
            ramp,
            if self.is_rooted {
                strength.sqrt()
            } else {
                strength
            },
        )
    }

    /// Returns whether a value lies farther from the dark than another.
    pub(super) fn stands_out(&self, value: f64, other: f64) -> bool {
        (value - self.origin).abs() > (other - self.origin).abs()
    }

    /// Returns the value at a share of the way from the lower to the upper end, along the colours.
    pub(super) fn value_at(&self, share: f64) -> f64 {
        let place = self.low + share * (self.high - self.low);
        if self.is_rooted {
            let distance = (place - self.origin) / self.span;
            self.origin + distance * distance.abs() * self.span
        } else {
            place
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "colours between two colours lie between 0 and 255"
)]
fn blend(ramp: &[Colour; 5], strength: f64) -> Colour {
    let place = strength * 4.0;
    let lower = (place as usize).min(3);
    let (from, to) = (ramp[lower], ramp[lower + 1]);
    let share = place - lower as f64;
    std::array::from_fn(|channel| {
        let (from, to) = (f64::from(from[channel]), f64::from(to[channel]));
        (from + (to - from) * share).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_signs_are_alike_and_zero_is_dark() {
        let palette = Palette::of([-2.0, 0.0, 1.0].into_iter());
        assert_eq!((palette.low, palette.high), (-2.0, 2.0));
        assert_eq!(palette.colour(0.0), WARM[0]);
        assert_eq!(palette.colour(-2.0), COLD[4]);
        assert_eq!(palette.colour(7.0), WARM[4]);
        assert!((palette.value_at(0.5)).abs() < 1e-12);
    }

    #[test]
    fn one_sign_goes_from_its_least_to_its_most() {
        let palette = Palette::of([1.0, 3.0, 5.0].into_iter());
        assert_eq!((palette.low, palette.high), (1.0, 5.0));
        assert_eq!(palette.colour(1.0), WARM[0]);
        let palette = Palette::of([-3.0, 0.0].into_iter());
        assert_eq!((palette.low, palette.high), (-3.0, 0.0));
        assert_eq!(palette.colour(-3.0), COLD[4]);
    }

    #[test]
    fn small_values_are_seen_beside_large_ones() {
        let palette = Palette::of((1..=100).map(|n| f64::from(n).powi(4)));
        assert!(palette.is_rooted);
        let half = palette.value_at(0.5);
        assert_eq!(palette.colour(half), WARM[2]);
        assert!(half < palette.high / 3.0);
        assert!(!Palette::of((1..=100).map(f64::from)).is_rooted);
    }

    #[test]
    fn a_few_extremes_do_not_darken_the_rest() {
        let many = std::iter::repeat_n(1.0, 1_000);
        let palette = Palette::of(many.chain([-0.5, 1e6]));
        assert!(palette.high < 2.0);
    }

    #[test]
    fn nothing_at_all_has_a_scale() {
        for values in [vec![], vec![0.0, 0.0]] {
            let palette = Palette::of(values.into_iter());
            assert_eq!((palette.low, palette.high), (0.0, 1.0));
        }
    }
}
