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
    earlier: &[],
    time: "ts_recv",
    row_group_rows: ROW_GROUP_ROWS,
};

/// Bronze of the orders of options: as [`BRONZE_MBO`], and what the instrument is.
///
/// # Units
/// Strikes in 1e-9 of the underlying's currency unit, expirations in nanoseconds since the epoch.
pub const BRONZE_OPTION_MBO: Table = Table {
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
        Column::i64("instrument_id"),
        Column::i64("ts_in_delta"),
        Column::text("action"),
        Column::i64("sequence").encoded(Encoding::Delta),
        Column::text("side"),
        Column::text("symbol"),
        Column::i64("price"),
        Column::text("underlying"),
        Column::text("right"),
        Column::i64("strike"),
        Column::i64("expiration"),
    ],
    earlier: &[],
    time: "ts_recv",
    row_group_rows: ROW_GROUP_ROWS,
};

/// Bronze of the best quotes of options; 0 stands for a price that there is none.
pub const BRONZE_CMBP_1: Table = Table {
    name: "cmbp_1",
    columns: &[
        Column::i64("ts_recv").encoded(Encoding::Delta),
        Column::i64("ts_event").encoded(Encoding::Delta),
        Column::i64("publisher_id"),
        Column::i64("instrument_id"),
        Column::i64("bid_px_00"),
        Column::i64("ask_px_00"),
        Column::i64("bid_sz_00"),
        Column::i64("ask_sz_00"),
        Column::text("underlying"),
        Column::text("right"),
        Column::i64("strike"),
        Column::i64("expiration"),
    ],
    earlier: &[],
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
    earlier: &[],
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
    earlier: &[],
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
    earlier: &[],
    time: "window_end_ts_ns",
    // One page of each column; of 20,000 to 131,072 rows the fastest to write.
    row_group_rows: 1 << 16,
};

/// Silver of options: the best prices of each instrument at the end of each window.
pub const SILVER_OPTION_BOOK: Table = Table {
    name: "book_snapshot_1s",
    columns: &[
        Column::i64("window_start_ts_ns"),
        Column::i64("window_end_ts_ns"),
        Column::i64("instrument_id"),
        Column::text("right"),
        Column::i64("strike_price_int"),
        Column::i64("bid_price_int"),
        Column::i64("ask_price_int"),
        Column::f64("mid_price"),
        Column::i64("mid_price_int"),
        Column::i64("spot_ref_price_int"),
        Column::bool("book_valid"),
    ],
    earlier: &[],
    time: "window_end_ts_ns",
    row_group_rows: ROW_GROUP_ROWS,
};

/// Silver of options: depth and flow at each strike of each window.
pub const SILVER_OPTION_FLOW: Table = Table {
    name: "depth_and_flow_1s",
    columns: &[
        Column::i64("window_start_ts_ns"),
        Column::i64("window_end_ts_ns"),
        Column::i64("strike_price_int"),
        Column::f64("strike_points"),
        Column::text("right"),
        Column::text("side"),
        Column::i64("spot_ref_price_int"),
        Column::i32("rel_ticks"),
        Column::f64("depth_qty_start"),
        Column::f64("depth_qty_end"),
        Column::f64("add_qty"),
        Column::f64("pull_qty"),
        Column::f64("pull_qty_rest"),
        Column::f64("fill_qty"),
        Column::f64("depth_qty_rest"),
        Column::bool("window_valid"),
        Column::bool("accounting_identity_valid"),
    ],
    earlier: &[],
    time: "window_end_ts_ns",
    row_group_rows: ROW_GROUP_ROWS,
};

/// Gold of options: the surface over the strikes around the spot.
pub const GOLD_OPTION_SURFACE: Table = Table {
    name: "physics_surface_1s",
    columns: &[
        Column::i64("window_end_ts_ns"),
        Column::i64("event_ts_ns"),
        Column::i64("spot_ref_price_int"),
        Column::i64("strike_price_int"),
        Column::f64("strike_points"),
        Column::i32("rel_ticks"),
        Column::text("right"),
        Column::text("side"),
        rough("add_intensity"),
        rough("fill_intensity"),
        rough("pull_intensity"),
        rough("liquidity_velocity"),
        rough("rho_opt"),
        rough("phi_rest_opt"),
        rough("u_opt_ema_2"),
        rough("u_opt_ema_8"),
        rough("u_opt_ema_32"),
        rough("u_opt_ema_128"),
        rough("u_opt_band_fast"),
        rough("u_opt_band_mid"),
        rough("u_opt_band_slow"),
        rough("u_opt_wave_energy"),
        rough("du_opt_dt"),
        rough("d2u_opt_dt2"),
        rough("u_opt_p"),
        rough("u_opt_p_slow"),
        rough("u_opt_near"),
        rough("u_opt_far"),
        rough("u_opt_prom"),
        rough("du_opt_dx"),
        rough("d2u_opt_dx2"),
        rough("Omega_opt"),
        smooth("Omega_opt_near"),
        smooth("Omega_opt_far"),
        smooth("Omega_opt_prom"),
        smooth("nu_opt"),
        smooth("kappa_opt"),
        rough("pressure_grad_opt"),
    ],
    earlier: &[],
    time: "window_end_ts_ns",
    row_group_rows: 1 << 17,
};

/// Returns a column of floats of which most change from cell to cell in all their bytes.
const fn rough(name: &'static str) -> Column {
    Column::f64(name).encoded(Encoding::Plain)
}

/// Returns a column of floats whose neighbours share their first bytes.
const fn smooth(name: &'static str) -> Column {
    Column::f64(name).encoded(Encoding::ByteStreamSplit)
}
