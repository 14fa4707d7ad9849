//! The queues of the book against the golden vectors: ESH4 by two independent implementations, ARL by
//! a third party's ten-level book.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use libtest_mimic::Failed;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use vp_engine::{Book, QueuedLevel, QueuedOrder, Queues, Record, Side};

use vp_ingest::{Counters, DbnReader, Source, normalize};

use crate::session::{Real, read};

/// The rows of a vector.
struct Vector(Vec<RecordBatch>);

impl Vector {
    fn read(name: &str) -> Result<Self, Failed> {
        let folder: PathBuf = vp_testkit::shared::path("golden/book").ok_or("no golden vectors")?;
        let file = File::open(folder.join(name))?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)?.build()?;
        Ok(Self(reader.collect::<Result<_, _>>()?))
    }

    fn i64(&self, name: &str) -> Vec<i64> {
        let column = |batch: &RecordBatch| {
            let column = batch
                .column_by_name(name)
                .expect("the vector has the column");
            column.as_primitive::<Int64Type>().values().to_vec()
        };
        self.0.iter().flat_map(column).collect()
    }

    fn text(&self, name: &str) -> Vec<String> {
        let column = |batch: &RecordBatch| -> Vec<String> {
            let column = batch
                .column_by_name(name)
                .expect("the vector has the column");
            let texts = column.as_string::<i32>();
            (0..texts.len())
                .map(|row| texts.value(row).to_owned())
                .collect()
        };
        self.0.iter().flat_map(column).collect()
    }
}

/// A row of `es.queue`: level, price, rank, order id, size, size ahead, orders and size of the level.
type QueueRow = [i64; 8];

fn rows_of(book: &Book<Queues>, side: Side) -> Vec<QueueRow> {
    let level = |(number, level): (usize, QueuedLevel)| {
        let row = move |queued: QueuedOrder| {
            assert_eq!(
                (queued.level_orders, queued.level_size),
                (level.orders, level.size)
            );
            assert_eq!(
                book.queued(queued.order.order_id),
                Some(queued),
                "asked for alone it has the same place"
            );
            [
                i64::try_from(number).expect("three levels"),
                level.price.nanos(),
                queued.orders_ahead.into(),
                queued.order.order_id.cast_signed(),
                queued.order.size.into(),
                queued.size_ahead.cast_signed(),
                level.orders.into(),
                level.size.cast_signed(),
            ]
        };
        book.queue(side, level.price).map(row)
    };
    let levels = book.queued_levels(side).take(3).enumerate();
    levels.flat_map(level).collect()
}

/// Every order of the best three levels of each side, every two minutes.
pub(crate) fn esh4(real: &Real) -> Result<(), Failed> {
    let vector = Vector::read("es.queue.parquet")?;
    let (times, sides) = (vector.i64("ts_ns"), vector.text("side"));
    let names = [
        "level",
        "price_int",
        "rank",
        "order_id",
        "size",
        "size_ahead",
        "level_orders",
        "level_size",
    ];
    let columns = names.map(|name| vector.i64(name));
    let mut expected: BTreeMap<i64, BTreeMap<&str, Vec<QueueRow>>> = BTreeMap::new();
    for (row, (time, side)) in times.iter().zip(&sides).enumerate() {
        let of_side = expected.entry(*time).or_default().entry(side).or_default();
        of_side.push(columns.each_ref().map(|column| column[row]));
    }
    let (records, config) = read(&real.esh4()?)?;
    let mut book = Book::with_queues(config.price_tick());
    let mut applied = 0;
    for (time, sides) in expected {
        let is_before =
            |record: &Record| record.is_last() && record.ts_event <= time.cast_unsigned();
        let until = records
            .iter()
            .rposition(is_before)
            .map_or(0, |last| last + 1);
        for record in &records[applied.min(until)..until] {
            book.apply(record);
        }
        applied = applied.max(until);
        for side in Side::BOTH {
            let expected = sides.get(side.letter().to_string().as_str());
            let expected = expected.cloned().unwrap_or_default();
            assert_eq!(rows_of(&book, side), expected, "{side:?} at {time}");
        }
    }
    assert_eq!(times.len(), 4_173);
    Ok(())
}

/// Price, size and number of orders of ten levels of each side after every record.
pub(crate) fn arl(real: &Real) -> Result<(), Failed> {
    let vector = Vector::read("arl.mbp10.parquet")?;
    let indexes = vector.i64("record_index");
    let mut columns = Vec::new();
    for level in 0..10 {
        for side in ["bid", "ask"] {
            let name = |field: &str| format!("{side}_{field}_{level:02}");
            columns.push(["px", "sz", "ct"].map(|field| vector.i64(&name(field))));
        }
    }
    // The vector counts all records of the file, those outside of the session too.
    let source = Source::open(real.arl()?)?;
    let mut reader = DbnReader::open(&source.files()[0].path)?;
    let (mut records, mut counters) = (Vec::new(), Counters::default());
    while reader.read_mbo(|message, _| {
        records.extend(message.map(|message| normalize(message, &mut counters)));
    })? {}
    assert_eq!(records.len(), 5_886);
    let (_, config) = read(&real.arl()?)?;
    let mut book = Book::with_queues(config.price_tick());
    let mut rows = indexes.iter().enumerate().peekable();
    for (index, record) in (0_i64..).zip(&records) {
        book.apply(record);
        let Some((row, _)) = rows.next_if(|(_, of)| **of == index) else {
            continue;
        };
        let levels = Side::BOTH.map(|side| book.queued_levels(side).take(10).collect::<Vec<_>>());
        for (place, expected) in columns.iter().enumerate() {
            let level = levels[place % 2].get(place / 2);
            let found = level.map_or([i64::MAX, 0, 0], |level| {
                [
                    level.price.nanos(),
                    level.size.cast_signed(),
                    level.orders.into(),
                ]
            });
            let expected = expected.each_ref().map(|column| column[row]);
            assert_eq!(found, expected, "level {} after record {index}", place / 2);
        }
    }
    assert!(rows.next().is_none());
    assert_eq!(indexes.len(), 3_882);
    Ok(())
}
