//! Small inputs that reports led to: which records a session of them has, or why it is refused.

use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use vp_ingest::{Input, Inspection, Source};
use vp_lake::Lake;
use vp_market::{ProductType, Record};

use super::{read, spec};

const FUTURE: ProductType = ProductType::FutureMbo;
const SHARE: ProductType = ProductType::EquityMbo;

/// The records of a file as a session of that symbol, or the error.
fn records(
    file: &Path,
    product_type: ProductType,
    symbol: &str,
    date: &str,
) -> Result<Result<Vec<Record>, String>, Failed> {
    let spec = spec(Input::File(file.into()), product_type, symbol, date)?;
    Ok(match Source::open(spec.clone()) {
        Ok(_) => Ok(read(spec)?.0),
        Err(error) => Err(error.to_string()),
    })
}

/// The only file of a folder with that ending.
fn file(folder: &Path, ending: &str) -> Result<PathBuf, Failed> {
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(ending) {
            return Ok(path);
        }
    }
    Err(format!("{} has no {ending}", folder.display()).into())
}

pub(crate) fn several_days(cases: &Path) -> Result<(), Failed> {
    let folder = cases.join("01-several-days-in-one-file");
    for name in ["with_clear", "without_clear"] {
        let of = |ending: &str| {
            let path = folder.join(format!("{name}{ending}.mbo.dbn.zst"));
            records(&path, FUTURE, "ESM4", "2024-05-08")
        };
        let (days, day) = (of("")?, of(".one-day")?);
        assert!(days.is_ok() && days == day, "{name} differs: {days:?}");
    }
    let share = folder.join("two-days-share.mbo.dbn.zst");
    assert_eq!(records(&share, SHARE, "ARL", "2025-07-17")??.len(), 3);
    Ok(())
}

pub(crate) fn across_midnight(cases: &Path) -> Result<(), Failed> {
    let file = file(&cases.join("02-record-across-midnight"), ".zst")?;
    let spec = spec(Input::File(file), FUTURE, "ESM4", "2024-05-08")?;
    let (_, counters) = read(spec)?;
    assert_eq!(counters.outside_window, 0);
    assert_eq!(counters.delivered, counters.records);
    Ok(())
}

pub(crate) fn two_publishers(cases: &Path) -> Result<(), Failed> {
    let file = file(&cases.join("03-two-publishers"), ".zst")?;
    let error = records(&file, SHARE, "ARL", "2025-07-17")?.expect_err("it is refused");
    assert!(error.contains("more than one publisher: 39 ("), "{error}");
    let mut spec = spec(Input::File(file), SHARE, "ARL", "2025-07-17")?;
    spec.publisher = Some(39);
    assert_eq!(read(spec)?.0.len(), 3);
    Ok(())
}

pub(crate) fn skippable_frame(cases: &Path) -> Result<(), Failed> {
    let file = file(&cases.join("06-skippable-frame-first"), ".zst")?;
    assert_eq!(records(&file, FUTURE, "ESM4", "2024-05-08")??.len(), 41);
    Ok(())
}

pub(crate) fn continuous_symbol(cases: &Path) -> Result<(), Failed> {
    let file = file(&cases.join("08-continuous-symbol"), ".zst")?;
    assert_eq!(records(&file, FUTURE, "ESM4", "2024-05-08")??.len(), 41);
    let error = records(&file, FUTURE, "NQM4", "2024-05-08")?.expect_err("it is refused");
    assert!(error.contains("to ES.v.0, not to NQM4"), "{error}");
    Ok(())
}

pub(crate) fn mappings_in_the_stream(cases: &Path) -> Result<(), Failed> {
    let folder = cases.join("10-mappings-within-the-stream");
    let two = folder.join("two.dbn.zst");
    let date = "2024-05-08".parse()?;
    let found = Inspection::of(&two)?;
    for symbol in ["ESM4", "ESU4"] {
        assert_eq!(found.symbols.ids_on(symbol, date).len(), 1);
        assert_eq!(records(&two, FUTURE, symbol, "2024-05-08")??.len(), 7);
    }
    let one = folder.join("one.dbn.zst");
    let error = records(&one, FUTURE, "NQM4", "2024-05-08")?.expect_err("it is refused");
    assert!(
        error.ends_with("does not map NQM4; it maps: ESM4"),
        "{error}"
    );
    Ok(())
}

pub(crate) fn other_schema(cases: &Path) -> Result<(), Failed> {
    let lake = tempfile::tempdir()?;
    let raw = Lake::new(lake.path()).raw_mbo(FUTURE, "ES");
    std::fs::create_dir_all(raw.path().parent().ok_or("a folder")?)?;
    std::os::unix::fs::symlink(cases.join("13-other-schema-beside"), raw.path())?;
    let input = Input::Lake(Lake::new(lake.path()));
    let source = Source::open(spec(input, FUTURE, "ESM4", "2024-05-08")?)?;
    assert_eq!((source.files().len(), source.left_out().len()), (1, 1));
    Ok(())
}

pub(crate) fn symbols_of_shares(cases: &Path) -> Result<(), Failed> {
    let file = cases.join("14-symbols-of-shares/six.mbo.dbn.zst");
    let symbols = ["BRK.B", "BRK B", "AAC+", "AAC=", "ACP^", "PSA-F"];
    for (dollars, symbol) in (470..).zip(symbols) {
        let records = records(&file, SHARE, symbol, "2025-07-17")??;
        let prices: Vec<_> = records.iter().filter_map(|record| record.price).collect();
        let shown: Vec<_> = prices.iter().map(ToString::to_string).collect();
        assert_eq!(shown, [format!("{dollars}"), format!("{dollars}.02")]);
    }
    Ok(())
}
