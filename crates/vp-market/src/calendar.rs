//! The trading calendar: session dates, session windows and Eastern time.
//!
//! The zone rules are compiled in, so that every machine answers alike. Only orders ask for holidays:
//! readers go by the files that exist.

mod date;
mod eastern;
mod holidays;
mod utc;
mod window;

pub use date::{DateError, SessionDate};
pub use eastern::{EasternTime, WallClock, WallClockError};
pub use holidays::Closed;
pub use utc::Utc;
pub use window::{OutsideWindow, SessionWindow, Stretch, StretchError};

/// Nanoseconds in one second.
const NS_PER_SECOND: u64 = 1_000_000_000;
