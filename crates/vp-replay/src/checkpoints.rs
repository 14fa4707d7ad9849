//! States kept on the way, so that going back does not mean starting over.

/// Inputs between two checkpoints at first: some tenths of a second of work.
const FIRST_SPACING: u64 = 1_000_000;

/// More than this many are thinned out: a day, however busy, costs a bounded amount of memory.
const MOST: usize = 16;

/// Checkpoints in input order.
#[derive(Debug)]
pub(crate) struct Checkpoints<C> {
    kept: Vec<Kept<C>>,
    spacing: u64,
}

#[derive(Debug)]
struct Kept<C> {
    place: Place,
    state: C,
}

/// How far into the session a state is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Inputs taken in.
    pub(crate) inputs: u64,
    /// Commits among them.
    pub(crate) commits: u64,
    /// The highest event time so far.
    pub(crate) ts_ns: u64,
}

impl<C> Checkpoints<C> {
    pub(crate) const fn new() -> Self {
        Self {
            kept: Vec::new(),
            spacing: FIRST_SPACING,
        }
    }

    /// Returns whether a checkpoint after that many inputs is wanted.
    #[inline]
    pub(crate) fn wants(&self, inputs: u64) -> bool {
        inputs.is_multiple_of(FIRST_SPACING)
            && inputs >= self.kept.last().map_or(0, |last| last.place.inputs) + self.spacing
    }

    /// Keeps the state at a place.
    pub(crate) fn keep(&mut self, place: Place, state: C) {
        self.kept.push(Kept { place, state });
        if self.kept.len() > MOST {
            self.spacing *= 2;
            let mut index = 0;
            self.kept.retain(|_| {
                index += 1;
                index % 2 == 0
            });
        }
    }

    /// Returns the last place before `ts_ns`, with the state there.
    pub(crate) fn before(&self, ts_ns: u64) -> Option<(Place, &C)> {
        let kept = self
            .kept
            .iter()
            .rev()
            .find(|kept| kept.place.ts_ns < ts_ns)?;
        Some((kept.place, &kept.state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_day_keeps_a_bounded_number_spread_over_it() {
        let mut checkpoints = Checkpoints::new();
        for inputs in (0..1000 * FIRST_SPACING).step_by(1_000_000) {
            if checkpoints.wants(inputs) {
                checkpoints.keep(
                    Place {
                        inputs,
                        commits: 0,
                        ts_ns: inputs,
                    },
                    (),
                );
            }
            assert!(checkpoints.kept.len() <= MOST);
        }
        let (place, ()) = checkpoints.before(500 * FIRST_SPACING).unwrap();
        let near = 400 * FIRST_SPACING..500 * FIRST_SPACING;
        assert!(near.contains(&place.inputs), "{place:?}");
    }
}
