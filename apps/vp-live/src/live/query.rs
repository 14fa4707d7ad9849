//! From a viewer's query to a plan: every parameter is optional, defaults as the server was
//! started, and one that is out of range is an error.

use vp_ingest::contracts_offered;
use vp_market::{
    Instrument, Price, ProductType, RuntimeConfig, SessionDate, SessionWindow, symbol_as_typed,
};
use vp_replay::{ReplaySettings, Speed};
use vp_transport::server::{Query, QueryText};
use vp_wire::{Error, ErrorCode, Field, Float, StreamConfig};

use super::defaults::Defaults;
use super::failure;
use super::feed::{FeedPlan, Look};
use crate::book_type;
use crate::encode::Aging;
use crate::session::{Times, set_bucket};
use vp_cli::report;
use vp_session::{AnySession, SyntheticSession, grid_config};

/// The longest throttle: one grid an hour of event time.
const MAX_THROTTLE_MS: u64 = 3_600_000;

/// A query, understood.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) plan: FeedPlan,
    pub(super) shared: bool,
    pub(super) lossless: bool,
    /// Equal for requests that mean the same replay.
    pub(super) key: String,
}

impl Request {
    /// Reads a query.
    ///
    /// # Errors
    /// What is wrong with it, with the code that the client receives.
    pub(super) fn read(mut query: Query, defaults: &Defaults) -> Result<Self, Error> {
        let taken = Taken {
            source: query.take("source"),
            product_type: query.take_read("product_type", book_type::parse)?,
            symbol: query.take_read("symbol", symbol_as_typed)?,
            dt: query.take_parsed("dt")?,
        };
        let speed = query
            .take_parsed::<f64>("speed")?
            .map(Speed::new)
            .transpose();
        let start_time = query.take_parsed("start_time")?.or(defaults.start_time);
        let end_time = query.take_parsed("end_time")?.or(defaults.end_time);
        let throttle_ms = query
            .take_parsed("throttle_ms")?
            .unwrap_or(defaults.throttle_ms);
        let bucket = query.take_parsed::<Price>("bucket")?;
        let aging = query.take_parsed::<Aging>("view")?.unwrap_or_default();
        let float = float(query.take("float").as_deref())?;
        let fields = match query.take("fields") {
            None => Field::grid(float),
            Some(names) => Field::select(&names, float).map_err(|e| refused(&e))?,
        };
        let shared = query.take_flag("shared")?;
        let lossless = query.take_flag("lossless")?;
        query.finish()?;

        let speed = speed
            .map_err(|error| refused(&error))?
            .unwrap_or(defaults.speed);
        if throttle_ms > MAX_THROTTLE_MS {
            return Err(refused(&format!(
                "throttle_ms must be from 0 to {MAX_THROTTLE_MS}"
            )));
        }
        let mut chosen = taken.choose(defaults)?;
        set_bucket(&mut chosen.instrument, bucket).map_err(|error| refused(&error))?;
        let (kind, dt) = (chosen.instrument.product_type, chosen.dt);
        let window = SessionWindow::new(kind, dt);
        let times = Times {
            start: start_time,
            end: end_time,
        };
        let stretch = times
            .within(window, ["start_time", "end_time"])
            .map_err(|error| refused(&report::chain(error.as_ref())))?;
        let settings = ReplaySettings {
            start_ns: stretch.start_ns,
            end_ns: stretch.end_ns,
            throttle_ns: throttle_ms * 1_000_000,
            speed,
            keeps_gaps: defaults.keeps_gaps,
        };
        let grid = grid_config(&chosen.instrument);
        let stream = StreamConfig {
            source: chosen.source.to_owned(),
            dt: dt.to_string(),
            speed: speed.value(),
            start_time: start_time.map(|clock| clock.to_string()),
            end_time: end_time.map(|clock| clock.to_string()),
            throttle_ms,
            view: aging.name().to_owned(),
            shared,
        };
        let key = key(&chosen.instrument, &stream, float, &fields);
        let runtime_config = vp_wire::RuntimeConfig::dense_grid(
            &RuntimeConfig::new(&chosen.instrument, grid.half_width()),
            stream,
            fields.clone(),
        );
        let session = chosen.session(defaults, window);
        let look = Look { aging, fields };
        let plan = FeedPlan {
            session,
            window,
            grid,
            settings,
            look,
            runtime_config,
        };
        Ok(Self {
            plan,
            shared,
            lossless,
            key,
        })
    }
}

impl Request {
    /// Returns what a client gets that sends no parameters, as text.
    ///
    /// # Errors
    /// If the start or end time of the defaults is outside the session.
    pub(super) fn describe_default(defaults: &Defaults) -> anyhow::Result<String> {
        let query = Query::parse("").and_then(|query| Self::read(query, defaults));
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
        let product = &defaults.instrument().product;
        let decimals = product.price_decimals() as usize;
        Ok(format!(
            "session {} {} ({}, {})\nfrom    {} to {} ET, {speed}\n\
             grids   {throttle}, {} rows of {:.decimals$} each, sizes in {}\nconfig  {}\n",
            config.symbol,
            stream.dt,
            config.product_type,
            stream.source,
            time(&stream.start_time, "the first event"),
            time(&stream.end_time, "the last"),
            2 * config.half_width + 1,
            product.bucket,
            config.qty_unit,
            config.config_version,
        ))
    }
}

