//! Bronze of options as inputs of silver.

use std::fmt::Debug;
use std::marker::PhantomData;

use vp_ingest::{Cmbp1Msg, Counters, MboMsg, OptionDefinition, OptionMessage, normalize};
use vp_lake::Lake;
use vp_lake::tables::{
    Batch, Input, Partition, PartitionError, PartitionReader, SchemaError, SchemaFault,
};
use vp_market::{Instrument, Price, Record, Right, SessionDate};

use super::columns::{WANTED, messages};
use crate::options::{OptionContract, Quote};
use crate::stage::{Advance, StageError, open_input};

/// A row of bronze: whose it is, when it is from, and what an instrument takes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptionRow<T> {
    /// The instrument's id.
    pub instrument_id: u32,
    /// What the instrument is.
    pub contract: OptionContract,
    /// Nanoseconds since the Unix epoch.
    pub ts_ns: u64,
    /// What happened to it.
    pub input: T,
}

/// A kind of bronze of options.
pub trait OptionBronze {
    /// What an instrument takes of a row.
    type Input;

    /// What the feed sends.
    type Message: OptionMessage;

    /// Returns the row that a message of an option makes.
    fn row(
        option: &OptionDefinition,
        message: &Self::Message,
        counters: &mut Counters,
    ) -> OptionRow<Self::Input>;

    /// The columns that make a difference.
    const WANTED: &'static [&'static str];

    /// Passes the rows to `each`, in order.
    ///
    /// # Errors
    /// [`SchemaError`] for values that no feed has.
    fn rows(
        batch: &Batch,
        counters: &mut Counters,
        each: impl FnMut(OptionRow<Self::Input>),
    ) -> Result<(), SchemaError>;
}

/// The orders of futures options.
#[derive(Debug)]
pub enum OptionOrders {}

/// The best quotes of equity options.
#[derive(Debug)]
pub enum OptionQuotes {}

impl OptionBronze for OptionOrders {
    type Input = Record;
    type Message = MboMsg;

    fn row(
        option: &OptionDefinition,
        message: &MboMsg,
        counters: &mut Counters,
    ) -> OptionRow<Record> {
        let input = normalize(message, counters);
        OptionRow {
            instrument_id: message.hd.instrument_id,
            contract: contract_of(option),
            ts_ns: input.ts_event,
            input,
        }
    }

    const WANTED: &'static [&'static str] = &[
        WANTED[0],
        WANTED[1],
        WANTED[2],
        WANTED[3],
        WANTED[4],
        WANTED[5],
        WANTED[6],
        WANTED[7],
        "instrument_id",
        "right",
        "strike",
    ];

    fn rows(
        batch: &Batch,
        counters: &mut Counters,
        mut each: impl FnMut(OptionRow<Record>),
    ) -> Result<(), SchemaError> {
        let mut contracts = contracts(batch);
        let mut failed = Ok(());
        messages(batch, |message: &MboMsg| {
            let input = normalize(message, counters);
            match contracts.next() {
                Some(Ok((instrument_id, contract))) if failed.is_ok() => each(OptionRow {
                    instrument_id,
                    contract,
                    ts_ns: input.ts_event,
                    input,
                }),
                Some(Err(error)) if failed.is_ok() => failed = Err(error),
                _ => {}
            }
        })?;
        failed
    }
}

impl OptionBronze for OptionQuotes {
    type Input = [Option<Quote>; 2];
    type Message = Cmbp1Msg;

    fn row(
        option: &OptionDefinition,
        message: &Cmbp1Msg,
        counters: &mut Counters,
    ) -> OptionRow<Self::Input> {
        counters.delivered += 1;
        let [level] = &message.levels;
        let quote = |price: i64, size| {
            // As in bronze, where 0 means "no price".
            let price = Price::from_nanos(price).filter(|price| price.nanos() != 0);
            price.map(|price| Quote { price, size })
        };
        OptionRow {
            instrument_id: message.hd.instrument_id,
            contract: contract_of(option),
            ts_ns: message.hd.ts_event,
            input: [
                quote(level.bid_px, level.bid_sz),
                quote(level.ask_px, level.ask_sz),
            ],
        }
    }

