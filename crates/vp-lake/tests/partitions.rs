//! Partitions as a whole: built, published, found again, refused, verified.

#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, mpsc};
use std::thread;

use proptest::prelude::*;
use tempfile::TempDir;
use vp_lake::Lake;
use vp_lake::tables::{
    Begun, Build, Column, Defect, Existing, Filter, Input, Job, Layer, Manifest, ManifestError,
    Partition, PartitionError, Provenance, Settings, Table, Values, Verifier, begin,
};
use vp_market::ProductType;

const TABLE: Table = Table {
    name: "counts",
    columns: &[Column::i64("ts"), Column::f64("count")],
    earlier: &[],
    time: "ts",
    row_group_rows: 100,
};
const OTHER: Table = Table {
    name: "others",
    columns: &[Column::f64("count"), Column::i64("ts")],
    ..TABLE
};

/// A lake in a folder of its own.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn lake(&self) -> Lake {
        Lake::new(self.folder.path())
    }

    fn partition(&self, layer: Layer, table: &Table) -> Partition {
        let (future, date) = (ProductType::FutureMbo, "2026-02-06".parse().unwrap());
        self.lake()
            .partition(layer, future, "ESH6", table.name, date)
    }

    fn job(&self, layer: Layer, session: &str) -> Job {
        let target = |table: &'static Table| (self.partition(layer, table), table);
        Job {
            targets: vec![target(&TABLE), target(&OTHER)],
            provenance: provenance(session),
            existing: Existing::Keep,
        }
    }

    /// Returns every path below the lake, folders included.
    fn paths(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, found);
                }
                found.push(path);
            }
        }
        let mut found = Vec::new();
        walk(self.folder.path(), &mut found);
        found.sort();
        found
    }

    fn hidden(&self) -> Vec<PathBuf> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        let paths = self.paths().into_iter();
        paths.filter(|path| name(path).starts_with('.')).collect()
    }
}

/// Builds both tables of a job.
fn built(job: Job) -> Vec<Manifest> {
    let Begun::Build(mut build) = begin(job).unwrap() else {
        panic!("they are complete");
    };
    fill(&mut build);
    build.publish().unwrap()
}

fn provenance(session: &str) -> Provenance {
    Provenance {
        settings: Settings::new([("session", session), ("tick", "0.25")]),
        inputs: Vec::new(),
        tool_version: "test 0".into(),
        created_at: "2026-02-07T00:00:00Z".into(),
    }
}

fn fill(build: &mut Build) {
    for stretch in 0..5i32 {
        let times: Vec<i64> = (0..77).map(|n| i64::from(stretch * 77 + n)).collect();
        let counts: Vec<f64> = times.iter().map(|_| f64::from(stretch)).collect();
        let (times, counts) = (Values::I64(times), Values::F64(counts));
        build
            .append(0, vec![times.clone(), counts.clone()])
            .unwrap();
        build.append(1, vec![counts, times]).unwrap();
    }
}

#[test]
fn a_partition_holds_what_its_manifest_says() {
    let world = World::new();
    let manifests = built(world.job(Layer::Silver, "09:30-12:30"));
    let partition = world.partition(Layer::Silver, &TABLE);
    let place = "silver/product_type=future_mbo/symbol=ESH6/table=counts/dt=2026-02-06";
    assert_eq!(partition.path(), world.folder.path().join(place));
    let names = ["_MANIFEST.json", "_SUCCESS", "part-00000.parquet"];
    for name in names {
        assert!(partition.path().join(name).is_file(), "{name}");
    }
    assert_eq!(fs::read_dir(partition.path()).unwrap().count(), names.len());
    assert_eq!(world.hidden(), Vec::<PathBuf>::new());

    let manifest = partition.manifest().unwrap().unwrap();
    assert_eq!(manifest, manifests[0]);
    assert_eq!(manifest.row_count, 385);
    assert_eq!(
        (manifest.min_time_ns, manifest.max_time_ns),
        (Some(0), Some(384))
    );
    assert_eq!(manifest.published_with.len(), 2);

    let mut reader = partition.open(&TABLE, &["ts"]).unwrap();
    let mut times = Vec::new();
    while let Some(batch) = reader.next_batch().unwrap() {
        times.extend_from_slice(batch.i64("ts"));
    }
    assert!(times.into_iter().eq(0..385));
    assert_eq!(reader.rows_read(), 385);
    assert_eq!(reader.as_input().content_sha256, manifest.content_sha256);
}

