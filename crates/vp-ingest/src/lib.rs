//! DBN files become records: in order, filtered to one session of one instrument.
//!
//! [`Source`] is a session's records, [`RawDay`] the messages of all contracts of a date as the feed
//! sent them, [`OptionDay`] those of all options, [`HeldSessions`] which sessions a file holds, [`Definition`] what a venue says of an instrument,
//! [`Inspection`] what any DBN file holds, [`DbnReader`] the file beneath all of them.
//! What the records do to a book is not known here.

mod bytes;
mod candidates;
mod contracts;
mod day_files;
mod definition;
mod definitions;
mod error;
mod file;
mod file_choice;
mod filter;
mod held;
mod inspect;
mod left_out;
mod mapping;
mod mbo;
mod naming;
mod option_day;
mod publishers;
mod raw_day;
mod reader;
mod source;
mod survey;
mod symbols;
mod tick_check;

pub use contracts::contracts_offered;
pub use dbn::{Cmbp1Msg, MboMsg};
pub use definition::Definition;
pub use definitions::{Defined, Definitions, OptionDefinition};
pub use error::{DownloadCommand, IngestError, Known, ShellWord};
pub use file::FileIdentity;
pub use file_choice::{FileChoice, FileChoiceError, FileWish};
pub use filter::{Counters, normalize};
pub use held::{HeldSession, HeldSessions};
pub use inspect::{DecodeAnomalies, Inspection, MboCounts, Requested, Span};
pub use left_out::{LeftOut, LeftOutReason};
pub use option_day::{OptionCounters, OptionDay, OptionMessage};
pub use publishers::Publishers;
pub use raw_day::{LeftOutRecords, RawDay, RawDaySpec};
pub use reader::{DbnError, DbnReader};
pub use source::{Input, Progress, SessionSpec, Source, SourceFile};
pub use symbols::{MappedId, SymbolMap};
pub use tick_check::{OffTick, TickCheck};
