//! Manifests against the partitions that they describe: edited fields, damaged files, schema
//! versions.

#![cfg(test)]

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;
use vp_lake::Lake;
use vp_lake::tables::{
    Begun, Column, ColumnType, Defect, Existing, Job, Layer, Partition, PartitionError, Provenance,
    Settings, Table, Values, Verifier, begin,
};
use vp_market::ProductType;

const COLUMNS_1: [Column; 2] = [Column::i64("ts"), Column::i64("price")];
const COLUMNS_2: [Column; 2] = [
    Column::i64("ts"),
    Column::new("price", ColumnType::OptionI64),
];
const TABLE_1: Table = Table {
    name: "prices",
    columns: &COLUMNS_1,
    earlier: &[],
    time: "ts",
    row_group_rows: 100,
};
const TABLE_2: Table = Table {
    columns: &COLUMNS_2,
    earlier: &[&COLUMNS_1],
    ..TABLE_1
};

/// A lake with one partition of 300 rows at the times 5 … 304.
struct World {
    folder: TempDir,
    layer: Layer,
}

impl World {
    fn new(layer: Layer, table: &'static Table) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = Self { folder, layer };
        world.build(table, Existing::Keep).unwrap();
        world
    }

    fn lake(&self) -> Lake {
        Lake::new(self.folder.path())
    }

    fn partition(&self) -> Partition {
        let (future, date) = (ProductType::FutureMbo, "2026-02-06".parse().unwrap());
        self.lake()
            .partition(self.layer, future, "ESH6", TABLE_1.name, date)
    }

    /// Returns whether the partition was built, rather than kept.
    fn build(&self, table: &'static Table, existing: Existing) -> Result<bool, PartitionError> {
        let job = Job {
            targets: vec![(self.partition(), table)],
            provenance: Provenance {
                settings: Settings::new([("tick", "0.25")]),
                inputs: Vec::new(),
                tool_version: "test 0".into(),
                created_at: "2026-02-07T00:00:00Z".into(),
            },
            existing,
        };
        let Begun::Build(mut build) = begin(job)? else {
            return Ok(false);
        };
        let prices: Vec<i64> = (0..300).map(|n| n % 7).collect();
        let prices = if table.version() == 1 {
            Values::I64(prices)
        } else {
            let present = prices.into_iter().map(|price| (price > 0).then_some(price));
            Values::OptionI64(present.collect())
        };
        build.append(0, vec![Values::I64((5..305).collect()), prices])?;
        build.publish()?;
        Ok(true)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.partition().path().join(name)
    }

    /// Changes the manifest.
    fn edit(&self, change: impl FnOnce(&mut Value)) {
        let path = self.file("_MANIFEST.json");
        let mut manifest = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut manifest);
        fs::write(&path, serde_json::to_vec_pretty(&manifest).unwrap()).unwrap();
    }

    fn defects(&self) -> Vec<String> {
        let mut verifier = Verifier::new(self.lake()).knowing(|_| Some(&TABLE_2));
        let defects = verifier.verify(&self.partition());
        defects.iter().map(Defect::to_string).collect()
    }
}

#[test]
fn sound_partitions_of_every_known_version_have_no_defects() {
    for table in [&TABLE_1, &TABLE_2] {
        let world = World::new(Layer::Silver, table);
        assert_eq!(world.defects(), Vec::<String>::new());
        // Manifests that are older than the field do not say the first version.
        if table.version() == 1 {
            world.edit(|manifest| {
                manifest.as_object_mut().unwrap().remove("schema_version");
            });
            assert_eq!(world.defects(), Vec::<String>::new());
            assert!(!world.build(table, Existing::Keep).unwrap());
        }
    }
}

/// Checks that `verify` finds an edited field of a manifest.
fn check_edit(pointer: &str, value: &Value, message: &str) {
    let world = World::new(Layer::Silver, &TABLE_2);
    world.edit(|manifest| {
        let field = manifest.pointer_mut(pointer).expect(pointer);
        assert_ne!(field, value, "{pointer}");
        *field = value.clone();
    });
    let defects = world.defects().join("\n");
    assert!(defects.contains(message), "{pointer}: {defects}");
}