#[test]
fn a_held_partition_is_read_from_any_time_on() {
    let world = World::new();
    built(world.job(Layer::Gold, "09:30-12:30"));
    let partition = world.partition(Layer::Gold, &TABLE);
    let held = partition.hold(&TABLE, &["ts"]).unwrap();
    // Times are 0 … 384, in row groups of 100.
    for time in [-5, 0, 1, 99, 100, 101, 250, 300, 301, 384, 385, i64::MAX] {
        let mut reader = held.read_from(time).unwrap();
        let mut found = Vec::new();
        while let Some(batch) = reader.next_batch().unwrap() {
            found.extend_from_slice(batch.i64("ts"));
        }
        let first = if time <= 0 {
            0
        } else {
            (time.min(385) - 1) / 100 * 100
        };
        assert_eq!(found, (first..385).collect::<Vec<_>>(), "{time}");
    }
    held.verify().unwrap();
}

#[test]
fn a_partition_that_was_replaced_is_still_what_it_was_to_who_holds_it() {
    let world = World::new();
    built(world.job(Layer::Gold, "09:30-12:30"));
    let partition = world.partition(Layer::Gold, &TABLE);
    let held = partition.hold(&TABLE, &[]).unwrap();
    fs::remove_dir_all(partition.path()).unwrap();
    held.verify().unwrap();
    assert!(held.read_from(300).unwrap().next_batch().unwrap().is_some());
    let missing = partition.hold(&TABLE, &[]).unwrap_err();
    assert!(matches!(missing, PartitionError::Missing { .. }));
}

#[test]
fn a_held_partition_tells_its_damage_when_it_is_verified_or_at_once_by_its_size() {
    let world = World::new();
    built(world.job(Layer::Gold, "09:30-12:30"));
    let partition = world.partition(Layer::Gold, &TABLE);
    let path = partition.path().join("part-00000.parquet");
    flip(&path, 10);
    let held = partition.hold(&TABLE, &[]).unwrap();
    assert!(matches!(held.verify(), Err(PartitionError::Damaged { .. })));
    let mut bytes = fs::read(&path).unwrap();
    bytes.push(0);
    fs::write(&path, bytes).unwrap();
    let longer = partition.hold(&TABLE, &[]).unwrap_err();
    assert!(matches!(longer, PartitionError::Damaged { .. }));
}

#[test]
fn an_identical_rebuild_has_the_same_hash_and_another_one_has_not() {
    let hash = |session: &str| {
        let world = World::new();
        let mut job = world.job(Layer::Silver, session);
        job.provenance.created_at = format!("{:?}", world.folder.path());
        built(job)[0].content_sha256.clone()
    };
    assert_eq!(hash("09:30-12:30"), hash("09:30-12:30"));
    assert_ne!(hash("09:30-12:30"), hash("09:30-16:00"));
}

#[test]
fn complete_partitions_are_not_built_again() {
    let world = World::new();
    let first = built(world.job(Layer::Silver, "09:30-12:30"));
    let again = begin(world.job(Layer::Silver, "09:30-12:30")).unwrap();
    assert!(matches!(again, Begun::Complete(manifests) if manifests == first));
}

#[test]
fn other_settings_are_refused_and_both_are_named() {
    let world = World::new();
    built(world.job(Layer::Gold, "09:30-12:30"));
    let path = world.partition(Layer::Gold, &TABLE).path();
    let error = begin(world.job(Layer::Gold, "17:00-19:00")).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{} is complete with other settings: session is 09:30-12:30, not 17:00-19:00; to \
             rebuild it, run again with `overwrite`",
            path.display()
        )
    );
    let mut job = world.job(Layer::Gold, "17:00-19:00");
    job.existing = Existing::Overwrite;
    let rebuilt = built(job);
    assert_eq!(rebuilt[0].settings.get("session"), Some("17:00-19:00"));
    assert_eq!(world.hidden(), Vec::<PathBuf>::new());
}

