//! The messages of all outright contracts of a date, as the feed sent them.
//!
//! Nothing is rewritten and no contract is chosen; the session's window alone decides what passes.

mod plan;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dbn::MboMsg;
use vp_lake::Lake;
use vp_market::{Contract, ProductType, SessionDate, SessionWindow};

use crate::candidates::Query;
use crate::day_files::DayFiles;
use crate::filter::{Counters, is_in_session};
use crate::mapping::Mapping;
use crate::source::Progress;
use crate::{IngestError, LeftOut, Publishers, SymbolMap};

use plan::{Mapped, Plan, Target};

/// Instruments without a symbol that are counted one by one.
const MAX_UNKNOWN: usize = 10_000;

/// Which date to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawDaySpec {
    /// Where the files are.
    pub lake: Lake,
    /// The kind of instrument.
    pub product_type: ProductType,
    /// A root, a contract of it, or a ticker.
    pub symbol: String,
    /// The contract's root, or the symbol again.
    pub root: String,
    /// The session's date.
    pub date: SessionDate,
    /// The instrument id of the contract, where the files do not map it. Not for options.
    pub instrument_id: Option<u32>,
    /// The publisher to read, where instruments have records of several. Not for quotes.
    pub publisher: Option<u16>,
}

impl RawDaySpec {
    pub(crate) fn query(&self) -> Query<'_> {
        Query {
            product_type: self.product_type,
            symbol: &self.symbol,
            root: &self.root,
            date: self.date,
        }
    }
}

/// Records of one symbol, or of one kind, that a day does not pass on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutRecords {
    /// The symbol, such as `ESM4-ESU4`, or what the records have in common.
    pub name: String,
    /// How many there are.
    pub records: u64,
}

/// The messages of a date's files, in file order.
#[derive(Debug)]
pub struct RawDay {
    spec: RawDaySpec,
    plan: Plan,
    /// Each with what it maps on the date, by instrument id.
    files: DayFiles<Vec<Mapped>>,
    counters: Counters,
    /// The publisher of each contract so far.
    publishers: Vec<Option<u16>>,
    other_publishers: Publishers,
    left_out: LeftOutCounts,
}

/// Records of instruments that are not passed on.
#[derive(Debug, Default)]
struct LeftOutCounts {
    /// By the number of the name.
    by_name: Vec<u64>,
    /// By instrument id, of those that have no name.
    unknown: BTreeMap<u32, u64>,
    /// Of the instruments beyond [`MAX_UNKNOWN`].
    other_unknown: u64,
}

impl RawDay {
    /// Finds the date's files and reads what they map; a file that maps nothing of the date is
    /// left out.
    ///
    /// # Errors
    /// [`IngestError`] for files that are missing, unreadable, or map no contract on the date; for
    /// a contract that was asked for by name and is not mapped.
    pub fn open(spec: &RawDaySpec) -> Result<Self, IngestError> {
        let (plan, files) = Plan::new(spec)?;
        Ok(Self {
            publishers: vec![spec.publisher; plan.contracts.len()],
            other_publishers: Publishers::default(),
            left_out: LeftOutCounts {
                by_name: vec![0; plan.names.len()],
                ..LeftOutCounts::default()
            },
            spec: spec.clone(),
            plan,
            files,
            counters: Counters::default(),
        })
    }

    /// Returns the contracts that the files map on the date, in name order, without spreads.
    pub fn symbols(&self) -> &[String] {
        &self.plan.contracts
    }

    /// Returns the files, in the order in which they are read.
    pub fn paths(&self) -> &[PathBuf] {
        &self.plan.paths
    }

    /// Returns the files of the date that are not read, or not for every contract.
    pub fn left_out_files(&self) -> &[LeftOut] {
        &self.plan.left_out
    }

    /// Returns the records of the instruments that are no contracts, so far: most records first.
    pub fn left_out_records(&self) -> Vec<LeftOutRecords> {
        let counts = &self.left_out;
        let named = self.plan.names.iter().cloned().zip(counts.by_name.iter());
        let unknown = counts.unknown.iter();
        let unknown =
            unknown.map(|(id, records)| (format!("instrument {id}, not mapped"), records));
        let other = (
            "other instruments, not mapped".to_owned(),
            &counts.other_unknown,
        );
        let all = named.chain(unknown).chain([other]);
        let all = all.filter(|(_, records)| **records > 0);
        let mut all: Vec<_> = all
            .map(|(name, &records)| LeftOutRecords { name, records })
            .collect();
        all.sort_by(|a, b| b.records.cmp(&a.records).then_with(|| a.name.cmp(&b.name)));
        all
    }

    /// Returns the session's window.
    pub fn window(&self) -> SessionWindow {
        self.plan.window
    }

    /// Returns what came of the messages so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Returns how far the files have been read.
    pub fn progress(&self) -> Progress {
        self.files.progress()
    }

    /// Refuses files of the day that were replaced or changed since it was opened.
    ///
    /// # Errors
    /// [`IngestError::Changed`].
    pub fn check_unchanged(&self) -> Result<(), IngestError> {
        self.files.check_unchanged()
    }

