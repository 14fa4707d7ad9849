//! What the forecast of one window costs, horizon 30, with and without options.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use vp_market::{Price, Side, TickSize};
use vp_velocity::{Dynamics, ForecastCell, ForecastSurface, Forecaster};

/// A surface without two cells alike.
fn surface(with_options: bool) -> ForecastSurface {
    let mut surface = ForecastSurface::default();
    for rel_ticks in -200..=200 {
        let phase = f64::from(rel_ticks) * 0.7;
        let cell = ForecastCell {
            pressure_grad: phase.sin(),
            u_near: phase.cos() * 0.3,
            u_p_slow: (phase * 1.3).sin() * 0.2,
            omega: 3.0 + phase.cos(),
        };
        for side in Side::BOTH {
            surface.put(side, rel_ticks, cell);
        }
        if with_options && rel_ticks % 20 == 0 {
            surface.add_option(rel_ticks, 4.0 + phase.sin());
        }
    }
    surface
}

fn forecast(criterion: &mut Criterion) {
    let tick = TickSize::from_nanos(250_000_000).expect("positive");
    let dynamics = Dynamics::new(120.0, 0.35).expect("in range");
    let spots = [19_230, 19_232].map(|ticks| Price::from_nanos(ticks * tick.nanos()));
    let spots = spots.map(|spot| spot.expect("a price"));
    let mut group = criterion.benchmark_group("forecast");
    for (name, with_options) in [("window", false), ("window_with_options", true)] {
        let surface = surface(with_options);
        group.bench_function(name, |bencher| {
            let mut forecaster = Forecaster::new(dynamics, tick, 30);
            let mut windows = spots.into_iter().cycle();
            bencher.iter(|| {
                let spot = windows.next().expect("a cycle has no end");
                black_box(forecaster.forecast(spot, black_box(&surface)).push)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, forecast);
criterion_main!(benches);
