//! Records of a session in, grids out.

use vp_engine::{Action, Book, Engine, GridConfig, Record};
use vp_ingest::Progress;
use vp_market::MarkThresholds;
use vp_replay::{Commit, Producer, Stamp};
use vp_tape::{Mark, Marker, Volumes};

use crate::{Records, Session, SessionError, Tape};

/// What becomes of the grids.
pub trait View {
    /// What is emitted for a grid.
    type Output;

    /// Looks at the grid of every commit, emitted or not.
    fn commit(&mut self, engine: &Engine);

    /// Looks at every trade that counts.
    fn trade(&mut self, _record: &Record) {}

    /// Looks at the marks of an event that has some.
    fn marks(&mut self, _marks: &[Mark]) {}

    /// Returns what is emitted for the grid of the last commit.
    fn output(&mut self, moment: Moment<'_>) -> Self::Output;
}

/// Everything that belongs to one emission.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Its number and stretch.
    pub stamp: Stamp,
    /// The engine right after the commit.
    pub engine: &'a Engine,
    /// The trades since the previous emission.
    pub tape: &'a Tape,
}

impl Moment<'_> {
    /// Returns the time of the grid: that of the commit.
    #[inline]
    pub fn ts_ns(&self) -> u64 {
        // There is no moment before the first commit.
        self.engine.grid().ts_ns().unwrap_or_default()
    }
}

/// Drives an engine over a session's records and shows its grids to a [`View`].
#[derive(Debug)]
pub struct GridProducer<S: Session, V> {
    session: S,
    records: S::Records,
    batch: Vec<Record>,
    /// The next record's place in the batch.
    next: usize,
    state: State,
    marking: Option<MarkThresholds>,
    view: V,
}

/// A place in the session to come back to.
#[derive(Debug)]
pub struct Checkpoint<R> {
    state: State,
    /// The records from there on, where copying them costs less than coming there again.
    records: Option<R>,
    /// What was read of them but not taken in.
    batch: Vec<Record>,
}

/// What the records have built up.
#[derive(Clone, Debug)]
struct State {
    engine: Engine,
    tape: Tape,
    volumes: Volumes,
    /// Where marks are asked for.
    marker: Option<Marker>,
    /// The open event has a clear or is a snapshot.
    is_break: bool,
    /// Records taken in since the session's beginning.
    taken: u64,
}

impl State {
    fn new(config: GridConfig, marking: Option<MarkThresholds>) -> Self {
        Self {
            engine: Engine::new(config),
            tape: Tape::new(),
            volumes: Volumes::new(),
            marker: marking.map(|thresholds| Marker::new(thresholds, config.price_tick())),
            is_break: false,
            taken: 0,
        }
    }

    #[inline]
    fn commit(&mut self) -> Commit {
        Commit {
            ts_ns: self.engine.grid().ts_ns().unwrap_or_default(),
            is_break: std::mem::take(&mut self.is_break),
        }
    }
}

impl<S: Session, V: View> GridProducer<S, V> {
    /// Opens the session, before its first record.
    ///
    /// # Errors
    /// If the session cannot be opened.
    pub fn open(session: S, config: GridConfig, view: V) -> Result<Self, SessionError> {
        let records = session.open()?;
        let (batch, state) = (Vec::new(), State::new(config, None));
        Ok(Self {
            session,
            records,
            batch,
            next: 0,
            state,
            marking: None,
            view,
        })
    }

    /// Finds marks, too, from the session's beginning on: [`View::marks`] is shown them.
    #[must_use]
    pub fn marking(mut self, thresholds: MarkThresholds) -> Self {
        self.marking = Some(thresholds);
        let tick = self.state.engine.config().price_tick();
        self.state.marker = Some(Marker::new(thresholds, tick));
        self
    }

    /// Returns the trades so far, summed.
    pub fn volumes(&self) -> &Volumes {
        &self.state.volumes
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.state.engine
    }

    /// Returns the view.
    pub fn view(&self) -> &V {
        &self.view
    }

    /// Returns the session's records.
    pub fn records(&self) -> &S::Records {
        &self.records
    }