#[test]
fn bronze_is_never_overwritten() {
    let world = World::new();
    let first = built(world.job(Layer::Bronze, "a"));
    let mut job = world.job(Layer::Bronze, "b");
    let error = begin(job.clone()).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("never overwritten: move it away first"),
        "{error}"
    );
    job.existing = Existing::Overwrite;
    assert_eq!(built(job), first);
    let kept = world.partition(Layer::Bronze, &TABLE).manifest().unwrap();
    assert_eq!(kept.as_ref(), Some(&first[0]));
    assert_eq!(world.hidden(), Vec::<PathBuf>::new());
}

#[test]
fn other_inputs_are_refused() {
    let world = World::new();
    let bronze = built(world.job(Layer::Bronze, "a"));
    let from = |hash: &str| {
        let mut job = world.job(Layer::Silver, "s");
        job.provenance.inputs = vec![Input {
            dataset: bronze[0].dataset.clone(),
            dt: bronze[0].dt,
            content_sha256: hash.into(),
        }];
        job
    };
    built(from(&bronze[0].content_sha256));
    let error = begin(from("something else")).unwrap_err();
    assert!(
        matches!(error, PartitionError::OtherInputs { .. }),
        "{error}"
    );
}

#[test]
fn a_build_that_is_given_up_leaves_nothing() {
    let world = World::new();
    let Begun::Build(mut build) = begin(world.job(Layer::Silver, "s")).unwrap() else {
        panic!("nothing is there");
    };
    fill(&mut build);
    assert!(!world.partition(Layer::Silver, &TABLE).is_complete());
    drop(build);
    assert!(world.paths().iter().all(|path| path.is_dir()));
    assert_eq!(world.hidden(), Vec::<PathBuf>::new());
}

#[test]
fn what_an_interrupted_run_left_is_listed_and_removed_by_the_next() {
    let world = World::new();
    let Begun::Build(mut build) = begin(world.job(Layer::Silver, "s")).unwrap() else {
        panic!("nothing is there");
    };
    fill(&mut build);
    // What a process leaves that is killed: it never drops anything.
    std::mem::forget(build);
    assert_eq!(world.hidden().len(), 3);
    let parquet = Some("parquet".as_ref());
    assert!(world.paths().iter().all(|path| path.extension() != parquet));
    let listed = world.lake().partitions(&Filter::default()).unwrap();
    assert!(listed.iter().all(|entry| entry.is_unfinished));
    assert_eq!(listed.len(), 2);
    // The lock ended with its holder, but in this process nothing was closed.
    let lock = world
        .hidden()
        .into_iter()
        .find(|path| path.extension() == Some("lock".as_ref()));
    fs::remove_file(lock.unwrap()).unwrap();
    built(world.job(Layer::Silver, "s"));
    assert_eq!(world.hidden(), Vec::<PathBuf>::new());
    let listed = world.lake().partitions(&Filter::default()).unwrap();
    assert!(listed.iter().all(|entry| !entry.is_unfinished));
}

