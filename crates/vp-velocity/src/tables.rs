//! The tables of the pipeline: what each column is called, and in which order they stand.
//!
//! Change a table only together with its version in `docs/velocity.md`: people read these files
//! with tools of their own.

use vp_lake::tables::{Column, Encoding, Table};

/// Rows in a row group of a table with few columns.
const ROW_GROUP_ROWS: usize = 1 << 19;

/// Bronze of market-by-order records: every column as the feed sent it.
///
/// # Units
/// Times in nanoseconds since the Unix epoch, UTC; prices in 1e-9, undefined ones as the feed has
/// them; sizes in contracts or shares. `order_id` holds the 64 bits of an unsigned number.
pub const BRONZE_MBO: Table = Table {
    name: "mbo",
    columns: &[
        Column::i64("ts_recv").encoded(Encoding::Delta),
        Column::i64("size").encoded(Encoding::Plain),
        Column::i64("ts_event").encoded(Encoding::Delta),
        Column::i64("channel_id").encoded(Encoding::Plain),
        Column::i64("rtype").encoded(Encoding::Plain),
        Column::i64("order_id").encoded(Encoding::Plain),
        Column::i64("publisher_id").encoded(Encoding::Plain),
        Column::i64("flags"),
        Column::i64("instrument_id").encoded(Encoding::Plain),
        Column::i64("ts_in_delta"),
        Column::text("action"),
        Column::i64("sequence").encoded(Encoding::Delta),
        Column::text("side"),
        Column::text("symbol").encoded(Encoding::Plain),
        Column::i64("price"),
    ],
    time: "ts_recv",
    row_group_rows: ROW_GROUP_ROWS,
};

/// Silver: the book at the end of each window.
pub const SILVER_BOOK: Table = Table {
    name: "book_snapshot_1s",
    columns: &[
        Column::i64("window_start_ts_ns").encoded(Encoding::Delta),
        Column::i64("window_end_ts_ns").encoded(Encoding::Delta),
        Column::i64("best_bid_price_int"),
        Column::i64("best_bid_qty"),
        Column::i64("best_ask_price_int"),
        Column::i64("best_ask_qty"),
        Column::f64("mid_price"),
        Column::i64("mid_price_int"),
        Column::i64("last_trade_price_int"),
        Column::i64("spot_ref_price_int"),
        Column::bool("book_valid"),
    ],
    time: "window_end_ts_ns",
    row_group_rows: ROW_GROUP_ROWS,
};

/// Silver: depth and flow at each price of each window.
pub const SILVER_FLOW: Table = Table {
    name: "depth_and_flow_1s",
    columns: &[
        Column::i64("window_start_ts_ns"),
        Column::i64("window_end_ts_ns"),
        Column::i64("price_int"),
        Column::text("side"),
        Column::i64("spot_ref_price_int"),
        Column::i32("rel_ticks"),
        Column::i32("rel_ticks_side"),
        Column::f64("depth_qty_start"),
        Column::f64("depth_qty_end"),
        Column::f64("add_qty"),
        Column::f64("pull_qty"),
        Column::f64("depth_qty_rest"),
        Column::f64("pull_qty_rest"),
        Column::f64("fill_qty"),
        Column::bool("window_valid"),
    ],
    time: "window_end_ts_ns",
    row_group_rows: ROW_GROUP_ROWS,
};

/// Gold: the surface of pressure and resistance, dense over the ticks around the spot.
pub const GOLD_SURFACE: Table = Table {
    name: "physics_surface_1s",
    columns: &[
        Column::i64("window_end_ts_ns"),
        Column::i64("event_ts_ns"),
        Column::i64("spot_ref_price_int"),
        Column::i32("rel_ticks").encoded(Encoding::Delta),
        Column::i32("rel_ticks_side").encoded(Encoding::Delta),
        Column::text("side"),
        rough("add_intensity"),
        rough("fill_intensity"),
        rough("pull_intensity"),
        rough("liquidity_velocity"),
        rough("u_ema_2"),
        rough("u_ema_8"),
        rough("u_ema_32"),
        rough("u_ema_128"),
        rough("u_band_fast"),
        rough("u_band_mid"),
        rough("u_band_slow"),
        rough("u_wave_energy"),
        rough("du_dt"),
        rough("d2u_dt2"),
        rough("u_near"),
        rough("u_far"),
        rough("u_prom"),
        rough("du_dx"),
        rough("d2u_dx2"),
        rough("rho"),
        rough("phi_rest"),
        rough("u_p"),
        rough("u_p_slow"),
        rough("Omega"),
        smooth("Omega_near"),
        smooth("Omega_far"),
        smooth("Omega_prom"),
        smooth("nu"),
        smooth("kappa"),
        rough("pressure_grad"),
    ],
    time: "window_end_ts_ns",
    // One page of each column; of 20,000 to 131,072 rows the fastest to write.
    row_group_rows: 1 << 16,
};

/// Returns a column of floats of which most change from cell to cell in all their bytes.
const fn rough(name: &'static str) -> Column {
    Column::f64(name).encoded(Encoding::Plain)
}

/// Returns a column of floats whose neighbours share their first bytes.
const fn smooth(name: &'static str) -> Column {
    Column::f64(name).encoded(Encoding::ByteStreamSplit)
}
