//! What is made of each date: the stages in order, and what they are given.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use vp_ingest::IngestError;
use vp_lake::Lake;
use vp_lake::tables::{Existing, Layer};
use vp_market::{Instrument, SessionDate, Utc};
use vp_velocity::SessionHours;
use vp_velocity::bronze::{self, RawSymbol};
use vp_velocity::stage::{OnAdvance, Outcome, StageError, Task};
use vp_velocity::{gold, silver};

use super::bars::Bars;
use super::summary::{End, Row};
use crate::args::{self, Layers, RunArgs};

/// The program and its version, for the manifests.
const TOOL: &str = concat!("velocity ", env!("CARGO_PKG_VERSION"));

/// The stages of a run.
#[derive(Debug)]
pub(super) struct Plan {
    layers: &'static [Layer],
    lake: Lake,
    raw: RawSymbol,
    /// None where bronze of a root is all that is made.
    instrument: Option<Instrument>,
    hours: SessionHours,
    existing: Existing,
    created_at: String,
    /// Whether a date without input is no failure.
    may_be_absent: bool,
}

impl Plan {
    pub(super) fn from_args(args: &RunArgs, may_be_absent: bool) -> anyhow::Result<Self> {
        if args.overwrite && args.layer == Layers::Bronze {
            bail!("bronze is never overwritten: to read the raw files again, move it away first");
        }
        if args.session.is_some() && matches!(args.layer, Layers::Bronze | Layers::Gold) {
            bail!(
                "--session belongs to silver: bronze holds the whole day, gold what its silver does"
            );
        }
        let products = args::products(args.products.as_deref())?;
        let raw = RawSymbol::new(&products, args.product_type, &args.symbol)?;
        let instrument = match (args.layer, raw.contract()) {
            (Layers::Bronze, None) => None,
            _ => Some(
                products
                    .instrument(args.product_type, &args.symbol)
                    .context("silver and gold are made of one contract")?,
            ),
        };
        Ok(Self {
            layers: args.layer.layers(),
            lake: args::lake(args.lake.as_ref()),
            raw,
            instrument,
            hours: args.session.unwrap_or_default(),
            existing: if args.overwrite {
                Existing::Overwrite
            } else {
                Existing::Keep
            },
            created_at: now(),
            may_be_absent,
        })
    }

    /// Makes a date, layer after layer, up to the first that fails.
    pub(super) fn run(&self, date: SessionDate, bars: &Bars) -> Vec<Row> {
        let mut rows = Vec::new();
        for &layer in self.layers {
            let bar = bars.begin(format!("{layer} {} {date}", self.raw.symbol()));
            let started = Instant::now();
            let outcome = self.stage(layer, date, &mut |advance| bar.show(advance));
            let elapsed = started.elapsed();
            let made = match outcome {
                Ok(made) => made,
                Err(error) => {
                    rows.push(Row {
                        layer,
                        symbol: self.raw.symbol().into(),
                        date,
                        end: self.failure(layer, date, error),
                    });
                    break;
                }
            };
            for manifest in made.manifests() {
                let (symbol, manifest) = (manifest.symbol.clone(), manifest.clone());
                let end = match made {
                    Outcome::Built(_) => End::Built { manifest, elapsed },
                    Outcome::Kept(_) => End::Kept { manifest },
                };
                rows.push(Row {
                    layer,
                    symbol,
                    date,
                    end,
                });
            }
        }
        rows
    }

    fn stage(
        &self,
        layer: Layer,
        date: SessionDate,
        on_advance: OnAdvance<'_>,
    ) -> Result<Outcome, StageError> {
        let task = Task {
            lake: self.lake.clone(),
            date,
            existing: self.existing,
            tool_version: TOOL.into(),
            created_at: self.created_at.clone(),
        };
        match (layer, &self.instrument) {
            (Layer::Bronze, _) | (_, None) => bronze::build(&task, &self.raw, on_advance),
            (Layer::Silver, Some(instrument)) => {
                silver::build(&task, instrument, self.hours, on_advance)
            }
            (Layer::Gold, Some(instrument)) => gold::build(&task, instrument, on_advance),
        }
    }

    fn failure(&self, layer: Layer, date: SessionDate, error: StageError) -> End {
        let is_absent = matches!(
            error,
            StageError::MissingInput { .. } | StageError::Ingest(IngestError::NoDate { .. })
        );
        let error = anyhow::Error::from(error);
        if is_absent && self.may_be_absent {
            return End::Absent(error);
        }
        let what = format!("{layer} of {} on {date} cannot be made", self.raw.symbol());
        End::Failed(error.context(what))
    }
}

fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let ns = since.map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    });
    Utc::from_ns(ns).to_string()
}