#[test]
fn a_partition_that_was_moved_aside_and_not_replaced_is_put_back_by_the_next_run() {
    let world = World::new();
    let first = built(world.job(Layer::Silver, "s"));
    let partition = world.partition(Layer::Silver, &TABLE);
    // Where the file system cannot exchange two folders, a run that is killed between moving the
    // old one aside and moving the new one in leaves this.
    let beside = |ending: &str| {
        let name = format!(".dt=2026-02-06.{ending}");
        partition.path().with_file_name(name)
    };
    fs::rename(partition.path(), beside("replaced")).unwrap();
    fs::create_dir(beside("unfinished")).unwrap();

    // Who only reads changes nothing: there is no partition, and something unfinished beside it.
    assert_eq!(partition.manifest().unwrap(), None);
    let missing = partition.open(&TABLE, &[]).unwrap_err();
    assert!(matches!(missing, PartitionError::Missing { .. }));
    let missing = partition.hold(&TABLE, &[]).unwrap_err();
    assert!(matches!(missing, PartitionError::Missing { .. }));
    assert_eq!(defects(&world, &partition), ["it is not complete"]);
    let listed = world.lake().partitions(&Filter::default()).unwrap();
    let listed = listed
        .into_iter()
        .filter(|entry| entry.partition == partition);
    assert!(listed.map(|entry| entry.is_unfinished).eq([true, true]));

    // Nothing is lost by a run that could not build it again.
    let again = begin(world.job(Layer::Silver, "s")).unwrap();
    assert!(matches!(again, Begun::Complete(manifests) if manifests == first));
    assert_eq!(world.hidden(), Vec::<PathBuf>::new());
    assert_eq!(defects(&world, &partition), Vec::<String>::new());
}

#[test]
fn a_partition_that_is_overwritten_is_there_at_every_moment() {
    let world = World::new();
    built(world.job(Layer::Silver, "s"));
    let partition = world.partition(Layer::Silver, &TABLE);
    thread::scope(|scope| {
        let builder = scope.spawn(|| {
            for round in 0..20 {
                let mut job = world.job(Layer::Silver, &format!("{round}"));
                job.existing = Existing::Overwrite;
                built(job);
            }
        });
        while !builder.is_finished() {
            assert!(partition.manifest().unwrap().is_some());
        }
    });
    let last = partition.manifest().unwrap().unwrap();
    assert_eq!(last.settings.get("session"), Some("19"));
}

#[test]
fn one_missing_table_has_all_of_its_job_built() {
    let world = World::new();
    let first = built(world.job(Layer::Silver, "s"));
    fs::remove_dir_all(world.partition(Layer::Silver, &OTHER).path()).unwrap();
    assert_eq!(built(world.job(Layer::Silver, "s")), first);
}

#[test]
fn a_second_builder_waits_and_finds_all_complete() {
    let world = World::new();
    let Begun::Build(mut build) = begin(world.job(Layer::Silver, "s")).unwrap() else {
        panic!("nothing is there");
    };
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let job = world.job(Layer::Silver, "s");
        scope.spawn(move || {
            let begun = begin(job).unwrap();
            sender.send("begun").unwrap();
            assert!(matches!(begun, Begun::Complete(_)));
        });
        fill(&mut build);
        assert!(receiver.try_recv().is_err(), "it waits");
        build.publish().unwrap();
        assert_eq!(receiver.recv(), Ok("begun"));
    });
}

