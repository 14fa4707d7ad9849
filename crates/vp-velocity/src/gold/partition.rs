//! From the depth and flow of an instrument to its partition of gold.

use vp_lake::Lake;
use vp_lake::tables::{Begun, Layer, Partition, begin};
use vp_market::{Instrument, SessionDate};

use super::Gold;
use super::columns::GoldColumns;
use crate::settings::{self, SESSION};
use crate::silver::{self, FlowWindows};
use crate::stage::{
    Advance, OnAdvance, Outcome, StageError, Task, check_input, check_input_version,
    input_manifest, open_input,
};
use crate::tables::{GOLD_SURFACE, SILVER_FLOW};

/// The number of the partition in its job.
const SURFACE: usize = 0;

/// Returns an instrument's partition of gold.
pub fn partition(lake: &Lake, instrument: &Instrument, date: SessionDate) -> Partition {
    let (product_type, symbol) = (instrument.product_type, &instrument.symbol);
    lake.partition(Layer::Gold, product_type, symbol, GOLD_SURFACE.name, date)
}

/// Makes the gold partition of an instrument on a date from its silver, for the session of that.
///
/// # Errors
/// [`StageError`] if there is no silver, or silver of another tick, grid or schema version; if a
/// complete partition was made otherwise, or one cannot be read or written. Nothing has been published then.
pub fn build(
    task: &Task,
    instrument: &Instrument,
    on_advance: OnAdvance<'_>,
) -> Result<Outcome, StageError> {
    let silver = silver::partition(&task.lake, instrument, &SILVER_FLOW, task.date);
    let manifest = input_manifest(&silver, &instrument.root)?;
    let hours = manifest.settings.get(SESSION).unwrap_or_default();
    let settings = settings::of(instrument, hours);
    silver.made_with(&settings)?;
    let target = partition(&task.lake, instrument, task.date);
    let job = task.job(
        [(target.clone(), &GOLD_SURFACE)],
        settings,
        vec![manifest.as_input()],
    );
    let mut build = match begin(job)? {
        Begun::Complete(manifests) => return Ok(Outcome::Kept(manifests)),
        Begun::Build(build) => build,
    };
    check_input_version((&silver, &manifest), (&target, &GOLD_SURFACE))?;
    let mut reader = open_input(&silver, &SILVER_FLOW, &[], &instrument.root)?;
    check_input(&silver, &reader.as_input(), &manifest.as_input())?;
    let half_width = Gold::half_width_of(instrument);
    let mut gold = Gold::new(half_width);
    let mut columns = GoldColumns::new(half_width);
    let mut windows = FlowWindows::new(|| {
        on_advance(Advance {
            done: reader.rows_read(),
            total: manifest.row_count,
        });
        reader.next_batch()
    });
    while let Some(window) = windows.next_window()? {
        if let Some(window) = gold.apply(window)
            && columns.push(window)
        {
            build.append(SURFACE, columns.take())?;
        }
    }
    build.append(SURFACE, columns.take())?;
    Ok(Outcome::Built(build.publish()?))
}
