//! What a user asks for: dates, symbols and schemas, checked. What it takes to get it is not known
//! here.

use std::collections::BTreeSet;
use std::fmt;

use dbn::Schema;
use vp_market::{Closed, Contract, ProductTable, ProductType, SessionDate};

use crate::job::JobKey;

/// Which of the two trackers, calendars and ways of ordering is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Market {
    /// Futures and options on them, GLBX.MDP3.
    Futures,
    /// Shares, XNAS.ITCH, and options on them, OPRA.PILLAR.
    Equities,
}

impl Market {
    /// Both markets.
    pub const ALL: [Self; 2] = [Self::Futures, Self::Equities];

    /// Returns the name used by commands and the tracker's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Futures => "futures",
            Self::Equities => "equities",
        }
    }

    /// Returns why the market is closed on a date, if it is.
    fn closed(self, date: SessionDate) -> Option<Closed> {
        let product_type = match self {
            Self::Futures => ProductType::FutureMbo,
            Self::Equities => ProductType::EquityMbo,
        };
        Closed::on(product_type, date)
    }

    fn is_symbol(self, symbol: &str) -> bool {
        let is_code = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        match self {
            Self::Futures => (1..=8).contains(&symbol.len()) && symbol.bytes().all(is_code),
            Self::Equities => {
                (1..=15).contains(&symbol.len())
                    && symbol.bytes().next().is_some_and(is_code)
                    && symbol
                        .bytes()
                        .all(|byte| is_code(byte) || b"._-".contains(&byte))
            }
        }
    }

    /// Returns the schemas that can be ordered for the contract or share itself.
    pub const fn own_schemas(self) -> &'static [Schema] {
        match self {
            Self::Futures => &[Schema::Mbo],
            Self::Equities => &[Schema::Mbo, Schema::Definition],
        }
    }

    /// Returns the schemas that can be ordered for options.
    pub const fn options_schemas(self) -> &'static [Schema] {
        match self {
            Self::Futures => &[Schema::Definition, Schema::Mbo, Schema::Statistics],
            Self::Equities => &[Schema::Definition, Schema::Cmbp1, Schema::Statistics],
        }
    }
}

impl fmt::Display for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What cannot be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// The last date comes before the first.
    #[error("the end {end} comes before the start {start}")]
    DatesReversed {
        /// The first date.
        start: SessionDate,
        /// The last date.
        end: SessionDate,
    },
    /// No date on which the market trades.
    #[error("{market} have no session on the dates asked for: {skipped}{}", Next(*next))]
    NoDate {
        /// The market.
        market: Market,
        /// The dates, with the reasons.
        skipped: Skipped,
        /// The first date after them with a session, if a date can be that late.
        next: Option<SessionDate>,
    },
    /// No symbol.
    #[error("no symbol is given")]
    NoSymbol,
    /// A text that is no symbol.
    #[error("{symbol:?} is not a symbol of {market}; expected {form}")]
    Symbol {
        /// The refused text, in capitals.
        symbol: String,
        /// The market.
        market: Market,
        /// What symbols look like.
        form: &'static str,
    },
    /// A contract, where its root is needed.
    #[error("{symbol} is one contract: order the root {root}, whose files hold all its contracts")]
    Contract {
        /// The contract.
        symbol: String,
        /// Its root.
        root: String,
    },
    /// A schema that cannot be ordered.
    #[error("{schema:?} is not a supported schema; supported: {known}")]
    Schema {
        /// The refused text.
        schema: String,
        /// The schemas that can.
        known: String,
    },
    /// Neither the contracts or shares nor any options are wanted.
    #[error("no schema is selected; {hint}")]
    Nothing {
        /// What to do.
        hint: &'static str,
    },
}

/// Says which day has a session.
struct Next(Option<SessionDate>);

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |next| {
            write!(f, "; the next day with a session is {next}")
        })
    }
}

/// Dates on which a market is closed, first to last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped(pub Vec<(SessionDate, Closed)>);

