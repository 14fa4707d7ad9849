//! What the programs share: standard output that may be closed, the log file, the
//! browser. What a program
//! prints and logs is not known here.

mod browser;
mod log_file;
mod stdout;

pub use browser::{open_in_browser, page_url};
pub use log_file::{LogFile, LogFileError};
pub use stdout::Stdout;
