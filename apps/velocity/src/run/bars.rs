//! A progress bar for each partition that is being made, on a terminal.

use std::io::IsTerminal;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use vp_velocity::stage::Advance;

/// The bars of a run.
#[derive(Debug)]
pub(super) struct Bars(MultiProgress);

/// One of them, removed when its partition is done.
#[derive(Debug)]
pub(super) struct Bar(ProgressBar);

impl Bars {
    pub(super) fn new() -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        Self(if is_terminal {
            MultiProgress::new()
        } else {
            MultiProgress::with_draw_target(ProgressDrawTarget::hidden())
        })
    }

    pub(super) fn inner(&self) -> &MultiProgress {
        &self.0
    }

    /// Begins a bar of that name.
    pub(super) fn begin(&self, name: String) -> Bar {
        let style = ProgressStyle::with_template("{prefix:28} {bar:40} {percent:>3}% {eta} left")
            .expect("the template is well formed");
        let bar = self.0.add(ProgressBar::new(0).with_style(style));
        bar.set_prefix(name);
        Bar(bar)
    }
}

impl Bar {
    pub(super) fn show(&self, Advance { done, total }: Advance) {
        self.0.set_length(total);
        self.0.set_position(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