impl fmt::Display for Skipped {
    /// Names the holidays in their order, and counts the days of weekends where there are several.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (weekends, holidays): (Vec<_>, Vec<_>) = self
            .0
            .iter()
            .partition(|(_, closed)| *closed == Closed::Weekend);
        let mut days = holidays;
        let is_alone = weekends.len() == 1;
        if is_alone {
            days.extend(&weekends);
            days.sort_by_key(|(date, _)| *date);
        }
        let days = days.iter().map(|(date, why)| format!("{date} ({why})"));
        let mut texts: Vec<_> = days.collect();
        if !is_alone && !weekends.is_empty() {
            texts.push(format!("{} days of weekends", weekends.len()));
        }
        f.write_str(&texts.join(", "))
    }
}

/// What a user asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    market: Market,
    dates: Vec<SessionDate>,
    skipped: Skipped,
    symbols: Vec<String>,
    own: Vec<Schema>,
    options: Vec<Schema>,
}

/// The schemas asked for, as they are typed.
#[derive(Clone, Copy, Debug)]
pub struct SchemaTexts<'a> {
    /// Of the contract or share itself.
    pub own: &'a [String],
    /// Of the options; `none` alone for none.
    pub options: &'a [String],
}

impl Selection {
    /// Checks what is asked for, from the first date to the last, both included.
    ///
    /// # Errors
    /// [`SelectionError`] says what cannot be asked for.
    pub fn new(
        market: Market,
        (start, end): (SessionDate, SessionDate),
        symbols: &[String],
        schemas: SchemaTexts<'_>,
    ) -> Result<Self, SelectionError> {
        let (dates, skipped) = dates(market, start, end)?;
        let selection = Self {
            market,
            dates,
            skipped,
            symbols: self::symbols(market, symbols)?,
            own: self::schemas(schemas.own, market.own_schemas())?,
            options: self::schemas(schemas.options, market.options_schemas())?,
        };
        if selection.own.is_empty() && selection.options.is_empty() {
            let hint = match market {
                Market::Futures => "add `include_futures` or `options_schemas`",
                Market::Equities => "add `equity_schemas` or `options_schemas`",
            };
            return Err(SelectionError::Nothing { hint });
        }
        Ok(selection)
    }

    /// Returns the market.
    pub fn market(&self) -> Market {
        self.market
    }

    /// Returns the dates on which the market trades, first to last.
    pub fn dates(&self) -> &[SessionDate] {
        &self.dates
    }

    /// Returns the dates between them on which it is closed.
    pub fn skipped(&self) -> &Skipped {
        &self.skipped
    }

    /// Returns the roots or tickers, in name order.
    pub fn symbols(&self) -> &[String] {
        &self.symbols
    }

    /// Returns the schemas wanted of the contract or share itself.
    pub fn own_schemas(&self) -> &[Schema] {
        &self.own
    }

    /// Returns the schemas wanted of the options, definitions aside.
    pub fn options_schemas(&self) -> impl Iterator<Item = Schema> {
        self.options
            .iter()
            .copied()
            .filter(|schema| *schema != Schema::Definition)
    }

    /// Returns whether anything is wanted of the options; their definitions then are, too.
    pub fn has_options(&self) -> bool {
        !self.options.is_empty()
    }

    /// Returns whether a job is of these symbols and dates.
    pub fn covers(&self, key: &JobKey) -> bool {
        let is_of_symbols = self.symbols.iter().any(|symbol| symbol == key.symbol())
            || key.symbol() == self.joined_symbols();
        is_of_symbols && self.dates.contains(&key.date())
    }

    /// Returns the symbols as one, for what is ordered of all together.
    pub(crate) fn joined_symbols(&self) -> String {
        self.symbols.join("+")
    }

    /// Returns every symbol on every date, by date.
    pub fn days(&self) -> impl Iterator<Item = (&str, SessionDate)> {
        self.dates
            .iter()
            .flat_map(|date| self.symbols.iter().map(|symbol| (symbol.as_str(), *date)))
    }
}

