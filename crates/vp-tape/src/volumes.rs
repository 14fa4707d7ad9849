//! Volume, delta, VWAP and the profile of a session, in integers.

use std::collections::BTreeMap;

use vp_market::{Action, Aggressor, Price, Record};

/// Volume at one price, by aggressor.
///
/// # Units
/// Contracts or shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PriceVolume {
    /// Bought by aggressors.
    pub bought: u64,
    /// Sold by aggressors.
    pub sold: u64,
    /// Without a known aggressor, as in an auction.
    pub unknown: u64,
}

impl PriceVolume {
    /// Returns all of it.
    pub const fn total(self) -> u64 {
        self.bought + self.sold + self.unknown
    }
}

/// The volume-weighted average price, as a fraction that is not reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vwap {
    /// Σ price · size, prices in units of 1e-9.
    pub numerator: i128,
    /// Σ size; never zero.
    pub denominator: u64,
}

impl Vwap {
    /// Returns the price in currency units.
    #[expect(clippy::cast_precision_loss, reason = "a value to be shown")]
    pub fn value(self) -> f64 {
        self.numerator as f64 / self.denominator as f64 / 1e9
    }
}

/// The prices around the point of control that hold at least 70 % of the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueArea {
    /// The lowest price.
    pub low: Price,
    /// The highest price.
    pub high: Price,
}

/// The trades of a session, summed. A clear of the book does not reset them.
#[derive(Clone, Debug, Default)]
pub struct Volumes {
    trades: u64,
    sum: PriceVolume,
    numerator: i128,
    by_price: BTreeMap<Price, PriceVolume>,
}

impl Volumes {
    /// Returns the sums before the first trade.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record if it is a trade with a price and a size, and not of a snapshot; returns whether
    /// it is.
    #[inline]
    pub fn apply(&mut self, record: &Record) -> bool {
        let Some(price) = trade_price(record) else {
            return false;
        };
        let size = u64::from(record.size);
        self.trades += 1;
        self.numerator += i128::from(price.nanos()) * i128::from(size);
        let at_price = self.by_price.entry(price).or_default();
        for volume in [&mut self.sum, at_price] {
            match record.aggressor() {
                Some(Aggressor::Buyer) => volume.bought += size,
                Some(Aggressor::Seller) => volume.sold += size,
                None => volume.unknown += size,
            }
        }
        true
    }

    /// Returns how many trades there were.
    pub const fn trades(&self) -> u64 {
        self.trades
    }

    /// Returns the volume of all prices.
    pub const fn sum(&self) -> PriceVolume {
        self.sum
    }

    /// Returns the cumulative delta: bought less sold.
    pub fn delta(&self) -> i128 {
        i128::from(self.sum.bought) - i128::from(self.sum.sold)
    }

    /// Returns the volume-weighted average price, once there was a trade.
    pub fn vwap(&self) -> Option<Vwap> {
        (self.sum.total() > 0).then(|| Vwap {
            numerator: self.numerator,
            denominator: self.sum.total(),
        })
    }

    /// Returns the volume at every price that traded, lowest first.
    pub fn profile(&self) -> impl DoubleEndedIterator<Item = (Price, PriceVolume)> + '_ {
        self.by_price
            .iter()
            .map(|(price, volume)| (*price, *volume))
    }

    /// Returns the price with most volume: of several the one nearest to the VWAP, then the lower.
    pub fn point_of_control(&self) -> Option<Price> {
        let vwap = self.vwap()?;
        // |price − VWAP|, times the denominator, so that it stays an integer.
        let distance = |price: Price| {
            (i128::from(price.nanos()) * i128::from(vwap.denominator) - vwap.numerator).abs()
        };
        let ranked = self.profile().map(|(price, volume)| {
            let rank = (std::cmp::Reverse(volume.total()), distance(price), price);
            (rank, price)
        });
        ranked.min().map(|(_, price)| price)
    }

    /// Returns the value area: from the point of control outwards, the heavier of the next prices with
    /// volume on either side each time (the lower one if equal), until 70 % of the volume is inside.
    pub fn value_area(&self) -> Option<ValueArea> {
        let control = self.point_of_control()?;
        let enough = u128::from(self.sum.total()) * 7;
        let mut inside = u128::from(self.by_price[&control].total());
        let mut below = self.by_price.range(..control).rev().peekable();
        let mut above = self.by_price.range(control..).skip(1).peekable();
        let mut area = ValueArea {
            low: control,
            high: control,
        };
        while inside * 10 < enough {
            let next = |side: Option<&(&Price, &PriceVolume)>| side.map(|(_, of)| of.total());
            let takes_lower = match (next(below.peek()), next(above.peek())) {
                (None, None) => break,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (Some(lower), Some(upper)) => lower >= upper,
            };
            let side: &mut dyn Iterator<Item = (&Price, &PriceVolume)> =
                if takes_lower { &mut below } else { &mut above };
            let Some((price, volume)) = side.next() else {
                break;
            };
            inside += u128::from(volume.total());
            if takes_lower {
                area.low = *price;
            } else {
                area.high = *price;
            }
        }
        Some(area)
    }
}

/// Returns the price of a trade that counts.
pub(crate) fn trade_price(record: &Record) -> Option<Price> {
    let is_trade = record.action == Action::Trade && record.size > 0 && !record.is_snapshot();
    record.price.filter(|_| is_trade)
}
