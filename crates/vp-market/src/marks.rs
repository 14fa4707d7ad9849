//! From which size on something stands out.

/// The thresholds of the marks that `vp-tape` sets.
///
/// # Units
/// Contracts or shares, but for ticks and prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MarkThresholds {
    /// The trades of one side in one event.
    pub large_trade: u64,
    /// A resting order.
    pub large_order: u64,
    /// What is filled at a best level.
    pub absorbed: u64,
    /// What is filled of an order that refills itself.
    pub iceberg: u64,
    /// How far from its side's best an order still counts, in ticks.
    pub near_ticks: u64,
    /// At how many prices one aggressor trades in a sweep.
    pub sweep_levels: u32,
}

impl MarkThresholds {
    /// Those of a future about which nothing else is known.
    pub const OF_FUTURES: Self = Self::of_size(50);

    /// Returns the thresholds that follow from a size: four times that for `absorbed`, a tenth, rounded
    /// up, for `iceberg`; orders within 20 ticks, sweeps of 3 prices.
    pub const fn of_size(size: u64) -> Self {
        Self {
            large_trade: size,
            large_order: size,
            absorbed: 4 * size,
            iceberg: size.div_ceil(10),
            near_ticks: 20,
            sweep_levels: 3,
        }
    }
}
