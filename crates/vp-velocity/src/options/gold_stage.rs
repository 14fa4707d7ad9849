//! From the depth and flow of options to their partition of gold.

use vp_lake::Lake;
use vp_lake::tables::{Begun, Build, Layer, Partition, PartitionError, begin};
use vp_market::{Instrument, SessionDate};

use super::columns::GoldColumns;
use super::flow_windows::FlowWindows;
use super::gold::OptionGold;
use super::silver::SpotWindow;
use super::silver_stage::{silver_partition, underlying_of};
use super::strikes::StrikeGrid;
use super::surface::StrikeFlow;
use crate::gold::Gold;
use crate::settings::{self, SESSION};
use crate::stage::{
    Advance, OnAdvance, Outcome, StageError, Task, check_input, check_input_version,
    input_manifest, open_input,
};
use crate::tables::{GOLD_OPTION_SURFACE, SILVER_OPTION_FLOW};

/// The number of the partition in its job.
const SURFACE: usize = 0;

/// Returns the gold partition of the options on a contract or ticker.
pub fn gold_partition(lake: &Lake, options: &Instrument, date: SessionDate) -> Partition {
    let (product_type, symbol) = (options.product_type, &options.symbol);
    let table = GOLD_OPTION_SURFACE.name;
    lake.partition(Layer::Gold, product_type, symbol, table, date)
}

/// Makes the gold partition of the options on a contract or ticker from their silver.
///
/// # Errors
/// [`StageError`] if the product table follows no strikes, there is no silver or silver of another
/// grid or schema version, a complete partition was made otherwise, or one cannot be read or written. Nothing has
/// been published then.
pub fn build_gold(
    task: &Task,
    options: &Instrument,
    on_advance: OnAdvance<'_>,
) -> Result<Outcome, StageError> {
    let grid = StrikeGrid::of(options).ok_or_else(|| StageError::NoStrikes {
        root: options.root.clone(),
    })?;
    let silver = silver_partition(&task.lake, options, &SILVER_OPTION_FLOW, task.date);
    let manifest = input_manifest(&silver, &options.root)?;
    let hours = manifest.settings.get(SESSION).unwrap_or_default();
    let settings = settings::of_options(options, grid, hours);
    silver.made_with(&settings)?;
    let target = gold_partition(&task.lake, options, task.date);
    let job = task.job(
        [(target.clone(), &GOLD_OPTION_SURFACE)],
        settings,
        vec![manifest.as_input()],
    );
    let mut build = match begin(job)? {
        Begun::Complete(manifests) => return Ok(Outcome::Kept(manifests)),
        Begun::Build(build) => build,
    };
    check_input_version((&silver, &manifest), (&target, &GOLD_OPTION_SURFACE))?;
    let mut reader = open_input(&silver, &SILVER_OPTION_FLOW, &[], &options.root)?;
    check_input(&silver, &reader.as_input(), &manifest.as_input())?;
    let reach = Gold::half_width_of(&underlying_of(options));
    let mut surface = Surface {
        gold: OptionGold::new(grid, reach),
        columns: GoldColumns::default(),
    };
    let mut windows = FlowWindows::new(silver.path());
    while let Some(batch) = reader.next_batch()? {
        windows.push(&batch, |spot, flow| surface.add(&mut build, spot, flow))?;
        on_advance(Advance {
            done: reader.rows_read(),
            total: manifest.row_count,
        });
    }
    windows.finish(|spot, flow| surface.add(&mut build, spot, flow))?;
    build.append(SURFACE, surface.columns.take())?;
    Ok(Outcome::Built(build.publish()?))
}

/// Gold on its way to its partition.
struct Surface {
    gold: OptionGold,
    columns: GoldColumns,
}

impl Surface {
    fn add(
        &mut self,
        build: &mut Build,
        spot: SpotWindow,
        flow: &StrikeFlow,
    ) -> Result<(), PartitionError> {
        if let Some(window) = self.gold.apply(spot, flow)
            && self.columns.push(window)
        {
            build.append(SURFACE, self.columns.take())?;
        }
        Ok(())
    }
}