fn dates(
    market: Market,
    start: SessionDate,
    end: SessionDate,
) -> Result<(Vec<SessionDate>, Skipped), SelectionError> {
    if end < start {
        return Err(SelectionError::DatesReversed { start, end });
    }
    let (mut dates, mut skipped) = (Vec::new(), Skipped::default());
    let days = std::iter::successors(Some(start), |date| date.next());
    for date in days.take_while(|date| *date <= end) {
        match market.closed(date) {
            None => dates.push(date),
            Some(closed) => skipped.0.push((date, closed)),
        }
    }
    if dates.is_empty() {
        let mut later = std::iter::successors(end.next(), |date| date.next());
        let next = later.find(|date| market.closed(*date).is_none());
        return Err(SelectionError::NoDate {
            market,
            skipped,
            next,
        });
    }
    Ok((dates, skipped))
}

fn symbols(market: Market, texts: &[String]) -> Result<Vec<String>, SelectionError> {
    let trimmed = texts.iter().map(|text| {
        let symbol = text.trim().to_ascii_uppercase();
        match market {
            // As the service writes a root, of which everything is ordered anyhow.
            Market::Futures => symbol
                .strip_suffix(".FUT")
                .map_or(symbol.clone(), str::to_owned),
            Market::Equities => symbol,
        }
    });
    let symbols: BTreeSet<_> = trimmed.filter(|text| !text.is_empty()).collect();
    if symbols.is_empty() {
        return Err(SelectionError::NoSymbol);
    }
    let contract = symbols
        .iter()
        .filter(|_| market == Market::Futures)
        .find_map(|symbol| known_contract(symbol));
    if let Some((symbol, root)) = contract {
        return Err(SelectionError::Contract {
            symbol: symbol.to_owned(),
            root: root.to_owned(),
        });
    }
    match symbols.iter().find(|symbol| !market.is_symbol(symbol)) {
        None => Ok(symbols.into_iter().collect()),
        Some(symbol) => Err(SelectionError::Symbol {
            symbol: symbol.clone(),
            market,
            form: match market {
                Market::Futures => "roots of 1 to 8 letters and digits such as MNQ",
                Market::Equities => {
                    "tickers of 1 to 15 letters, digits, dots and dashes such as QQQ"
                }
            },
        }),
    }
}

/// Returns a symbol with its root if it is a contract of a known root; `SR3` is a root, not a contract.
fn known_contract(symbol: &str) -> Option<(&str, &str)> {
    let root = Contract::parse(symbol)?.root;
    let is_known = ProductTable::embedded().future(root).is_ok();
    is_known.then_some((symbol, root))
}