    /// Passes the next messages to `each`, in file order, with the number of their contract in
    /// [`Self::symbols`]; returns `false` at the end.
    ///
    /// # Errors
    /// [`IngestError`] where a file breaks, after everything before has been passed on.
    pub fn read(&mut self, mut each: impl FnMut(usize, &MboMsg)) -> Result<bool, IngestError> {
        let window = self.window();
        let mut fault = None;
        let (counters, left_out) = (&mut self.counters, &mut self.left_out);
        let (publishers, is_chosen) = (&mut self.publishers, self.spec.publisher.is_some());
        let other_publishers = &mut self.other_publishers;
        let (spec, contracts) = (&self.spec, &self.plan.contracts);
        let more = self.files.read(|reader, mapped| {
            // Messages of one instrument follow each other.
            let Some(mut last) = mapped.first().copied() else {
                return Ok(false);
            };
            reader.read_mbo(|message, bytes| {
                counters.records += 1;
                let Some(message) = message else {
                    counters.other_rtypes += 1;
                    if let Some(said) = Said::of(bytes, mapped)
                        && said.check(spec, contracts, Path::new("")).is_err()
                    {
                        fault.get_or_insert(Fault::Mapping(said));
                    }
                    return;
                };
                let id = message.hd.instrument_id;
                if last.id != id {
                    let Ok(place) = mapped.binary_search_by_key(&id, |mapped| mapped.id) else {
                        counters.other_instruments += 1;
                        left_out.count_unknown(id);
                        return;
                    };
                    last = mapped[place];
                }
                let contract = match last.target {
                    Target::Contract(contract) => contract,
                    Target::Name(name) => {
                        counters.other_instruments += 1;
                        left_out.by_name[name] += 1;
                        return;
                    }
                    Target::Displaced => {
                        counters.other_instruments += 1;
                        return;
                    }
                };
                if !is_in_session(message, window) {
                    counters.outside_window += 1;
                    return;
                }
                let publisher = message.hd.publisher_id;
                let known = *publishers[contract].get_or_insert(publisher);
                if known != publisher {
                    if is_chosen {
                        counters.other_publishers += 1;
                        other_publishers.insert(publisher);
                    } else {
                        fault.get_or_insert(Fault::Publishers {
                            contract,
                            known,
                            publisher,
                        });
                    }
                    return;
                }
                counters.delivered += 1;
                each(contract, message);
            })
        })?;
        match fault {
            Some(fault) => self.refuse(fault)?,
            None if !more => self.check_publisher()?,
            None => {}
        }
        Ok(more)
    }

    /// Returns the error of a fault.
    fn refuse(&self, fault: Fault) -> Result<(), IngestError> {
        let path = self.files.last_path();
        match fault {
            Fault::Mapping(said) => said.check(&self.spec, &self.plan.contracts, path),
            Fault::Publishers {
                contract,
                known,
                publisher,
            } => Err(IngestError::SeveralPublishers {
                symbol: self.plan.contracts[contract].clone(),
                publishers: self.plan.publishers(path, contract, [known, publisher]),
                path: path.into(),
            }),
        }
    }

    /// Refuses a chosen publisher of which there was no record, but of others.
    fn check_publisher(&self) -> Result<(), IngestError> {
        match self.spec.publisher {
            Some(publisher)
                if self.counters.delivered == 0 && !self.other_publishers.is_empty() =>
            {
                Err(IngestError::NoPublisher {
                    path: self.files.last_path().into(),
                    symbol: self.spec.symbol.clone(),
                    publisher,
                    found: self.other_publishers.clone(),
                })
            }
            _ => Ok(()),
        }
    }
}

impl LeftOutCounts {
    #[cold]
    fn count_unknown(&mut self, id: u32) {
        if self.unknown.len() < MAX_UNKNOWN || self.unknown.contains_key(&id) {
            *self.unknown.entry(id).or_default() += 1;
        } else {
            self.other_unknown += 1;
        }
    }
}

/// Why a day ends.
enum Fault {
    /// A record says what an instrument is, which may be another contract.
    Mapping(Said),
    /// A contract has records of a second publisher.
    Publishers {
        contract: usize,
        known: u16,
        publisher: u16,
    },
}

/// The instrument of a contract as a record defines it.
struct Said {
    id: u32,
    contract: usize,
    symbols: SymbolMap,
}

impl Said {
    #[cold]
    fn of(record: &[u8], mapped: &[Mapped]) -> Option<Self> {
        let mapping = Mapping::parse(record)?;
        let place = mapped.binary_search_by_key(&mapping.id, |mapped| mapped.id);
        let Target::Contract(contract) = mapped[place.ok()?].target else {
            return None;
        };
        let symbols = SymbolMap::of(&mapping);
        Some(Self {
            id: mapping.id,
            contract,
            symbols,
        })
    }

    /// Refuses a symbol that is another contract.
    fn check(
        &self,
        spec: &RawDaySpec,
        contracts: &[String],
        path: &Path,
    ) -> Result<(), IngestError> {
        let symbol = &contracts[self.contract];
        let root = Contract::parse(symbol).map_or(symbol.as_str(), |of| of.root);
        let query = Query {
            symbol,
            root,
            ..spec.query()
        };
        query.check_ids(path, &self.symbols, [&self.id])
    }
}
