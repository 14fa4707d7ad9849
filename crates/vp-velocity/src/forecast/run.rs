//! How far price could run before liquidity stands in its way, and how empty that way is.

use super::landscape::Landscape;
use super::surface::{CENTER, ForecastSurface};

/// How far walls are looked for, in ticks.
const REACH: u8 = 64;

/// The part of the greatest prominence at which liquidity counts as a wall.
const WALL_SHARE: f64 = 0.60;

/// How fast the emptiness ahead loses weight with distance, in ticks.
const FADING_TICKS: f64 = 16.0;

/// The way to the nearest wall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// `RunScore`: how empty the way is, less what has been building up at the wall.
    pub score: f64,
    /// D: the distance of the wall, in ticks, 1 to 64.
    pub wall_ticks: u8,
}

/// The direction of a run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Direction {
    Up,
    Down,
}

/// The weights of the emptiness at each distance.
#[derive(Clone, Debug)]
pub(super) struct Fading {
    weights: [f64; REACH as usize],
}

impl Fading {
    pub(super) fn new() -> Self {
        let mut distance = 0.0;
        Self {
            weights: [(); REACH as usize].map(|()| {
                distance += 1.0;
                libm::exp(-distance / FADING_TICKS)
            }),
        }
    }

    /// Returns the run in one direction.
    pub(super) fn run(
        &self,
        direction: Direction,
        surface: &ForecastSurface,
        landscape: &Landscape,
    ) -> Run {
        let cell = |ticks: u8| match direction {
            Direction::Up => CENTER + usize::from(ticks),
            Direction::Down => CENTER - usize::from(ticks),
        };
        let reach = 1..=REACH;
        let prominence = |ticks: u8| landscape.prominence[cell(ticks)];
        let highest = reach.clone().map(prominence).fold(f64::MIN, f64::max);
        let is_wall = |&ticks: &u8| prominence(ticks) >= WALL_SHARE * highest;
        let wall_ticks = reach.clone().find(is_wall).unwrap_or(REACH);

        let (mut emptiness, mut weight_sum) = (0.0, 0.0);
        for (ticks, weight) in (1..wall_ticks).zip(self.weights) {
            emptiness += weight * (-surface.u_near[cell(ticks)]).max(0.0);
            weight_sum += weight;
        }
        let vacuum = if wall_ticks > 1 {
            emptiness / weight_sum
        } else {
            0.0
        };
        Run {
            score: vacuum - surface.u_p_slow[cell(wall_ticks)].max(0.0),
            wall_ticks,
        }
    }
}

#[cfg(test)]
mod tests {
    use vp_market::Side;

    use super::super::ForecastCell;
    use super::*;

    fn run(direction: Direction, cells: &[(i32, ForecastCell)]) -> Run {
        let mut surface = ForecastSurface::default();
        for &(rel_ticks, cell) in cells {
            let side = if rel_ticks > 0 { Side::Ask } else { Side::Bid };
            surface.put(side, rel_ticks, cell);
        }
        let mut landscape = Landscape::new();
        landscape.shape(&surface);
        Fading::new().run(direction, &surface, &landscape)
    }

    fn wall(u_p_slow: f64) -> ForecastCell {
        ForecastCell {
            omega: 50.0,
            u_p_slow,
            ..ForecastCell::default()
        }
    }

    #[test]
    fn in_an_empty_world_the_wall_is_at_once() {
        // Every prominence is 0, and so reaches 60 % of the greatest.
        let expected = Run {
            score: 0.0,
            wall_ticks: 1,
        };
        assert_eq!(run(Direction::Up, &[]), expected);
        assert_eq!(run(Direction::Down, &[]), expected);
    }

    #[test]
    fn the_way_to_the_wall_counts_and_what_builds_up_there_counts_against_it() {
        let draining = ForecastCell {
            u_near: -2.0,
            ..ForecastCell::default()
        };
        let way: Vec<_> = (1..20).map(|ticks| (ticks, draining)).collect();
        let found = run(Direction::Up, &[&way[..], &[(20, wall(0.0))]].concat());
        assert!((10..20).contains(&found.wall_ticks), "{found:?}");
        assert!((found.score - 2.0).abs() < 1e-12);

        let building: Vec<_> = (1..=20).map(|ticks| (-ticks, wall(0.5))).collect();
        let found = run(Direction::Down, &building);
        assert!((found.score + 0.5).abs() < 1e-12);
    }

    #[test]
    fn without_a_wall_the_run_ends_at_the_reach() {
        // The liquidity stands behind the spot and beyond the reach, so that all of the way has
        // less than its surroundings; 60 % of the greatest such lack is more than any cell has.
        let behind = (17..=60).map(|ticks| (-ticks, wall(0.0)));
        let beyond = (81..=200).map(|ticks| (ticks, wall(0.0)));
        let cells: Vec<_> = behind.chain(beyond).collect();
        assert_eq!(run(Direction::Up, &cells).wall_ticks, 64);
    }
}
