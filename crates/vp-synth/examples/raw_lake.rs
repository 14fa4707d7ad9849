//! Writes raw files of a future, of the options on it and their definitions, for some short dates,
//! as a lake keeps them: what a demonstration of the pipeline begins with.
//!
//! `cargo run --release -p vp-synth --example raw_lake -- lake 20 12` writes 20 dates of 12 minutes.

use std::error::Error;
use std::fs::{File, create_dir_all};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use vp_market::{ProductType, SessionDate, SessionWindow, TickSize};
use vp_synth::{
    Compression, OptionChain, SynthConfig, write_dbn, write_option_definitions, write_option_orders,
};

/// Records a second of the future, and of all options together.
const RATES: [u32; 2] = [400, 200];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, dates, minutes] = &arguments[..] else {
        return Err("usage: raw_lake FOLDER DATES MINUTES".into());
    };
    let (dates, minutes): (usize, u64) = (dates.parse()?, minutes.parse()?);
    let first: SessionDate = "2026-01-12".parse()?;
    let weekdays = std::iter::successors(Some(first), |date| date.next());
    let weekdays = weekdays.filter(|date| !date.is_weekend()).take(dates);
    let is_terminal = std::io::stderr().is_terminal();
    for (seed, date) in (1..).zip(weekdays) {
        if is_terminal {
            write!(std::io::stderr(), "\rdate {seed} of {dates}: {date}")?;
        }
        write_date(
            Path::new(folder),
            date,
            seed,
            Duration::from_secs(60 * minutes),
        )?;
    }
    if is_terminal {
        writeln!(std::io::stderr())?;
    }
    Ok(())
}

fn write_date(
    lake: &Path,
    date: SessionDate,
    seed: u64,
    length: Duration,
) -> Result<(), Box<dyn Error>> {
    let window = SessionWindow::new(ProductType::FutureMbo, date);
    let market = SynthConfig::preset("ESH6")?
        .with_seed(seed)
        .with_rate(RATES[0])?
        .with_start_ns(window.first_instant("09:30".parse()?)?)?;
    let step = TickSize::from_nanos(5_000_000_000)?;
    let chain = OptionChain::new(market.clone(), step, 15, RATES[1])?;
    let orders = |product_type: ProductType| {
        let folder = format!("product_type={product_type}/symbol=ES/table=market_by_order_dbn");
        file(lake, &folder, date, "mbo")
    };
    let definitions = "dataset=definition/venue=glbx/type=futures_options/symbol=ES";
    let zstd = Compression::Zstd;
    write_dbn(orders(ProductType::FutureMbo)?, &market, length, zstd)?;
    write_option_orders(orders(ProductType::FutureOptionMbo)?, &chain, length, zstd)?;
    write_option_definitions(file(lake, definitions, date, "definition")?, &chain, zstd)?;
    Ok(())
}

fn file(lake: &Path, folder: &str, date: SessionDate, schema: &str) -> std::io::Result<File> {
    let folder: PathBuf = lake.join("raw/source=databento").join(folder);
    create_dir_all(&folder)?;
    File::create(folder.join(format!("glbx-mdp3-{}.{schema}.dbn.zst", date.compact())))
}
