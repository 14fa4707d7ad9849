//! The messages of a date's options, as the feed sent them: orders of futures options, best quotes
//! of equity options.
//!
//! Nothing is rewritten; what passes is decided by the session's window and by what an instrument
//! id means.

use std::collections::BTreeMap;
use std::path::PathBuf;

use dbn::{Cmbp1Msg, MboMsg, RecordRef, Schema};
use vp_lake::Lake;
use vp_market::{OccSymbol, ProductType, SessionDate, SessionWindow};

use crate::candidates::{Choice, Query};
use crate::day_files::DayFiles;
use crate::definitions::{Defined, Definitions, OptionDefinition};
use crate::filter::is_in_session;
use crate::raw_day::{LeftOutRecords, RawDaySpec};
use crate::source::Progress;
use crate::source::plan::{self, Contents};
use crate::{DbnReader, FileIdentity, IngestError, LeftOut, Publishers};

/// What came of the records of a date's options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OptionCounters {
    /// Records in the files, of any kind.
    pub records: u64,
    /// Records of other kinds than the product type's, skipped.
    pub other_rtypes: u64,
    /// Records of instruments that nothing defines, skipped.
    pub undefined: u64,
    /// Records of spreads, strategies and whatever else is no single option, skipped.
    pub no_options: u64,
    /// Records of options that expire on another day, skipped.
    pub other_expirations: u64,
    /// Records outside the session window, skipped.
    pub outside_window: u64,
    /// Records from other publishers than the chosen one, skipped.
    pub other_publishers: u64,
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

    /// Returns the publisher whose order ids it has; `None` for quotes, which have none.
    fn publisher(&self) -> Option<u16>;
}

impl OptionMessage for MboMsg {
    const SCHEMA: Schema = Schema::Mbo;

    fn of(record: RecordRef<'_>) -> Option<&Self> {
        record.get()
    }

    fn is_in_session(&self, window: SessionWindow) -> bool {
        is_in_session(self, window)
    }

    fn publisher(&self) -> Option<u16> {
        Some(self.hd.publisher_id)
    }
}

impl OptionMessage for Cmbp1Msg {
    const SCHEMA: Schema = Schema::Cmbp1;

    fn of(record: RecordRef<'_>) -> Option<&Self> {
        record.get()
    }

    fn is_in_session(&self, window: SessionWindow) -> bool {
        window.contains(self.ts_recv)
    }

    fn publisher(&self) -> Option<u16> {
        None
    }
}

/// The messages of a date's options, in file order.
#[derive(Debug)]
pub struct OptionDay {
    inputs: Vec<PathBuf>,
    options: Vec<OptionDefinition>,
    files: DayFiles<BTreeMap<u32, Known>>,
    left_out: Vec<LeftOut>,
    window: SessionWindow,
    counters: OptionCounters,
    /// The chosen publisher.
    publisher: Option<u16>,
    /// The publisher of each option so far.
    publishers: Vec<Option<u16>>,
    other_publishers: Publishers,
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
    /// Finds the date's files and what their instrument ids mean: for futures options the
    /// definitions of the date say so, for equity options the symbols that the files map.
    ///
    /// # Errors
    /// [`IngestError`] for files that are missing, unreadable or of another schema, and for
    /// definitions that are missing.
    ///
    /// # Panics
    /// If the product type is not one of options.
    pub fn open(spec: &RawDaySpec) -> Result<Self, IngestError> {
        let query = spec.query();
        let mut day = Self {
            inputs: Vec::new(),
            options: Vec::new(),
            files: DayFiles::default(),
            left_out: Vec::new(),
            window: query.window(),
            counters: OptionCounters::default(),
            publisher: spec.publisher,
            publishers: Vec::new(),
            other_publishers: Publishers::default(),
        };
        let readers = day.choose(&query, &spec.lake)?;
        match spec.product_type {
            ProductType::FutureOptionMbo => day.take_defined(&spec.lake, spec.date, readers)?,
            ProductType::EquityOptionCmbp1 => day.take_listed(&query, readers)?,
            ProductType::FutureMbo | ProductType::EquityMbo => {
                panic!("{} is no option", spec.product_type)
            }
        }
        day.publishers = vec![spec.publisher; day.options.len()];
        Ok(day)
    }

    /// Opens the files of the date that are read.
    ///
    /// What a file's ids mean may be said elsewhere, so that files are compared as a whole:
    /// those of the best rank are read.
    fn choose(&mut self, query: &Query<'_>, lake: &Lake) -> Result<Vec<DbnReader>, IngestError> {
        let mut opened = Vec::new();
        for candidate in query.candidates(lake)? {
            match query.open(&candidate.path)? {
                Ok(reader) => opened.push((candidate, reader)),
                Err(file) => self.left_out.push(file),
            }
        }
        if opened.is_empty() {
            return Err(query.other_schemas(&self.left_out));
        }
        let mut choice = Choice::default();
        for (candidate, _) in &opened {
            choice.add(query.symbol, candidate);
        }
        let mut readers = Vec::new();
        let displaced: Vec<_> = opened
            .iter()
            .map(|(candidate, _)| choice.displaced(query.symbol, candidate))
            .collect();
        for ((candidate, reader), displaced) in opened.into_iter().zip(displaced) {
            match displaced {
                None => readers.push(reader),
                Some(reason) => self.left_out.push(LeftOut {
                    path: candidate.path,
                    reason,
                    contracts: Vec::new(),
                }),
            }
        }
        for file in &self.left_out {
            tracing::warn!("{file}");
        }
        Ok(readers)
    }

