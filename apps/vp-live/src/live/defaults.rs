//! How the server was started: what a query leaves out.

use std::path::PathBuf;

use anyhow::Context;
use vp_ingest::Input;
use vp_lake::{LAKE_VARIABLE, Lake};
use vp_market::{Instrument, ProductTable, ProductType, SessionDate, WallClock};
use vp_replay::Speed;
use vp_synth::SynthConfig;
use vp_transport::server::Query;

use super::query::Request;
use crate::args::ServeArgs;
use crate::session::read_products;

/// The date of the synthetic session.
pub const SYNTHETIC_DATE: &str = "2026-02-06";

/// Where the records of the default session come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Made from a seed.
    Synthetic,
    /// Files, of which this instrument and this publisher are read.
    File {
        instrument_id: Option<u32>,
        publisher: Option<u16>,
    },
}

impl Origin {
    /// Returns the name that queries and messages use.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Synthetic => "synthetic",
            Self::File { .. } => "file",
        }
    }
}

/// The one synthetic session.
#[derive(Clone, Debug)]
pub(super) struct Synthetic {
    pub(super) market: SynthConfig,
    pub(super) instrument: Instrument,
    pub(super) dt: SessionDate,
}

/// What a query leaves out.
#[derive(Clone, Debug)]
pub(super) struct Defaults {
    pub(super) products: ProductTable,
    pub(super) lake: Lake,
    /// A file named outright, for the default session alone.
    pub(super) file: Option<PathBuf>,
    pub(super) origin: Origin,
    pub(super) instrument: Instrument,
    pub(super) dt: SessionDate,
    pub(super) synthetic: Synthetic,
    pub(super) start_time: Option<WallClock>,
    pub(super) end_time: Option<WallClock>,
    pub(super) throttle_ms: u64,
    pub(super) speed: Speed,
    pub(super) keeps_gaps: bool,
}

impl Defaults {
    /// Checks the arguments.
    ///
    /// # Errors
    /// If the symbol or root is unknown, a part of the session's name is missing, or the product
    /// table cannot be read.
    pub(super) fn from_args(args: &ServeArgs) -> anyhow::Result<Self> {
        let products = match &args.products {
            Some(path) => read_products(path)?,
            None => ProductTable::embedded(),
        };
        let market = SynthConfig::default().with_seed(args.seed);
        let synthetic = Synthetic {
            instrument: products.instrument(ProductType::FutureMbo, market.symbol())?,
            dt: SYNTHETIC_DATE
                .parse()
                .context("the date of the synthetic session")?,
            market,
        };
        let (origin, instrument, dt) = match (&args.symbol, args.dt) {
            (Some(symbol), Some(dt)) => {
                let instrument = products.instrument(args.product_type(), symbol)?;
                (
                    Origin::File {
                        instrument_id: args.instrument_id,
                        publisher: args.publisher,
                    },
                    instrument,
                    dt,
                )
            }
            _ => (
                Origin::Synthetic,
                synthetic.instrument.clone(),
                synthetic.dt,
            ),
        };
        Ok(Self {
            products,
            lake: Lake::resolve(args.lake.clone(), std::env::var_os(LAKE_VARIABLE)),
            file: args.file.clone(),
            origin,
            instrument,
            dt,
            synthetic,
            start_time: args.start_time,
            end_time: args.end_time,
            throttle_ms: args.throttle_ms,
            speed: Speed::new(args.speed)?,
            keeps_gaps: args.keep_gaps,
        })
    }

    /// Returns the query that names the default session.
    pub(super) fn session_query(&self) -> String {
        let Instrument {
            product_type,
            symbol,
            ..
        } = &self.instrument;
        let symbol = escaped(symbol);
        format!("product_type={product_type}&symbol={symbol}&dt={}", self.dt)
    }

    /// Returns where a session's files are: the file that was named outright, if it is the default
    /// session, else the lake.
    pub(super) fn input_for(&self, instrument: &Instrument, dt: SessionDate) -> Input {
        match &self.file {
            Some(file) if *instrument == self.instrument && dt == self.dt => {
                Input::File(file.clone())
            }
            _ => Input::Lake(self.lake.clone()),
        }
    }
}

/// Returns a value as a query holds it: symbols of shares have signs that mean something there.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text += &format!("%{byte:02X}");
        }
    }
    text
}

impl Defaults {
    /// Returns what a viewer gets who asks for nothing in particular, for a person to read.
    ///
    /// # Errors
    /// If its start or end time is outside the session.
    pub(super) fn describe(&self) -> anyhow::Result<String> {
        let query = Query::parse("").and_then(|query| Request::read(query, self));
        let request = query.map_err(|error| anyhow::anyhow!("{error}"))?;
        let config = &request.plan.runtime_config;
        let stream = &config.stream;
        let time = |time: &Option<String>, none: &str| time.clone().unwrap_or(none.to_owned());
        let speed = match stream.speed {
            0.0 => "as fast as it is taken".to_owned(),
            factor => format!("{factor} x real time"),
        };
        let throttle = match stream.throttle_ms {
            0 => "every event".to_owned(),
            ms => format!("at most every {ms} ms of event time"),
        };
        Ok(format!(
            "session {} {} ({}, {})\nfrom    {} to {} ET, {speed}\n\
             grids   {throttle}, {} rows of {} each, sizes in {}\nconfig  {}\n",
            config.symbol,
            stream.dt,
            config.product_type,
            stream.source,
            time(&stream.start_time, "the first event"),
            time(&stream.end_time, "the last"),
            2 * config.half_width + 1,
            self.instrument.product.bucket,
            config.qty_unit,
            config.config_version,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_escaped_in_a_query() {
        let shown = ["ESH4", "BRK.B", "BRK B", "AAC+", "AAC=", "A#"].map(escaped);
        assert_eq!(
            shown,
            ["ESH4", "BRK.B", "BRK%20B", "AAC%2B", "AAC%3D", "A%23"]
        );
    }
}
