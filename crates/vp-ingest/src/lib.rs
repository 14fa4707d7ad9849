//! DBN files become records: in order, filtered to one session of one instrument.
//!
//! [`Source`] is a session's records, [`Inspection`] what any DBN file holds, [`DbnReader`] the
//! file beneath both. What the records do to a book is not known here.

mod bytes;
mod error;
mod filter;
mod inspect;
mod reader;
mod source;
mod symbols;
mod tick_check;

pub use error::{DownloadCommand, IngestError, Known};
pub use filter::Counters;
pub use inspect::{DecodeAnomalies, Inspection, MboCounts, Requested, Span};
pub use reader::{DbnError, DbnReader};
pub use source::{Input, Progress, SessionSpec, Source, SourceFile};
pub use symbols::{MappedId, SymbolMap};
