//! The service's limits on how often it may be called.
//!
//! They are an account's, not a process's. Processes that work on one lake keep them together, in
//! a file in which each writes down its calls. What is called is not known here.
//!
//! The service counts a call when it arrives there, which is some time between its beginning and
//! its answer. So a call waits until the one before it by the limit was answered that long ago: then
//! the limit is kept whatever time either takes on its way.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep};

/// Lets at most so many calls arrive in any span of time.
#[derive(Debug)]
pub(crate) struct RateLimit {
    span: Duration,
    /// Where others keep the same limit.
    shared: Option<PathBuf>,
    turns: Mutex<Turns>,
    /// Held by the one who is next.
    queue: tokio::sync::Mutex<()>,
    /// When this was made, by two clocks: time goes on by the second, which never jumps.
    made: (u64, Instant),
}

impl RateLimit {
    /// Begins to keep a limit, with every process that is given the same path of a file in a folder
    /// that is there. Where such a file cannot be, this process keeps the limit for itself.
    pub(crate) fn new(most: usize, span: Duration, shared: Option<PathBuf>) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self {
            span,
            shared,
            turns: Mutex::new(Turns(vec![0; most])),
            queue: tokio::sync::Mutex::default(),
            made: (ns(now.unwrap_or_default()), Instant::now()),
        }
    }

    /// Waits until a call may begin. What is returned is to be kept until the call was answered.
    ///
    /// # Cancel safety
    /// A wait that is given up gives its turn up.
    pub(crate) async fn turn(&self) -> Turn<'_> {
        let _next = self.queue.lock().await;
        loop {
            match self.update(|turns, now| turns.begin(now, self.span)) {
                Ok(begun) => return Turn { limit: self, begun },
                Err(pause) => sleep(pause).await,
            }
        }
    }

    /// Changes what all processes know. The file is locked for a moment only.
    fn update<T>(&self, change: impl FnOnce(&mut Turns, u64) -> T) -> T {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = self.shared.as_deref();
        let file = shared.and_then(|path| TurnsFile::lock(path).ok());
        if let Some(file) = &file {
            file.read(&mut turns);
        }
        let (then, made) = self.made;
        let changed = change(&mut turns, then.saturating_add(ns(made.elapsed())));
        if let Some(file) = &file {
            file.write(&turns);
        }
        changed
    }
}

/// A call that may be made, and is over when this is dropped.
#[derive(Debug)]
#[must_use = "the call is taken for answered when its turn is dropped"]
pub(crate) struct Turn<'a> {
    limit: &'a RateLimit,
    begun: u64,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.limit.update(|turns, now| turns.end(self.begun, now));
    }
}

/// When the last calls were answered, or began if they are not, in nanoseconds since the Unix
/// epoch and in no order; 0 for none.
#[derive(Debug)]
struct Turns(Vec<u64>);

impl Turns {
    /// Begins a call in place of the first of the last ones, or returns how long that has to wait.
    fn begin(&mut self, now: u64, span: Duration) -> Result<u64, Duration> {
        // A clock that was set back must not make anybody wait for the day after tomorrow.
        let first = self.0.iter_mut().map(|begun| {
            *begun = now.min(*begun);
            begun
        });
        let Some(first) = first.min() else {
            return Ok(now);
        };
        let end = match *first {
            0 => 0,
            begun => begun.saturating_add(ns(span)),
        };
        if end > now {
            return Err(Duration::from_nanos(end - now));
        }
        *first = now;
        Ok(now)
    }

    /// Ends a call. One that took longer than the span may be forgotten by then.
    fn end(&mut self, begun: u64, now: u64) {
        if let Some(turn) = self.0.iter_mut().find(|turn| **turn == begun) {
            *turn = now.max(begun);
        }
    }
}

/// The file that tells processes of each other's calls, locked: its times, each of eight bytes.
struct TurnsFile(File);

impl TurnsFile {
    /// Waits for the current reader or writer, which takes no time.
    fn lock(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path)?;
        file.lock()?;
        Ok(Self(file))
    }

    /// Reads what is there; the rest stays as it is.
    fn read(&self, turns: &mut Turns) {
        for (begun, at) in turns.0.iter_mut().zip((0..).step_by(8)) {
            let mut bytes = [0; 8];
            if self.0.read_exact_at(&mut bytes, at).is_ok() {
                *begun = u64::from_le_bytes(bytes);
            }
        }
    }

    /// Writes all times at once, so that a kill leaves those of before or these.
    fn write(&self, turns: &Turns) {
        let bytes: Vec<u8> = turns
            .0
            .iter()
            .flat_map(|begun| begun.to_le_bytes())
            .collect();
        // What the others are not told of, this process still keeps to itself.
        let _ = self.0.write_all_at(&bytes, 0);
    }
}

fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    /// When each of `calls` calls began, in seconds.
    async fn begin(limit: &RateLimit, calls: usize) -> Vec<f64> {
        let start = Instant::now();
        let mut begun = Vec::new();
        for _ in 0..calls {
            let _turn = limit.turn().await;
            begun.push(start.elapsed().as_secs_f64());
        }
        begun
    }

    #[tokio::test(start_paused = true)]
    async fn no_span_holds_more_calls_than_are_allowed() {
        let limit = RateLimit::new(20, MINUTE, None);
        let begun = begin(&limit, 65).await;
        for (first, later) in begun.iter().zip(&begun[20..]) {
            assert!(later - first >= 60.0, "{first} {later}");
        }
        assert!(begun[19] < 1.0);
        assert!((180.0..181.0).contains(&begun[64]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_counts_from_its_answer_on() {
        let folder = tempfile::tempdir().unwrap();
        for path in [None, Some(folder.path().join("calls.lock"))] {
            let limit = RateLimit::new(2, MINUTE, path);
            let start = Instant::now();
            // Whenever between its beginning and its end the service took notice of it.
            let slow = limit.turn().await;
            drop(limit.turn().await);
            sleep(Duration::from_secs(20)).await;
            drop(slow);
            drop(limit.turn().await);
            assert_eq!(start.elapsed().as_secs(), 60);
            drop(limit.turn().await);
            assert_eq!(start.elapsed().as_secs(), 80);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_at_once_keep_the_limit_together() {
        let limit = RateLimit::new(2, Duration::from_secs(1), None);
        let start = Instant::now();
        let calls = (0..6).map(|_| async {
            let _turn = limit.turn().await;
            start.elapsed().as_secs()
        });
        let mut begun = join_all(calls).await;
        begun.sort_unstable();
        assert_eq!(begun, [0, 0, 1, 1, 2, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn processes_that_share_a_file_keep_the_limit_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.lock");
        let limits = [(); 3].map(|()| RateLimit::new(4, MINUTE, Some(path.clone())));
        let begun = join_all(limits.iter().map(|limit| begin(limit, 6))).await;
        let mut begun = begun.concat();
        begun.sort_by(f64::total_cmp);
        assert_eq!(begun.len(), 18);
        for (first, later) in begun.iter().zip(&begun[4..]) {
            assert!(later - first >= 60.0, "{begun:?}");
        }
        assert!(begun[17] < 241.0, "{begun:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn calls_of_an_earlier_process_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = Some(folder.path().join("calls.lock"));
        begin(&RateLimit::new(2, MINUTE, path.clone()), 2).await;
        // The next process asks the system for the time, by which less than a minute has passed.
        let begun = begin(&RateLimit::new(2, MINUTE, path), 1).await;
        assert!(begun[0] > 0.0 && begun[0] <= 60.0, "{begun:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_cannot_be_or_is_none_leaves_each_process_its_own_limit() {
        let folder = tempfile::tempdir().unwrap();
        let broken = folder.path().join("broken.lock");
        std::fs::write(&broken, "no times").unwrap();
        for path in [folder.path().join("missing/calls.lock"), broken] {
            let begun = begin(&RateLimit::new(2, MINUTE, Some(path)), 4).await;
            assert!(begun[2] >= 60.0 && begun[3] < 181.0, "{begun:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_file_says_nobody_waits_longer_than_a_span(
            times in prop::collection::vec(any::<u64>(), 1..30),
            now in 1..u64::MAX,
        ) {
            let mut turns = Turns(times);
            if let Err(pause) = turns.begin(now, MINUTE) {
                prop_assert!(pause <= MINUTE);
                prop_assert!(turns.begin(now.saturating_add(ns(pause)), MINUTE).is_ok());
            }
            prop_assert!(turns.0.iter().all(|begun| *begun <= now.saturating_add(ns(MINUTE))));
        }
    }
}
