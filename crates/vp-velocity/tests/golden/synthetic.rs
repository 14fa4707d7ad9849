//! A synthetic session, whose silver and gold have to be the same bits on every machine.

use std::convert::Infallible;
use std::path::Path;

use libtest_mimic::Failed;
use sha2::{Digest, Sha256};
use vp_market::{ProductTable, ProductType, Side};
use vp_synth::{SynthConfig, SyntheticMarket};
use vp_velocity::Session;
use vp_velocity::gold::{Field, Gold};
use vp_velocity::silver::{DepthAndFlow, Lattice, Silver, SilverConfig, SilverWindow};

const RECORDS: usize = 60_000;

/// Compares the digests of each product's session with those beside this file, or writes them.
pub(crate) fn check() -> Result<(), Failed> {
    let found: String = [
        (ProductType::FutureMbo, "ESH6"),
        (ProductType::FutureMbo, "MNQH6"),
        (ProductType::EquityMbo, "QQQ"),
    ]
    .into_iter()
    .map(|(product_type, symbol)| digests(product_type, symbol))
    .collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/synthetic.txt");
    if std::env::var_os("SPYMASTER_BLESS").is_some() {
        std::fs::write(path, found)?;
        return Ok(());
    }
    let expected = std::fs::read_to_string(path)?;
    if found == expected {
        Ok(())
    } else {
        Err(format!("found\n{found}expected\n{expected}").into())
    }
}

/// Returns a line for silver and one for gold: symbol, layer, rows, SHA-256 of their bits.
fn digests(product_type: ProductType, symbol: &str) -> String {
    let products = ProductTable::embedded();
    let instrument = products
        .instrument(product_type, symbol)
        .expect("a known symbol");
    let market = SynthConfig::preset(symbol).expect("a preset");
    let records: Vec<_> = SyntheticMarket::new(&market)
        .into_records()
        .take(RECORDS)
        .collect();
    let (first, last) = (&records[0], &records[RECORDS - 1]);
    let mut silver = Silver::new(SilverConfig {
        tick: instrument.product.tick,
        lattice: Lattice::of(&instrument),
        session: Session::new(first.ts_event, last.ts_event),
    });
    let mut gold = Gold::new(Gold::half_width_of(&instrument));
    let (mut silver_bits, mut gold_bits) = (Bits::default(), Bits::default());
    let mut take = |window: &SilverWindow| {
        silver_bits.silver(window);
        if let Some(surface) = gold.apply(&window.rows) {
            gold_bits.integers(&[surface.window_end_ts_ns(), surface.spot_ref_price_int()]);
            for surface in Side::BOTH
                .into_iter()
                .filter_map(|side| surface.surface(side))
            {
                for field in Field::ALL {
                    gold_bits.floats(surface.column(field));
                }
            }
        }
        Ok::<(), Infallible>(())
    };
    for record in &records {
        let Ok(()) = silver.apply(record, &mut take);
    }
    let Ok(()) = silver.finish(take);
    let (silver, gold) = (
        silver_bits.line(symbol, "silver"),
        gold_bits.line(symbol, "gold"),
    );
    silver + &gold
}

#[derive(Default)]
struct Bits {
    values: usize,
    hasher: Sha256,
}

impl Bits {
    fn silver(&mut self, window: &SilverWindow) {
        let snapshot = &window.snapshot;
        self.integers(&[
            snapshot.window_end_ts_ns,
            snapshot.best_bid_price_int.unwrap_or(0),
            snapshot.best_bid_qty,
            snapshot.best_ask_price_int.unwrap_or(0),
            snapshot.best_ask_qty,
            snapshot.mid_price_int.unwrap_or(0),
            snapshot.last_trade_price_int.unwrap_or(0),
            snapshot.spot_ref_price_int.unwrap_or(0),
            i64::from(snapshot.book_valid),
            i64::from(window.rows.window_valid),
        ]);
        self.floats(&[snapshot.mid_price.unwrap_or(0.0)]);
        self.rows(&window.rows);
    }

    fn rows(&mut self, rows: &DepthAndFlow) {
        self.integers(&rows.price_int);
        for column in [&rows.rel_ticks, &rows.rel_ticks_side] {
            for value in column {
                self.integers(&[i64::from(*value)]);
            }
        }
        for column in [
            &rows.depth_qty_start,
            &rows.depth_qty_end,
            &rows.add_qty,
            &rows.pull_qty,
            &rows.depth_qty_rest,
            &rows.pull_qty_rest,
            &rows.fill_qty,
        ] {
            self.floats(column);
        }
    }

    fn integers(&mut self, values: &[i64]) {
        self.values += values.len();
        for value in values {
            self.hasher.update(value.to_le_bytes());
        }
    }

    fn floats(&mut self, values: &[f64]) {
        self.values += values.len();
        for value in values {
            self.hasher.update(value.to_bits().to_le_bytes());
        }
    }

    fn line(self, symbol: &str, layer: &str) -> String {
        let digest: [u8; 32] = self.hasher.finalize().into();
        let digest = digest.map(|byte| format!("{byte:02x}")).concat();
        format!("{symbol} {layer} {} values {digest}\n", self.values)
    }
}
