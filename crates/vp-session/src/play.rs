//! A session from its beginning to its end, as fast as it goes.

use std::ops::ControlFlow;
use std::time::Instant;

use vp_engine::{Engine, GridConfig};
use vp_replay::{Replay, ReplaySettings, Speed, Step};

use crate::{GridProducer, Moment, Session, SessionError, View};

/// Plays a session as fast as it goes, whatever the settings' speed, and calls `show` with every grid
/// that is emitted, until it breaks off; whether it did is returned.
///
/// # Errors
/// [`SessionError`] if the session cannot be opened, or where its input breaks off; everything before
/// has been shown.
pub fn play<S: Session>(
    session: S,
    grid: GridConfig,
    settings: ReplaySettings,
    show: impl FnMut(Moment<'_>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, SessionError> {
    let producer = GridProducer::open(session, grid, Shown(show))?;
    let settings = ReplaySettings {
        speed: Speed::UNPACED,
        ..settings
    };
    let mut replay = Replay::new(producer, settings);
    let now = Instant::now();
    loop {
        match replay.poll(now)? {
            Step::Output(ControlFlow::Break(())) => return Ok(ControlFlow::Break(())),
            Step::Ended => return Ok(ControlFlow::Continue(())),
            Step::Output(ControlFlow::Continue(()))
            | Step::Restarted
            | Step::Working
            | Step::Wait(_)
            | Step::Paused => {}
        }
    }
}

/// A closure as a view.
struct Shown<F>(F);

impl<F: FnMut(Moment<'_>) -> ControlFlow<()>> View for Shown<F> {
    type Output = ControlFlow<()>;

    fn commit(&mut self, _: &Engine) {}

    fn output(&mut self, moment: Moment<'_>) -> ControlFlow<()> {
        (self.0)(moment)
    }
}

#[cfg(test)]
mod tests {
    use vp_market::{ProductTable, ProductType};
    use vp_synth::SynthConfig;

    use super::*;
    use crate::{SyntheticSession, grid_config};

    fn played(most: u64) -> (u64, bool) {
        let market = SynthConfig::preset("ESH6").unwrap().with_seed(3);
        let table = ProductTable::embedded();
        let instrument = table.instrument(ProductType::FutureMbo, "ESH6").unwrap();
        let end_ns = market.start_ns() + 2_000_000_000;
        let session = SyntheticSession::new(market, end_ns);
        let mut shown = 0;
        let broken = play(
            session,
            grid_config(&instrument),
            ReplaySettings::default(),
            |moment| {
                shown += 1;
                assert_eq!(moment.stamp.seq, shown);
                if shown == most {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        (shown, broken.unwrap().is_break())
    }

    #[test]
    fn every_grid_is_shown_up_to_where_the_viewer_breaks_off() {
        let (all, broken) = played(u64::MAX);
        assert!(all > 10 && !broken);
        assert_eq!(played(10), (10, true));
        assert_eq!(played(all), (all, true));
    }
}
