//! `velocity sweep`: gold that silver can make.

use std::fs;

use vp_lake::tables::Layer;

use crate::binary::{ALL_LAYERS, CONTRACT, DATE, Ran, World, ran};

fn world() -> World {
    let world = World::new();
    world.synthesize(DATE, "09:30", 12);
    let more = ["--dt", DATE, "--session", "09:30-09:30:10"];
    let _ = world.run(ALL_LAYERS, CONTRACT, &more).good();
    world
}

fn command(world: &World, command: &str, more: &[&str]) -> Ran {
    ran(world.program(command).args(more))
}

fn forecast(world: &World) -> String {
    let asked = ["--symbol", CONTRACT, "--dt", DATE];
    let ran = command(world, "forecast", &asked);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    ran.stdout
}

fn layers(world: &World) -> Vec<Layer> {
    let mut layers: Vec<_> = world
        .entries()
        .iter()
        .map(|entry| entry.partition.layer())
        .collect();
    layers.sort_unstable();
    layers
}

#[test]
fn gold_that_silver_can_make_is_removed_and_forecasts_stay_the_same() {
    let world = world();
    let before = forecast(&world);
    let status = command(&world, "status", &[]).good().stdout;
    assert!(status.contains("complete, not needed"), "{status}");
    assert!(status.contains("1 partitions of gold, "), "{status}");

    let listed = command(&world, "sweep", &["--dry-run"]).good().stdout;
    assert!(listed.contains("table=physics_surface_1s"), "{listed}");
    assert!(listed.contains("would be removed"), "{listed}");
    let unasked = command(&world, "sweep", &[]);
    assert_eq!(unasked.status, Some(1));
    assert!(unasked.stderr.contains("give --yes"), "{}", unasked.stderr);
    let all = [Layer::Bronze, Layer::Silver, Layer::Silver, Layer::Gold];
    assert_eq!(layers(&world), all);

    let other = ["--symbol", "ESM6", "--yes"];
    let none = command(&world, "sweep", &other).good().stdout;
    assert!(none.contains("nothing to remove"), "{none}");
    let removed = command(&world, "sweep", &["--yes"]).good().stdout;
    assert!(removed.ends_with(", removed\n"), "{removed}");
    assert_eq!(layers(&world), all[..3]);
    assert_eq!(world.hidden(), Vec::<std::path::PathBuf>::new());
    assert_eq!(forecast(&world), before);
}

#[test]
fn gold_without_silver_stays() {
    let world = world();
    let before = forecast(&world);
    let silver = world.entries().into_iter().map(|entry| entry.partition);
    for partition in silver.filter(|partition| partition.layer() == Layer::Silver) {
        fs::remove_dir_all(partition.path()).unwrap();
    }
    let none = command(&world, "sweep", &["--yes"]).good().stdout;
    assert!(none.contains("nothing to remove"), "{none}");
    assert_eq!(layers(&world), [Layer::Bronze, Layer::Gold]);
    assert_eq!(forecast(&world), before);
}