#[test]
fn every_field_of_a_manifest_is_compared_with_what_is_there() {
    for (pointer, value, message) in [
        ("/dataset", json!("silver/x"), "it is that of silver/x"),
        ("/dt", json!("2026-02-05"), "it is that of silver/"),
        ("/symbol", json!("ESM6"), "symbol is \"ESM6\""),
        ("/stage", json!("gold"), "stage is \"gold\""),
        ("/settings/tick", json!("0.50"), "content_sha256 is"),
        (
            "/row_count",
            json!(301),
            "row_count 300 expected, 301 found",
        ),
        ("/row_count", json!(0), "row_count 300 expected, 0 found"),
        ("/min_time_ns", json!(4), "min_time_ns 5 expected, 4 found"),
        ("/min_time_ns", json!(null), "min_time_ns 5 expected, null"),
        ("/max_time_ns", json!(i64::MAX), "max_time_ns 304 expected"),
        ("/schema_version", json!(1), "schema_version 2 expected"),
        ("/schema_version", json!(3), "it has schema version 3"),
        ("/schema/1/type", json!("i64"), "content_sha256 is"),
        ("/files/0/bytes", json!(1), "the manifest says 1"),
        ("/files/0/sha256", json!("00"), "content_sha256 is"),
        ("/files/0/name", json!("../x"), "is no file of a partition"),
        (
            "/inputs",
            json!([{"dataset": "raw/a", "dt": "2026-02-06", "content_sha256": ""}]),
            "content_sha256 is",
        ),
        ("/published_with", json!([]), "published_with silver/"),
        (
            "/published_with/0",
            json!("gold/x"),
            "published_with silver/",
        ),
        ("/content_sha256", json!("00"), "content_sha256 is 00"),
    ] {
        check_edit(pointer, &value, message);
    }
}

#[test]
fn a_schema_that_is_forged_with_its_hash_is_found_in_the_files() {
    let world = World::new(Layer::Silver, &TABLE_2);
    let mut manifest = world.partition().manifest().unwrap().unwrap();
    manifest.schema[1].kind = "i64".into();
    let hash = manifest.content_hash();
    world.edit(|edited| {
        edited["schema"][1]["type"] = json!("i64");
        edited["content_sha256"] = json!(hash);
    });
    let defects = world.defects();
    let expected = "schema ts i64, price i64? expected, ts i64, price i64 found";
    assert!(defects[0].ends_with(expected), "{defects:?}");
}

#[test]
fn rows_are_read_only_under_a_manifest_that_fits_them() {
    for (field, value) in [
        ("row_count", json!(299)),
        ("max_time_ns", json!(i64::MAX)),
        ("schema_version", json!(1)),
    ] {
        let world = World::new(Layer::Gold, &TABLE_2);
        world.edit(|manifest| manifest[field] = value);
        let opened = world.partition().open(&TABLE_2, &[]).map(drop);
        let held = world.partition().hold(&TABLE_2, &[]).map(drop);
        for error in [opened.unwrap_err(), held.unwrap_err()] {
            let PartitionError::Damaged { path, .. } = &error else {
                panic!("{field}: {error}")
            };
            assert_eq!(*path, world.file("_MANIFEST.json"));
            assert!(error.to_string().contains(field), "{error}");
        }
    }
}

#[test]
fn an_earlier_version_is_read_with_its_own_columns() {
    let world = World::new(Layer::Silver, &TABLE_1);
    let mut reader = world.partition().open(&TABLE_2, &["price"]).unwrap();
    assert_eq!(reader.manifest().schema_version, 1);
    let batch = reader.next_batch().unwrap().unwrap();
    // What 0 means is the reader's business.
    assert!(batch.option_i64("price").all(|price| price.is_some()));

    let world = World::new(Layer::Silver, &TABLE_2);
    let mut reader = world.partition().open(&TABLE_2, &["price"]).unwrap();
    let batch = reader.next_batch().unwrap().unwrap();
    let nulls = batch.option_i64("price").filter(Option::is_none);
    assert_eq!(nulls.count(), 300_usize.div_ceil(7));
}