    /// Returns the engine, the records and the view.
    pub fn into_parts(self) -> (Engine, S::Records, V) {
        (self.state.engine, self.records, self.view)
    }

    /// Returns how far the input has been read, if it has an end.
    pub fn progress(&self) -> Option<Progress> {
        self.records.progress()
    }

    #[inline]
    fn committed(&mut self) -> Commit {
        self.view.commit(&self.state.engine);
        if let Some(marker) = &mut self.state.marker {
            let engine = &self.state.engine;
            let grid = engine.grid();
            let ts_ns = grid.ts_ns().unwrap_or_default();
            let marks = marker.commit(ts_ns, grid.events(), engine.book().bbo());
            if !marks.is_empty() {
                self.view.marks(marks);
            }
        }
        self.state.commit()
    }
}

impl<S: Session, V: View> Producer for GridProducer<S, V> {
    type Output = V::Output;
    type Checkpoint = Checkpoint<S::Records>;
    type Error = SessionError;

    #[inline]
    fn next_ts(&mut self) -> Result<Option<u64>, SessionError> {
        if self.next == self.batch.len() {
            self.next = 0;
            if !self.records.next_batch(&mut self.batch)? {
                return Ok(None);
            }
        }
        Ok(self.batch.get(self.next).map(|record| record.ts_event))
    }

    #[inline]
    fn commit_before(&mut self) -> Option<Commit> {
        let record = self.batch.get(self.next)?;
        self.state
            .engine
            .commit_before(record)
            .then(|| self.committed())
    }

    #[inline]
    fn apply(&mut self) -> Option<Commit> {
        let record = self.batch.get(self.next)?;
        if self.next.is_multiple_of(Book::PREFETCH) {
            let book = self.state.engine.book();
            book.prefetch(&self.batch[self.next..]);
        }
        self.next += 1;
        self.state.taken += 1;
        if record.action == Action::Trade {
            self.state.tape.print(record);
            if self.state.volumes.apply(record) {
                self.view.trade(record);
            }
        }
        self.state.is_break |= record.is_snapshot() || record.action == Action::Clear;
        let State { engine, marker, .. } = &mut self.state;
        if let Some(marker) = marker {
            marker.before(record, engine.book());
        }
        let commits = engine.apply(record).commits;
        if let Some(marker) = marker {
            marker.after(record, engine.book());
        }
        (commits > 0).then(|| self.committed())
    }

    fn finish(&mut self) -> Option<Commit> {
        self.state.engine.flush().then(|| self.committed())
    }

    fn go_live(&mut self) {
        self.state.tape.tear_off();
    }

    fn output(&mut self, stamp: Stamp) -> V::Output {
        let State { engine, tape, .. } = &self.state;
        let output = self.view.output(Moment {
            stamp,
            engine,
            tape,
        });
        self.state.tape.tear_off();
        output
    }

    fn checkpoint(&self) -> Checkpoint<S::Records> {
        let records = self.records.copy();
        let ahead = if records.is_some() {
            &self.batch[self.next..]
        } else {
            &[]
        };
        Checkpoint {
            state: self.state.clone(),
            records,
            batch: ahead.to_vec(),
        }
    }

    fn restore(&mut self, checkpoint: Option<&Checkpoint<S::Records>>) -> Result<(), SessionError> {
        let copied = checkpoint.and_then(|checkpoint| checkpoint.records.as_ref()?.copy());
        let is_copied = copied.is_some();
        self.records = match copied {
            Some(records) => records,
            None => self.session.reopen(&self.records)?,
        };
        let config = *self.state.engine.config();
        self.state = checkpoint.map_or_else(
            || State::new(config, self.marking),
            |kept| kept.state.clone(),
        );
        self.batch.clear();
        self.batch
            .extend(checkpoint.iter().flat_map(|kept| &kept.batch));
        self.next = 0;
        let mut to_skip = if is_copied {
            0
        } else {
            usize::try_from(self.state.taken).unwrap_or(usize::MAX)
        };
        while to_skip > 0 && self.records.next_batch(&mut self.batch)? {
            self.next = to_skip.min(self.batch.len());
            to_skip -= self.next;
        }
        Ok(())
    }
}
