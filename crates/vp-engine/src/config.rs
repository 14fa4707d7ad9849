//! What a grid looks like: its bucket, its width. Checked once, here.

use core::fmt;

use vp_market::TickSize;

/// The widest half that a grid may have: four million buckets are some 700 MB of state.
const MAX_HALF_WIDTH: u32 = 1 << 21;

/// The shape of a grid.
///
/// # Examples
/// ```
/// use vp_engine::{GridConfig, TickSize};
///
/// // Equities: cents in the book, half-dollar buckets in the grid.
/// let cent = TickSize::from_nanos(10_000_000)?;
/// let bucket = TickSize::from_nanos(500_000_000)?;
/// let config = GridConfig::new(bucket).with_price_tick(cent).with_half_width(20)?;
/// assert_eq!(config.rows(), 41);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridConfig {
    bucket: TickSize,
    price_tick: TickSize,
    half_width: u32,
}

/// A half width that no grid can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridConfigError {
    /// The refused half width.
    pub half_width: u32,
}

impl fmt::Display for GridConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the half width of a grid must be from 1 to {MAX_HALF_WIDTH} buckets, found {}",
            self.half_width
        )
    }
}

impl core::error::Error for GridConfigError {}

impl GridConfig {
    /// The half width of the grids that the apps show: 101 buckets.
    pub const DEFAULT_HALF_WIDTH: u32 = 50;

    /// Returns the default shape with buckets of that width: K = 50, prices one to a bucket.
    pub const fn new(bucket: TickSize) -> Self {
        Self {
            bucket,
            price_tick: bucket,
            half_width: Self::DEFAULT_HALF_WIDTH,
        }
    }

    /// Sets K: the grid has buckets −K to +K.
    ///
    /// # Errors
    /// [`GridConfigError`] if `half_width` is 0 or exceeds `MAX_HALF_WIDTH`.
    pub const fn with_half_width(self, half_width: u32) -> Result<Self, GridConfigError> {
        if half_width == 0 || half_width > MAX_HALF_WIDTH {
            return Err(GridConfigError { half_width });
        }
        Ok(Self { half_width, ..self })
    }

    /// Sets the increment of prices where it is finer than the bucket. It makes the book fast at
    /// those prices and changes no result.
    #[must_use]
    pub const fn with_price_tick(self, price_tick: TickSize) -> Self {
        Self { price_tick, ..self }
    }

    /// Returns the width of a bucket.
    pub const fn bucket(&self) -> TickSize {
        self.bucket
    }

    /// Returns the increment of prices.
    pub const fn price_tick(&self) -> TickSize {
        self.price_tick
    }

    /// Returns K.
    pub const fn half_width(&self) -> u32 {
        self.half_width
    }

    /// Returns the number of buckets, 2K+1.
    pub const fn rows(&self) -> usize {
        2 * self.half_width as usize + 1
    }
}
