//! The grid message, and its encoder: the hot path of the wire.

use std::borrow::Cow;

use rmp::encode as pack;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use vp_market::Aggressor;

use super::field::Float;
use super::numbers::Numbers;

/// At most this many trades are listed in a grid message: the largest, in time order.
pub const MAX_TRADES: usize = 256;

/// One emission of the dense grid.
///
/// # Units
/// `_int` fields are 1e-9 of the currency unit, `_ns` nanoseconds since the Unix epoch, UTC.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(tag = "type", rename = "grid_update")]
pub struct GridUpdate<'a> {
    /// Counts the replay's grids from 1; a gap is what this viewer missed.
    pub seq: u64,
    /// Raised by every clear, snapshot, seek and restart.
    pub epoch: u64,
    /// Time of the last event.
    pub ts_ns: u64,
    /// Number of the last event.
    pub event_id: u64,
    /// Mid in currency units, if both sides are present.
    pub mid_price: Option<f64>,
    /// Price of row 0.
    pub spot_ref_price_int: Option<i64>,
    /// Highest price at which a bid rests.
    pub best_bid_price_int: Option<i64>,
    /// Lowest price at which an ask rests.
    pub best_ask_price_int: Option<i64>,
    /// Price of the last trade.
    pub last_trade_price_int: Option<i64>,
    /// Whether the book is what the venue's is.
    pub book_valid: bool,
    /// Trades since the previous grid, at most [`MAX_TRADES`].
    #[serde(serialize_with = "serialize_trades")]
    pub trades: Cow<'a, [Trade]>,
    /// How many more there were.
    pub trades_dropped: u32,
    /// The columns that the viewer asked for, in order, one value for each row.
    #[serde(serialize_with = "serialize_columns")]
    pub columns: Cow<'a, [Column<'a>]>,
}

/// One print of the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// When it happened, in nanoseconds since the Unix epoch, UTC.
    pub ts_ns: u64,
    /// Its price, in 1e-9 of the currency unit. Servers send no trade without a price.
    pub price_int: i64,
    /// How many contracts or shares.
    pub size: u32,
    /// Who crossed the spread, if the venue says so.
    pub aggressor: Option<Aggressor>,
}

/// One column of a grid or a surface.
#[derive(Clone, Debug, PartialEq)]
pub struct Column<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its values, one for each row.
    pub numbers: Numbers<'a>,
}

impl<'a> Column<'a> {
    /// Returns the column of that name.
    pub const fn new(name: &'a str, numbers: Numbers<'a>) -> Self {
        Self {
            name: Cow::Borrowed(name),
            numbers,
        }
    }

    /// Returns how many bytes it takes at most.
    fn bound(&self) -> usize {
        10 + self.name.len() + self.numbers.len() * self.numbers.dtype().size()
    }
}

/// Room for everything but names and numbers: keys, headers and scalars, each at its widest.
const SCALARS: usize = 512;

