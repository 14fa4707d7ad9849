//! Whether partitions are what their manifests say, back to the raw files.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use super::column::Table;
use super::manifest::{FileEntry, Input, MANIFEST, Manifest, ManifestError};
use super::partition::{Contradiction, Partition, contradictions};
use super::reader::{OpenFile, TableFile};
use super::store;
use super::writer::TableError;
use crate::{Lake, LayoutError, open_regular};

/// Something about a partition that is not as it should be.
#[derive(Debug)]
#[non_exhaustive]
pub enum Defect {
    /// It is not complete.
    Incomplete,
    /// Its manifest cannot be used.
    Manifest(ManifestError),
    /// A file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file is not a Parquet file.
    NoTable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: TableError,
    },
    /// A file is not the one that the manifest, or a lineage, speaks of.
    Changed {
        /// The file.
        path: PathBuf,
        /// The recorded hash.
        expected: String,
        /// The hash of what is there.
        found: String,
    },
    /// A file has another length than the manifest says.
    Length {
        /// The file.
        path: PathBuf,
        /// The recorded length.
        expected: u64,
        /// The length of what is there.
        found: u64,
    },
    /// The manifest says something that its files, or its folder, do not.
    Contradiction {
        /// The manifest.
        path: PathBuf,
        /// What the files say.
        expected: String,
        /// What the manifest says.
        found: String,
    },
    /// Its schema version is unknown.
    UnknownVersion {
        /// The version.
        found: u32,
        /// The latest known version.
        known: u32,
    },
    /// A file that the manifest does not name.
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// Its folder cannot be listed.
    Layout(LayoutError),
    /// It was made from a partition that is not the one that is there.
    InputChanged {
        /// What it was made from.
        input: Input,
        /// The content hash of the one that is there, if there is one.
        found: Option<String>,
    },
    /// It was made from a partition that has defects itself.
    InputDefective {
        /// What it was made from.
        input: Input,
    },
    /// An input is not a dataset of the lake.
    InputUnknown {
        /// The input.
        input: Input,
    },
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete => f.write_str("it is not complete"),
            Self::Manifest(error) => write!(f, "{}", with_causes(error)),
            Self::Unreadable { path, source } => {
                write!(f, "{} cannot be read: {source}", path.display())
            }
            Self::NoTable { path, source } => {
                write!(f, "{}: {}", path.display(), with_causes(source))
            }
            Self::Changed {
                path,
                expected,
                found,
            } => {
                let path = path.display();
                write!(
                    f,
                    "{path} has changed: SHA-256 {expected} expected, {found} found"
                )
            }
            Self::Length {
                path,
                expected,
                found,
            } => {
                let path = path.display();
                write!(
                    f,
                    "{path} is {found} bytes long, the manifest says {expected}"
                )
            }
            Self::Contradiction {
                path,
                expected,
                found,
            } => {
                let path = path.display();
                write!(
                    f,
                    "{path} contradicts its files: {expected} expected, {found} found"
                )
            }
            Self::UnknownVersion { found, known } => write!(
                f,
                "it has schema version {found}, and this program reads up to {known}"
            ),
            Self::Unknown { path } => {
                write!(f, "{} is not named by the manifest", path.display())
            }
            Self::Layout(error) => write!(f, "{}", with_causes(error)),
            Self::InputChanged {
                input,
                found: Some(found),
            } => write!(
                f,
                "it was made from {} with content {}, which is now {found}: rebuild it",
                input.dataset, input.content_sha256
            ),
            Self::InputChanged { input, found: None } => {
                write!(f, "it was made from {}, which is not there", input.dataset)
            }
            Self::InputDefective { input } => {
                write!(f, "it was made from {}, which has defects", input.dataset)
            }
            Self::InputUnknown { input } => {
                write!(
                    f,
                    "it says it was made from {:?}, which is no dataset",
                    input.dataset
                )
            }
        }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Checks partitions and what they were made from, each file once.
#[derive(Debug)]
pub struct Verifier {
    lake: Lake,
    /// Finds the table that a partition is of.
    table_of: fn(&Partition) -> Option<&'static Table>,
    /// Whether a partition that was looked at is sound.
    partitions: BTreeMap<PathBuf, bool>,
    /// The hashes of the raw files that were looked at.
    raw_files: BTreeMap<PathBuf, String>,
}

