//! What is made of each date: the stages in order, and what they are given.

use std::time::Instant;

use anyhow::{Context, bail};
use vp_ingest::{IngestError, contracts_offered};
use vp_lake::Lake;
use vp_lake::tables::{Existing, Layer};
use vp_market::{Instrument, ProductType, SessionDate};
use vp_velocity::SessionHours;
use vp_velocity::bronze::{self, Bronze, Choice, RawSymbol};
use vp_velocity::stage::{OnAdvance, Outcome, StageError, Task};
use vp_velocity::{gold, options, silver};

use super::bars::Bars;
use super::subject::Subject;
use super::summary::{End, LeftOut, Made, Row};
use crate::args::{self, RunArgs};

/// The program and its version, for the manifests.
const TOOL: &str = concat!("velocity ", env!("CARGO_PKG_VERSION"));

/// The stages of a run.
#[derive(Debug)]
pub(super) struct Plan {
    symbol: String,
    /// In the order in which they are run.
    stages: Vec<Stage>,
    lake: Lake,
    existing: Existing,
    created_at: String,
    /// Whether a date without input is no failure.
    may_be_absent: bool,
}

/// A stage, with what it needs beside the date.
#[derive(Debug)]
enum Stage {
    Bronze(RawSymbol),
    Silver(Instrument, SessionHours, Choice),
    Gold(Instrument),
    OptionSilver(Instrument, Choice),
    OptionGold(Instrument),
}

impl Stage {
    const fn layer(&self) -> Layer {
        match self {
            Self::Bronze(_) => Layer::Bronze,
            Self::Silver(..) | Self::OptionSilver(..) => Layer::Silver,
            Self::Gold(_) | Self::OptionGold(_) => Layer::Gold,
        }
    }

    /// Returns whose raw files are read, if any are.
    fn raw(&self) -> Option<RawSymbol> {
        match self {
            Self::Bronze(raw) => Some(raw.clone()),
            Self::Silver(of, ..) | Self::OptionSilver(of, _) => Some(RawSymbol::of(of)),
            Self::Gold(_) | Self::OptionGold(_) => None,
        }
    }

    fn run(&self, task: &Task, on_advance: OnAdvance<'_>) -> Result<Bronze, StageError> {
        let outcome = match self {
            Self::Bronze(raw) => return bronze::build_reporting(task, raw, on_advance),
            Self::Silver(instrument, hours, choice) => {
                silver::build(task, instrument, *hours, *choice, on_advance)
            }
            Self::Gold(instrument) => gold::build(task, instrument, on_advance),
            Self::OptionSilver(options, choice) => {
                options::build_silver(task, options, *choice, on_advance)
            }
            Self::OptionGold(options) => options::build_gold(task, options, on_advance),
        };
        Ok(Bronze {
            outcome: outcome?,
            left_out: Vec::new(),
        })
    }
}