impl GridUpdate<'_> {
    /// Encodes the message in place of what `out` holds, 64-bit floats in the asked width. Once
    /// `out` has the size, nothing is allocated.
    ///
    /// For one grid after the other see [`GridFrame`](super::GridFrame).
    ///
    /// # Panics
    /// If a name or column is 4 GiB long.
    pub fn encode(&self, float: Float, out: &mut Vec<u8>) {
        let columns = self.columns.as_ref();
        let of_columns: usize = columns.iter().map(Column::bound).sum();
        let bound = self.head_bound() + of_columns;
        // What was encoded before is overwritten, so that only growth is filled with zeros.
        out.resize(bound, 0);
        let mut rest = Rest(out);
        self.write_head(&mut rest);
        rest.columns(columns.len());
        for Column { name, numbers } in columns {
            let narrows = numbers.is_narrowed(float);
            let size = if narrows { 4 } else { numbers.dtype().size() };
            let length = numbers.len() * size;
            rest.column_head(name, length);
            numbers.write(narrows, rest.advance(length));
        }
        let unused = rest.0.len();
        out.truncate(bound - unused);
    }

    /// Encodes everything but the columns, which come after it, to the front of `out`, and returns
    /// how many bytes it takes.
    pub(super) fn encode_head(&self, out: &mut [u8]) -> usize {
        let room = out.len();
        let mut rest = Rest(out);
        self.write_head(&mut rest);
        room - rest.0.len()
    }

    fn write_head(&self, rest: &mut Rest<'_>) {
        rest.put(b"\x8e\xa4type\xabgrid_update");
        rest.uint(b"\xa3seq", self.seq);
        rest.uint(b"\xa5epoch", self.epoch);
        rest.uint(b"\xa5ts_ns", self.ts_ns);
        rest.uint(b"\xa8event_id", self.event_id);
        rest.float_or_nil(b"\xa9mid_price", self.mid_price);
        rest.int_or_nil(b"\xb2spot_ref_price_int", self.spot_ref_price_int);
        rest.int_or_nil(b"\xb2best_bid_price_int", self.best_bid_price_int);
        rest.int_or_nil(b"\xb2best_ask_price_int", self.best_ask_price_int);
        rest.int_or_nil(b"\xb4last_trade_price_int", self.last_trade_price_int);
        rest.put(b"\xaabook_valid");
        rest.put(&[0xc2 | u8::from(self.book_valid)]);
        rest.trades(&self.trades);
        rest.uint(b"\xaetrades_dropped", u64::from(self.trades_dropped));
    }

    /// Returns how many bytes everything but the columns takes at most.
    pub(super) fn head_bound(&self) -> usize {
        SCALARS + self.trades.len() * 21
    }

    /// Returns the column of that name.
    pub fn column(&self, name: &str) -> Option<&Numbers<'_>> {
        let found = self.columns.iter().find(|column| column.name == name);
        found.map(|column| &column.numbers)
    }

    /// Appends the message as one line of JSON, with the line's end.
    #[expect(clippy::missing_panics_doc, reason = "it cannot happen")]
    pub fn write_json(&self, out: &mut Vec<u8>) {
        serde_json::to_writer(&mut *out, self)
            .expect("keys are texts, and numbers are JSON or null");
        out.push(b'\n');
    }
}

const NIL: &[u8; 1] = b"\xc0";

const FITS: &str = "the buffer was made large enough";

/// What is left of the buffer.
pub(super) struct Rest<'a>(pub(super) &'a mut [u8]);

