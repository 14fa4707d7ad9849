//! The tables of the pipeline: the names, types and order of their columns.
//!
//! Silver and gold have schema version 2: a price, mid or spot that is absent is null, and 0 is a
//! price. In version 1 such a value was 0. Change a table only together with its version here and in
//! `docs/velocity.md`: people read these files with tools of their own.

use vp_lake::tables::{Batch, Column, ColumnType, Encoding, Layer, Partition, Table};
use vp_market::ProductType;

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

/// Bronze of the best quotes of options; 0 means "no price".
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

/// Returns the partition of silver that a partition of gold is made from, if it is one.
pub fn silver_of(gold: &Partition) -> Option<Partition> {
    let table = match gold.product_type() {
        ProductType::FutureMbo | ProductType::EquityMbo => SILVER_FLOW,
        ProductType::FutureOptionMbo | ProductType::EquityOptionCmbp1 => SILVER_OPTION_FLOW,
    };
    let (product_type, symbol, date) = (gold.product_type(), gold.symbol(), gold.date());
    (gold.layer() == Layer::Gold).then(|| {
        gold.lake()
            .partition(Layer::Silver, product_type, symbol, table.name, date)
    })
}

/// The columns of version 1: 0 means "absent".
const SILVER_BOOK_1: &[Column] = &[
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
];

const SILVER_BOOK_COLUMNS: &[Column] = &[
    Column::i64("window_start_ts_ns").encoded(Encoding::Delta),
    Column::i64("window_end_ts_ns").encoded(Encoding::Delta),
    nullable_i64("best_bid_price_int"),
    Column::i64("best_bid_qty"),
    nullable_i64("best_ask_price_int"),
    Column::i64("best_ask_qty"),
    nullable_f64("mid_price"),
    nullable_i64("mid_price_int"),
    nullable_i64("last_trade_price_int"),
    nullable_i64("spot_ref_price_int"),
    Column::bool("book_valid"),
];

/// Silver: the book at the end of each window.
pub const SILVER_BOOK: Table = Table {
    name: "book_snapshot_1s",
    columns: SILVER_BOOK_COLUMNS,
    earlier: &[SILVER_BOOK_1],
    time: "window_end_ts_ns",
    row_group_rows: ROW_GROUP_ROWS,
};

const SILVER_FLOW_COLUMNS: &[Column] = &[
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
];

/// Silver: depth and flow at each price of each window.
pub const SILVER_FLOW: Table = Table {
    name: "depth_and_flow_1s",
    columns: SILVER_FLOW_COLUMNS,
    earlier: &[SILVER_FLOW_COLUMNS],
    time: "window_end_ts_ns",
    row_group_rows: ROW_GROUP_ROWS,
};

const GOLD_COLUMNS: &[Column] = &[
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
];

/// Gold: the surface of pressure and resistance, dense over the ticks around the spot.
pub const GOLD_SURFACE: Table = Table {
    name: "physics_surface_1s",
    columns: GOLD_COLUMNS,
    earlier: &[GOLD_COLUMNS],
    time: "window_end_ts_ns",
    // One page of each column; of 20,000 to 131,072 rows the fastest to write.
    row_group_rows: 1 << 16,
};

/// The columns of version 1: 0 means "absent".
const SILVER_OPTION_BOOK_1: &[Column] = &[
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
];

const SILVER_OPTION_BOOK_COLUMNS: &[Column] = &[
    Column::i64("window_start_ts_ns"),
    Column::i64("window_end_ts_ns"),
    Column::i64("instrument_id"),
    Column::text("right"),
    Column::i64("strike_price_int"),
    Column::i64("bid_price_int"),
    Column::i64("ask_price_int"),
    Column::f64("mid_price"),
    Column::i64("mid_price_int"),
    nullable_i64("spot_ref_price_int"),
    Column::bool("book_valid"),
];

/// Silver of options: the best prices of each instrument at the end of each window.
pub const SILVER_OPTION_BOOK: Table = Table {
    name: "book_snapshot_1s",
    columns: SILVER_OPTION_BOOK_COLUMNS,
    earlier: &[SILVER_OPTION_BOOK_1],
    time: "window_end_ts_ns",
    row_group_rows: ROW_GROUP_ROWS,
};

const SILVER_OPTION_FLOW_COLUMNS: &[Column] = &[
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
];

/// Silver of options: depth and flow at each strike of each window.
pub const SILVER_OPTION_FLOW: Table = Table {
    name: "depth_and_flow_1s",
    columns: SILVER_OPTION_FLOW_COLUMNS,
    earlier: &[SILVER_OPTION_FLOW_COLUMNS],
    time: "window_end_ts_ns",
    row_group_rows: ROW_GROUP_ROWS,
};

const GOLD_OPTION_COLUMNS: &[Column] = &[
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
];

/// Gold of options: the surface over the strikes around the spot.
pub const GOLD_OPTION_SURFACE: Table = Table {
    name: "physics_surface_1s",
    columns: GOLD_OPTION_COLUMNS,
    earlier: &[GOLD_OPTION_COLUMNS],
    time: "window_end_ts_ns",
    row_group_rows: 1 << 17,
};

/// Returns the table that a partition is of, or `None` for a name that the pipeline does not have.
pub fn table_of(partition: &Partition) -> Option<&'static Table> {
    let is_of_options = partition.product_type().underlying().is_some();
    let tables: &[&'static Table] = match (partition.layer(), is_of_options) {
        (Layer::Bronze, _) => match partition.product_type() {
            ProductType::FutureMbo | ProductType::EquityMbo => &[&BRONZE_MBO],
            ProductType::FutureOptionMbo => &[&BRONZE_OPTION_MBO],
            ProductType::EquityOptionCmbp1 => &[&BRONZE_CMBP_1],
        },
        (Layer::Silver, false) => &[&SILVER_BOOK, &SILVER_FLOW],
        (Layer::Silver, true) => &[&SILVER_OPTION_BOOK, &SILVER_OPTION_FLOW],
        (Layer::Gold, false) => &[&GOLD_SURFACE],
        (Layer::Gold, true) => &[&GOLD_OPTION_SURFACE],
    };
    let mut tables = tables.iter().copied();
    tables.find(|table| table.name == partition.table())
}

/// Returns a column of prices of which some may be absent, row by row: null, and in version 1 of a
/// schema 0.
pub(crate) fn prices(
    batch: &Batch,
    schema_version: u32,
    name: &str,
) -> impl ExactSizeIterator<Item = Option<i64>> {
    let is_price = move |price: &i64| schema_version > 1 || *price != 0;
    batch
        .option_i64(name)
        .map(move |price| price.filter(is_price))
}

/// Returns a column of integers of which some may be absent.
const fn nullable_i64(name: &'static str) -> Column {
    Column::new(name, ColumnType::OptionI64)
}

/// Returns a column of floats of which some may be absent.
const fn nullable_f64(name: &'static str) -> Column {
    Column::new(name, ColumnType::OptionF64)
}

/// Returns a column of floats of which most change from cell to cell in all their bytes.
const fn rough(name: &'static str) -> Column {
    Column::f64(name).encoded(Encoding::Plain)
}

/// Returns a column of floats whose neighbours share their first bytes.
const fn smooth(name: &'static str) -> Column {
    Column::f64(name).encoded(Encoding::ByteStreamSplit)
}
