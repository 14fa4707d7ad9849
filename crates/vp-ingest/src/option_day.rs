//! The messages of a date's options, as the feed sent them: orders of futures options, best quotes
//! of equity options.
//!
//! Nothing is rewritten; what passes is decided by the session's window and by what an instrument
//! id stands for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use dbn::{Cmbp1Msg, MboMsg, RecordRef, Schema};
use vp_lake::Lake;
use vp_market::{OccSymbol, ProductType, SessionDate, SessionWindow};

use crate::day_files::DayFiles;
use crate::definitions::{Defined, Definitions, OptionDefinition};
use crate::filter::is_in_session;
use crate::raw_day::RawDaySpec;
use crate::source::{Progress, plan};
use crate::{FileIdentity, IngestError, SymbolMap};

/// What came of the records of a date's options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OptionCounters {
    /// Records in the files, of any kind.
    pub records: u64,
    /// Records of another kind than the product type's, skipped.
    pub other_rtypes: u64,
    /// Records of instruments that nothing defines, skipped.
    pub undefined: u64,
    /// Records of spreads, strategies and whatever else is no single option, skipped.
    pub no_options: u64,
    /// Records of options that expire on another day, skipped.
    pub other_expirations: u64,
    /// Records outside the session window, skipped.
    pub outside_window: u64,
    /// Records that were passed on.
    pub delivered: u64,
}

/// A kind of message that options come in.
pub trait OptionMessage: Sized {
    /// The schema of its files.
    const SCHEMA: Schema;

    /// Returns the message that a record is.
    fn of(record: RecordRef<'_>) -> Option<&Self>;

    /// Returns whether it belongs to a session.
    fn is_in_session(&self, window: SessionWindow) -> bool;
}

impl OptionMessage for MboMsg {
    const SCHEMA: Schema = Schema::Mbo;

    fn of(record: RecordRef<'_>) -> Option<&Self> {
        record.get()
    }

    fn is_in_session(&self, window: SessionWindow) -> bool {
        is_in_session(self, window)
    }
}

impl OptionMessage for Cmbp1Msg {
    const SCHEMA: Schema = Schema::Cmbp1;

    fn of(record: RecordRef<'_>) -> Option<&Self> {
        record.get()
    }

    fn is_in_session(&self, window: SessionWindow) -> bool {
        window.contains(self.hd.ts_event)
    }
}

/// The messages of a date's options, in file order.
#[derive(Debug)]
pub struct OptionDay {
    inputs: Vec<PathBuf>,
    options: Vec<OptionDefinition>,
    files: DayFiles<BTreeMap<u32, Known>>,
    window: SessionWindow,
    counters: OptionCounters,
}

/// What an instrument id is known to be.
#[derive(Clone, Copy, Debug)]
enum Known {
    /// The option with that number.
    Option(usize),
    OtherDay,
    NoOption,
}

impl OptionDay {
    /// Finds the date's files and what their instrument ids stand for: for futures options the
    /// definitions of the date say so, for equity options the symbols that the files map.
    ///
    /// # Errors
    /// [`IngestError`] for files that are missing, unreadable or of another schema, and for
    /// definitions that are missing.
    ///
    /// # Panics
    /// If the product type is not one of options.
    pub fn open(spec: &RawDaySpec) -> Result<Self, IngestError> {
        let RawDaySpec {
            lake,
            product_type,
            symbol,
            root,
            date,
        } = spec;
        let paths = plan::paths_in(lake, *product_type, symbol, root, *date)?;
        let mut day = Self {
            inputs: Vec::new(),
            options: Vec::new(),
            files: DayFiles::default(),
            window: SessionWindow::new(*product_type, *date),
            counters: OptionCounters::default(),
        };
        match product_type {
            ProductType::FutureOptionMbo => day.take_defined(lake, *date, paths)?,
            ProductType::EquityOptionCmbp1 => day.take_listed(symbol, *date, paths)?,
            ProductType::FutureMbo | ProductType::EquityMbo => {
                panic!("{product_type} is no option")
            }
        }
        Ok(day)
    }

    /// Returns the options that expire on the date, in no particular order.
    pub fn options(&self) -> &[OptionDefinition] {
        &self.options
    }

    /// Returns the files: those of the messages, then those of the definitions.
    pub fn inputs(&self) -> &[PathBuf] {
        &self.inputs
    }

    /// Returns what came of the records so far.
    pub fn counters(&self) -> &OptionCounters {
        &self.counters
    }

