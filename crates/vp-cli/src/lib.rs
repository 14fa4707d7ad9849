//! What the programs share: where options come from, what is printed and how, standard output that may
//! be closed, the log, the browser. What a program has to say is not known here.

mod browser;
mod log;
mod log_file;
mod named;
mod options;
mod products;
pub mod report;
#[cfg(feature = "serve")]
mod serve;
mod stdout;

pub use browser::{open_in_browser, page_url};
pub use log::{LogError, start_log};
pub use log_file::{LogFile, LogFileError};
pub use named::origin_of;
pub use options::{SettingsError, SettingsFile, parse};
pub use products::products;
#[cfg(feature = "serve")]
pub use serve::ListenArgs;
pub use stdout::Stdout;
