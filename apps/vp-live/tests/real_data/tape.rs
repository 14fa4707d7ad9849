//! Trades and marks of the real sessions against the golden vectors, in integers.

use std::fs::{self, File};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef};
use libtest_mimic::Failed;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use vp_engine::{Engine, Price, Side};
use vp_ingest::SessionSpec;
use vp_market::MarkThresholds;
use vp_tape::{Mark, MarkKind, Marker, Volumes};

use crate::session::{Real, read};

pub(crate) fn esh4(real: &Real) -> Result<(), Failed> {
    check(&real.esh4()?, "es")
}

pub(crate) fn arl(real: &Real) -> Result<(), Failed> {
    check(&real.arl()?, "arl")
}

/// A mark as the vectors write it: time, event, kind, side, price, size, and the numbers of its kind.
type Row = (i64, i64, String, String, i64, i64, [Option<i64>; 9]);

fn check(spec: &SessionSpec, name: &str) -> Result<(), Failed> {
    let folder = vp_testkit::shared::path("golden/tape").ok_or("no golden vectors")?;
    let text = fs::read_to_string(folder.join(format!("{name}.tape.json")))?;
    let expected: Value = serde_json::from_str(&text)?;
    let sets = expected["thresholds"].as_object().ok_or("no thresholds")?;
    let (records, config) = read(spec)?;
    assert_eq!(expected["records"], records.len());

    let mut volumes = Volumes::new();
    for record in &records {
        volumes.apply(record);
    }
    check_volumes(&volumes, &expected);
    for (set, values) in sets {
        let of = |name: &str| values[name].as_u64().expect("a threshold");
        let mut thresholds = MarkThresholds::of_size(of("large_trade"));
        thresholds.large_order = of("large_order");
        thresholds.absorbed = of("absorbed");
        thresholds.iceberg = of("iceberg");
        thresholds.near_ticks = of("near_ticks");
        thresholds.sweep_levels = u32::try_from(of("sweep_levels"))?;
        let mut engine = Engine::new(config);
        let mut marker = Marker::new(thresholds, config.price_tick());
        let mut found = Vec::new();
        let commit = |engine: &Engine, marker: &mut Marker, found: &mut Vec<Row>| {
            let grid = engine.grid();
            let ts_ns = grid.ts_ns().expect("an event was committed");
            let marks = marker.commit(ts_ns, grid.events(), engine.book().bbo());
            found.extend(marks.iter().map(row_of));
        };
        for record in &records {
            if engine.commit_before(record) {
                commit(&engine, &mut marker, &mut found);
            }
            marker.before(record, engine.book());
            let commits = engine.apply(record).commits;
            marker.after(record, engine.book());
            if commits > 0 {
                commit(&engine, &mut marker, &mut found);
            }
        }
        assert_eq!(expected["events"], engine.grid().events());
        let path = folder.join(format!("{name}.{set}.marks.parquet"));
        let expected = rows_in(File::open(path)?)?;
        for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found, expected, "{name}, {set}: mark {place}");
        }
        assert_eq!(found.len(), expected.len(), "{name}, {set}");
    }
    Ok(())
}