impl Verifier {
    /// Returns a verifier of that lake that knows no table.
    pub fn new(lake: Lake) -> Self {
        Self {
            lake,
            table_of: |_| None,
            partitions: BTreeMap::new(),
            raw_files: BTreeMap::new(),
        }
    }

    /// Returns a verifier that knows tables: it compares the columns, versions and times of their
    /// partitions, too.
    #[must_use]
    pub fn knowing(self, table_of: fn(&Partition) -> Option<&'static Table>) -> Self {
        Self { table_of, ..self }
    }

    /// Returns the defects of a partition: of its files, by hashing them again, and of its lineage.
    pub fn verify(&mut self, partition: &Partition) -> Vec<Defect> {
        let path = partition.path();
        // Lineage leads to lower layers only, but a forged manifest may lead in a circle.
        self.partitions.insert(path.clone(), true);
        let defects = match partition.manifest() {
            Ok(Some(manifest)) => self.defects(&path, partition, &manifest),
            Ok(None) => vec![Defect::Incomplete],
            Err(error) => vec![Defect::Manifest(error)],
        };
        self.partitions.insert(path, defects.is_empty());
        defects
    }

    fn defects(&mut self, path: &Path, partition: &Partition, manifest: &Manifest) -> Vec<Defect> {
        let mut defects = Vec::new();
        for entry in &manifest.files {
            defects.extend(file_defects(path, entry));
        }
        if defects.is_empty() {
            defects.extend(self.contradictions(path, partition, manifest));
        }
        defects.extend(published_defect(path, partition, manifest));
        match crate::raw::names_in(path) {
            Ok(names) => {
                let is_known = |name: &&String| {
                    name.starts_with('_') || manifest.files.iter().any(|file| file.name == **name)
                };
                let unknown = names.iter().filter(|name| !is_known(name));
                defects.extend(unknown.map(|name| Defect::Unknown {
                    path: path.join(name),
                }));
            }
            Err(error) => defects.push(Defect::Layout(error)),
        }
        for input in &manifest.inputs {
            defects.extend(self.input_defect(partition, input));
        }
        defects
    }

    /// Compares the manifest with the footers of its files, whose hashes match it.
    fn contradictions(&self, path: &Path, of: &Partition, manifest: &Manifest) -> Vec<Defect> {
        let table = (self.table_of)(of);
        if let Some(table) = table
            && table.columns_of(manifest.schema_version).is_none()
        {
            return vec![Defect::UnknownVersion {
                found: manifest.schema_version,
                known: table.version(),
            }];
        }
        let mut files = Vec::new();
        for entry in &manifest.files {
            let path = path.join(&entry.name);
            let foot = open_regular(&path).map(OpenFile::new);
            let foot = foot.map(TableFile::foot);
            match foot {
                Ok(Ok(file)) => files.push(file),
                Ok(Err(source)) => return vec![Defect::NoTable { path, source }],
                Err(source) => return vec![Defect::Unreadable { path, source }],
            }
        }
        let files: Vec<_> = files.iter().collect();
        let found = contradictions(manifest, table, &files).into_iter();
        found
            .map(|Contradiction { expected, found }| Defect::Contradiction {
                path: path.join(MANIFEST),
                expected,
                found,
            })
            .collect()
    }

    fn input_defect(&mut self, of: &Partition, input: &Input) -> Option<Defect> {
        let input = input.clone();
        if input.dataset.starts_with("raw/") {
            return self.raw_defect(input);
        }
        let lower = self.lake.partition_of(&input.dataset, input.dt);
        let Some(lower) = lower.filter(|lower| may_be_made_from(of, lower)) else {
            return Some(Defect::InputUnknown { input });
        };
        let found = lower.manifest().ok().flatten();
        let found = found.map(|manifest| manifest.content_sha256);
        if found.as_ref() != Some(&input.content_sha256) {
            return Some(Defect::InputChanged { input, found });
        }
        let is_sound = match self.partitions.get(&lower.path()) {
            Some(is_sound) => *is_sound,
            None => self.verify(&lower).is_empty(),
        };
        (!is_sound).then_some(Defect::InputDefective { input })
    }

