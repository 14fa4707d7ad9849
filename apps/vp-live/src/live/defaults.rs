//! How the server was started: what a query leaves out.

use anyhow::Context;
use vp_ingest::{FileWish, HeldSessions, Input, SessionSpec};
use vp_lake::{LAKE_VARIABLE, Lake};
use vp_market::{Instrument, ProductError, ProductTable, ProductType, SessionDate, WallClock};
use vp_replay::Speed;
use vp_synth::SynthConfig;

use crate::args::ServeArgs;
use crate::session::{BUCKET_REFUSED, Chosen, choose, set_bucket};
use vp_session::{Session, SyntheticSession};

/// The session that is streamed where a query names no other.
#[derive(Clone, Debug)]
pub(super) enum DefaultSession {
    /// The synthetic one.
    Synthetic,
    /// One of files. What the command line says of its input (`--file`, `--instrument-id`,
    /// `--publisher`) is part of it and applies to no other session.
    File(Box<SessionSpec>),
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
    pub(super) session: DefaultSession,
    /// Every session of the file that the server was started with, where it was asked which there are.
    pub(super) held: Vec<(Instrument, SessionDate)>,
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
    /// If the symbol or root is unknown, the session is not there or cannot be read, or the product
    /// table cannot be read.
    pub(super) fn from_args(args: &ServeArgs) -> anyhow::Result<Self> {
        let mut products = vp_cli::products(args.products.as_deref())?;
        let wish = FileWish {
            product_type: args.product_type,
            symbol: args.symbol.as_deref(),
            date: args.dt,
        };
        let lake = Lake::resolve(args.lake.clone(), std::env::var_os(LAKE_VARIABLE));
        let chosen = choose(args.file(), wish, &mut products, &lake)?;
        let market = SynthConfig::default().with_seed(args.seed);
        let mut synthetic = Synthetic {
            instrument: products.instrument(ProductType::FutureMbo, market.symbol())?,
            dt: SyntheticSession::DATE
                .parse()
                .context("the date of the synthetic session")?,
            market,
        };
        let mut held = Vec::new();
        let session = if let Some(Chosen {
            mut instrument,
            date,
            held: of_file,
        }) = chosen
        {
            let of_file = of_file.iter().flat_map(HeldSessions::sessions);
            held.extend(of_file.filter_map(|session| {
                let known = products.instrument(instrument.product_type, &session.symbol);
                Some((known.ok()?, session.date))
            }));
            set_bucket(&mut instrument, args.bucket).context(BUCKET_REFUSED)?;
            let spec = SessionSpec {
                input: match args.file() {
                    Some(path) => Input::File(path.into()),
                    None => Input::Lake(lake.clone()),
                },
                instrument,
                date,
                instrument_id: args.instrument_id,
                publisher: args.publisher,
            };
            // Without this check only clients would learn that the session cannot be played.
            spec.open()?;
            DefaultSession::File(Box::new(spec))
        } else {
            set_bucket(&mut synthetic.instrument, args.bucket).context(BUCKET_REFUSED)?;
            DefaultSession::Synthetic
        };
        Ok(Self {
            products,
            lake,
            session,
            held,
            synthetic,
            start_time: args.start_time,
            end_time: args.end_time,
            throttle_ms: args.throttle_ms,
            speed: Speed::new(args.speed)?,
            keeps_gaps: args.keep_gaps,
        })
    }

    /// Returns the name of the default session's source, as queries and messages have it.
    pub(super) const fn source(&self) -> &'static str {
        match self.session {
            DefaultSession::Synthetic => "synthetic",
            DefaultSession::File(_) => "file",
        }
    }

    /// Returns the instrument of the default session.
    pub(super) const fn instrument(&self) -> &Instrument {
        match &self.session {
            DefaultSession::Synthetic => &self.synthetic.instrument,
            DefaultSession::File(spec) => &spec.instrument,
        }
    }

    /// Returns the date of the default session.
    pub(super) const fn date(&self) -> SessionDate {
        match &self.session {
            DefaultSession::Synthetic => self.synthetic.dt,
            DefaultSession::File(spec) => spec.date,
        }
    }

    fn is_held(&self, instrument: &Instrument, date: SessionDate) -> bool {
        let mut held = self.held.iter();
        held.any(|(known, of)| is_same(known, instrument) && *of == date)
    }

    /// Returns what is known of a contract or ticker; of the default session's one with its rows.
    ///
    /// # Errors
    /// If no product fits it.
    pub(super) fn instrument_of(
        &self,
        product_type: ProductType,
        symbol: &str,
    ) -> Result<Instrument, ProductError> {
        let default = self.instrument();
        if (default.product_type, default.symbol.as_str()) == (product_type, symbol) {
            return Ok(default.clone());
        }
        self.products.instrument(product_type, symbol)
    }

    /// Returns the session of files of an instrument on a date: the default one if it is that,
    /// else the one of the lake, read by what its files map.
    pub(super) fn file_session(&self, instrument: &Instrument, date: SessionDate) -> SessionSpec {
        match &self.session {
            DefaultSession::File(spec)
                if is_same(&spec.instrument, instrument) && spec.date == date =>
            {
                SessionSpec {
                    instrument: instrument.clone(),
                    ..SessionSpec::clone(spec)
                }
            }
            DefaultSession::File(spec) if self.is_held(instrument, date) => SessionSpec {
                input: spec.input.clone(),
                instrument: instrument.clone(),
                date,
                instrument_id: None,
                publisher: None,
            },
            DefaultSession::File(_) | DefaultSession::Synthetic => SessionSpec {
                input: Input::Lake(self.lake.clone()),
                instrument: instrument.clone(),
                date,
                instrument_id: None,
                publisher: None,
            },
        }
    }
}

/// Returns whether two instruments are one, whatever the width of their rows.
fn is_same(one: &Instrument, other: &Instrument) -> bool {
    (one.product_type, &one.symbol) == (other.product_type, &other.symbol)
}
