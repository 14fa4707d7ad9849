//! What a replay drives. Implemented by the apps.

/// One committed event or window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its event time, in nanoseconds since the Unix epoch.
    pub ts_ns: u64,
    /// Whether a clear or a snapshot makes it a break in the picture.
    pub is_break: bool,
}

/// The number of an output and the stretch it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Counts the replay's outputs from 1.
    pub seq: u64,
    /// Raised by every clear, snapshot, seek and restart.
    pub epoch: u64,
}

/// A source of inputs in file order, and the state that they build up.
pub trait Producer {
    /// What is emitted.
    type Output;
    /// A copy of the state and of the place in the input, to come back to.
    type Checkpoint;
    /// Why the input broke off.
    type Error;

    /// Returns the event time of the next input, or `None` at the end.
    ///
    /// # Errors
    /// If the input cannot be read any further. Everything before has been delivered.
    fn next_ts(&mut self) -> Result<Option<u64>, Self::Error>;

    /// Commits the open event if the next input starts a new one.
    fn commit_before(&mut self) -> Option<Commit>;

    /// Takes the next input in, and returns what it commits.
    fn apply(&mut self) -> Option<Commit>;

    /// Commits what is open at the end of the input.
    fn finish(&mut self) -> Option<Commit>;

    /// Takes note that emission begins: what was gathered for the next output so far is void.
    fn go_live(&mut self) {}

    /// Returns what is to be emitted for the last commit.
    fn output(&mut self, stamp: Stamp) -> Self::Output;

    /// Returns a copy of the state and of the place in the input.
    fn checkpoint(&self) -> Self::Checkpoint;

    /// Goes back to a checkpoint, or to the beginning.
    ///
    /// # Errors
    /// If the input cannot be opened again.
    fn restore(&mut self, checkpoint: Option<&Self::Checkpoint>) -> Result<(), Self::Error>;
}