fn schemas(texts: &[String], known: &[Schema]) -> Result<Vec<Schema>, SelectionError> {
    let mut wanted = BTreeSet::new();
    for text in texts.iter().map(|text| text.trim().to_ascii_lowercase()) {
        if text.is_empty() || text == "none" {
            continue;
        }
        let found = known.iter().position(|schema| schema.as_str() == text);
        wanted.insert(found.ok_or_else(|| {
            SelectionError::Schema {
                schema: text,
                known: known
                    .iter()
                    .map(Schema::as_str)
                    .collect::<Vec<_>>()
                    .join(", "),
            }
        })?);
    }
    Ok(wanted.into_iter().map(|index| known[index]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(
        market: Market,
        dates: (&str, &str),
        symbols: &str,
        options: &str,
    ) -> Result<Selection, SelectionError> {
        let split = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let schemas = SchemaTexts {
            own: &split("mbo"),
            options: &split(options),
        };
        let dates = (dates.0.parse().unwrap(), dates.1.parse().unwrap());
        Selection::new(market, dates, &split(symbols), schemas)
    }

    /// Friday to Monday.
    const WEEKEND: (&str, &str) = ("2026-02-06", "2026-02-09");

    #[test]
    fn futures_skip_saturdays_and_equities_the_weekend() {
        let dates = |market, options| {
            let selection = select(market, WEEKEND, "X", options).unwrap();
            selection
                .dates()
                .iter()
                .map(|date| date.day())
                .collect::<Vec<_>>()
        };
        assert_eq!(dates(Market::Futures, "mbo"), [6, 8, 9]);
        assert_eq!(dates(Market::Equities, "cmbp-1"), [6, 9]);
    }

    #[test]
    fn symbols_are_capitals_without_repetition() {
        let selection = select(Market::Equities, WEEKEND, "spy, QQQ,qqq,brk.b", "none").unwrap();
        assert_eq!(selection.symbols(), ["BRK.B", "QQQ", "SPY"]);
        assert!(!selection.has_options());
    }

    #[test]
    fn what_is_no_symbol_is_refused() {
        for (market, symbols) in [
            (Market::Futures, "ES-M4"),
            (Market::Futures, "ABCDEFGHI"),
            (Market::Equities, ".QQQ"),
            (Market::Equities, "../QQQ"),
            (Market::Equities, "ABCDEFGHIJKLMNOP"),
            (Market::Futures, "\u{c9}S"),
        ] {
            let error = select(market, WEEKEND, symbols, "none").unwrap_err();
            assert!(
                matches!(error, SelectionError::Symbol { .. }),
                "{symbols}: {error}"
            );
        }
        let contract = select(Market::Futures, WEEKEND, "SR3,ESH4", "mbo").unwrap_err();
        let (symbol, root) = ("ESH4".to_owned(), "ES".to_owned());
        assert_eq!(contract, SelectionError::Contract { symbol, root });
        let parent = select(Market::Futures, WEEKEND, "es.fut,SR3", "mbo").unwrap();
        assert_eq!(parent.symbols(), ["ES", "SR3"]);
        assert_eq!(
            select(Market::Futures, WEEKEND, ",", "mbo"),
            Err(SelectionError::NoSymbol)
        );
    }

    #[test]
    fn a_schema_that_cannot_be_ordered_lists_those_that_can() {
        let error = select(Market::Futures, WEEKEND, "MNQ", "mbo,cmbp-1").unwrap_err();
        assert_eq!(
            error.to_string(),
            r#""cmbp-1" is not a supported schema; supported: definition, mbo, statistics"#
        );
    }

    #[test]
    fn dates_without_trading_are_refused() {
        let reversed = ("2026-02-09", "2026-02-06");
        let error = select(Market::Futures, reversed, "MNQ", "mbo").unwrap_err();
        assert!(matches!(error, SelectionError::DatesReversed { .. }));
        let saturday = ("2026-02-07", "2026-02-07");
        let error = select(Market::Futures, saturday, "MNQ", "mbo").unwrap_err();
        assert_eq!(
            error.to_string(),
            "futures have no session on the dates asked for: 2026-02-07 (weekend); the next day with a session is 2026-02-08"
        );
        let holiday = ("2025-12-25", "2025-12-25");
        let error = select(Market::Equities, holiday, "QQQ", "none").unwrap_err();
        assert_eq!(
            error.to_string(),
            "equities have no session on the dates asked for: 2025-12-25 (Christmas Day); the next day with a session is \
             2025-12-26"
        );
    }

    #[test]
    fn what_is_left_out_of_a_range_is_said() {
        let month = ("2025-12-20", "2026-01-05");
        let selection = select(Market::Equities, month, "QQQ", "none").unwrap();
        assert_eq!(
            selection.skipped().to_string(),
            "2025-12-25 (Christmas Day), 2026-01-01 (New Year's Day), 6 days of weekends"
        );
        assert_eq!(selection.dates().len(), 9);
        // Globex opens in the evening of both.
        let selection = select(Market::Futures, month, "ES", "none").unwrap();
        assert_eq!(selection.skipped().to_string(), "3 days of weekends");
    }
}
