//! From bytes to messages, for clients and tests.

use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::field::Field;
use super::grid::{Column, GridUpdate, Trade};
use super::numbers::Numbers;
use super::{
    Batch, Content, Error, PROTOCOL, RuntimeConfig, ServerMessage, Status, Surfaces, Table,
};

/// Reads the messages of one stream.
///
/// The runtime config describes a column's bytes; it comes before the first grid or
/// batch and which this remembers.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    content: Option<Content>,
}

/// A frame that is no message of this stream.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// It is no MessagePack, or has not the keys of its type.
    #[error("cannot read the message as MessagePack")]
    Malformed(#[from] rmp_serde::decode::Error),
    /// Its type is not part of this protocol.
    #[error("no message has the type {found:?}")]
    UnknownType {
        /// The type.
        found: String,
    },
    /// The server speaks a newer protocol.
    #[error("the server speaks protocol {found}, and this client up to {PROTOCOL}; update it")]
    NewerProtocol {
        /// The server's protocol.
        found: u32,
    },
    /// A grid or batch came without a runtime config that announces such messages.
    #[error("a {kind} came, and no runtime config said what it holds")]
    NotAnnounced {
        /// The type of the message.
        kind: &'static str,
    },
    /// A grid or surface has other columns than the runtime config says.
    #[error("the columns are not those of the runtime config, from number {place} on")]
    OtherColumns {
        /// The first place that differs, counted from 0.
        place: usize,
    },
    /// A column or the trades have a length that cannot be.
    #[error("{name} holds {bytes} bytes, which is not one value for each row or trade")]
    Length {
        /// What has that length.
        name: String,
        /// The length in bytes.
        bytes: usize,
    },
}

impl Decoder {
    /// Reads the next message of the stream.
    ///
    /// # Errors
    /// [`DecodeError`] if it is malformed; the stream can go on.
    pub fn decode(&mut self, frame: &[u8]) -> Result<ServerMessage, DecodeError> {
        let Head { kind } = rmp_serde::from_slice(frame)?;
        match kind {
            "runtime_config" => self.runtime_config(frame),
            "grid_update" => self.grid_update(frame),
            "batch" => self.batch(frame),
            "status" => Ok(ServerMessage::Status(rmp_serde::from_slice::<Status>(
                frame,
            )?)),
            "error" => Ok(ServerMessage::Error(rmp_serde::from_slice::<Error>(frame)?)),
            found => Err(DecodeError::UnknownType {
                found: found.into(),
            }),
        }
    }

    fn runtime_config(&mut self, frame: &[u8]) -> Result<ServerMessage, DecodeError> {
        let Protocol { protocol } = rmp_serde::from_slice(frame)?;
        if protocol > PROTOCOL {
            return Err(DecodeError::NewerProtocol { found: protocol });
        }
        let config: RuntimeConfig = rmp_serde::from_slice(frame)?;
        self.content = Some(config.content.clone());
        Ok(ServerMessage::RuntimeConfig(Box::new(config)))
    }

    fn grid_update(&self, frame: &[u8]) -> Result<ServerMessage, DecodeError> {
        let Some(Content::Grids(content)) = &self.content else {
            return Err(DecodeError::NotAnnounced {
                kind: "grid_update",
            });
        };
        let grid: RawGrid<'_> = rmp_serde::from_slice(frame)?;
        Ok(ServerMessage::GridUpdate(GridUpdate {
            seq: grid.seq,
            epoch: grid.epoch,
            ts_ns: grid.ts_ns,
            event_id: grid.event_id,
            mid_price: grid.mid_price,
            spot_ref_price_int: grid.spot_ref_price_int,
            best_bid_price_int: grid.best_bid_price_int,
            best_ask_price_int: grid.best_ask_price_int,
            last_trade_price_int: grid.last_trade_price_int,
            book_valid: grid.book_valid,
            trades: grid.trades.read()?.into(),
            trades_dropped: grid.trades_dropped,
            columns: grid
                .columns
                .read(&content.fields, content.grid_rows)?
                .into(),
        }))
    }

    fn batch(&self, frame: &[u8]) -> Result<ServerMessage, DecodeError> {
        let Some(Content::Batches(content)) = &self.content else {
            return Err(DecodeError::NotAnnounced { kind: "batch" });
        };
        let batch: RawBatch<'_> = rmp_serde::from_slice(frame)?;
        let (fields, raw) = (&content.surfaces, batch.surfaces);
        Ok(ServerMessage::Batch(Batch {
            seq: batch.seq,
            epoch: batch.epoch,
            window_end_ts_ns: batch.window_end_ts_ns,
            spot_ref_price_int: batch.spot_ref_price_int,
            surfaces: Surfaces {
                snap: raw.snap.read(&fields.snap)?,
                velocity: raw.velocity.read(&fields.velocity)?,
                options: raw.options.read(&fields.options)?,
                forecast: raw.forecast.read(&fields.forecast)?,
            },
        }))
    }
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
}