    /// Returns the options that expire on the date, in no particular order.
    pub fn options(&self) -> &[OptionDefinition] {
        &self.options
    }

    /// Returns the files: those of the messages, then those of the definitions.
    pub fn inputs(&self) -> &[PathBuf] {
        &self.inputs
    }

    /// Returns the files of the date that are not read.
    pub fn left_out_files(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Returns the records that are not passed on, by what they have in common, so far.
    pub fn left_out_records(&self) -> Vec<LeftOutRecords> {
        let found = &self.counters;
        let kinds = [
            (
                "spreads, strategies and other non-options",
                found.no_options,
            ),
            ("options of other expirations", found.other_expirations),
            ("instruments without a definition", found.undefined),
        ];
        let kinds = kinds.into_iter().filter(|(_, records)| *records > 0);
        let kinds = kinds.map(|(name, records)| LeftOutRecords {
            name: name.into(),
            records,
        });
        kinds.collect()
    }

    /// Refuses files of the day that were replaced or changed since it was opened.
    ///
    /// # Errors
    /// [`IngestError::Changed`].
    pub fn check_unchanged(&self) -> Result<(), IngestError> {
        self.files.check_unchanged()
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
        let (publishers, is_chosen) = (&mut self.publishers, self.publisher.is_some());
        let other_publishers = &mut self.other_publishers;
        let mut fault = None;
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
                    let publisher = message.publisher();
                    let known = publishers[*number].or(publisher);
                    publishers[*number] = known;
                    if publisher.is_none() || known == publisher {
                        counters.delivered += 1;
                        each(*number, message);
                    } else if is_chosen {
                        counters.other_publishers += 1;
                        other_publishers.extend(&publisher.into_iter().collect());
                    } else {
                        let both = known.into_iter().chain(publisher);
                        fault.get_or_insert((*number, both.collect::<Publishers>()));
                    }
                }
            }
        };
        let more = self
            .files
            .read(|reader, by_id| reader.read(|record| pass(record, by_id)))?;
        if let Some((number, publishers)) = fault {
            return Err(IngestError::SeveralPublishers {
                path: self.files.last_path().into(),
                symbol: self.options[number].symbol.clone(),
                publishers,
            });
        }
        if !more {
            self.check_publisher()?;
        }
        Ok(more)
    }

    /// Refuses a chosen publisher of which there was no record, but of others.
    fn check_publisher(&self) -> Result<(), IngestError> {
        match self.publisher {
            Some(publisher)
                if self.counters.delivered == 0 && !self.other_publishers.is_empty() =>
            {
                Err(IngestError::NoPublisher {
                    path: self.files.last_path().into(),
                    symbol: "any option".into(),
                    publisher,
                    found: self.other_publishers.clone(),
                })
            }
            _ => Ok(()),
        }
    }

    fn take_defined(
        &mut self,
        lake: &Lake,
        date: SessionDate,
        readers: Vec<DbnReader>,
    ) -> Result<(), IngestError> {
        // The files of one venue have one dataset.
        let mut by_dataset: BTreeMap<String, BTreeMap<u32, Known>> = BTreeMap::new();
        let mut definition_files = Vec::new();
        for reader in readers {
            let dataset = &reader.metadata().dataset;
            if !by_dataset.contains_key(dataset) {
                let definitions = Definitions::read(lake, dataset, date)?;
                definition_files.extend_from_slice(definitions.paths());
                let by_id = self.number(&definitions);
                by_dataset.insert(dataset.clone(), by_id);
            }
            let by_id = by_dataset.get(dataset).cloned().unwrap_or_default();
            self.push(reader.path().into(), plan::identity(&reader)?, by_id);
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
        query: &Query<'_>,
        readers: Vec<DbnReader>,
    ) -> Result<(), IngestError> {
        let (ticker, date) = (query.symbol, query.date);
        // An option's last moment: what a listed symbol does not say is the time of day.
        let expiration_ns = self.window.end_ns();
        for reader in readers {
            let (path, identity) = (reader.path().to_owned(), plan::identity(&reader)?);
            let mut contents = Contents::new(reader);
            if contents.is_incomplete(query) {
                contents.survey(query)?;
            }
            let symbols = contents.symbols;
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
            self.push(path, identity, by_id);
        }
        Ok(())
    }

    fn push(&mut self, path: PathBuf, identity: FileIdentity, by_id: BTreeMap<u32, Known>) {
        self.files.push(path.clone(), identity, by_id);
        self.inputs.push(path);
    }
}