fn check_volumes(volumes: &Volumes, expected: &Value) {
    let sum = volumes.sum();
    for (name, found) in [
        ("trades", volumes.trades()),
        ("volume", sum.total()),
        ("bought", sum.bought),
        ("sold", sum.sold),
        ("unknown", sum.unknown),
        ("prices", volumes.profile().count() as u64),
    ] {
        assert_eq!(expected[name], found, "{name}");
    }
    assert_eq!(
        expected["delta"].as_i64().map(i128::from),
        Some(volumes.delta())
    );
    let vwap = volumes.vwap().expect("there were trades");
    let numerator = expected["vwap"]["numerator"].as_i64().map(i128::from);
    assert_eq!(numerator, Some(vwap.numerator));
    assert_eq!(expected["vwap"]["denominator"], vwap.denominator);
    let control = volumes.point_of_control().map(Price::nanos);
    assert_eq!(expected["poc_int"].as_i64(), control);
    let area = volumes.value_area().expect("there were trades");
    assert_eq!(expected["value_area"]["low_int"], area.low.nanos());
    assert_eq!(expected["value_area"]["high_int"], area.high.nanos());
    let mut profile: Vec<_> = volumes.profile().collect();
    profile.sort_by_key(|(price, volume)| (std::cmp::Reverse(volume.total()), *price));
    let top = expected["volume_at_price"].as_array().expect("a list");
    for ((price, volume), expected) in profile.iter().zip(top) {
        assert_eq!(expected["price_int"], price.nanos());
        let found = [volume.bought, volume.sold, volume.unknown];
        let expected = ["bought", "sold", "unknown"].map(|name| expected[name].as_u64());
        assert_eq!(found.map(Some), expected);
    }
}

fn row_of(mark: &Mark) -> Row {
    let number = |value: u64| Some(value.cast_signed());
    let mut more = [None; 9];
    let [
        order_id,
        trades,
        levels,
        from,
        refills,
        shown,
        age_ns,
        ticks,
        since_ns,
    ] = &mut more;
    match mark.kind {
        MarkKind::LargeTrade { trades: count } => *trades = number(count.into()),
        MarkKind::Sweep {
            levels: count,
            from: first,
        } => {
            *levels = number(count.into());
            *from = Some(first.nanos());
        }
        MarkKind::Iceberg {
            order_id: id,
            refills: count,
            shown: size,
        } => {
            *order_id = number(id);
            *refills = number(count.into());
            *shown = number(size.into());
        }
        MarkKind::LargeOrder {
            order_id: id,
            ticks_from_best,
        } => {
            *order_id = number(id);
            *ticks = ticks_from_best;
        }
        MarkKind::Pulled {
            order_id: id,
            age_ns: age,
            ticks_from_best,
        } => {
            *order_id = number(id);
            *age_ns = number(age);
            *ticks = ticks_from_best;
        }
        MarkKind::Absorbed { since_ns: since } => *since_ns = number(since),
        _ => panic!("a kind that the vectors do not know: {mark:?}"),
    }
    let side = mark.side.map_or('N', Side::letter);
    (
        mark.ts_ns.cast_signed(),
        mark.event_id.cast_signed(),
        mark.kind.name().to_owned(),
        side.to_string(),
        mark.price.nanos(),
        mark.size.cast_signed(),
        more,
    )
}

fn rows_in(file: File) -> Result<Vec<Row>, Failed> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)?.build()?;
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch?;
        let column = |name: &str| {
            batch
                .column_by_name(name)
                .expect("the vector has the column")
        };
        let text = |name: &str, row: usize| column(name).as_string::<i32>().value(row).to_owned();
        let names = [
            "order_id",
            "trades",
            "levels",
            "from_price_int",
            "refills",
            "shown",
            "age_ns",
            "ticks_from_best",
            "since_ns",
        ];
        for row in 0..batch.num_rows() {
            let number = |name: &str| integer(column(name), row);
            rows.push((
                number("ts_ns").expect("a time"),
                number("event_id").expect("a number"),
                text("kind", row),
                text("side", row),
                number("price_int").expect("a price"),
                number("size").expect("a size"),
                names.map(number),
            ));
        }
    }
    Ok(rows)
}

/// Returns an integer of any width, if it is there.
fn integer(column: &ArrayRef, row: usize) -> Option<i64> {
    if column.is_null(row) {
        return None;
    }
    if let Some(column) = column.as_primitive_opt::<Int64Type>() {
        return Some(column.value(row));
    }
    if let Some(column) = column.as_primitive_opt::<UInt64Type>() {
        return Some(column.value(row).cast_signed());
    }
    Some(column.as_primitive::<UInt32Type>().value(row).into())
}
