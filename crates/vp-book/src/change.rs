//! What one record did to the depth, attributed: every unit that appears is an add, every unit
//! that disappears is a pull or a fill, never both.

use vp_market::{Price, Side};

/// The flow of one record at one price level.
///
/// `depth_after = depth_before + add − pull − fill`, exactly.
///
/// # Units
/// Contracts or shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelFlow {
    /// The side on which the order rests or rested.
    pub side: Side,
    /// The price level.
    pub price: Price,
    /// Size that appeared.
    pub add: u32,
    /// Size that its owner took away.
    pub pull: u32,
    /// Size that was traded away.
    pub fill: u32,
}

/// What one record did to the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing: a trade, a fill (its reduction arrives as a cancel or modify), or a record that
    /// was ignored.
    Nothing,
    /// One price level was touched, perhaps without a change of depth.
    Touched(LevelFlow),
    /// An order moved to another price or side.
    Moved {
        /// What left the old price.
        from: LevelFlow,
        /// What arrived at the new price.
        to: LevelFlow,
    },
    /// The book was cleared, or a record of a snapshot was taken in: depth without flow.
    Rebuilt,
}

impl Change {
    /// Returns the flow at each touched level: none, one, or the old level and the new.
    pub fn flows(&self) -> impl Iterator<Item = LevelFlow> + use<> {
        let (first, second) = match *self {
            Self::Nothing | Self::Rebuilt => (None, None),
            Self::Touched(flow) => (Some(flow), None),
            Self::Moved { from, to } => (Some(from), Some(to)),
        };
        first.into_iter().chain(second)
    }
}