    const WANTED: &'static [&'static str] = &[
        "ts_event",
        "instrument_id",
        "bid_px_00",
        "ask_px_00",
        "bid_sz_00",
        "ask_sz_00",
        "right",
        "strike",
    ];

    fn rows(
        batch: &Batch,
        counters: &mut Counters,
        mut each: impl FnMut(OptionRow<Self::Input>),
    ) -> Result<(), SchemaError> {
        let prices = ["bid_px_00", "ask_px_00"].map(|name| batch.i64(name));
        let sizes = ["bid_sz_00", "ask_sz_00"].map(|name| batch.i64(name));
        for (row, contract) in contracts(batch).enumerate() {
            let (instrument_id, contract) = contract?;
            let quote = |side: usize| -> Result<Option<Quote>, SchemaError> {
                let size = u32::try_from(sizes[side][row])
                    .map_err(|_| impossible("a size of a quote", sizes[side][row]))?;
                let price = Price::from_nanos(prices[side][row]).filter(|p| p.nanos() != 0);
                Ok(price.map(|price| Quote { price, size }))
            };
            counters.delivered += 1;
            each(OptionRow {
                instrument_id,
                contract,
                ts_ns: batch.i64("ts_event")[row].cast_unsigned(),
                input: [quote(0)?, quote(1)?],
            });
        }
        Ok(())
    }
}

fn contract_of(option: &OptionDefinition) -> OptionContract {
    OptionContract {
        right: option.right,
        strike: option.strike,
    }
}

/// Returns the instrument of each row, and what it is.
fn contracts(batch: &Batch) -> impl Iterator<Item = Result<(u32, OptionContract), SchemaError>> {
    let ids = batch.i64("instrument_id").iter();
    let strikes = batch.i64("strike").iter();
    let rights = batch.text("right");
    ids.zip(strikes).zip(rights).map(|((&id, &strike), right)| {
        let instrument_id = u32::try_from(id).map_err(|_| impossible("instrument_id", id))?;
        let letter = match right.as_bytes() {
            &[letter] => Right::from_letter(letter),
            _ => None,
        };
        let right = letter.ok_or_else(|| impossible("right", right))?;
        let strike = Price::from_nanos(strike).ok_or_else(|| impossible("strike", strike))?;
        Ok((instrument_id, OptionContract { right, strike }))
    })
}

fn impossible(column: &str, found: impl Debug) -> SchemaError {
    let found = format!("{found:?}");
    SchemaError::new(column, SchemaFault::Value { found })
}

/// The rows of the options on one contract or ticker, in file order.
#[derive(Debug)]
pub struct OptionBronzeReader<B> {
    partition: Partition,
    reader: PartitionReader,
    counters: Counters,
    kind: PhantomData<B>,
}

impl<B: OptionBronze> OptionBronzeReader<B> {
    /// Opens the bronze of the options on a contract or ticker; `options` is of their type.
    ///
    /// # Errors
    /// [`StageError::MissingInput`] if it is not complete, [`StageError::Partition`] if it cannot
    /// be read.
    pub fn open(lake: &Lake, options: &Instrument, date: SessionDate) -> Result<Self, StageError> {
        let product_type = options.product_type;
        let partition = super::partition(lake, product_type, &options.symbol, date);
        let table = super::table(product_type);
        let reader = open_input(&partition, table, B::WANTED, &options.root)?;
        Ok(Self {
            partition,
            reader,
            counters: Counters::default(),
            kind: PhantomData,
        })
    }

    /// Returns the partition.
    pub fn partition(&self) -> &Partition {
        &self.partition
    }

    /// Returns the partition as the input of another.
    pub fn as_input(&self) -> Input {
        self.reader.as_input()
    }

    /// Returns what came of the rows so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Returns how many rows have been read, and how many there are.
    pub fn progress(&self) -> Advance {
        Advance {
            done: self.reader.rows_read(),
            total: self.reader.manifest().row_count,
        }
    }

    /// Passes the next rows to `each`; returns `false` at the end.
    ///
    /// # Errors
    /// [`StageError::Partition`] where the partition is broken.
    pub fn read(&mut self, each: impl FnMut(OptionRow<B::Input>)) -> Result<bool, StageError> {
        let Some(batch) = self.reader.next_batch()? else {
            return Ok(false);
        };
        self.counters.records += batch.rows() as u64;
        let taken = B::rows(&batch, &mut self.counters, each);
        taken.map_err(|error| PartitionError::Read {
            path: self.partition.path(),
            source: error.into(),
        })?;
        Ok(true)
    }
}
