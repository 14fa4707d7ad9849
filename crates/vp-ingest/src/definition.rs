//! Definition records: what a venue says of an instrument, whatever the version of its file. Which
//! instruments matter is not known here.

use dbn::{RecordRef, UNDEF_TIMESTAMP, rtype, v1, v2, v3};
use vp_market::{Expiration, Price, Right, TickSize};

use crate::{DbnError, DbnReader};

/// What a definition record says of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition<'a> {
    /// The number that means it in the records of its dataset and date.
    pub instrument_id: u32,
    /// Its symbol, as the venue writes it.
    pub symbol: &'a str,
    /// What it is derived from: of an option the contract or the share; empty where it is nothing's
    /// derivative.
    pub underlying: &'a str,
    /// What it gives, if it is a call or a put.
    pub right: Option<Right>,
    /// The price of that right.
    pub strike: Option<Price>,
    /// When it expires, if ever.
    pub expiration: Option<Expiration>,
    /// Its smallest price increment, where it is given.
    pub tick: Option<TickSize>,
    /// How much of the underlying one contract means: the currency value of one point.
    pub unit_quantity: Option<Price>,
}

impl<'a> Definition<'a> {
    /// Passes every definition of a file on, in file order; a later one of an instrument replaces
    /// an earlier one. Records of other kinds are passed over, and so are those that are too short
    /// for the file's version or whose texts are no texts.
    ///
    /// # Errors
    /// [`DbnError`] where the file breaks, after everything before has been passed on.
    pub fn read_all(
        mut reader: DbnReader,
        mut each: impl FnMut(Definition<'_>),
    ) -> Result<(), DbnError> {
        let version = reader.metadata().version;
        while reader.read(|record| {
            if let Some(definition) = Definition::of(record, version) {
                each(definition);
            }
        })? {}
        Ok(())
    }

    fn of(record: RecordRef<'a>, version: u8) -> Option<Self> {
        if record.header().rtype != rtype::INSTRUMENT_DEF {
            return None;
        }
        // The versions differ in the length of their texts.
        macro_rules! take {
            ($message:ty) => {{
                let message = record.try_get::<$message>().ok()?;
                Self {
                    instrument_id: message.hd.instrument_id,
                    symbol: message.raw_symbol().ok()?,
                    underlying: message.underlying().ok()?,
                    right: Right::from_letter(message.instrument_class.to_ne_bytes()[0]),
                    strike: Price::from_nanos(message.strike_price),
                    expiration: (message.expiration != UNDEF_TIMESTAMP)
                        .then(|| Expiration::from_ns(message.expiration)),
                    tick: Price::from_nanos(message.min_price_increment)
                        .and_then(|price| TickSize::from_nanos(price.nanos()).ok()),
                    unit_quantity: Price::from_nanos(message.unit_of_measure_qty),
                }
            }};
        }
        Some(match version {
            1 => take!(v1::InstrumentDefMsg),
            2 => take!(v2::InstrumentDefMsg),
            _ => take!(v3::InstrumentDefMsg),
        })
    }
}
