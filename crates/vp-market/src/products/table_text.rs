//! From TOML text to products: every key known, every decimal exact, every value possible.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Product, ProductError, ProductTable, Strikes, is_equity_symbol};
use crate::{MarkThresholds, Price, TickSize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableText {
    equities: EquitiesText,
    futures: BTreeMap<String, FutureText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FutureText {
    tick: String,
    grid_max_ticks: u32,
    multiplier: String,
    strikes: Option<StrikesText>,
    #[serde(default)]
    marks: MarksText,
}

/// What is left out follows from `large_trade`.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarksText {
    large_trade: Option<u64>,
    large_order: Option<u64>,
    absorbed: Option<u64>,
    iceberg: Option<u64>,
    near_ticks: Option<u64>,
    sweep_levels: Option<u32>,
}

/// The size from which on trades and orders of a future are marked by default.
const FUTURE_SIZE: u64 = MarkThresholds::OF_FUTURES.large_trade;

/// The same of shares.
const SHARE_SIZE: u64 = 5_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrikesText {
    step: String,
    max_offsets: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EquitiesText {
    tick: String,
    bucket: String,
    grid_max_ticks: u32,
    multiplier: String,
    #[serde(default)]
    marks: MarksText,
    #[serde(default)]
    symbols: BTreeMap<String, EquityText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EquityText {
    tick: Option<String>,
    bucket: Option<String>,
    grid_max_ticks: Option<u32>,
    multiplier: Option<String>,
    marks: Option<MarksText>,
}

/// Reads a product table.
pub(super) fn parse(text: &str) -> Result<ProductTable, ProductError> {
    let table: TableText = toml::from_str(text).map_err(|error| ProductError::Table {
        reason: error.to_string().trim_end().to_owned(),
    })?;
    let defaults = &table.equities;
    let mut equity_overrides = BTreeMap::new();
    for (symbol, own) in &defaults.symbols {
        let values = Values { product: symbol };
        if !is_equity_symbol(symbol) {
            return Err(values.refuse("symbol", symbol, "it is no equity symbol"));
        }
        let product = values.equity(
            own.tick.as_ref().unwrap_or(&defaults.tick),
            own.bucket.as_ref().unwrap_or(&defaults.bucket),
            own.grid_max_ticks.unwrap_or(defaults.grid_max_ticks),
            own.multiplier.as_ref().unwrap_or(&defaults.multiplier),
            own.marks.as_ref().unwrap_or(&defaults.marks),
        )?;
        equity_overrides.insert(symbol.clone(), product);
    }
    let mut futures = BTreeMap::new();
    for (root, text) in &table.futures {
        futures.insert(root.clone(), Values { product: root }.future(text)?);
    }
    Ok(ProductTable {
        futures,
        equities: Values {
            product: "equities",
        }
        .equity(
            &defaults.tick,
            &defaults.bucket,
            defaults.grid_max_ticks,
            &defaults.multiplier,
            &defaults.marks,
        )?,
        equity_overrides,
    })
}

/// Reads the values of one product, and names it where one is refused.
struct Values<'a> {
    product: &'a str,
}

impl Values<'_> {
    fn future(&self, text: &FutureText) -> Result<Product, ProductError> {
        let is_root = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if !(1..=8).contains(&self.product.len()) || !self.product.bytes().all(is_root) {
            let reason = "a root is up to 8 capital letters and digits";
            return Err(self.refuse("root", self.product, reason));
        }
        let tick = self.increment("tick", &text.tick)?;
        let strikes = match &text.strikes {
            Some(strikes) => Some(Strikes {
                step: self.increment("strikes.step", &strikes.step)?,
                max_offsets: self.positive("strikes.max_offsets", strikes.max_offsets)?,
            }),
            None => None,
        };
        Ok(Product {
            tick,
            bucket: tick,
            grid_max_ticks: self.positive("grid_max_ticks", text.grid_max_ticks)?,
            strikes,
            multiplier: self.multiplier(&text.multiplier)?,
            marks: self.marks(&text.marks, FUTURE_SIZE)?,
        })
    }

    fn equity(
        &self,
        tick: &str,
        bucket: &str,
        grid_max_ticks: u32,
        multiplier: &str,
        marks: &MarksText,
    ) -> Result<Product, ProductError> {
        let (tick_size, bucket_size) = (
            self.increment("tick", tick)?,
            self.increment("bucket", bucket)?,
        );
        if bucket_size.nanos() % tick_size.nanos() != 0 {
            let reason = format!("it is no whole multiple of the tick {tick_size}");
            return Err(self.refuse("bucket", bucket, &reason));
        }
        Ok(Product {
            tick: tick_size,
            bucket: bucket_size,
            grid_max_ticks: self.positive("grid_max_ticks", grid_max_ticks)?,
            strikes: None,
            multiplier: self.multiplier(multiplier)?,
            marks: self.marks(marks, SHARE_SIZE)?,
        })
    }

    fn marks(&self, text: &MarksText, size: u64) -> Result<MarkThresholds, ProductError> {
        let by_default = MarkThresholds::of_size(text.large_trade.unwrap_or(size));
        let of = |key, given: Option<u64>, by_default| match given {
            Some(0) => Err(self.refuse(key, "0", "it must be more than zero")),
            given => Ok(given.unwrap_or(by_default)),
        };
        let levels = by_default.sweep_levels;
        Ok(MarkThresholds {
            large_trade: of(
                "marks.large_trade",
                text.large_trade,
                by_default.large_trade,
            )?,
            large_order: of(
                "marks.large_order",
                text.large_order,
                by_default.large_order,
            )?,
            absorbed: of("marks.absorbed", text.absorbed, by_default.absorbed)?,
            iceberg: of("marks.iceberg", text.iceberg, by_default.iceberg)?,
            near_ticks: of("marks.near_ticks", text.near_ticks, by_default.near_ticks)?,
            sweep_levels: self
                .positive("marks.sweep_levels", text.sweep_levels.unwrap_or(levels))?,
        })
    }

    fn increment(&self, key: &'static str, text: &str) -> Result<TickSize, ProductError> {
        let price = self.decimal(key, text)?;
        TickSize::from_nanos(price.nanos())
            .map_err(|_| self.refuse(key, text, "it must be more than zero"))
    }

    fn multiplier(&self, text: &str) -> Result<Price, ProductError> {
        let multiplier = self.decimal("multiplier", text)?;
        if multiplier.nanos() <= 0 {
            return Err(self.refuse("multiplier", text, "it must be more than zero"));
        }
        Ok(multiplier)
    }

    fn decimal(&self, key: &'static str, text: &str) -> Result<Price, ProductError> {
        let parsed: Result<Price, _> = text.parse();
        parsed.map_err(|error| self.refuse(key, text, &error.to_string()))
    }

    fn positive(&self, key: &'static str, count: u32) -> Result<u32, ProductError> {
        if count == 0 {
            return Err(self.refuse(key, "0", "it must be more than zero"));
        }
        Ok(count)
    }

    fn refuse(&self, key: &'static str, value: &str, reason: &str) -> ProductError {
        ProductError::Value {
            product: self.product.into(),
            key,
            value: value.into(),
            reason: reason.into(),
        }
    }
}
