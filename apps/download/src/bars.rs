//! A progress bar for each transfer, where somebody looks on.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use vp_databento::Progress;

/// All bars of the process. On anything but a terminal they draw nothing.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Writes something above the bars.
pub(crate) fn above<T>(write: impl FnOnce() -> T) -> T {
    BARS.suspend(write)
}

/// The bars of the transfers at hand, by file.
#[derive(Debug, Default)]
pub(crate) struct Bars(Mutex<BTreeMap<String, ProgressBar>>);

impl Bars {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, ProgressBar>) -> T) -> T {
        // A bar is no reason to give a transfer up.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Progress for Bars {
    fn begin(&self, name: &str, have: u64, size: u64) {
        self.with(|bars| {
            let bar = bars.entry(name.to_owned()).or_insert_with(|| {
                let bar = BARS.add(ProgressBar::new(size));
                bar.set_style(style());
                bar.set_message(name.to_owned());
                bar.enable_steady_tick(Duration::from_millis(250));
                bar
            });
            // Bytes from an earlier run must not count as speed.
            bar.set_position(have);
            bar.reset_eta();
        });
    }

    fn advance(&self, name: &str, have: u64) {
        self.with(|bars| {
            if let Some(bar) = bars.get(name) {
                bar.set_position(have);
            }
        });
    }

    fn end(&self, name: &str) {
        if let Some(bar) = self.with(|bars| bars.remove(name)) {
            bar.finish_and_clear();
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg} [{bar:24}] {bytes}/{total_bytes} {bytes_per_sec} {eta}")
        .expect("the template is one")
        .progress_chars("=> ")
}
