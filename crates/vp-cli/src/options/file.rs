//! `spymaster.toml`: settings for all programs, for one of them, for one of its commands.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Command;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::is_setting;

/// The name of the file.
pub(super) const NAME: &str = "spymaster.toml";

/// The programs, each of which has a table.
const PROGRAMS: [&str; 3] = ["vp-live", "velocity", "download"];

/// The options that all programs share, which may be set outside the tables.
const SHARED: [&str; 3] = ["lake", "products", "log-level"];

/// A file of settings that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("the settings {} cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text is no TOML.
    #[error("{}: {reason}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Where it breaks, and why.
        reason: String,
    },
    /// A key that occurs twice in one table.
    #[error("{}, line {line}: {key} stands in line {first} already (- and _ are the same)", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// The second line.
        line: usize,
        /// The first line.
        first: usize,
        /// The key.
        key: String,
    },
    /// A table of no program or command.
    #[error("{}, line {line}: there is no table [{table}]; there are {known}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// The line of its first key.
        line: usize,
        /// The table.
        table: String,
        /// The tables that there are.
        known: String,
    },
    /// A key that no command has.
    #[error("{}, line {line}: {key:?} is no setting of {place}; there are: {known}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The key.
        key: String,
        /// Its table.
        place: String,
        /// The keys that are allowed there.
        known: String,
    },
    /// A value that no option takes, such as a table.
    #[error("{}, line {line}: {key} takes a text, a number, true, false, or a list of them", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The key.
        key: String,
    },
}

/// The value of an option in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// As they are written; an option that may be repeated takes several.
    pub(super) values: Vec<String>,
    /// Its line.
    pub(super) line: usize,
}

/// A file of settings, or none.
#[derive(Clone, Debug, Default)]
pub struct SettingsFile {
    path: PathBuf,
    /// By table (`vp-live.run`, empty outside of the tables) and option.
    settings: BTreeMap<(String, String), Setting>,
}

impl SettingsFile {
    pub(super) fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = fs::read_to_string(path).map_err(|source| SettingsError::Read {
            path: path.into(),
            source,
        })?;
        let table = DeTable::parse(&text).map_err(|error| SettingsError::Form {
            path: path.into(),
            reason: error.to_string().trim_end().to_owned(),
        })?;
        let mut file = Self {
            path: path.into(),
            settings: BTreeMap::new(),
        };
        file.take(&text, "", table.get_ref())?;
        Ok(file)
    }

    fn take(&mut self, text: &str, place: &str, table: &DeTable<'_>) -> Result<(), SettingsError> {
        for (key, value) in table {
            let line = 1 + text[..key.span().start].matches('\n').count();
            let name = key.get_ref().as_ref();
            if let DeValue::Table(below) = value.get_ref() {
                let below_name = if place.is_empty() {
                    name.to_owned()
                } else {
                    format!("{place}.{name}")
                };
                self.take(text, &below_name, below)?;
                continue;
            }
            let values = if let DeValue::Array(values) = value.get_ref() {
                values.iter().map(scalar).collect()
            } else {
                scalar(value).map(|value| vec![value])
            };
            let values = values.ok_or_else(|| SettingsError::Value {
                path: self.path.clone(),
                line,
                key: name.to_owned(),
            })?;
            let option = name.replace('_', "-");
            let setting = Setting { values, line };
            let key = (place.to_owned(), option);
            if let Some(other) = self.settings.insert(key, setting) {
                return Err(SettingsError::Twice {
                    path: self.path.clone(),
                    line: line.max(other.line),
                    first: line.min(other.line),
                    key: name.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what the file says of an option of a command, such as `["vp-live", "run"]`: that of the
    /// innermost table counts.
    pub(super) fn setting(&self, command: &[String], option: &str) -> Option<&Setting> {
        (0..=command.len()).rev().find_map(|depth| {
            let key = (command[..depth].join("."), option.to_owned());
            self.settings.get(&key)
        })
    }

    /// Checks that every setting for this program is an option of the command whose table it stands
    /// in, or of one below it.
    pub(super) fn check(&self, program: &Command) -> Result<(), SettingsError> {
        for ((place, option), setting) in &self.settings {
            let known = if place.is_empty() {
                SHARED.map(str::to_owned).to_vec()
            } else {
                let mut names = place.split('.');
                let first = names.next().unwrap_or_default();
                if first != program.get_name() && PROGRAMS.contains(&first) {
                    continue;
                }
                let root = (first == program.get_name()).then_some(program);
                let command =
                    names.try_fold(root, |command, name| Some(command?.find_subcommand(name)));
                let Some(command) = command.flatten() else {
                    return Err(self.no_table(program, place, setting.line));
                };
                options_of(command)
            };
            if !known.contains(option) {
                let whose = if place.is_empty() {
                    "all programs"
                } else {
                    place
                };
                return Err(SettingsError::Unknown {
                    path: self.path.clone(),
                    line: setting.line,
                    key: option.to_owned(),
                    place: whose.to_owned(),
                    known: known.join(", "),
                });
            }
        }
        Ok(())
    }

    fn no_table(&self, program: &Command, table: &str, line: usize) -> SettingsError {
        let name = program.get_name();
        let known = if table.starts_with(&format!("{name}.")) {
            let commands = program.get_subcommands();
            let tables = commands.map(|command| format!("[{name}.{}]", command.get_name()));
            tables.collect::<Vec<_>>().join(", ")
        } else {
            let tables = PROGRAMS.map(|program| format!("[{program}]"));
            format!("{}, and those of their commands", tables.join(", "))
        };
        SettingsError::Table {
            path: self.path.clone(),
            line,
            table: table.to_owned(),
            known,
        }
    }
}

/// Returns the options of a command and of those below it, in order, each once.
fn options_of(command: &Command) -> Vec<String> {
    let own = command
        .get_arguments()
        .filter(|arg| is_setting(arg))
        .filter_map(|arg| arg.get_long().map(str::to_owned));
    let below = command.get_subcommands().flat_map(options_of);
    let mut options: Vec<String> = own.chain(below).collect();
    options.sort();
    options.dedup();
    options
}

/// Returns a text with the user's own folder in the place of a leading `~/`, as a shell has it.
fn at_home(text: &str) -> String {
    let home = text.strip_prefix("~/").zip(std::env::home_dir());
    home.map_or_else(
        || text.to_owned(),
        |(rest, home)| home.join(rest).display().to_string(),
    )
}

/// Returns a value as it is written: a number is never taken for a binary one.
fn scalar(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(at_home(text)),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().replace('_', "")),
        DeValue::Float(number) => Some(number.as_str().replace('_', "")),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Integer(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
