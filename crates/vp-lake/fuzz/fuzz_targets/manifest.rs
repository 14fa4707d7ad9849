//! Any bytes as a manifest: reading them never panics, and what one names stays within the lake.

#![no_main]

use std::path::{Component, Path};

use libfuzzer_sys::fuzz_target;
use vp_lake::Lake;
use vp_lake::tables::Manifest;

fuzz_target!(|bytes: &[u8]| {
    let _ = Manifest::parse(bytes, Path::new("m"));
    // No input comes upon its own hash: it is put right, as a forger would.
    let Ok(mut manifest) = serde_json::from_slice::<Manifest>(bytes) else {
        return;
    };
    manifest.content_sha256 = manifest.content_hash();
    let forged = serde_json::to_vec(&manifest).expect("a manifest is JSON");
    let Ok(manifest) = Manifest::parse(&forged, Path::new("m")) else {
        return;
    };
    let is_inside = |path: &Path| {
        path.strip_prefix("lake").is_ok_and(|below| {
            let mut parts = below.components();
            parts.all(|part| matches!(part, Component::Normal(_)))
        })
    };
    for file in &manifest.files {
        assert!(is_inside(&Path::new("lake").join(&file.name)), "{file:?}");
    }
    let lake = Lake::new("lake");
    for input in &manifest.inputs {
        if let Some(partition) = lake.partition_of(&input.dataset, input.dt) {
            assert!(is_inside(&partition.path()), "{input:?}");
            assert_eq!(partition.dataset(), input.dataset);
        }
    }
});