impl Rest<'_> {
    #[inline]
    pub(super) fn advance(&mut self, len: usize) -> &mut [u8] {
        let (front, back) = std::mem::take(&mut self.0).split_at_mut(len);
        self.0 = back;
        front
    }

    /// Writes bytes whose number is known when this is compiled: no call to copy them.
    #[inline]
    fn put<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.advance(N).copy_from_slice(bytes);
    }

    #[inline]
    fn uint<const N: usize>(&mut self, key: &[u8; N], value: u64) {
        self.put(key);
        self.integer(value);
    }

    /// Writes an integer that is not negative, in as few bytes as it takes. A general encoder, which
    /// copies a number of bytes that it does not know beforehand, takes twice as long for a head.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "each case is in its range")]
    fn integer(&mut self, value: u64) {
        match value {
            0..=0x7f => self.put(&[value as u8]),
            0x80..=0xff => self.put(&[0xcc, value as u8]),
            0x100..=0xffff => self.marked(0xcd, (value as u16).to_be_bytes()),
            0x1_0000..=0xffff_ffff => self.marked(0xce, (value as u32).to_be_bytes()),
            _ => self.marked(0xcf, value.to_be_bytes()),
        }
    }

    #[inline]
    fn marked<const N: usize>(&mut self, marker: u8, bytes: [u8; N]) {
        self.put(&[marker]);
        self.put(&bytes);
    }

    #[inline]
    fn int_or_nil<const N: usize>(&mut self, key: &[u8; N], value: Option<i64>) {
        self.put(key);
        match value {
            Some(value) => match u64::try_from(value) {
                Ok(value) => self.integer(value),
                Err(_) => _ = pack::write_sint(&mut self.0, value).expect(FITS),
            },
            None => self.put(NIL),
        }
    }

    #[inline]
    fn float_or_nil<const N: usize>(&mut self, key: &[u8; N], value: Option<f64>) {
        self.put(key);
        match value {
            Some(value) => self.marked(0xcb, value.to_be_bytes()),
            None => self.put(NIL),
        }
    }

    fn trades(&mut self, trades: &[Trade]) {
        self.put(b"\xa6trades\x84");
        self.of_each(b"\xa5ts_ns", trades, |trade| trade.ts_ns.to_le_bytes());
        self.of_each(b"\xa9price_int", trades, |trade| {
            trade.price_int.to_le_bytes()
        });
        self.of_each(b"\xa4size", trades, |trade| trade.size.to_le_bytes());
        self.of_each(b"\xa9aggressor", trades, |trade| [trade.aggressor_letter()]);
    }

    fn of_each<const K: usize, const N: usize>(
        &mut self,
        key: &[u8; K],
        trades: &[Trade],
        bytes: impl Fn(&Trade) -> [u8; N],
    ) {
        self.put(key);
        pack::write_bin_len(&mut self.0, length(trades.len() * N)).expect(FITS);
        let places = self.advance(trades.len() * N).as_chunks_mut().0;
        for (place, trade) in places.iter_mut().zip(trades) {
            *place = bytes(trade);
        }
    }

    /// Writes a column's name and the length of its bytes; short cuts for a name below 32 bytes and
    /// a length of 16 bits, which every column of a grid has.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "40 of 240 ns a grid")]
    pub(super) fn column_head(&mut self, name: &str, bytes: usize) {
        match u8::try_from(name.len()) {
            Ok(len @ ..32) => {
                self.put(&[0xa0 | len]);
                self.advance(name.len()).copy_from_slice(name.as_bytes());
            }
            _ => pack::write_str(&mut self.0, name).expect(FITS),
        }
        match u16::try_from(bytes) {
            Ok(bytes @ 256..) => {
                let [high, low] = bytes.to_be_bytes();
                self.put(&[0xc5, high, low]);
            }
            _ => _ = pack::write_bin_len(&mut self.0, length(bytes)).expect(FITS),
        }
    }

    /// Writes what comes before that many columns.
    #[inline]
    pub(super) fn columns(&mut self, count: usize) {
        self.put(b"\xa7columns");
        pack::write_map_len(&mut self.0, length(count)).expect(FITS);
    }
}

#[inline]
fn length(len: usize) -> u32 {
    u32::try_from(len).expect("MessagePack lengths end at 4 GiB")
}

impl Trade {
    const fn aggressor_letter(&self) -> u8 {
        match self.aggressor {
            Some(Aggressor::Buyer) => b'B',
            Some(Aggressor::Seller) => b'A',
            None => b'N',
        }
    }

    /// Returns who a letter means; anything but `B` and `A` is unknown.
    pub(super) const fn aggressor_of(letter: u8) -> Option<Aggressor> {
        match letter {
            b'B' => Some(Aggressor::Buyer),
            b'A' => Some(Aggressor::Seller),
            _ => None,
        }
    }
}

fn serialize_trades<S: Serializer>(trades: &[Trade], serializer: S) -> Result<S::Ok, S::Error> {
    let letters: Vec<u8> = trades.iter().map(Trade::aggressor_letter).collect();
    let is_text = serializer.is_human_readable();
    let mut map = serializer.serialize_struct("trades", 4)?;
    let ts_ns = trades.iter().map(|trade| trade.ts_ns).collect();
    map.serialize_field("ts_ns", &Numbers::U64(ts_ns))?;
    let prices = trades.iter().map(|trade| trade.price_int).collect();
    map.serialize_field("price_int", &Numbers::I64(prices))?;
    let sizes = trades.iter().map(|trade| trade.size).collect();
    map.serialize_field("size", &Numbers::U32(sizes))?;
    if is_text {
        let letters: Vec<char> = letters.into_iter().map(char::from).collect();
        map.serialize_field("aggressor", &letters)?;
    } else {
        map.serialize_field("aggressor", &Numbers::U8(letters.into()))?;
    }
    map.end()
}

pub(super) fn serialize_columns<S: Serializer>(
    columns: &[Column<'_>],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(columns.iter().map(|column| (&column.name, &column.numbers)))
}