    /// Returns how far the files have been read.
    pub fn progress(&self) -> Progress {
        self.files.progress()
    }

    /// Passes the next messages to `each`, in file order, with the number of their option in
    /// [`Self::options`]; returns `false` at the end.
    ///
    /// # Errors
    /// [`IngestError`] where a file breaks, after everything before has been passed on.
    pub fn read<M: OptionMessage>(
        &mut self,
        mut each: impl FnMut(usize, &M),
    ) -> Result<bool, IngestError> {
        let (counters, window) = (&mut self.counters, self.window);
        let mut pass = |record: RecordRef<'_>, by_id: &BTreeMap<u32, Known>| {
            counters.records += 1;
            let Some(message) = M::of(record) else {
                counters.other_rtypes += 1;
                return;
            };
            match by_id.get(&record.header().instrument_id) {
                None => counters.undefined += 1,
                Some(Known::NoOption) => counters.no_options += 1,
                Some(Known::OtherDay) => counters.other_expirations += 1,
                Some(Known::Option(_)) if !message.is_in_session(window) => {
                    counters.outside_window += 1;
                }
                Some(Known::Option(number)) => {
                    counters.delivered += 1;
                    each(*number, message);
                }
            }
        };
        self.files
            .read(|reader, by_id| reader.read(|record| pass(record, by_id)))
    }

    fn take_defined(
        &mut self,
        lake: &Lake,
        date: SessionDate,
        paths: Vec<PathBuf>,
    ) -> Result<(), IngestError> {
        // The files of one venue have one dataset.
        let mut by_dataset: BTreeMap<String, BTreeMap<u32, Known>> = BTreeMap::new();
        let mut definition_files = Vec::new();
        for path in paths {
            let reader = plan::open(&path, MboMsg::SCHEMA)?;
            let dataset = &reader.metadata().dataset;
            if !by_dataset.contains_key(dataset) {
                let definitions = Definitions::read(lake, dataset, date)?;
                definition_files.extend_from_slice(definitions.paths());
                let by_id = self.number(&definitions);
                by_dataset.insert(dataset.clone(), by_id);
            }
            let by_id = by_dataset.get(dataset).cloned().unwrap_or_default();
            self.push(path, plan::identity(&reader)?, by_id);
        }
        self.inputs.extend(definition_files);
        Ok(())
    }

    /// Numbers the options of definitions.
    fn number(&mut self, definitions: &Definitions) -> BTreeMap<u32, Known> {
        let mut number = |defined: &Defined| match defined {
            Defined::Option(option) => {
                self.options.push(option.clone());
                Known::Option(self.options.len() - 1)
            }
            Defined::OtherDay => Known::OtherDay,
            Defined::NoOption => Known::NoOption,
        };
        let all = definitions.iter();
        all.map(|(id, defined)| (id, number(defined))).collect()
    }

    fn take_listed(
        &mut self,
        ticker: &str,
        date: SessionDate,
        paths: Vec<PathBuf>,
    ) -> Result<(), IngestError> {
        // An option's last moment: what a listed symbol does not say is the time of day.
        let expiration_ns = self.window.end_ns();
        for path in paths {
            let reader = plan::open(&path, Cmbp1Msg::SCHEMA)?;
            let symbols = SymbolMap::new(reader.metadata());
            let mut by_id = BTreeMap::new();
            for (symbol, ids) in symbols.iter() {
                let known = match OccSymbol::parse(symbol) {
                    Ok(option) if option.root != ticker => Known::NoOption,
                    Ok(option) if option.expiration != date => Known::OtherDay,
                    Ok(option) => {
                        self.options.push(OptionDefinition {
                            symbol: symbol.into(),
                            underlying: ticker.into(),
                            right: option.right,
                            strike: option.strike,
                            expiration_ns,
                        });
                        Known::Option(self.options.len() - 1)
                    }
                    Err(_) => Known::NoOption,
                };
                let held = ids.iter().filter(|mapped| mapped.holds_on(date));
                by_id.extend(held.map(|mapped| (mapped.id, known)));
            }
            self.push(path, plan::identity(&reader)?, by_id);
        }
        Ok(())
    }

    fn push(&mut self, path: PathBuf, identity: FileIdentity, by_id: BTreeMap<u32, Known>) {
        self.files.push(path.clone(), identity, by_id);
        self.inputs.push(path);
    }
}
