//! Tables: typed columns in Parquet files, and the partitions of the lake that are made of them.
//!
//! A [`Table`] is written through a [`Build`], which publishes whole partitions or nothing, and
//! read through [`Partition::open`]. Callers hand over plain vectors; Arrow and Parquet stay in
//! here. What a column means is not known.

mod build;
mod catalog;
mod column;
mod foot;
mod lock;
mod manifest;
mod partition;
mod reader;
mod schema;
mod settings;
mod store;
mod values;
mod verify;
mod writer;

pub use build::{Begun, Build, Existing, Job, Provenance, begin, begin_streaming};
pub use catalog::{Entry, Filter};
pub use column::{Column, ColumnType, Encoding, Table};
pub use lock::Lock;
pub use manifest::{FileEntry, Input, Manifest, ManifestColumn, ManifestError};
pub use partition::{HeldPartition, Layer, Partition, PartitionError, PartitionReader};
pub use reader::{Batch, TableReader};
pub use schema::{SchemaError, SchemaFault};
pub use settings::Settings;
pub use store::{StoreError, sha256_of_file};
pub use values::{Lists, Text, Values};
pub use verify::{Defect, Verifier};
pub use writer::{TableError, TableWriter};