/// Read before the rest, whose keys a newer protocol may have changed.
#[derive(Deserialize)]
struct Protocol {
    protocol: u32,
}

#[derive(Deserialize)]
struct RawGrid<'a> {
    seq: u64,
    epoch: u64,
    ts_ns: u64,
    event_id: u64,
    mid_price: Option<f64>,
    spot_ref_price_int: Option<i64>,
    best_bid_price_int: Option<i64>,
    best_ask_price_int: Option<i64>,
    last_trade_price_int: Option<i64>,
    book_valid: bool,
    #[serde(borrow)]
    trades: RawTrades<'a>,
    trades_dropped: u32,
    #[serde(borrow)]
    columns: RawColumns<'a>,
}

#[derive(Deserialize)]
struct RawBatch<'a> {
    seq: u64,
    epoch: u64,
    window_end_ts_ns: u64,
    spot_ref_price_int: Option<i64>,
    #[serde(borrow)]
    surfaces: Surfaces<RawTable<'a>>,
}

#[derive(Deserialize)]
struct RawTable<'a> {
    rows: u32,
    #[serde(borrow)]
    columns: RawColumns<'a>,
}

impl RawTable<'_> {
    fn read(self, fields: &[Field]) -> Result<Table<'static>, DecodeError> {
        let columns = self.columns.read(fields, self.rows)?.into();
        let rows = self.rows;
        Ok(Table { rows, columns })
    }
}

#[derive(Deserialize)]
struct RawTrades<'a> {
    ts_ns: &'a [u8],
    price_int: &'a [u8],
    size: &'a [u8],
    aggressor: &'a [u8],
}

impl RawTrades<'_> {
    fn read(&self) -> Result<Vec<Trade>, DecodeError> {
        let count = self.aggressor.len();
        let ts_ns = chunks::<8>("trades.ts_ns", self.ts_ns, count)?;
        let prices = chunks::<8>("trades.price_int", self.price_int, count)?;
        let sizes = chunks::<4>("trades.size", self.size, count)?;
        let trade = |index: usize| Trade {
            ts_ns: u64::from_le_bytes(ts_ns[index]),
            price_int: i64::from_le_bytes(prices[index]),
            size: u32::from_le_bytes(sizes[index]),
            aggressor: Trade::aggressor_of(self.aggressor[index]),
        };
        Ok((0..count).map(trade).collect())
    }
}

fn chunks<'a, const N: usize>(
    name: &str,
    bytes: &'a [u8],
    count: usize,
) -> Result<&'a [[u8; N]], DecodeError> {
    match bytes.as_chunks() {
        (chunks, []) if chunks.len() == count => Ok(chunks),
        _ => Err(length_error(name, bytes)),
    }
}

fn length_error(name: &str, bytes: &[u8]) -> DecodeError {
    DecodeError::Length {
        name: name.into(),
        bytes: bytes.len(),
    }
}

/// The columns in the order in which they came.
struct RawColumns<'a>(Vec<(&'a str, &'a [u8])>);

impl RawColumns<'_> {
    fn read(self, fields: &[Field], rows: u32) -> Result<Vec<Column<'static>>, DecodeError> {
        let found = self.0.iter().map(|(name, _)| *name);
        let expected = fields.iter().map(|field| &*field.name);
        if !found.clone().eq(expected.clone()) {
            let place = found.zip(expected).take_while(|(a, b)| a == b).count();
            return Err(DecodeError::OtherColumns { place });
        }
        let pairs = fields.iter().zip(self.0);
        pairs
            .map(|(field, (_, bytes))| {
                let numbers = Numbers::read(field.dtype, bytes)
                    .filter(|numbers| numbers.len() == rows as usize)
                    .ok_or_else(|| length_error(&field.name, bytes))?;
                Ok(Column {
                    name: field.name.clone(),
                    numbers,
                })
            })
            .collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawColumns<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = RawColumns<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of column names to bytes")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut columns = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    if columns.len() == MOST_COLUMNS {
                        return Err(de::Error::custom("too many columns"));
                    }
                    columns.push(entry);
                }
                Ok(RawColumns(columns))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// More than any stream has; a frame that claims more is refused before memory grows.
const MOST_COLUMNS: usize = 1024;
