//! What the programs share: standard output that may be closed, the log file, the
//! browser, where options come from. What a program
//! prints and logs is not known here.

mod browser;
mod log_file;
mod options;
mod stdout;

pub use browser::{open_in_browser, page_url};
pub use log_file::{LogFile, LogFileError};
pub use options::{SettingsError, SettingsFile, parse};
pub use stdout::Stdout;
