//! Silver of options: all instruments on one underlying, cut at the underlying's windows.
//!
//! [`OptionSilver`] takes records of any of the instruments in the order of the file. The windows,
//! their spot and their validity are the underlying's; nothing is known of how it came by them.

use std::collections::BTreeMap;

use vp_market::{Price, Right, TickSize};

use super::flows::InstrumentWindow;
use super::strikes::StrikeGrid;
use super::surface::StrikeFlow;

const SECOND_NS: u64 = 1_000_000_000;

/// What an instrument id means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionContract {
    /// The right it gives.
    pub right: Right,
    /// At which price of the underlying.
    pub strike: Price,
}

/// What is taken from a window of the underlying's silver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpotWindow {
    /// When it ends, nanoseconds since the epoch.
    pub window_end_ts_ns: i64,
    /// The price that strikes are counted from, in units of 1e-9.
    pub spot_ref_price_int: Option<i64>,
    /// Whether the underlying's book was the venue's.
    pub book_valid: bool,
}

/// The current window, as an instrument has to know it.
#[derive(Clone, Copy, Debug)]
pub struct WindowSpan {
    /// When it ends.
    pub(super) end_ns: u64,
    /// Whether its start has been reached: before it, depth changes and nothing flows.
    pub(super) has_begun: bool,
}

/// What is seen of one instrument: an order book or its best quotes.
pub trait OptionInstrument {
    /// What comes in.
    type Input;

    /// Returns an instrument of which nothing has been seen. `tick` is that of its premium.
    fn new(tick: TickSize) -> Self;

    /// Takes one input in, at its time.
    fn apply(&mut self, input: &Self::Input, ts_ns: u64, span: WindowSpan);

    /// Ends the current window, and returns what it was.
    fn end_window(&mut self, end_ns: u64) -> InstrumentWindow;

    /// Returns how many inputs so far contradicted what was known.
    fn anomaly_count(&self) -> u64;
}

/// One row of the options' `book_snapshot_1s`, without what is the window's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the table's columns")]
pub struct OptionSnapshot {
    pub instrument_id: u32,
    pub contract: OptionContract,
    pub bid: Price,
    pub ask: Price,
}

impl OptionSnapshot {
    /// Returns the middle of bid and ask in units of 1e-9, halves down.
    #[expect(clippy::missing_panics_doc, reason = "a mean lies between")]
    pub fn mid_price_int(&self) -> i64 {
        let sum = i128::from(self.bid.nanos()) + i128::from(self.ask.nanos());
        i64::try_from(sum.div_euclid(2)).expect("a mean lies between")
    }

    /// Returns the middle in currency units; for display.
    #[expect(
        clippy::cast_precision_loss,
        reason = "for display: nothing follows from it"
    )]
    pub fn mid_price(&self) -> f64 {
        (i128::from(self.bid.nanos()) + i128::from(self.ask.nanos())) as f64 / 2e9
    }
}

/// One second of the options on one underlying.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionWindow {
    /// The underlying's window.
    pub spot: SpotWindow,
    /// The instruments with a bid below their ask, by instrument id.
    pub snapshots: Vec<OptionSnapshot>,
    /// Depth and flow by strike.
    pub flow: StrikeFlow,
}

/// The state machine from records of many instruments to windows.
///
/// A record belongs to the window of its time, and to the current one if it is older. Windows are
/// handed to a closure as they end: all of the underlying's, in order.
#[derive(Clone, Debug)]
pub struct OptionSilver<I> {
    grid: StrikeGrid,
    premium_tick: TickSize,
    spots: Vec<SpotWindow>,
    /// The underlying's window that is the current one.
    current: usize,
    latest_ns: u64,
    instruments: BTreeMap<u32, (OptionContract, I)>,
    off_grid: u64,
    window: OptionWindow,
}

impl<I: OptionInstrument> OptionSilver<I> {
    /// Returns the machine before the first record. `spots` are the underlying's windows in the
    /// order of time; those that are not later than the one before are left out.
    pub fn new(grid: StrikeGrid, premium_tick: TickSize, mut spots: Vec<SpotWindow>) -> Self {
        let mut last_ns = i64::MIN;
        spots.retain(|spot| {
            let is_later = spot.window_end_ts_ns > last_ns;
            last_ns = last_ns.max(spot.window_end_ts_ns);
            is_later
        });
        Self {
            grid,
            premium_tick,
            spots,
            current: 0,
            latest_ns: 0,
            instruments: BTreeMap::new(),
            off_grid: 0,
            window: OptionWindow {
                spot: SpotWindow {
                    window_end_ts_ns: 0,
                    spot_ref_price_int: None,
                    book_valid: false,
                },
                snapshots: Vec::new(),
                flow: StrikeFlow::default(),
            },
        }
    }

