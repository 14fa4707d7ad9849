//! `velocity plot`: one field of a gold partition as a picture, so that a person can look at it.
//!
//! Time runs to the right, price upwards. The field of the asks is drawn above the spot, below it
//! that of the bids, at the spot their sum. Nothing is computed from a picture.

mod axis;
mod canvas;
mod chart;
mod palette;
mod surface;

use anyhow::bail;
use vp_market::{Instrument, ProductTable};

use crate::args::PlotArgs;
use crate::output::publish;
use crate::{Verdict, lake};
use chart::Chart;
use surface::{PlotSurface, Request};
use vp_cli::report;

/// Draws what is asked for into a PNG file.
///
/// # Errors
/// If there is no such partition, or the file cannot be written.
pub fn plot(args: &PlotArgs) -> anyhow::Result<Verdict> {
    let products = vp_cli::products(args.products.as_deref())?;
    let instrument = instrument(args, &products)?;
    let lake = lake::existing(args.lake.as_ref())?;
    let chart = Chart::new(args.size.width, args.size.height);
    let surface = PlotSurface::read(&Request {
        lake: &lake,
        date: args.dt,
        instrument: &instrument,
        field: args.field,
        reach: args.ticks,
        columns: chart.columns(),
    })?;
    let Some(canvas) = chart.draw(&surface, &instrument, args.field) else {
        bail!("{} of {} has no value to draw", instrument.symbol, args.dt);
    };
    let path = &args.out;
    publish(path, |file| Ok(canvas.write_png(file)?))?;
    report::print(&format_args!(
        "{}: {} of {} on {}, {} windows\n",
        path.display(),
        args.field.name(),
        instrument.symbol,
        args.dt,
        surface.window_count()
    ))?;
    Ok(Verdict::Good)
}

/// Returns the instrument that is named.
fn instrument(args: &PlotArgs, products: &ProductTable) -> anyhow::Result<Instrument> {
    let by_symbol = || products.product_type_of(&args.symbol);
    let product_type = args.product_type.unwrap_or_else(by_symbol);
    Ok(products.instrument(product_type, &args.symbol)?)
}
