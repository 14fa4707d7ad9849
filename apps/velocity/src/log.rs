//! The log of a run: on standard error, above the progress bars.

use std::io::{self, Write};

use indicatif::MultiProgress;
use vp_cli::{LogError, start_log};

/// Starts the log; lines are printed above `bars`.
///
/// # Errors
/// If the filter is invalid.
pub fn start(filter: &str, bars: &MultiProgress) -> Result<(), LogError> {
    let bars = bars.clone();
    let no_file = None::<fn() -> io::Sink>;
    start_log(filter, move || AboveBars(bars.clone()), no_file)
}

/// Standard error, with the bars out of the way while it is written to.
struct AboveBars(MultiProgress);

impl Write for AboveBars {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
