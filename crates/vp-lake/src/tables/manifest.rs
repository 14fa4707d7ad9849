//! `_MANIFEST.json`: what a partition holds, from what it was made, and the hashes of both.
//!
//! A manifest is read as untrusted bytes: an invalid manifest is an error, and no path in it leads out of
//! the lake.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vp_market::SessionDate;

use super::column::Column;
use super::settings::Settings;
use super::store::hex;

/// The name of the file.
pub(super) const MANIFEST: &str = "_MANIFEST.json";
/// More than any manifest has.
pub(super) const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What a partition holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The folder of the table below the lake's root, with `/` between names.
    pub dataset: String,
    /// The session's date.
    #[serde(with = "date_text")]
    pub dt: SessionDate,
    /// The contract or ticker.
    pub symbol: String,
    /// The stage that made it: bronze, silver or gold.
    pub stage: String,
    /// The choices that it was made with.
    pub settings: Settings,
    /// How many rows there are.
    pub row_count: u64,
    /// The least time of a row, in nanoseconds since the Unix epoch; none without rows.
    pub min_time_ns: Option<i64>,
    /// The greatest time of a row.
    pub max_time_ns: Option<i64>,
    /// The version of the schema; 1 where a manifest does not say. Not hashed: the files say the
    /// same.
    #[serde(default = "first_version")]
    pub schema_version: u32,
    /// The columns, in order.
    pub schema: Vec<ManifestColumn>,
    /// The files, in the order in which they are read.
    pub files: Vec<FileEntry>,
    /// What it was made from.
    pub inputs: Vec<Input>,
    /// The datasets that were published together with this one, itself included. Not hashed.
    pub published_with: Vec<String>,
    /// The program that made it, with its version. Not hashed.
    pub tool_version: String,
    /// When it was made. Not hashed.
    pub created_at: String,
    /// The hash over settings, schema, files and inputs: an identical rebuild has an identical one.
    pub content_sha256: String,
}

/// A column, as a manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A file of a partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name within the partition's folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// What a partition was made from: another partition, or a raw file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// The dataset of the partition, or the path of the raw file below the lake's root.
    pub dataset: String,
    /// The session's date.
    #[serde(with = "date_text")]
    pub dt: SessionDate,
    /// The partition's `content_sha256`, or the SHA-256 of the raw file.
    pub content_sha256: String,
}

/// Why a partition's manifest cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// It cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The manifest.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is longer than any.
    #[error("{} is {bytes} bytes long, which no manifest is", path.display())]
    Length {
        /// The manifest.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// It is not what a manifest looks like.
    #[error("{} is no manifest", path.display())]
    Form {
        /// The manifest.
        path: PathBuf,
        /// Where it breaks.
        source: serde_json::Error,
    },
    /// Its content contradicts itself.
    #[error("{} contradicts itself: {fault}", path.display())]
    Contradiction {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
}

impl ManifestError {
    /// Returns the path of the manifest.
    pub fn path(&self) -> &Path {
        match self {
            Self::Read { path, .. }
            | Self::Length { path, .. }
            | Self::Form { path, .. }
            | Self::Contradiction { path, .. } => path,
        }
    }
}

impl Manifest {
    /// Returns the partition as the input of another.
    pub fn as_input(&self) -> Input {
        Input {
            dataset: self.dataset.clone(),
            dt: self.dt,
            content_sha256: self.content_sha256.clone(),
        }
    }

    /// Reads the manifest of a partition's folder.
    pub(super) fn read(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join(MANIFEST);
        let read = |source| ManifestError::Read {
            path: path.clone(),
            source,
        };
        let bytes = path.metadata().map_err(read)?.len();
        if bytes > MAX_BYTES {
            return Err(ManifestError::Length { path, bytes });
        }
        let text = crate::read_regular(&path, MAX_BYTES).map_err(read)?;
        Self::parse(&text, &path)
    }

    /// Reads a manifest from its bytes; `path` is used in errors.
    ///
    /// # Errors
    /// [`ManifestError`] for bytes that are no manifest, name a file outside the partition, or were
    /// changed after the hash over them was made.
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self, ManifestError> {
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|source| ManifestError::Form {
                path: path.into(),
                source,
            })?;
        let contradiction = |fault| ManifestError::Contradiction {
            path: path.into(),
            fault,
        };
        if let Some(file) = manifest.files.iter().find(|file| !is_part_name(&file.name)) {
            return Err(contradiction(format!(
                "{:?} is no file of a partition",
                file.name
            )));
        }
        let mut names: Vec<_> = manifest.files.iter().map(|file| &file.name).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(contradiction("it names a file twice".into()));
        }
        let content = manifest.content_hash();
        if content != manifest.content_sha256 {
            return Err(contradiction(format!(
                "content_sha256 is {}, and what it is over gives {content}",
                manifest.content_sha256
            )));
        }
        Ok(manifest)
    }

    /// Returns its bytes: JSON, for people to read.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("names and numbers are valid JSON");
        bytes.push(b'\n');
        bytes
    }

    /// Returns what [`Self::content_sha256`] must be: the SHA-256 of the JSON object of settings,
    /// schema, file hashes and inputs, in this order, without spaces.
    #[expect(
        clippy::missing_panics_doc,
        reason = "names and numbers are valid JSON"
    )]
    pub fn content_hash(&self) -> String {
        #[derive(Serialize)]
        struct Content<'a> {
            settings: &'a Settings,
            schema: &'a [ManifestColumn],
            files: Vec<&'a str>,
            inputs: &'a [Input],
        }
        let content = Content {
            settings: &self.settings,
            schema: &self.schema,
            files: self.files.iter().map(|file| &*file.sha256).collect(),
            inputs: &self.inputs,
        };
        let json = serde_json::to_vec(&content).expect("names and numbers are valid JSON");
        hex(Sha256::digest(json).as_ref())
    }
}

impl ManifestColumn {
    pub(super) fn all(columns: &[Column]) -> Vec<Self> {
        let named = |column: &Column| Self {
            name: column.name.into(),
            kind: column.kind.name().into(),
        };
        columns.iter().map(named).collect()
    }
}

/// Returns the schema version of manifests that are older than the field.
fn first_version() -> u32 {
    1
}

/// Returns the name of the file with that number.
pub(super) fn part_name(number: u32) -> String {
    format!("part-{number:05}.parquet")
}

fn is_part_name(name: &str) -> bool {
    let number = name
        .strip_prefix("part-")
        .and_then(|rest| rest.strip_suffix(".parquet"));
    number.is_some_and(|digits| digits.len() == 5 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Dates as texts of the form YYYY-MM-DD.
mod date_text {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};
    use vp_market::SessionDate;

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    pub(super) fn serialize<S: Serializer>(date: &SessionDate, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(date)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SessionDate, D::Error> {
        String::deserialize(from)?.parse().map_err(Error::custom)
    }
}
