//! The positions of the marks of an axis: at round numbers, as many as there is room for.

/// Seconds between two marks of a time axis.
const SECONDS: [i64; 12] = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200];

/// Returns multiples of the least round step that leaves at most `most` of them in `low..=high`.
pub(super) fn marks(low: i64, high: i64, most: i64, steps: impl Iterator<Item = i64>) -> Vec<i64> {
    let span = high.saturating_sub(low);
    let Some(step) = steps.into_iter().find(|step| span / step < most) else {
        return Vec::new();
    };
    let first = low
        .div_euclid(step)
        .saturating_add(i64::from(low.rem_euclid(step) > 0));
    (first..)
        .map_while(|count| count.checked_mul(step).filter(|mark| *mark <= high))
        .collect()
}

/// Returns the steps of an axis of prices: the tick, then 1, 2 and 5 times the powers of ten of
/// which it is a whole part.
pub(super) fn price_steps(tick: i64) -> impl Iterator<Item = i64> {
    let powers = (0..).map_while(|power| 10_i64.checked_pow(power));
    let round = powers.flat_map(|power| [1, 2, 5].map(|digit| power.saturating_mul(digit)));
    let whole = round.filter(move |step| *step > tick && step % tick == 0);
    std::iter::once(tick).chain(whole)
}

/// Returns the steps of an axis of times, in nanoseconds: up to two hours.
pub(super) fn time_steps() -> impl Iterator<Item = i64> {
    SECONDS.into_iter().map(|seconds| seconds * 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_at_round_numbers_within_the_axis() {
        assert_eq!(marks(3, 27, 5, price_steps(1)), [5, 10, 15, 20, 25]);
        assert_eq!(marks(3, 27, 4, price_steps(1)), [10, 20]);
        assert_eq!(marks(-7, 7, 4, price_steps(1)), [-5, 0, 5]);
        assert_eq!(marks(0, 0, 4, price_steps(5)), [0]);
    }

    #[test]
    fn an_axis_of_prices_has_round_numbers_that_are_prices() {
        let found: Vec<_> = price_steps(25).take(5).collect();
        assert_eq!(found, [25, 50, 100, 200, 500]);
    }

    #[test]
    fn an_axis_at_the_end_of_all_numbers_breaks_nothing() {
        let marks = marks(i64::MIN, i64::MAX, 3, price_steps(1));
        assert!(marks.len() < 5);
    }
}