#[test]
fn rows_of_another_table_name_the_column() {
    let world = World::new();
    built(world.job(Layer::Silver, "s"));
    let error = world
        .partition(Layer::Silver, &TABLE)
        .open(&OTHER, &[])
        .unwrap_err();
    let causes = with_causes(&error);
    assert!(
        causes.contains(r#"the column "ts" stands where "count" belongs"#),
        "{causes}"
    );
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

/// Builds silver from bronze and returns both.
fn lineage(world: &World) -> [Partition; 2] {
    let bronze = built(world.job(Layer::Bronze, "b"));
    let raw = world.folder.path().join("raw/a-20260206.dbn");
    fs::create_dir_all(raw.parent().unwrap()).unwrap();
    fs::write(&raw, "records").unwrap();
    let mut job = world.job(Layer::Silver, "s");
    job.provenance.inputs = vec![
        Input {
            dataset: bronze[0].dataset.clone(),
            dt: bronze[0].dt,
            content_sha256: bronze[0].content_sha256.clone(),
        },
        Input {
            dataset: "raw/a-20260206.dbn".into(),
            dt: bronze[0].dt,
            content_sha256: vp_lake::tables::sha256_of_file(&raw).unwrap().0,
        },
    ];
    built(job);
    [Layer::Bronze, Layer::Silver].map(|layer| world.partition(layer, &TABLE))
}

fn defects(world: &World, partition: &Partition) -> Vec<String> {
    let defects = Verifier::new(world.lake()).verify(partition);
    defects.iter().map(Defect::to_string).collect()
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn sound_partitions_have_no_defects() {
    let world = World::new();
    for partition in lineage(&world) {
        assert_eq!(defects(&world, &partition), Vec::<String>::new());
    }
}

#[test]
fn a_flipped_byte_is_found_wherever_it_is_and_up_the_lineage() {
    let world = World::new();
    let [bronze, silver] = lineage(&world);
    let file = bronze.path().join("part-00000.parquet");
    let length = usize::try_from(fs::metadata(&file).unwrap().len()).unwrap();
    for at in (0..length).step_by(7) {
        flip(&file, at);
        assert!(defects(&world, &bronze)[0].contains("part-00000.parquet has changed"));
        assert!(defects(&world, &silver)[0].ends_with("which has defects"));
        let error = bronze.open(&TABLE, &[]).unwrap_err();
        assert!(matches!(error, PartitionError::Damaged { .. }), "{error}");
        flip(&file, at);
    }
    assert_eq!(defects(&world, &silver), Vec::<String>::new());
}

#[test]
fn a_forged_manifest_a_strange_file_and_a_changed_input_are_found() {
    let world = World::new();
    let [bronze, silver] = lineage(&world);
    fs::write(silver.path().join("more.parquet"), "").unwrap();
    assert!(defects(&world, &silver)[0].ends_with("is not named by the manifest"));

    fs::write(world.folder.path().join("raw/a-20260206.dbn"), "others").unwrap();
    assert!(defects(&world, &silver)[1].contains("a-20260206.dbn has changed"));

    let path = silver.path().join("_MANIFEST.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("0.25", "0.50")).unwrap();
    assert!(defects(&world, &silver)[0].contains("contradicts itself: content_sha256"));

    fs::remove_file(bronze.path().join("_SUCCESS")).unwrap();
    assert_eq!(defects(&world, &bronze), ["it is not complete"]);
}

#[test]
fn lineage_does_not_lead_out_of_the_lake() {
    let world = World::new();
    for dataset in [
        "raw/../../etc/passwd",
        "/etc/passwd",
        "silver/../x",
        "gold/x",
        "",
    ] {
        let mut job = world.job(Layer::Silver, "s");
        job.existing = Existing::Overwrite;
        job.provenance.inputs = vec![Input {
            dataset: dataset.into(),
            dt: "2026-02-06".parse().unwrap(),
            content_sha256: String::new(),
        }];
        built(job);
        let found = defects(&world, &world.partition(Layer::Silver, &TABLE));
        assert!(found[0].ends_with("which is no dataset"), "{found:?}");
    }
}

#[test]
fn datasets_and_partitions_are_inverse() {
    let world = World::new();
    for layer in Layer::ALL {
        let partition = world.partition(layer, &TABLE);
        let found = world
            .lake()
            .partition_of(&partition.dataset(), partition.date());
        assert_eq!(found, Some(partition));
    }
}

proptest! {
    #[test]
    fn bytes_that_are_no_manifest_are_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let found = Manifest::parse(&bytes, Path::new("m"));
        let is_form = matches!(found, Err(ManifestError::Form { .. }));
        prop_assert!(is_form);
    }

    #[test]
    fn a_manifest_with_changed_bytes_is_read_or_refused_but_never_names_another_content(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        static WRITTEN: LazyLock<Vec<u8>> = LazyLock::new(|| {
            let world = World::new();
            built(world.job(Layer::Silver, "s"));
            let folder = world.partition(Layer::Silver, &TABLE).path();
            fs::read(folder.join("_MANIFEST.json")).unwrap()
        });
        let manifest = Manifest::parse(&WRITTEN, Path::new("m")).unwrap();
        let mut bytes = WRITTEN.clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(found) = Manifest::parse(&bytes, Path::new("m")) {
            prop_assert_eq!(&found.content_sha256, &manifest.content_sha256);
            prop_assert_eq!(
                (&found.settings, &found.schema, &found.inputs),
                (&manifest.settings, &manifest.schema, &manifest.inputs)
            );
        }
    }
}
