//! Writes silver and gold of schema version 1 again: the partitions as earlier programs made them,
//! with 0 where a price is absent, and manifests that say no version.

use std::collections::BTreeMap;
use std::fs;

use vp_lake::tables::{
    Batch, Begun, Column, ColumnType, Existing, Job, Layer, Manifest, Partition, Provenance, Table,
    Values, begin,
};
use vp_velocity::tables::table_of;

use super::World;

const WHOLE: &str = "a sound partition";

impl World {
    /// Replaces the partitions of silver and gold that are `wanted` by ones of version 1. What was
    /// made from one that is replaced has to be wanted, too.
    pub(crate) fn downgrade(&self, wanted: impl Fn(&Partition) -> bool) {
        let mut hashes = BTreeMap::new();
        for entry in self.entries() {
            let partition = entry.partition;
            if partition.layer() != Layer::Bronze && wanted(&partition) {
                let old = partition.manifest().expect(WHOLE).expect(WHOLE);
                let new = rewrite(&partition, &old, &hashes);
                hashes.insert(old.content_sha256, new.content_sha256);
            }
        }
    }

    /// Returns the schema version of every partition of silver and gold.
    pub(crate) fn versions(&self) -> Vec<u32> {
        let entries = self.entries().into_iter();
        let above = entries.filter(|entry| entry.partition.layer() != Layer::Bronze);
        let version = |partition: Partition| partition.manifest().expect(WHOLE).expect(WHOLE);
        above
            .map(|entry| version(entry.partition).schema_version)
            .collect()
    }
}

fn rewrite(partition: &Partition, old: &Manifest, hashes: &BTreeMap<String, String>) -> Manifest {
    let table = table_of(partition).expect("a known table");
    let columns = table.columns_of(1).expect("the first version is known");
    let earlier: &'static Table = Box::leak(Box::new(Table {
        columns,
        earlier: &[],
        ..*table
    }));
    let mut reader = partition.open(table, &[]).expect(WHOLE);
    let mut rows = Vec::new();
    while let Some(batch) = reader.next_batch().expect(WHOLE) {
        let values = columns.iter().map(|column| values(&batch, column));
        rows.push(values.collect());
    }
    fs::remove_dir_all(partition.path()).expect("the lake is writable");
    let mut inputs = old.inputs.clone();
    for input in &mut inputs {
        if let Some(hash) = hashes.get(&input.content_sha256) {
            input.content_sha256.clone_from(hash);
        }
    }
    let job = Job {
        targets: vec![(partition.clone(), earlier)],
        provenance: Provenance {
            settings: old.settings.clone(),
            inputs,
            tool_version: "velocity 0".into(),
            created_at: old.created_at.clone(),
        },
        existing: Existing::Keep,
    };
    let Begun::Build(mut build) = begin(job).expect("the lake is writable") else {
        panic!("it was removed");
    };
    for batch in rows {
        build.append(0, batch).expect("the lake is writable");
    }
    let manifest = build.publish().expect("the lake is writable").remove(0);
    let path = partition.path().join("_MANIFEST.json");
    let text = fs::read_to_string(&path).expect(WHOLE);
    let without = text.replace("  \"schema_version\": 1,\n", "");
    assert_ne!(text, without);
    fs::write(&path, without).expect("the lake is writable");
    manifest
}

/// Returns a column as version 1 has it.
fn values(batch: &Batch, column: &Column) -> Values {
    match column.kind {
        ColumnType::I64 => {
            let values = batch.option_i64(column.name);
            Values::I64(values.map(|value| value.unwrap_or(0)).collect())
        }
        ColumnType::F64 => {
            let values = batch.option_f64(column.name);
            Values::F64(values.map(|value| value.unwrap_or(0.0)).collect())
        }
        ColumnType::I32 => Values::I32(batch.i32(column.name).into()),
        ColumnType::Bool => Values::Bool(batch.bool(column.name)),
        ColumnType::Text => Values::Text(batch.text(column.name).collect()),
        kind @ (ColumnType::U32
        | ColumnType::U64
        | ColumnType::OptionF64
        | ColumnType::OptionI32
        | ColumnType::OptionI64
        | ColumnType::ListF64
        | ColumnType::ListI32
        | ColumnType::ListI64) => panic!("version 1 has no {kind:?}"),
    }
}
