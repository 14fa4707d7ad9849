//! Partitions whose files are gone or cut, and manifests that were edited: never kept, always told.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use vp_lake::tables::Layer;

use crate::binary::{ALL_LAYERS, CONTRACT, DATE, Ran, World, ran};

const MORE: [&str; 4] = ["--dt", DATE, "--session", "09:30-09:31"];

fn world() -> World {
    let world = World::new();
    world.synthesize(DATE, "09:30", 3);
    assert_eq!(world.run(ALL_LAYERS, CONTRACT, &MORE).status, Some(0));
    world
}

/// Returns the folder of the first partition of a layer.
fn folder(world: &World, layer: Layer) -> PathBuf {
    let mut entries = world.entries().into_iter();
    let found = entries.find(|entry| entry.partition.layer() == layer);
    found.unwrap().partition.path()
}

fn run(world: &World, layer: Layer, more: &[&str]) -> Ran {
    let arguments = match layer {
        Layer::Silver => &MORE[..],
        Layer::Bronze | Layer::Gold => &MORE[..2],
    };
    world.run(layer.name(), CONTRACT, &[arguments, more].concat())
}

#[test]
fn a_run_keeps_no_damaged_partition() {
    let gone = |path: &PathBuf| fs::remove_file(path).unwrap();
    let cut = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..100]).unwrap();
    };
    for damage in [gone as fn(&PathBuf), cut] {
        let world = world();
        let hashes = world.hashes();
        for layer in Layer::ALL {
            let folder = folder(&world, layer);
            let file = folder.join("part-00000.parquet");
            damage(&file);
            let refused = run(&world, layer, &[]);
            assert_eq!(refused.status, Some(1), "{refused:?}");
            let fault = format!("{} is damaged: ", file.display());
            assert!(refused.stderr.contains(&fault), "{}", refused.stderr);
            let all = world.run(ALL_LAYERS, CONTRACT, &MORE);
            assert!(all.stderr.contains(&fault), "{}", all.stderr);

            let status = ran(world.program("status").args(["--layer", layer.name()]));
            assert!(status.stdout.contains("damaged"), "{}", status.stdout);
            let verify = ran(world.program("verify").args(["--layer", layer.name()]));
            assert_eq!(verify.status, Some(1));

            let rebuilt = if layer == Layer::Bronze {
                let way = format!("never overwritten: remove {} and", folder.display());
                assert!(refused.stderr.contains(&way), "{}", refused.stderr);
                fs::remove_dir_all(&folder).unwrap();
                run(&world, layer, &[])
            } else {
                assert!(refused.stderr.contains("--overwrite"), "{}", refused.stderr);
                run(&world, layer, &["--overwrite"])
            };
            assert_eq!(rebuilt.status, Some(0), "{}", rebuilt.stderr);
            assert_eq!(world.hashes(), hashes);
        }
    }
}

#[test]
fn bronze_of_a_root_is_not_kept_where_a_contract_of_it_is_damaged() {
    let world = World::new();
    world.synthesize(DATE, "09:30", 2);
    assert_eq!(world.run("bronze", "ES", &MORE[..2]).status, Some(0));
    let file = folder(&world, Layer::Bronze).join("part-00000.parquet");
    fs::write(&file, "PAR1").unwrap();
    let refused = world.run("bronze", "ES", &MORE[..2]);
    assert_eq!(refused.status, Some(1));
    let fault = format!("{} is damaged: ", file.display());
    assert!(refused.stderr.contains(&fault), "{}", refused.stderr);
}

#[test]
fn verify_compares_every_field_of_a_manifest_with_what_is_there() {
    let world = world();
    for layer in Layer::ALL {
        let path = folder(&world, layer).join("_MANIFEST.json");
        let text = fs::read_to_string(&path).unwrap();
        for (pointer, value) in [
            ("/row_count", json!(1)),
            ("/symbol", json!("ESM6")),
            ("/stage", json!("platinum")),
            ("/dt", json!("2026-02-05")),
            ("/dataset", json!("gold/x")),
            ("/files/0/bytes", json!(100)),
            ("/files/0/sha256", json!("00")),
            ("/min_time_ns", json!(1)),
            ("/max_time_ns", json!(null)),
            ("/schema/0/name", json!("time")),
            ("/schema_version", json!(9)),
            ("/published_with", json!([])),
            ("/inputs/0/content_sha256", json!("00")),
            ("/settings/more", json!("1")),
            ("/content_sha256", json!("00")),
        ] {
            let mut manifest: Value = serde_json::from_str(&text).unwrap();
            match manifest.pointer_mut(pointer) {
                Some(field) => *field = value,
                None => manifest["settings"]["more"] = value,
            }
            fs::write(&path, manifest.to_string()).unwrap();
            let verify = ran(world.program("verify").args(["--layer", layer.name()]));
            assert_eq!(verify.status, Some(1), "{layer} {pointer}");
            assert!(
                verify.stdout.contains("_MANIFEST.json")
                    || pointer == "/files/0/bytes"
                    || pointer == "/schema_version",
                "{layer} {pointer}: {}",
                verify.stdout
            );
        }
        fs::write(&path, text).unwrap();
    }
    let _ = ran(&mut world.program("verify")).good();
}
