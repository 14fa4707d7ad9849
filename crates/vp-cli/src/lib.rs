//! What the programs share: where options come from, what is printed and how, standard output that may
//! be closed, the log, the browser. What a program has to say is not known here.

mod browser;
mod log_file;
mod options;
pub mod report;
mod stdout;

pub use browser::{open_in_browser, page_url};
pub use log_file::{LogFile, LogFileError};
pub use options::{SettingsError, SettingsFile, origin_of, parse};
pub use stdout::Stdout;