    fn raw_defect(&mut self, input: Input) -> Option<Defect> {
        let relative = Path::new(&input.dataset);
        let is_below = |part: Component<'_>| matches!(part, Component::Normal(_));
        if !relative.components().all(is_below) {
            return Some(Defect::InputUnknown { input });
        }
        let path = self.lake.root().join(relative);
        let found = match self.raw_files.get(&path) {
            Some(found) => found.clone(),
            None => match store::sha256_of_file(&path) {
                Ok((found, _)) => found,
                Err(source) => return Some(Defect::Unreadable { path, source }),
            },
        };
        self.raw_files.insert(path.clone(), found.clone());
        let expected = input.content_sha256;
        (found != expected).then_some(Defect::Changed {
            path,
            expected,
            found,
        })
    }
}

fn file_defects(folder: &Path, entry: &FileEntry) -> Vec<Defect> {
    let path = folder.join(&entry.name);
    let (sha256, bytes) = match store::sha256_of_file(&path) {
        Ok(found) => found,
        Err(source) => return vec![Defect::Unreadable { path, source }],
    };
    let changed = (sha256 != entry.sha256).then(|| Defect::Changed {
        path: path.clone(),
        expected: entry.sha256.clone(),
        found: sha256,
    });
    let length = (bytes != entry.bytes).then(|| Defect::Length {
        path,
        expected: entry.bytes,
        found: bytes,
    });
    changed.into_iter().chain(length).collect()
}

/// Returns whether a partition can have that input: one of a lower layer, or, for options, one of
/// their underlying in the same layer. So no lineage comes back to where it began.
fn may_be_made_from(of: &Partition, input: &Partition) -> bool {
    let is_of_underlying = of.product_type().underlying() == Some(input.product_type());
    input.layer() < of.layer() || (input.layer() == of.layer() && is_of_underlying)
}

/// Checks what a manifest says was published together: itself, and others of its layer and kind.
fn published_defect(path: &Path, of: &Partition, manifest: &Manifest) -> Option<Defect> {
    let said = &manifest.published_with;
    let is_beside = |dataset: &String| {
        let other = of.lake().partition_of(dataset, of.date());
        other.is_some_and(|other| {
            (other.layer(), other.product_type()) == (of.layer(), of.product_type())
        })
    };
    if said.contains(&manifest.dataset) && said.iter().all(is_beside) {
        return None;
    }
    let (layer, product_type) = (of.layer(), of.product_type());
    Some(Defect::Contradiction {
        path: path.join(MANIFEST),
        expected: format!(
            "published_with {} and nothing but datasets of {layer} and {product_type}",
            manifest.dataset
        ),
        found: said.join(", "),
    })
}

#[cfg(test)]
mod tests {
    use vp_market::ProductType::{self, EquityMbo, FutureMbo, FutureOptionMbo};

    use super::*;
    use crate::tables::Layer::{self, Bronze, Gold, Silver};

    #[test]
    fn options_may_be_made_from_their_underlying_and_nothing_from_what_is_above_it() {
        let partition = |(layer, product_type): (Layer, ProductType)| {
            let date = "2026-02-06".parse().unwrap();
            Lake::new("lake").partition(layer, product_type, "ESH6", "t", date)
        };
        let check = |of, input, may| {
            let found = may_be_made_from(&partition(of), &partition(input));
            assert_eq!(found, may, "{of:?} from {input:?}");
        };
        check((Silver, FutureOptionMbo), (Silver, FutureMbo), true);
        check((Silver, FutureOptionMbo), (Bronze, FutureOptionMbo), true);
        check((Gold, FutureMbo), (Silver, FutureMbo), true);
        check((Silver, FutureMbo), (Silver, FutureOptionMbo), false);
        check((Silver, FutureOptionMbo), (Silver, EquityMbo), false);
        check((Silver, FutureMbo), (Silver, FutureMbo), false);
        check((Silver, FutureOptionMbo), (Gold, FutureMbo), false);
    }
}
