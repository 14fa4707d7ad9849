//! Any bytes as records: nothing panics, every number is finite, and at every commit depth at rest
//! is what the book holds.

#![no_main]

use std::num::NonZeroU64;

use libfuzzer_sys::fuzz_target;
use vp_engine::{
    Action, Book, Column, Engine, Flags, GridConfig, Price, Queues, Record, Side, TickSize,
};

/// Bytes of a record all of whose fields are free.
const WIDE: usize = 31;
/// Bytes of a record of few ids and prices.
const COMPACT: usize = 6;
/// A quarter, as in index futures.
const TICK_NANOS: i64 = 250_000_000;
/// Actions as often as it takes for orders to live a while.
const ACTIONS: &[u8; 16] = b"AAAACCCMMMFFTNRA";

fn action(byte: u8) -> Action {
    Action::from_letter(ACTIONS[usize::from(byte % 16)]).expect("letters of actions")
}

fn side(byte: u8) -> Option<Side> {
    [Some(Side::Bid), Some(Side::Ask), Some(Side::Bid), None][usize::from(byte % 4)]
}

fn wide(bytes: &[u8; WIDE]) -> Record {
    let word = |at: usize| {
        u64::from_le_bytes(
            bytes[at..at + 8]
                .try_into()
                .expect("eight bytes of thirty-one"),
        )
    };
    Record {
        ts_event: word(0),
        order_id: word(8),
        price: Price::from_nanos(word(16).cast_signed()),
        size: u32::from_le_bytes(bytes[24..28].try_into().expect("four bytes of thirty-one")),
        action: action(bytes[28]),
        side: side(bytes[29]),
        flags: Flags(bytes[30]),
    }
}

/// `ts` is the time of the record before.
fn compact(&[gap, what, id, level, size, flags]: &[u8; COMPACT], ts: u64) -> Record {
    // Mostly the same time or a little later, at the far end seconds, or back.
    let gap_ns = match gap {
        0..128 => 0,
        128..192 => i64::from(gap - 127),
        192..254 => i64::from(gap - 191) * 100_000_000,
        254.. => -1_000_000,
    };
    // Both sides of an open market, deep enough to leave a narrow grid; some off the tick.
    let nanos = (20_000 + i64::from(level / 4) - 32) * TICK_NANOS;
    let off_tick = if level % 4 == 3 { TICK_NANOS / 3 } else { 0 };
    Record {
        ts_event: ts.saturating_add_signed(gap_ns),
        order_id: (id % 24).into(),
        price: Price::from_nanos(nanos + off_tick),
        size: size.into(),
        action: action(what % 16),
        side: side(what / 16),
        flags: Flags(flags),
    }
}

/// Checks the grid after a commit, or between commits where no record has been applied since.
fn check(engine: &Engine) {
    let grid = engine.grid();
    let half_width = grid.half_width();
    assert_eq!(grid.buckets().count(), 2 * half_width as usize + 1);
    let mut depth = vec![0; 2 * half_width as usize + 1];
    if let Some(spot) = grid.spot_tick() {
        let tick = i128::from(engine.config().bucket().nanos());
        for level in Side::BOTH
            .into_iter()
            .flat_map(|side| engine.book().levels(side))
        {
            let nearest = (2 * i128::from(level.price.nanos()) + tick).div_euclid(2 * tick);
            let row = nearest - i128::from(spot) + i128::from(half_width);
            if let Some(sum) = usize::try_from(row).ok().and_then(|row| depth.get_mut(row)) {
                *sum += level.depth;
            }
        }
    }
    for (k, expected) in grid.rows().zip(depth) {
        let bucket = grid.bucket(k).expect("k is a row");
        assert_eq!(bucket.rest_depth, expected, "depth at rest in row {k}");
        let later = grid
            .bucket_at(k, grid.ts_ns().map_or(1, |ts_ns| ts_ns.saturating_add(1)))
            .expect("k is a row");
        let latest = grid.bucket_at(k, u64::MAX).expect("k is a row");
        for column in Column::ALL {
            let values = [bucket, later, latest].map(|bucket| column.of(&bucket));
            assert!(
                values.iter().all(|value| value.is_finite()),
                "{} of row {k}",
                column.name()
            );
        }
        assert!(
            bucket
                .last_event_id
                .is_none_or(|id| id.get() <= grid.events())
        );
    }
}

/// The queues have the depth of the book, and every order once.
fn check_queues(engine: &Engine, queues: &Book<Queues>) {
    let mut orders = 0;
    for side in Side::BOTH {
        let depths = engine
            .book()
            .levels(side)
            .map(|level| (level.price, level.depth));
        let queued = queues
            .queued_levels(side)
            .map(|level| (level.price, level.size));
        assert!(depths.eq(queued));
        for level in queues.queued_levels(side) {
            let queue = queues.queue(side, level.price);
            orders += queue
                .map(|queued| assert_eq!(queued.level_size, level.size))
                .count();
        }
    }
    assert_eq!(orders, engine.book().order_count());
}

fn feed(engine: &mut Engine, queues: &mut Book<Queues>, record: &Record) {
    queues.apply(record);
    let before = engine.grid().events();
    let ended = u32::from(engine.commit_before(record));
    if ended > 0 {
        check(engine);
    }
    let applied = engine.apply(record);
    let commits = applied.commits;
    assert!(applied.touched.is_sorted_by(|a, b| a < b));
    if commits > 0 {
        check(engine);
        let grid = engine.grid();
        for k in engine.touched() {
            let bucket = grid.bucket(*k).expect("touched rows are in the frame");
            assert_eq!(
                bucket.last_event_id.map(NonZeroU64::get),
                Some(grid.events())
            );
        }
    }
    assert_eq!(engine.grid().events(), before + u64::from(ended + commits));
}

fuzz_target!(|bytes: &[u8]| {
    let [choice, bytes @ ..] = bytes else { return };
    let half_width = [1, 5, 50, 64][usize::from(choice / 2 % 4)];
    let bucket = [TICK_NANOS, 4 * TICK_NANOS, 7, i64::MAX][usize::from(choice / 8 % 4)];
    let tick_size = |nanos| TickSize::from_nanos(nanos).expect("the ticks here are positive");
    let config = GridConfig::new(tick_size(bucket)).with_price_tick(tick_size(TICK_NANOS));
    let mut engine = Engine::new(
        config
            .with_half_width(half_width)
            .expect("a legal half width"),
    );
    let mut queues = Book::with_queues(config.price_tick());
    if choice % 2 == 0 {
        for record in bytes.as_chunks().0 {
            feed(&mut engine, &mut queues, &wide(record));
        }
    } else {
        let mut ts = 1_700_000_000_000_000_000;
        for record in bytes.as_chunks().0 {
            let record = compact(record, ts);
            ts = record.ts_event;
            feed(&mut engine, &mut queues, &record);
        }
    }
    engine.flush();
    check(&engine);
    check_queues(&engine, &queues);
});