    /// Takes one input in, after handing out the windows that end before it.
    ///
    /// # Errors
    /// What `each` returns; the input has not been taken in then.
    pub fn apply<E>(
        &mut self,
        instrument_id: u32,
        contract: OptionContract,
        ts_ns: u64,
        input: &I::Input,
        each: impl FnMut(&OptionWindow) -> Result<(), E>,
    ) -> Result<(), E> {
        self.end_windows(ts_ns, each)?;
        let Some(spot) = self.spots.get(self.current) else {
            return Ok(());
        };
        self.latest_ns = self.latest_ns.max(ts_ns);
        let end_ns = spot.end_ns();
        let span = WindowSpan {
            end_ns,
            has_begun: self.latest_ns >= end_ns.saturating_sub(SECOND_NS),
        };
        let (_, instrument) = self.instruments.entry(instrument_id).or_insert_with(|| {
            self.off_grid += u64::from(self.grid.number(contract.strike).is_none());
            (contract, I::new(self.premium_tick))
        });
        instrument.apply(input, ts_ns, span);
        Ok(())
    }

    /// Hands out the windows that are left.
    ///
    /// # Errors
    /// What `each` returns.
    pub fn finish<E>(&mut self, each: impl FnMut(&OptionWindow) -> Result<(), E>) -> Result<(), E> {
        self.end_windows(u64::MAX, each)
    }

    /// Returns whether every window has been handed out, so that no record changes anything.
    pub fn is_complete(&self) -> bool {
        self.current >= self.spots.len()
    }

    /// Returns how many instruments have a strike off the grid: they are in the snapshots and not
    /// in the flow.
    pub fn off_grid(&self) -> u64 {
        self.off_grid
    }

    /// Returns how many instruments had a record.
    pub fn instrument_count(&self) -> usize {
        self.instruments.len()
    }

    /// Returns how many inputs of all instruments contradicted what was known.
    pub fn anomaly_count(&self) -> u64 {
        let counts = self
            .instruments
            .values()
            .map(|(_, one)| one.anomaly_count());
        counts.sum()
    }

    fn end_windows<E>(
        &mut self,
        ts_ns: u64,
        mut each: impl FnMut(&OptionWindow) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(spot) = self.spots.get(self.current).copied()
            && spot.end_ns() <= ts_ns
        {
            self.end_window(spot);
            each(&self.window)?;
            self.current += 1;
        }
        Ok(())
    }

    fn end_window(&mut self, spot: SpotWindow) {
        let spot_price = spot.price();
        let lowest = spot_price.map_or(0, |p| {
            self.grid.nearest(p) - i64::from(self.grid.max_offsets)
        });
        let OptionWindow {
            spot: of,
            snapshots,
            flow,
        } = &mut self.window;
        *of = spot;
        snapshots.clear();
        flow.reset(self.grid, spot_price);
        for (id, (contract, instrument)) in &mut self.instruments {
            let seen = instrument.end_window(spot.end_ns());
            if let Some((bid, ask)) = seen.bid.zip(seen.ask).filter(|(bid, ask)| bid < ask) {
                snapshots.push(OptionSnapshot {
                    instrument_id: *id,
                    contract: *contract,
                    bid,
                    ask,
                });
            }
            let place = self
                .grid
                .number(contract.strike)
                .map(|number| number - lowest);
            let place = place.and_then(|place| usize::try_from(place).ok());
            if let Some(place) = place.filter(|place| *place < flow.len() / 4) {
                flow.add(place, contract.right, &seen.sides);
            }
        }
    }
}

impl SpotWindow {
    /// Returns the price that strikes are counted from.
    pub(super) fn price(&self) -> Option<Price> {
        self.spot_ref_price_int.and_then(Price::from_nanos)
    }

    /// Returns its end in event time; `None` before the epoch.
    fn end_ns(&self) -> u64 {
        u64::try_from(self.window_end_ts_ns).unwrap_or(0)
    }
}
