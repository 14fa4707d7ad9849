//! From a viewer's query to a plan: one parameter that is unknown or out of range is an error.

use vp_lake::Lake;
use vp_market::{
    ProductTable, ProductType, RuntimeConfig, SessionDate, SessionWindow, Stretch, StretchError,
    WallClock, symbol_as_typed,
};
use vp_replay::{ReplaySettings, Speed};
use vp_transport::server::{Query, QueryText};
use vp_velocity::options::StrikeGrid;
use vp_wire::{BatchContent, Error, ErrorCode, StreamConfig, Surfaces};

use super::calibration::Calibration;
use super::feed::FeedPlan;

/// Buckets to either side in the grids of the same instrument, which the version of the config covers;
/// surfaces reach `grid_max_ticks`.
const HALF_WIDTH: u32 = 50;

/// How many seconds ahead may be asked for.
const MAX_HORIZON_S: u32 = 3600;

/// How many seconds ahead are forecast for who does not ask.
const HORIZON_S: u32 = 30;

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
    pub(super) fn read(
        mut query: Query,
        products: &ProductTable,
        lake: &Lake,
    ) -> Result<Self, Error> {
        let product_type = query.take_read("product_type", with_a_book)?;
        let symbol = query.take_read("symbol", symbol_as_typed)?;
        let dt = query.take_parsed::<SessionDate>("dt")?;
        let speed = query.take_read("speed", speed)?;
        let start_time = query.take_parsed::<WallClock>("start_time")?;
        let end_time = query.take_parsed::<WallClock>("end_time")?;
        let horizon_s = query.take_read("horizon_s", horizon)?.unwrap_or(HORIZON_S);
        let shared = query.take_flag("shared")?;
        let lossless = query.take_flag("lossless")?;
        query.finish()?;

        let symbol = symbol.ok_or_else(|| missing("symbol"))?;
        let by_symbol = || products.product_type_of(&symbol);
        let product_type = product_type.unwrap_or_else(by_symbol);
        let dt = dt.ok_or_else(|| missing("dt"))?;
        let instrument = products.instrument(product_type, &symbol);
        let instrument = instrument.map_err(|error| {
            Error::new(ErrorCode::UnknownSymbol, error.to_string()).with_hint(SESSIONS)
        })?;
        let window = SessionWindow::new(product_type, dt);
        let speed = speed.unwrap_or(Speed::REAL_TIME);
        let Stretch { start_ns, end_ns } = times(window, start_time, end_time)?;
        let stream = StreamConfig {
            source: "file".to_owned(),
            dt: dt.to_string(),
            speed: speed.value(),
            start_time: start_time.map(|clock| clock.to_string()),
            end_time: end_time.map(|clock| clock.to_string()),
            throttle_ms: 0,
            view: "frozen".to_owned(),
            shared,
        };
        let calibration = Calibration::load(lake, &instrument.root);
        let content = BatchContent {
            surfaces: Surfaces::fields(),
            strike_ticks: StrikeGrid::of(&instrument).and_then(StrikeGrid::strike_ticks),
            calibrated: calibration.is_fitted(),
            beta: calibration.dynamics.beta(),
            gamma: calibration.dynamics.gamma(),
            horizon_s,
        };
        let key = key(product_type, &symbol, &stream, &content);
        let instrument_config = RuntimeConfig::new(&instrument, HALF_WIDTH);
        let runtime_config = vp_wire::RuntimeConfig::surfaces(&instrument_config, stream, content);
        let plan = FeedPlan {
            instrument,
            dt,
            window,
            settings: ReplaySettings {
                start_ns,
                end_ns,
                throttle_ns: 0,
                speed,
                keeps_gaps: false,
            },
            calibration,
            horizon_s,
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

/// Returns the replay's key: the query that asks for it with every default written out, and the
/// coefficients, which another calibration changes.
fn key(kind: ProductType, symbol: &str, stream: &StreamConfig, content: &BatchContent) -> String {
    let mut text = QueryText::default();
    text.put("product_type", kind)
        .put("symbol", symbol)
        .put("dt", &stream.dt)
        .put("speed", stream.speed)
        .put_some("start_time", stream.start_time.as_ref())
        .put_some("end_time", stream.end_time.as_ref())
        .put("horizon_s", content.horizon_s)
        .put("beta", content.beta)
        .put("gamma", content.gamma);
    text.to_string()
}

const SESSIONS: &str = "GET /v1/sessions lists what can be streamed";

fn refused(message: String) -> Error {
    Error::new(ErrorCode::BadParameter, message)
}

fn missing(name: &str) -> Error {
    refused(format!("the parameter {name} is missing")).with_hint(SESSIONS)
}

fn with_a_book(name: &str) -> Result<ProductType, String> {
    let found = name.parse::<ProductType>().ok();
    let found = found.filter(|found| ProductType::BOOKS.contains(found));
    found.ok_or_else(|| {
        let known = ProductType::BOOKS.map(ProductType::name).join(" or ");
        format!("it must be {known}; options are shown beside what they are on")
    })
}

fn speed(text: &str) -> Result<Speed, String> {
    let factor = text.parse().map_err(|_| "it is no number".to_owned())?;
    Speed::new(factor).map_err(|error| error.to_string())
}

fn horizon(text: &str) -> Result<u32, String> {
    let horizon_s = text.parse().ok();
    horizon_s
        .filter(|horizon_s| (1..=MAX_HORIZON_S).contains(horizon_s))
        .ok_or_else(|| format!("it must be a number of seconds from 1 to {MAX_HORIZON_S}"))
}

/// Returns both times as instants of a session.
fn times(
    window: SessionWindow,
    start: Option<WallClock>,
    end: Option<WallClock>,
) -> Result<Stretch, Error> {
    window.stretch(start, end).map_err(|error| {
        let (name, clock) = match &error {
            StretchError::Start(refused) => ("start_time", refused.clock),
            StretchError::End { clock, .. } => ("end_time", *clock),
            // Whatever may be added to the list.
            _ => return refused(error.to_string()),
        };
        refused(format!("{name}={clock}: {error}"))
    })
}
