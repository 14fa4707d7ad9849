//! The two inputs, as DBN bytes and as records.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use dbn::decode::{DbnDecoder, DbnMetadata, DecodeRecord};
use dbn::encode::{DbnEncoder, EncodeRecord};
use dbn::enums::VersionUpgradePolicy;
use dbn::{MboMsg, UNDEF_PRICE, flags};
use vp_market::{Action, Flags, Price, ProductTable, ProductType, Record, Side, TickSize};
use vp_synth::{Compression, SynthConfig};

const COPIES: u64 = 20;
const DAY_NS: u64 = 86_400_000_000_000;
/// The real session, in the shared folder.
const REAL: &str = "data/lake/raw/source=databento/product_type=future_mbo/symbol=ES/\
                    table=market_by_order_dbn/glbx-mdp3-20231225.mbo.dbn.zst";

/// What every contestant gets.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) tick: TickSize,
    /// Uncompressed, whole.
    pub(crate) dbn: Vec<u8>,
    pub(crate) records: Vec<Record>,
}

impl Input {
    /// Returns ESH4 of 2023-12-25, 20 times end to end: a snapshot clear before each copy, and a
    /// day added to the times of each; `None` where the shared folder is not there.
    pub(crate) fn real() -> anyhow::Result<Option<Self>> {
        let root = std::env::var_os("SPYMASTER_SHARED").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
            PathBuf::from,
        );
        let path = root.join(REAL);
        if !path.exists() {
            return Ok(None);
        }
        let session = zstd::decode_all(File::open(path)?)?;
        let mut decoder =
            DbnDecoder::with_upgrade_policy(session.as_slice(), VersionUpgradePolicy::AsIs)?;
        let metadata = decoder.metadata().clone();
        let mut messages = Vec::new();
        while let Some(message) = decoder.decode_record::<MboMsg>()? {
            messages.push(message.clone());
        }
        let mut clear = messages.first().context("the session is empty")?.clone();
        clear.action = b'R'.cast_signed();
        clear.side = b'N'.cast_signed();
        clear.order_id = 0;
        clear.price = UNDEF_PRICE;
        clear.size = 0;
        clear.flags = flags::SNAPSHOT.into();
        messages.insert(0, clear);

        let mut dbn = Vec::new();
        let mut encoder = DbnEncoder::new(&mut dbn, &metadata)?;
        for _ in 0..COPIES {
            for message in &mut messages {
                encoder.encode_record(message)?;
                message.hd.ts_event += DAY_NS;
            }
        }
        let tick = ProductTable::embedded()
            .instrument(ProductType::FutureMbo, "ESH4")?
            .product
            .tick;
        Self::of(format!("ESH4 of 2023-12-25, {COPIES} times"), tick, dbn).map(Some)
    }

    /// Returns a synthetic session of ESH6 with at least that many records.
    pub(crate) fn synthetic(records: usize) -> anyhow::Result<Self> {
        let config = SynthConfig::preset("ESH6")?;
        // The rate is an average: a twentieth more seconds than it takes.
        let seconds = records as u64 * 21 / 20 / u64::from(config.rate());
        let mut dbn = Vec::new();
        vp_synth::write_dbn(
            &mut dbn,
            &config,
            Duration::from_secs(seconds),
            Compression::None,
        )?;
        let input = Self::of("ESH6, synthetic".to_owned(), config.tick(), dbn)?;
        anyhow::ensure!(
            input.records.len() >= records,
            "the synthetic session is too short"
        );
        Ok(input)
    }

    fn of(name: String, tick: TickSize, dbn: Vec<u8>) -> anyhow::Result<Self> {
        let mut decoder =
            DbnDecoder::with_upgrade_policy(dbn.as_slice(), VersionUpgradePolicy::AsIs)?;
        let mut records = Vec::new();
        while let Some(message) = decoder.decode_record::<MboMsg>()? {
            records.push(record(message)?);
        }
        Ok(Self {
            name,
            tick,
            dbn,
            records,
        })
    }
}

fn record(message: &MboMsg) -> anyhow::Result<Record> {
    let action =
        Action::from_letter(message.action.cast_unsigned()).context("an unknown action")?;
    Ok(Record {
        ts_event: message.hd.ts_event,
        order_id: message.order_id,
        price: Price::from_nanos(message.price),
        size: message.size,
        action,
        side: Side::from_letter(message.side.cast_unsigned()),
        flags: Flags(message.flags.raw()),
    })
}
