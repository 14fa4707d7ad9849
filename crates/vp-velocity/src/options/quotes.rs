//! An equity option: the best bid and ask of all venues together, which is all that is seen of it.

use vp_market::{Price, Side, TickSize};

use super::flows::{InstrumentWindow, LevelFlows};
use super::silver::{OptionInstrument, WindowSpan};

/// The best price of one side, and the size there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The price.
    pub price: Price,
    /// The size, in contracts.
    pub size: u32,
}

/// One instrument's best quotes, bid and ask, with what happened to them in the current window.
///
/// A new quote at the same price adds or pulls the difference, one at another price pulls all of
/// the old and adds all of the new. Fills cannot be told from pulls, and rest cannot be seen.
#[derive(Clone, Debug, Default)]
pub struct OptionQuote {
    quotes: [Option<Quote>; 2],
    flows: LevelFlows,
}

impl OptionInstrument for OptionQuote {
    type Input = [Option<Quote>; 2];

    fn new(_: TickSize) -> Self {
        Self::default()
    }

    fn apply(&mut self, quotes: &[Option<Quote>; 2], _: u64, span: WindowSpan) {
        let old = std::mem::replace(&mut self.quotes, *quotes);
        if !span.has_begun {
            return;
        }
        for (side, (old, new)) in Side::BOTH.into_iter().zip(old.into_iter().zip(*quotes)) {
            match (old, new) {
                (Some(old), Some(new)) if old.price == new.price => {
                    let add = new.size.saturating_sub(old.size);
                    let pull = old.size.saturating_sub(new.size);
                    self.flows.note(side, new.price, add, pull, 0);
                }
                _ => {
                    if let Some(old) = old {
                        self.flows.note(side, old.price, 0, old.size, 0);
                    }
                    if let Some(new) = new {
                        self.flows.note(side, new.price, new.size, 0, 0);
                    }
                }
            }
        }
    }

    fn end_window(&mut self, _: u64) -> InstrumentWindow {
        let sums = |side: Side| {
            let quote = self.quotes[usize::from(side == Side::Ask)];
            let size = quote.map_or(0, |quote| u64::from(quote.size));
            let depth = |price| {
                let here = quote.filter(|quote| quote.price == price);
                here.map_or(0, |_| size)
            };
            self.flows.sums(side, size, depth)
        };
        let sides = Side::BOTH.map(sums);
        self.flows.clear();
        let [bid, ask] = self.quotes.map(|quote| quote.map(|quote| quote.price));
        InstrumentWindow { bid, ask, sides }
    }

    fn anomaly_count(&self) -> u64 {
        // Any quote may follow any other.
        0
    }
}
