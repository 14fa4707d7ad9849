//! The golden vectors of futures options: bronze in, silver and gold out.

use std::path::Path;

use libtest_mimic::Failed;
use vp_market::{Action, Flags, Price, ProductTable, ProductType, Record, Right, Side, TickSize};
use vp_testkit::golden::is_close;
use vp_velocity::options::{
    OPTION_FIELDS, OptionBook, OptionContract, OptionGold, OptionSilver, OptionWindow, SpotWindow,
    StrikeGrid,
};
use vp_velocity::tables::{
    BRONZE_OPTION_MBO, GOLD_OPTION_SURFACE, SILVER_BOOK, SILVER_OPTION_BOOK, SILVER_OPTION_FLOW,
};

use super::table::{Vector, present};

fn grid() -> StrikeGrid {
    let es = ProductTable::embedded().instrument(ProductType::FutureOptionMbo, "ESH4");
    StrikeGrid::of(&es.expect("a known contract")).expect("its options are followed")
}

/// Returns the windows that silver makes of the vectors' bronze.
fn windows(shared: &Path) -> Result<Vec<OptionWindow>, Failed> {
    let folder = shared.join("golden/velocity");
    let future = Vector::read(
        &folder.join("opt.silver.future_snapshot_1s.parquet"),
        &SILVER_BOOK,
    )?;
    let bronze = Vector::read(
        &folder.join("opt.bronze.future_option_mbo.parquet"),
        &BRONZE_OPTION_MBO,
    )?;
    let spots = future.i64("spot_ref_price_int").into_iter();
    let spots = spots.zip(future.bool("book_valid"));
    let ends = future.i64("window_end_ts_ns").into_iter();
    let spots = ends.zip(spots).map(|(end, (spot, book_valid))| SpotWindow {
        window_end_ts_ns: end,
        spot_ref_price_int: present(spot),
        book_valid,
    });
    let tick = TickSize::from_nanos(50_000_000)?;
    let mut silver = OptionSilver::<OptionBook>::new(grid(), tick, spots.collect());
    let mut windows = Vec::new();
    let mut keep = |window: &OptionWindow| {
        windows.push(window.clone());
        Ok::<(), Failed>(())
    };
    let [
        ts_event,
        order_id,
        price,
        size,
        flags,
        strike,
        instrument_id,
    ] = [
        "ts_event",
        "order_id",
        "price",
        "size",
        "flags",
        "strike",
        "instrument_id",
    ]
    .map(|name| bronze.i64(name));
    let [action, side, right] = ["action", "side", "right"].map(|name| bronze.text(name));
    for row in 0..ts_event.len() {
        let letter = |texts: &[&str]| texts[row].as_bytes()[0];
        let record = Record {
            ts_event: ts_event[row].cast_unsigned(),
            order_id: order_id[row].cast_unsigned(),
            price: Price::from_nanos(price[row]),
            size: size[row].try_into()?,
            action: Action::from_letter(letter(&action)).ok_or("an action")?,
            side: Side::from_letter(letter(&side)),
            flags: Flags(flags[row].try_into()?),
        };
        let contract = OptionContract {
            right: Right::from_letter(letter(&right)).ok_or("a right")?,
            strike: Price::from_nanos(strike[row]).ok_or("a strike")?,
        };
        let id = instrument_id[row].try_into()?;
        silver.apply(id, contract, record.ts_event, &record, &mut keep)?;
    }
    silver.finish(&mut keep)?;
    if silver.off_grid() > 0 {
        return Err("strikes are off the grid".into());
    }
    Ok(windows)
}

pub(crate) fn silver_books(shared: &Path) -> Result<(), Failed> {
    let path = shared.join("golden/velocity/opt.silver.book_snapshot_1s.parquet");
    let expected = Vector::read(&path, &SILVER_OPTION_BOOK)?;
    let columns = [
        "window_end_ts_ns",
        "instrument_id",
        "strike_price_int",
        "bid_price_int",
        "ask_price_int",
        "mid_price_int",
        "spot_ref_price_int",
    ]
    .map(|name| expected.i64(name));
    let rights = expected.text("right");
    let (mids, valid) = (expected.f64("mid_price"), expected.bool("book_valid"));
    let mut at = 0;
    for window in windows(shared)? {
        let spot = window.spot;
        for book in &window.snapshots {
            let integers = [
                spot.window_end_ts_ns,
                book.instrument_id.into(),
                book.contract.strike.nanos(),
                book.bid.nanos(),
                book.ask.nanos(),
                book.mid_price_int(),
                spot.spot_ref_price_int.unwrap_or(0),
            ];
            ensure_equal(&integers, &columns.each_ref().map(|column| column[at]))?;
            let right = book.contract.right.letter().to_string();
            ensure_equal(&(&*right, spot.book_valid), &(rights[at], valid[at]))?;
            let mid = book.mid_price();
            if !is_close(mid, mids[at]) {
                return Err(format!("the mid of {book:?} is {mid}, not {}", mids[at]).into());
            }
            at += 1;
        }
    }
    ensure_equal(&at, &rights.len())
}

