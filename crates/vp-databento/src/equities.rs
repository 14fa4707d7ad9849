//! Shares: which definitions, and then which data, belong to a symbol on a date. Nothing here
//! costs.

use std::collections::BTreeSet;

use dbn::{SType, Schema};
use vp_ingest::{DbnError, DbnReader};
use vp_lake::{Lake, LayoutError, RawTable};
use vp_market::SessionDate;

use crate::definitions::{ListedOptions, add_options};
use crate::job::{JobRequest, MOST_SYMBOLS};
use crate::plan::options_table;
use crate::report::{Failure, step};
use crate::selection::Selection;

/// What is wanted of a selection once its definitions have been looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The jobs.
    pub jobs: Vec<JobRequest>,
    /// The symbols and dates whose options wait for their definitions.
    pub waiting: Vec<(String, SessionDate)>,
    /// What cannot be ordered.
    pub failures: Vec<Failure>,
}

/// Why the definitions of a symbol on a date are of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DefinitionsError {
    /// Their folder cannot be listed.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A file of them cannot be read.
    #[error(transparent)]
    Dbn(#[from] DbnError),
}

/// Returns the jobs for the definitions of the options, as far as their files are not there.
pub fn definition_jobs(lake: &Lake, selection: &Selection) -> Vec<JobRequest> {
    if !selection.has_options() {
        return Vec::new();
    }
    let table = RawTable::EquityOptionDefinition;
    let days = selection.days().filter(|(symbol, date)| {
        let folder = lake.raw_table(table, symbol);
        folder.files(*date).is_ok_and(|files| files.is_empty())
    });
    days.map(|(symbol, date)| JobRequest {
        table,
        symbol: symbol.to_owned(),
        date,
        symbols: BTreeSet::from([parent(symbol)]),
        stype_in: SType::Parent,
    })
    .collect()
}

/// Returns the jobs for the data: of the shares, and of the options that expire on the date.
pub fn data_jobs(lake: &Lake, selection: &Selection) -> Wanted {
    let mut wanted = Wanted::default();
    if selection.own_schemas().contains(&Schema::Definition) {
        share_definitions(lake, selection, &mut wanted);
    }
    for (symbol, date) in selection.days() {
        if selection.own_schemas().contains(&Schema::Mbo) {
            let symbols = BTreeSet::from([symbol.to_owned()]);
            wanted
                .jobs
                .push(job(RawTable::EquityMbo, symbol, date, symbols));
        }
        if selection.options_schemas().next().is_none() {
            continue;
        }
        match same_day_options(lake, symbol, date) {
            Ok(Some(options)) if options.is_empty() => {
                step(
                    "no-options",
                    &format_args!("{symbol} {date}"),
                    "none expire on the date",
                );
            }
            Ok(Some(options)) => {
                let jobs = selection.options_schemas().map(|schema| {
                    options_job(options_table(schema, false), symbol, date, &options)
                });
                wanted.jobs.extend(jobs);
            }
            Ok(None) => wanted.waiting.push((symbol.to_owned(), date)),
            Err(error) => {
                let what = format!("options on {symbol} {date}");
                wanted.failures.push(Failure::new(&what, error));
            }
        }
    }
    wanted
}

/// Returns the jobs for options with all options on a share in place of those of a date: an upper
/// bound for their price, where their definitions are not there.
pub fn jobs_at_most(selection: &Selection, days: &[(String, SessionDate)]) -> Vec<JobRequest> {
    let of_day = |(symbol, date): &(String, SessionDate)| {
        let (symbol, date) = (symbol.clone(), *date);
        selection
            .options_schemas()
            .map(move |schema| JobRequest {
                stype_in: SType::Parent,
                ..job(
                    options_table(schema, false),
                    &symbol,
                    date,
                    BTreeSet::from([parent(&symbol)]),
                )
            })
            .collect::<Vec<_>>()
    };
    days.iter().flat_map(of_day).collect()
}

/// The definitions of shares lie in one file a date, whatever the symbols: they are ordered together.
fn share_definitions(lake: &Lake, selection: &Selection, wanted: &mut Wanted) {
    let table = RawTable::EquityDefinition;
    let symbols: BTreeSet<String> = selection.symbols().iter().cloned().collect();
    let together = selection.joined_symbols();
    for &date in selection.dates() {
        match defined_symbols(lake, date) {
            Ok(None) => wanted
                .jobs
                .push(job(table, &together, date, symbols.clone())),
            Ok(Some(defined)) if symbols.is_subset(&defined) => {}
            Ok(Some(defined)) => {
                let defined = defined.into_iter().collect::<Vec<_>>().join(", ");
                wanted.failures.push(Failure {
                    what: format!("definitions of {together} {date}"),
                    why: format!(
                        "the file of that date is there and holds {defined}; move it away to order \
                         all of them together"
                    ),
                });
            }
            Err(error) => {
                let what = format!("definitions of {together} {date}");
                wanted.failures.push(Failure::new(&what, error));
            }
        }
    }
}

/// Returns the shares that the definitions in the lake are of, or `None` if there are none.
fn defined_symbols(
    lake: &Lake,
    date: SessionDate,
) -> Result<Option<BTreeSet<String>>, DefinitionsError> {
    let files = lake.raw_table(RawTable::EquityDefinition, "").files(date)?;
    let mut symbols = BTreeSet::new();
    for file in &files {
        symbols.extend(DbnReader::open(file)?.metadata().symbols.iter().cloned());
    }
    Ok((!files.is_empty()).then_some(symbols))
}

/// Returns the options on a share that expire on the date, or `None` where there are no
/// definitions.
fn same_day_options(
    lake: &Lake,
    symbol: &str,
    date: SessionDate,
) -> Result<Option<BTreeSet<String>>, DefinitionsError> {
    let files = lake
        .raw_table(RawTable::EquityOptionDefinition, symbol)
        .files(date)?;
    let mut listed = ListedOptions::new();
    for file in &files {
        add_options(file, &mut listed)?;
    }
    let options = listed
        .into_iter()
        .filter(|(_, option)| option.underlying == symbol && option.expiration == Some(date))
        .map(|(symbol, _)| symbol)
        .collect();
    Ok((!files.is_empty()).then_some(options))
}

fn options_job(
    table: RawTable,
    symbol: &str,
    date: SessionDate,
    options: &BTreeSet<String>,
) -> JobRequest {
    if options.len() > MOST_SYMBOLS {
        JobRequest {
            stype_in: SType::Parent,
            ..job(table, symbol, date, BTreeSet::from([parent(symbol)]))
        }
    } else {
        job(table, symbol, date, options.clone())
    }
}

fn job(table: RawTable, symbol: &str, date: SessionDate, symbols: BTreeSet<String>) -> JobRequest {
    JobRequest {
        table,
        symbol: symbol.to_owned(),
        date,
        symbols,
        stype_in: SType::RawSymbol,
    }
}

fn parent(symbol: &str) -> String {
    format!("{symbol}.OPT")
}
