//! What a run is about: of which instrument, on which dates. A file that is named outright is put
//! into the lake first, where manifests and `verify` find it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use vp_ingest::{FileChoice, FileWish, Input, Progress, SessionSpec, Source};
use vp_lake::{Lake, WholeFile};
use vp_market::{ProductTable, ProductType};
use vp_velocity::stage::Advance;

use super::bars::Bars;
use crate::args::{self, RunArgs};
use crate::dates::Dates;
use vp_cli::report;

/// The first bytes of what zstd compressed.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// What a run is about.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) products: ProductTable,
    pub(super) product_type: ProductType,
    pub(super) symbol: String,
    pub(super) dates: Dates,
}

impl Subject {
    /// Reads the arguments, and puts a named file into the lake.
    ///
    /// # Errors
    /// If no date is named, or the file cannot be read to its end, holds no such session, or has no
    /// place in the lake.
    pub(super) fn from_args(args: &RunArgs, bars: &Bars) -> anyhow::Result<Self> {
        let mut products = vp_cli::products(args.products.as_deref())?;
        let Some(file) = &args.file else {
            let symbol = args.symbol.as_deref().context("no symbol is named")?;
            // The service's name of a root's whole family is the root here.
            let symbol = match symbol.strip_suffix(".FUT") {
                Some(root) if products.future(root).is_ok() => root.to_owned(),
                _ => symbol.to_owned(),
            };
            let product_type = args.product_type;
            return Ok(Self {
                product_type: product_type.unwrap_or_else(|| products.product_type_of(&symbol)),
                dates: Dates::from_args(&args.dates)?,
                symbol,
                products,
            });
        };
        let wish = FileWish {
            product_type: args.product_type,
            symbol: args.symbol.as_deref(),
            date: args.dates.dt,
        };
        let choice = FileChoice::new(file, wish, &mut products)?;
        let (instrument, date) = (&choice.instrument, choice.date);
        if let Some(held) = &choice.held
            && held.fitting(wish.symbol, wish.date).count() > 1
        {
            report::note(&format_args!(
                "the file holds {held}; {} of {date} is taken, --symbol and --dt choose another",
                instrument.symbol
            ));
        }
        check(args, file, &choice, bars)?;
        let lake = args::lake(args.lake.as_ref());
        let placed = place(&lake, file, &choice)?;
        report::note(&format_args!("the raw file is {}", placed.display()));
        Ok(Self {
            product_type: instrument.product_type,
            symbol: instrument.symbol.clone(),
            dates: Dates::Named([date].into()),
            products,
        })
    }
}

/// Reads the session of a file to its end: the lake takes no file that breaks off.
fn check(args: &RunArgs, file: &Path, choice: &FileChoice, bars: &Bars) -> anyhow::Result<()> {
    let bar = bars.begin(format!(
        "{} {} check",
        choice.instrument.symbol, choice.date
    ));
    let mut source = Source::open(SessionSpec {
        input: Input::File(file.to_owned()),
        instrument: choice.instrument.clone(),
        date: choice.date,
        instrument_id: args.instrument_id,
        publisher: args.publisher,
    })?;
    let mut records = Vec::new();
    while source
        .next_batch(&mut records)
        .with_context(|| format!("{} is not put into the lake", file.display()))?
    {
        let Progress {
            bytes_read: done,
            bytes_total: total,
        } = source.progress();
        bar.show(Advance { done, total });
    }
    Ok(())
}

/// Puts a file at its place in the lake, and returns it. A file that is there already, byte for byte,
/// is kept.
fn place(lake: &Lake, file: &Path, choice: &FileChoice) -> anyhow::Result<PathBuf> {
    let (instrument, date) = (&choice.instrument, choice.date);
    let folder = lake.session_mbo(
        instrument.product_type,
        &instrument.symbol,
        &instrument.root,
    );
    let known = folder.files(date).unwrap_or_default();
    for known in &known {
        if is_same(file, known)? {
            return Ok(known.clone());
        }
    }
    if let Some(known) = known.first() {
        bail!(
            "the lake has a raw file of {} on {date} already, and it is another one: {}; leave FILE \
             out to use that, move it away if it is the wrong one, or name another lake with --lake",
            instrument.symbol,
            known.display()
        );
    }
    let name = name_in_lake(file, &instrument.root, &date.compact())?;
    let place = folder.path().join(name);
    let failed = || {
        format!(
            "{} cannot be put into the lake at {}",
            file.display(),
            place.display()
        )
    };
    fs::create_dir_all(folder.path()).with_context(failed)?;
    let mut copy = WholeFile::create(&place).with_context(failed)?;
    let mut source = File::open(file).with_context(failed)?;
    io::copy(&mut source, &mut copy).with_context(failed)?;
    copy.publish().with_context(failed)?;
    Ok(place)
}

/// Returns the name of a raw file in the lake: its own if that tells the date, else one of the root.
fn name_in_lake(file: &Path, root: &str, date: &str) -> anyhow::Result<String> {
    let own = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    if own.contains(date) && (own.ends_with(".dbn.zst") || own.contains(".dbn")) {
        return Ok(own.to_owned());
    }
    let mut magic = [0; ZSTD_MAGIC.len()];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut magic));
    read.with_context(|| format!("{} cannot be read", file.display()))?;
    let ending = if magic == ZSTD_MAGIC { ".zst" } else { "" };
    Ok(format!("{}-{date}.mbo.dbn{ending}", root.to_lowercase()))
}

/// Returns whether two files hold the same bytes.
fn is_same(one: &Path, other: &Path) -> anyhow::Result<bool> {
    let lengths = [one, other].map(|path| fs::metadata(path).map(|metadata| metadata.len()));
    let [Ok(first), Ok(second)] = lengths else {
        return Ok(false);
    };
    if first != second {
        return Ok(false);
    }
    let hash = |path: &Path| {
        vp_lake::tables::sha256_of_file(path)
            .with_context(|| format!("{} cannot be read", path.display()))
    };
    Ok(hash(one)? == hash(other)?)
}
