//! Where the grid stands: which absolute buckets the rows −K … +K are, and which prices they hold.

use core::ops::{Range, RangeInclusive};

use vp_market::{Price, TickSize};

/// The position of a grid over the price axis.
///
/// Buckets are numbered absolutely: bucket b holds the prices nearest to b bucket widths, halves
/// up. Numbers that no `i64` can hold belong to no price, and to no bucket of the frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) bucket_size: TickSize,
    pub(crate) half_width: u32,
    /// The bucket at k = 0; `None` before both sides were first present.
    pub(crate) spot: Option<i64>,
}

impl Frame {
    /// Returns the bucket nearest to the mid, halves up:
    /// `floor((bid + ask + tick) / (2·tick))`.
    pub(crate) fn spot_between(&self, bid: Price, ask: Price) -> i64 {
        let tick = i128::from(self.bucket_size.nanos());
        let doubled = i128::from(bid.nanos()) + i128::from(ask.nanos()) + tick;
        i64::try_from(doubled.div_euclid(2 * tick)).expect("a mid of prices is within their range")
    }

    /// Puts the spot at a bucket and returns the rows that hold buckets which were not in the frame
    /// before.
    pub(crate) fn move_to(&mut self, spot: i64) -> Range<i32> {
        let rows = self.rows();
        let (first, end) = (*rows.start(), *rows.end() + 1);
        let shift = self
            .spot
            .replace(spot)
            .and_then(|old| spot.checked_sub(old));
        match shift.and_then(|shift| i32::try_from(shift).ok()) {
            Some(up @ 0..) => end.saturating_sub(up).max(first)..end,
            Some(down) => first..first.saturating_sub(down).min(end),
            None => first..end,
        }
    }

    /// Returns the spot if every row of the frame holds a bucket.
    #[inline]
    pub(crate) fn whole(&self) -> Option<i64> {
        let half = i64::from(self.half_width);
        let fits =
            |spot: &i64| spot.checked_sub(half).is_some() && spot.checked_add(half).is_some();
        self.spot.filter(fits)
    }

    /// Returns the absolute number of row `k`.
    #[inline]
    pub(crate) fn bucket(&self, k: i32) -> Option<i64> {
        if k.unsigned_abs() > self.half_width {
            return None;
        }
        self.spot?.checked_add(i64::from(k))
    }

    /// Returns the row of a bucket, if it is in the frame.
    #[inline]
    pub(crate) fn k(&self, bucket: i64) -> Option<i32> {
        let distance = bucket.checked_sub(self.spot?)?;
        if distance.unsigned_abs() > u64::from(self.half_width) {
            return None;
        }
        i32::try_from(distance).ok()
    }

    /// Returns the rows, lowest price first.
    pub(crate) fn rows(&self) -> RangeInclusive<i32> {
        let half = i32::try_from(self.half_width).expect("checked by the configuration");
        -half..=half
    }

    /// Returns the absolute numbers of the rows that exist as such.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = i64> + use<> {
        let frame = *self;
        self.rows().filter_map(move |k| frame.bucket(k))
    }

    /// Returns the lowest and the highest price of a bucket.
    pub(crate) fn prices(&self, bucket: i64) -> Option<(Price, Price)> {
        let tick = i128::from(self.bucket_size.nanos());
        // The least p with 2·p + tick ≥ 2·tick·b, in integers.
        let first = |bucket: i128| (2 * tick * bucket - tick + 1).div_euclid(2);
        let lowest = first(i128::from(bucket)).max(i128::from(i64::MIN));
        let highest = (first(i128::from(bucket) + 1) - 1).min(i128::from(i64::MAX - 1));
        if lowest > highest {
            return None;
        }
        let price = |nanos: i128| i64::try_from(nanos).ok().and_then(Price::from_nanos);
        price(lowest).zip(price(highest))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(tick: i64, spot: Option<i64>) -> Frame {
        Frame {
            bucket_size: TickSize::from_nanos(tick).unwrap(),
            half_width: 50,
            spot,
        }
    }

    proptest! {
        #[test]
        fn a_price_lies_between_the_ends_of_its_bucket(
            tick in prop_oneof![1..10i64, 1..2_000_000_000i64, 1..i64::MAX],
            nanos in prop_oneof![-100..100i64, i64::MIN..i64::MAX],
        ) {
            let frame = frame(tick, None);
            let price = Price::from_nanos(nanos).unwrap();
            let bucket = frame.bucket_size.nearest(price);
            let (lowest, highest) = frame.prices(bucket).unwrap();
            prop_assert!(lowest <= price && price <= highest);
            prop_assert_eq!(frame.bucket_size.nearest(lowest), bucket);
            prop_assert_eq!(frame.bucket_size.nearest(highest), bucket);
        }

        #[test]
        fn rows_and_buckets_are_inverse(spot in any::<i64>(), k in -60..60i32) {
            let frame = frame(1, Some(spot));
            match frame.bucket(k) {
                Some(bucket) => prop_assert_eq!(frame.k(bucket), Some(k)),
                None => prop_assert!(k.abs() > 50 || spot.checked_add(i64::from(k)).is_none()),
            }
        }
    }

    proptest! {
        #[test]
        fn rows_that_enter_hold_buckets_that_were_not_there(
            old in any::<Option<i64>>(), spot in any::<i64>(), near in -120..120i64, is_near in any::<bool>(),
        ) {
            let spot = if is_near { old.unwrap_or(0).saturating_add(near) } else { spot };
            let before = frame(1, old);
            let mut after = before;
            let entered = after.move_to(spot);
            for k in after.rows() {
                let Some(bucket) = after.bucket(k) else { continue };
                prop_assert_eq!(entered.contains(&k), before.k(bucket).is_none());
            }
        }
    }

    #[test]
    fn the_mid_rounds_half_up() {
        let price = |nanos| Price::from_nanos(nanos).unwrap();
        let frame = frame(10, None);
        assert_eq!(frame.spot_between(price(100), price(110)), 11);
        assert_eq!(frame.spot_between(price(-110), price(-100)), -10);
        assert_eq!(frame.spot_between(price(i64::MIN), price(i64::MAX - 1)), 0);
    }
}
