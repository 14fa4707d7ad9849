//! What there is in the stand-in's market: contracts, families of options, shares.

use std::collections::BTreeMap;

/// Nanoseconds of a day.
pub(crate) const DAY_NS: u64 = 86_400_000_000_000;
/// 2026-02-06 00:00 UTC, a Friday.
pub(crate) const FRIDAY_NS: u64 = 1_770_336_000_000_000_000;
/// 16:00 in New York, after midnight UTC of the date.
const CLOSE_NS: u64 = 21 * 3_600_000_000_000;

/// An instrument.
#[derive(Clone, Debug)]
pub(crate) struct Instrument {
    pub(crate) id: u32,
    pub(crate) symbol: String,
    /// The family, such as `MQ1.OPT`; none for a contract or share.
    pub(crate) parent: Option<String>,
    pub(crate) underlying: String,
    pub(crate) class: char,
    pub(crate) expiration_ns: u64,
}

/// What there is.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) instruments: Vec<Instrument>,
    /// What continuous symbols mean.
    pub(crate) continuous: BTreeMap<String, String>,
}

impl World {
    /// The contract MNQH6 with options that expire on 2026-02-06 and later, and the share QQQ with
    /// options that do.
    pub(crate) fn new() -> Self {
        let mut world = Self::default();
        world.share("MNQH6");
        world.share("MNQM6");
        world.continuous.insert("MNQ.v.0".into(), "MNQH6".into());
        world.options("MQ1.OPT", "MNQH6", "MQ1G6 ", 0, 6);
        world.options("MQ1.OPT", "MNQM6", "MQ1G6 X", 0, 2);
        world.options("D2A.OPT", "MNQH6", "D2AG6 ", 3, 4);
        world.share("QQQ");
        world.options("QQQ.OPT", "QQQ", "QQQ   260206", 0, 6);
        world.options("QQQ.OPT", "QQQ", "QQQ   260209", 3, 4);
        world
    }

    /// Adds a contract or share.
    pub(crate) fn share(&mut self, symbol: &str) {
        self.add(symbol.into(), None, symbol, 'K', u64::MAX);
    }

    /// Adds options that expire so many days after the Friday.
    pub(crate) fn options(
        &mut self,
        parent: &str,
        underlying: &str,
        prefix: &str,
        days: u64,
        count: u32,
    ) {
        let expiration = FRIDAY_NS + days * DAY_NS + CLOSE_NS;
        for number in 0..count {
            let class = if number % 2 == 0 { 'C' } else { 'P' };
            let symbol = format!("{prefix}{class}{}", 21_000 + number);
            self.add(symbol, Some(parent.into()), underlying, class, expiration);
        }
    }

    fn add(
        &mut self,
        symbol: String,
        parent: Option<String>,
        underlying: &str,
        class: char,
        expiration_ns: u64,
    ) {
        let id = 1_000 + u32::try_from(self.instruments.len()).unwrap();
        self.instruments.push(Instrument {
            id,
            symbol,
            parent,
            underlying: underlying.into(),
            class,
            expiration_ns,
        });
    }

    /// The instruments that a symbol of that kind means.
    pub(crate) fn find(&self, stype: &str, symbol: &str) -> Vec<&Instrument> {
        let found = self.instruments.iter().filter(|instrument| match stype {
            "parent" => instrument.parent.as_deref() == Some(symbol),
            "continuous" => self.continuous.get(symbol) == Some(&instrument.symbol),
            "instrument_id" => instrument.id.to_string() == symbol,
            _ => instrument.symbol == symbol,
        });
        found.collect()
    }
}
