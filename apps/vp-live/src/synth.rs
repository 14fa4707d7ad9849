//! `vp-live synth`: a synthetic session as a DBN file. `vp-live statistics`: how its flow compares.

use std::ffi::OsStr;
use std::time::Duration;

use anyhow::{Context, bail};
use vp_market::{Closed, ProductTable, ProductType, SessionWindow};
use vp_synth::statistics::Comparison;
use vp_synth::{Compression, FlowStatistics, SynthConfig, SyntheticMarket, write_dbn};

use crate::args::{StatisticsArgs, SynthArgs};
use crate::out::{WholeFile, cannot_write};
use crate::session::Resolved;
use vp_cli::report::{self, Count};
use vp_session::{Records, Session};

/// Writes a synthetic session.
///
/// # Errors
/// If the arguments describe no market, or the file cannot be written.
pub fn synth(args: &SynthArgs) -> anyhow::Result<()> {
    let config = market(&args.symbol, args.seed, args.rate)?;
    let kind = ProductTable::embedded()
        .instrument(ProductType::FutureMbo, &args.symbol)
        .map_or(ProductType::EquityMbo, |future| future.product_type);
    if let Some(closed) = Closed::on(kind, args.dt) {
        bail!("{} has no session on {} ({closed})", args.symbol, args.dt);
    }
    let start_ns = SessionWindow::new(kind, args.dt).first_instant(args.start_time)?;
    let config = config.with_start_ns(start_ns)?;
    let compression = match args.out.extension().and_then(OsStr::to_str) {
        Some("zst") => Compression::Zstd,
        Some("dbn") => Compression::None,
        _ => bail!("{} must end in .dbn or .dbn.zst", args.out.display()),
    };
    let duration = Duration::from_mins(args.minutes.into());
    let mut file = WholeFile::create(&args.out)?;
    let records = write_dbn(&mut file, &config, duration, compression)
        .with_context(|| cannot_write(&args.out))?;
    file.publish()?;
    report::print(&format_args!(
        "{} records of {} in {}",
        Count(records),
        args.symbol,
        args.out.display()
    ))
}

/// Prints the statistics of a session's flow beside those of the synthetic one.
///
/// # Errors
/// If the session cannot be read or the arguments describe no market.
pub fn statistics(args: &StatisticsArgs) -> anyhow::Result<()> {
    let resolved = Resolved::from_args(&args.session)?;
    let tick = resolved.spec.instrument.product.tick;
    let (start_ns, end_ns) = (
        resolved.replay.start_ns.unwrap_or(0),
        resolved.replay.end_ns,
    );
    let mut real = FlowStatistics::new(tick);
    let mut records = resolved.spec.open()?;
    for file in records.left_out() {
        report::note(file);
    }
    let mut batch = Vec::new();
    while Records::next_batch(&mut records, &mut batch)? {
        for record in batch
            .iter()
            .filter(|r| end_ns.is_none_or(|end_ns| r.ts_event < end_ns))
        {
            let mut record = *record;
            if record.ts_event < start_ns {
                // What comes before the start sets the book up and is no flow.
                record.flags = record.flags | vp_market::Flags::SNAPSHOT;
            }
            real.observe(&record);
        }
    }
    let config = market(&args.synthetic, args.seed, args.rate)?;
    let mut synthetic = FlowStatistics::new(config.tick());
    let mut flow = SyntheticMarket::new(&config).into_records();
    while synthetic.duration_ns() < real.duration_ns() {
        match flow.next() {
            Some(record) => synthetic.observe(&record),
            None => break,
        }
    }
    let (symbol, other) = (&resolved.spec.instrument.symbol, &args.synthetic);
    let flows = [(symbol.as_str(), &real), (other.as_str(), &synthetic)];
    report::print(&Comparison { flows: &flows })
}

fn market(symbol: &str, seed: u64, rate: Option<u32>) -> anyhow::Result<SynthConfig> {
    let config = SynthConfig::preset(symbol)?.with_seed(seed);
    Ok(match rate {
        Some(rate) => config.with_rate(rate)?,
        None => config,
    })
}