#[test]
fn a_later_version_is_refused_by_name() {
    let world = World::new(Layer::Silver, &TABLE_2);
    let error = world.partition().open(&TABLE_1, &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{} has schema version 2, and this program reads up to 1; use the program that made it \
             (test 0) or a newer one",
            world.partition().path().display()
        )
    );
}

/// Checks that a partition damaged like that is not kept, and that the error names the way.
fn check_damage(damage: impl Fn(&World), layer: Layer, message: &str) {
    let world = World::new(layer, &TABLE_2);
    damage(&world);
    let error = world
        .build(&TABLE_2, Existing::Keep)
        .unwrap_err()
        .to_string();
    let folder = world.partition().path();
    assert!(error.starts_with(&folder.display().to_string()), "{error}");
    assert!(error.contains(message), "{error}");
    let way = if layer == Layer::Bronze {
        format!(
            "bronze is never overwritten: remove {} and run again",
            folder.display()
        )
    } else {
        "to rebuild it, run again with `overwrite`".into()
    };
    assert!(error.ends_with(&way), "{error}");
    if layer == Layer::Bronze {
        fs::remove_dir_all(folder).unwrap();
    }
    assert!(world.build(&TABLE_2, Existing::Overwrite).unwrap());
    assert_eq!(world.defects(), Vec::<String>::new());
}

#[test]
fn a_damaged_partition_is_not_kept_and_says_how_it_is_made_again() {
    let parquet = "part-00000.parquet";
    for layer in Layer::ALL {
        let gone = |world: &World| fs::remove_file(world.file(parquet)).unwrap();
        check_damage(gone, layer, "nothing that can be read");
        let cut = |world: &World| {
            let bytes = fs::read(world.file(parquet)).unwrap();
            fs::write(world.file(parquet), &bytes[..100]).unwrap();
        };
        check_damage(cut, layer, "bytes expected, 100 found");
        let folder = |world: &World| {
            fs::remove_file(world.file(parquet)).unwrap();
            fs::create_dir(world.file(parquet)).unwrap();
        };
        check_damage(folder, layer, "a folder");
        let no_manifest = |world: &World| fs::remove_file(world.file("_MANIFEST.json")).unwrap();
        check_damage(no_manifest, layer, "its manifest cannot be used");
        let other_symbol = |world: &World| world.edit(|m| m["symbol"] = json!("ESM6"));
        check_damage(other_symbol, layer, "its manifest cannot be used");
    }
}

#[test]
fn damaged_bronze_stops_what_is_built_beside_it_before_anything_is_published() {
    let world = World::new(Layer::Bronze, &TABLE_1);
    fs::write(world.file("part-00000.parquet"), "PAR1").unwrap();
    let (future, date) = (ProductType::FutureMbo, "2026-02-06".parse().unwrap());
    let lake = world.lake();
    let other = lake.partition(Layer::Bronze, future, "ESM6", TABLE_1.name, date);
    let lock = lake.lock(Layer::Bronze, future, "ES", date).unwrap();
    let provenance = Provenance {
        settings: Settings::new([("tick", "0.25")]),
        inputs: Vec::new(),
        tool_version: "test 0".into(),
        created_at: "2026-02-07T00:00:00Z".into(),
    };
    let mut build = vp_lake::tables::Build::new(lock, provenance);
    build.add(other.clone(), &TABLE_1).unwrap();
    build.add(world.partition(), &TABLE_1).unwrap();
    let error = build.publish().unwrap_err();
    assert!(matches!(error, PartitionError::Damaged { .. }), "{error}");
    assert!(!other.path().exists());
}