/// Returns the replay's key: the query that asks for it, with every default written out.
fn key(instrument: &Instrument, stream: &StreamConfig, float: Float, fields: &[Field]) -> String {
    let mut text = QueryText::default();
    text.put("source", &stream.source)
        .put("product_type", instrument.product_type)
        .put("symbol", &instrument.symbol)
        .put("bucket", instrument.product.bucket)
        .put("dt", &stream.dt)
        .put("speed", stream.speed)
        .put_some("start_time", stream.start_time.as_ref())
        .put_some("end_time", stream.end_time.as_ref())
        .put("throttle_ms", stream.throttle_ms)
        .put("view", &stream.view)
        .put("float", float.name());
    if fields.len() < Field::GRID.len() {
        let names: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
        text.put("fields", names.join(","));
    }
    text.to_string()
}

/// The session parameters of the query.
struct Taken {
    source: Option<String>,
    product_type: Option<ProductType>,
    symbol: Option<String>,
    dt: Option<SessionDate>,
}

/// The session that is meant.
struct Chosen {
    source: &'static str,
    instrument: Instrument,
    dt: SessionDate,
}

impl Taken {
    fn choose(self, defaults: &Defaults) -> Result<Chosen, Error> {
        let source = match self.source.as_deref() {
            None => defaults.source(),
            Some("file") => "file",
            Some("synthetic") => "synthetic",
            Some(other) => {
                return Err(refused(&format!(
                    "source must be file or synthetic, found {other:?}"
                )));
            }
        };
        // What the query leaves out is as the server was started, if that was the same source.
        let of_same_source = source == defaults.source();
        let instrument = of_same_source.then_some(defaults.instrument());
        let of_default = instrument.map(|known| known.product_type);
        let product_type = self.product_type.or(of_default);
        let by_symbol = self.product_type.or_else(|| {
            let symbol = self.symbol.as_deref()?;
            Some(defaults.products.product_type_of(symbol))
        });
        let symbol = self.symbol.or(instrument.map(|known| known.symbol.clone()));
        let dt = self.dt.or(of_same_source.then_some(defaults.date()));
        if source == "synthetic" {
            return Self::synthetic(product_type, symbol, dt, defaults);
        }
        let missing = |name: &str| {
            refused(&format!("{name} is missing"))
                .with_hint("GET /v1/sessions lists what can be streamed")
        };
        let product_type = by_symbol.or(product_type);
        let product_type = product_type.ok_or_else(|| missing("product_type"))?;
        let symbol = symbol.ok_or_else(|| missing("symbol"))?;
        let dt = dt.ok_or_else(|| missing("dt"))?;
        let instrument = defaults
            .instrument_of(product_type, &symbol)
            .map_err(|error| {
                let Defaults { products, lake, .. } = defaults;
                match contracts_offered(products, lake, &symbol, dt) {
                    Some(offer) => Error::new(ErrorCode::UnknownSymbol, offer)
                        .with_hint("name one of them as symbol"),
                    None => failure::of_product(&error),
                }
            })?;
        Ok(Chosen {
            source: "file",
            instrument,
            dt,
        })
    }

    fn synthetic(
        product_type: Option<ProductType>,
        symbol: Option<String>,
        dt: Option<SessionDate>,
        defaults: &Defaults,
    ) -> Result<Chosen, Error> {
        let only = &defaults.synthetic;
        let known = &only.instrument;
        let hint = format!(
            "the synthetic session is {} {} {}; add source=file for sessions of the lake",
            known.product_type, known.symbol, only.dt
        );
        let unknown = |code, what: String| {
            Error::new(code, format!("the synthetic market has no {what}")).with_hint(hint.clone())
        };
        if let Some(other) = product_type.filter(|found| *found != known.product_type) {
            return Err(unknown(ErrorCode::UnknownSymbol, other.to_string()));
        }
        if let Some(other) = symbol.filter(|found| *found != known.symbol) {
            return Err(unknown(ErrorCode::UnknownSymbol, other));
        }
        if let Some(other) = dt.filter(|found| *found != only.dt) {
            return Err(unknown(
                ErrorCode::UnknownDate,
                format!("session of {other}"),
            ));
        }
        Ok(Chosen {
            source: "synthetic",
            instrument: known.clone(),
            dt: only.dt,
        })
    }
}

impl Chosen {
    fn session(&self, defaults: &Defaults, window: SessionWindow) -> AnySession {
        if self.source == "synthetic" {
            let config = defaults.synthetic.market.clone();
            return AnySession::Synthetic(SyntheticSession::new(config, window.end_ns()));
        }
        AnySession::File(defaults.file_session(&self.instrument, self.dt))
    }
}

fn refused(error: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorCode::BadParameter, error.to_string())
}

fn float(name: Option<&str>) -> Result<Float, Error> {
    match name {
        None => Ok(Float::default()),
        Some(name) => Float::from_name(name)
            .ok_or_else(|| refused(&format!("float must be f32 or f64, found {name:?}"))),
    }
}