pub(crate) fn silver_flow(shared: &Path) -> Result<(), Failed> {
    let path = shared.join("golden/velocity/opt.silver.depth_and_flow_1s.parquet");
    let expected = Vector::read(&path, &SILVER_OPTION_FLOW)?;
    let integers = ["window_end_ts_ns", "strike_price_int", "spot_ref_price_int"];
    let integers = integers.map(|name| expected.i64(name));
    let rel_ticks = expected.i32("rel_ticks");
    let quantities = [
        "depth_qty_start",
        "depth_qty_end",
        "add_qty",
        "pull_qty",
        "pull_qty_rest",
        "fill_qty",
        "depth_qty_rest",
    ]
    .map(|name| expected.f64(name));
    let (rights, sides) = (expected.text("right"), expected.text("side"));
    let flags = ["window_valid", "accounting_identity_valid"].map(|name| expected.bool(name));
    let mut at = 0;
    for window in windows(shared)? {
        let (spot, flow) = (window.spot, &window.flow);
        for (row, sums) in flow.sums.iter().enumerate() {
            let found = [
                spot.window_end_ts_ns,
                flow.strike_price_int[row],
                spot.spot_ref_price_int.unwrap_or(0),
            ];
            ensure_equal(&found, &integers.each_ref().map(|column| column[at]))?;
            ensure_equal(&flow.rel_ticks[row], &rel_ticks[at])?;
            let found = [flow.right[row].letter(), flow.side[row].letter()].map(String::from);
            ensure_equal(&found, &[rights[at], sides[at]].map(String::from))?;
            let found = [
                sums.start, sums.end, sums.add, sums.pull, 0, sums.fill, sums.rest,
            ];
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a few hundred contracts"
            )]
            let wanted = quantities.each_ref().map(|column| column[at] as u64);
            ensure_equal(&found, &wanted)?;
            let found = [spot.book_valid, flow.is_balanced(row)];
            ensure_equal(&found, &flags.each_ref().map(|column| column[at]))?;
            at += 1;
        }
    }
    ensure_equal(&at, &rights.len())
}

fn ensure_equal<T: std::fmt::Debug + PartialEq>(found: &T, expected: &T) -> Result<(), Failed> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{found:?}, expected {expected:?}").into())
    }
}

pub(crate) fn gold(shared: &Path) -> Result<(), Failed> {
    let path = shared.join("golden/velocity/opt.gold.physics_surface_1s.parquet");
    let expected = Vector::read(&path, &GOLD_OPTION_SURFACE)?;
    let ends = expected.i64("window_end_ts_ns");
    let strikes = expected.i64("strike_price_int");
    let rel_ticks = expected.i32("rel_ticks");
    let (rights, sides) = (expected.text("right"), expected.text("side"));
    let fields = OPTION_FIELDS.map(|(field, name)| (field, name, expected.f64(name)));
    ensure_equal(&ends, &expected.i64("event_ts_ns"))?;
    let mut gold = OptionGold::new(grid(), 200);
    let mut at = 0;
    for window in windows(shared)? {
        let found = gold
            .apply(window.spot, &window.flow)
            .ok_or("a window without gold")?;
        if ends.get(at) != Some(&window.spot.window_end_ts_ns) {
            continue;
        }
        for (place, (strike, ticks)) in found.strikes().enumerate() {
            for (right, side) in [
                (Right::Call, Side::Ask),
                (Right::Call, Side::Bid),
                (Right::Put, Side::Ask),
                (Right::Put, Side::Bid),
            ] {
                let texts = [right.letter(), side.letter()].map(String::from);
                let wanted = [rights[at], sides[at]].map(String::from);
                let wanted = (strikes[at], rel_ticks[at], wanted);
                ensure_equal(&(strike, ticks, texts), &wanted)?;
                for (field, name, wanted) in &fields {
                    let found = found.column(*field, right, side)[place];
                    let wanted = wanted[at];
                    if !is_close(found, wanted) {
                        return Err(format!("row {at}: {name} {found}, expected {wanted}").into());
                    }
                }
                at += 1;
            }
        }
    }
    ensure_equal(&at, &ends.len())
}
