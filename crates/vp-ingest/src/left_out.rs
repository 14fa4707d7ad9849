//! Files of the lake that a session could have been read from and is not, with the reason.

use std::fmt;
use std::path::PathBuf;

/// How many contracts a text lists.
const LISTED: usize = 20;

/// A file of the date that is not read, or not for every contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The file.
    pub path: PathBuf,
    /// Why it is not read.
    pub reason: LeftOutReason,
    /// The contracts that are not read from it; empty where it is not read at all.
    pub contracts: Vec<String>,
}

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOutReason {
    /// It holds records of another schema.
    Schema(String),
    /// It was recorded from a live stream, and a downloaded file covers the same.
    Recording {
        /// The downloaded file.
        by: PathBuf,
    },
    /// It spans more days than another file that covers the same.
    Wider {
        /// The file with fewer days.
        by: PathBuf,
    },
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is left out", self.path.display())?;
        let listed = self.contracts.iter().take(LISTED);
        let listed: Vec<_> = listed.map(String::as_str).collect();
        if !listed.is_empty() {
            write!(f, " for {}", listed.join(", "))?;
        }
        match self.contracts.len().saturating_sub(LISTED) {
            0 => {}
            more => write!(f, " and {more} more")?,
        }
        match &self.reason {
            LeftOutReason::Schema(schema) => {
                write!(f, ": it holds records of the schema {schema}")
            }
            LeftOutReason::Recording { by } => write!(
                f,
                ": it is a recording, and the download {} covers the same",
                by.display()
            ),
            LeftOutReason::Wider { by } => {
                write!(f, ": {} covers the same and spans fewer days", by.display())
            }
        }
    }
}
