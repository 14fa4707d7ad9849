//! The choices behind a partition of silver or gold, as its manifest names them.

use vp_lake::tables::Settings;
use vp_market::Instrument;

use crate::options::StrikeGrid;

/// The setting that names the session's hours; gold takes it over from silver.
pub(crate) const SESSION: &str = "session";

/// Returns the settings of an instrument's partitions, made for a session of those hours.
pub(crate) fn of(instrument: &Instrument, hours: &str) -> Settings {
    let product = &instrument.product;
    Settings::new([
        ("product", instrument.root.clone()),
        ("tick", product.tick.to_string()),
        ("bucket", product.bucket.to_string()),
        ("grid_max_ticks", product.grid_max_ticks.to_string()),
        (SESSION, hours.to_owned()),
    ])
}

/// Returns the settings of the partitions of options, made for a session of those hours.
pub(crate) fn of_options(options: &Instrument, grid: StrikeGrid, hours: &str) -> Settings {
    Settings::new([
        ("product", options.root.clone()),
        ("tick", grid.tick.to_string()),
        ("grid_max_ticks", options.product.grid_max_ticks.to_string()),
        ("strike_step", grid.step.to_string()),
        ("max_strike_offsets", grid.max_offsets.to_string()),
        (SESSION, hours.to_owned()),
    ])
}