impl Plan {
    pub(super) fn new(args: &RunArgs, subject: &Subject) -> anyhow::Result<Self> {
        let Subject {
            products,
            product_type,
            symbol,
            dates,
        } = subject;
        let product_type = *product_type;
        let makes = |layer| args.layer.iter().any(|layers| layers.layer() == layer);
        let (bronze, silver) = (makes(Layer::Bronze), makes(Layer::Silver));
        if args.overwrite && bronze && args.layer.len() == 1 {
            bail!("bronze is never overwritten: to read the raw files again, move it away first");
        }
        if args.session.is_some() && !silver {
            bail!(
                "--session belongs to silver: bronze holds the whole day, gold what its silver does"
            );
        }
        let is_of_options = product_type.underlying().is_some();
        if args.session.is_some() && is_of_options {
            bail!("options have the session of what they are on: leave --session out");
        }
        let choice = Choice {
            instrument_id: args.instrument_id,
            publisher: args.publisher,
        };
        if choice != Choice::default() && !bronze && !silver {
            bail!(
                "--instrument-id and --publisher belong to bronze and silver: gold is made of silver"
            );
        }
        if choice.instrument_id.is_some() && is_of_options {
            bail!("--instrument-id reads one contract: bronze of options holds all of them");
        }
        if choice.publisher.is_some() && product_type == ProductType::EquityOptionCmbp1 {
            bail!("the quotes of equity options are consolidated: leave --publisher out");
        }
        let lake = args::lake(args.lake.as_ref());
        let instrument = || {
            let instrument = products.instrument(product_type, symbol);
            let date = dates.days().next().filter(|_| instrument.is_err());
            let offer = date.and_then(|date| contracts_offered(products, &lake, symbol, date));
            if let Some(offer) = offer {
                bail!("silver and gold are made of one contract: {offer}");
            }
            instrument.context("silver and gold are made of one contract")
        };
        let hours = args.session.unwrap_or_default();
        let stage = |layer: &Layer| {
            Ok(match layer {
                Layer::Bronze => {
                    let raw = RawSymbol::new(products, product_type, symbol)?;
                    Stage::Bronze(raw.choosing(choice))
                }
                Layer::Silver if is_of_options => Stage::OptionSilver(instrument()?, choice),
                Layer::Gold if is_of_options => Stage::OptionGold(instrument()?),
                Layer::Silver => Stage::Silver(instrument()?, hours, choice),
                Layer::Gold => Stage::Gold(instrument()?),
            })
        };
        let stages = Layer::ALL.iter().filter(|layer| makes(**layer)).map(stage);
        Ok(Self {
            symbol: symbol.clone(),
            stages: stages.collect::<anyhow::Result<_>>()?,
            lake,
            existing: if args.overwrite {
                Existing::Overwrite
            } else {
                Existing::Keep
            },
            created_at: args::now(),
            may_be_absent: dates.may_be_absent(),
        })
    }

    /// Makes a date, layer after layer, up to the first that fails.
    pub(super) fn run(&self, date: SessionDate, bars: &Bars) -> Made {
        let task = Task {
            lake: self.lake.clone(),
            date,
            existing: self.existing,
            tool_version: TOOL.into(),
            created_at: self.created_at.clone(),
        };
        let (mut rows, mut left_out) = (Vec::new(), Vec::new());
        for stage in &self.stages {
            let layer = stage.layer();
            let bar = bars.begin(format!("{layer} {} {date}", self.symbol));
            let started = Instant::now();
            let outcome = stage.run(&task, &mut |advance| bar.show(advance));
            let elapsed = started.elapsed();
            let made = match outcome {
                Ok(made) => {
                    if !made.left_out.is_empty() {
                        left_out.push(LeftOut {
                            symbol: self.symbol.clone(),
                            date,
                            records: made.left_out,
                        });
                    }
                    made.outcome
                }
                Err(error) => {
                    rows.push(Row {
                        layer,
                        symbol: self.symbol.clone(),
                        date,
                        end: self.failure(stage, date, error),
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
        Made { rows, left_out }
    }

    fn failure(&self, stage: &Stage, date: SessionDate, error: StageError) -> End {
        let is_absent = match (&error, stage) {
            (
                StageError::MissingInput { .. } | StageError::Ingest(IngestError::NoDate { .. }),
                _,
            ) => true,
            (
                StageError::NoRecords { .. }
                | StageError::Ingest(
                    IngestError::NotMappedOnDate { .. } | IngestError::NoContracts { .. },
                ),
                stage,
            ) => stage
                .raw()
                .is_some_and(|raw| bronze::is_within_a_range(&self.lake, &raw, date)),
            _ => false,
        };
        let error = anyhow::Error::from(error);
        if is_absent && self.may_be_absent {
            return End::Absent(error);
        }
        let layer = stage.layer();
        let what = format!("{layer} of {} on {date} cannot be made", self.symbol);
        End::Failed(error.context(what))
    }
}
