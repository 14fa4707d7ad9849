//! The packages of the workspace and what each of them depends on, as the layer rule sees them.
//!
//! It keeps what the rule asks for and nothing else of `cargo metadata`.

use std::collections::BTreeMap;
use std::fmt;

use cargo_metadata::DependencyKind;

/// A package of the workspace.
#[derive(Clone, Debug, Default)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) dependencies: Vec<Dependency>,
    /// What each feature enables, as the manifest writes it.
    pub(super) features: BTreeMap<String, Vec<String>>,
}

/// A dependency that a package declares.
#[derive(Clone, Debug)]
pub(super) struct Dependency {
    /// The depended-on package's own name, even where the manifest renames it.
    pub(super) name: String,
    /// The name the manifest gives it, where that differs.
    pub(super) rename: Option<String>,
    pub(super) kind: Kind,
    pub(super) is_optional: bool,
    /// Whether it lives in this repository.
    pub(super) is_local: bool,
}

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Normal,
    Build,
    Dev,
}

impl Package {
    /// Returns the dependencies on other packages of this repository.
    ///
    /// A package that names itself for its own tests imports nothing.
    pub(super) fn imports(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies
            .iter()
            .filter(|dependency| dependency.is_local && dependency.name != self.name)
    }

    /// Returns whether the package `name` is compiled in through `feature` and in no other way.
    pub(super) fn only_feature_enables(&self, feature: &str, name: &str) -> bool {
        self.dependencies
            .iter()
            .filter(|dependency| dependency.name == name && dependency.kind != Kind::Dev)
            .all(|dependency| {
                let key = dependency.rename.as_ref().unwrap_or(&dependency.name);
                dependency.is_optional && self.enablers(key).all(|enabler| enabler == feature)
            })
    }

    /// Returns the features that switch on the optional dependency `key` directly.
    ///
    /// `key?/feature` does not switch it on.
    fn enablers(&self, key: &str) -> impl Iterator<Item = &str> {
        self.features
            .iter()
            .filter(move |(_, enabled)| {
                enabled.iter().any(|item| {
                    let item = item.strip_prefix("dep:").unwrap_or(item);
                    item.split_once('/')
                        .map_or(item, |(dependency, _)| dependency)
                        == key
                })
            })
            .map(|(feature, _)| feature.as_str())
    }
}

impl From<&cargo_metadata::Package> for Package {
    fn from(package: &cargo_metadata::Package) -> Self {
        Self {
            name: package.name.to_string(),
            dependencies: package.dependencies.iter().map(Dependency::from).collect(),
            features: package.features.clone(),
        }
    }
}

impl From<&cargo_metadata::Dependency> for Dependency {
    fn from(dependency: &cargo_metadata::Dependency) -> Self {
        Self {
            name: dependency.name.clone(),
            rename: dependency.rename.clone(),
            kind: match dependency.kind {
                DependencyKind::Development => Kind::Dev,
                DependencyKind::Build => Kind::Build,
                // A kind that Cargo has yet to invent is judged as strictly as what ships.
                DependencyKind::Normal | DependencyKind::Unknown => Kind::Normal,
            },
            is_optional: dependency.optional,
            is_local: dependency.path.is_some(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "dependency",
            Self::Build => "build-dependency",
            Self::Dev => "dev-dependency",
        })
    }
}
