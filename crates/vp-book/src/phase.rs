//! Whether the book can be trusted, as a state machine over what kind of record arrives.

use core::fmt;

use vp_market::{Action, Flags, Record};

/// How far the book can be trusted.
///
/// | from \ input | `Clear` | `SnapshotClear` | `Snapshot`   | `SnapshotEnd` | `Doubtful`  | `Ordinary`  |
/// |--------------|---------|-----------------|--------------|---------------|-------------|-------------|
/// | `Unseeded`   | `Live`  | `Recovering`    | `Recovering` | `Live`        | `Unseeded`  | `Unseeded`  |
/// | `Recovering` | `Live`  | `Recovering`    | `Recovering` | `Live`        | `Suspect`   | `Live`      |
/// | `Live`       | `Live`  | `Recovering`    | `Recovering` | `Live`        | `Suspect`   | `Live`      |
/// | `Suspect`    | `Live`  | `Recovering`    | `Recovering` | `Live`        | `Suspect`   | `Suspect`   |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Neither a clear nor a snapshot has been seen: orders may be missing.
    #[default]
    Unseeded,
    /// A snapshot is being taken in.
    Recovering,
    /// The book is what the venue's is.
    Live,
    /// The feed said that the book may be wrong; a clear or a snapshot will mend it.
    Suspect,
}

/// What kind of record arrives, as far as the phase is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhaseInput {
    /// A clear outside a snapshot: session start or halt.
    Clear,
    /// The clear that opens a snapshot.
    SnapshotClear,
    /// A record of a snapshot, not its last.
    Snapshot,
    /// A snapshot record with `LAST`.
    SnapshotEnd,
    /// A live record with `MAYBE_BAD_BOOK`.
    Doubtful,
    /// Any other live record.
    Ordinary,
}

impl PhaseInput {
    /// Returns what `record` means for the phase.
    #[inline]
    pub fn of(record: &Record) -> Self {
        let is_clear = record.action == Action::Clear;
        if record.is_snapshot() {
            match (record.is_last(), is_clear) {
                (true, _) => Self::SnapshotEnd,
                (false, true) => Self::SnapshotClear,
                (false, false) => Self::Snapshot,
            }
        } else if is_clear {
            Self::Clear
        } else if record.flags.contains(Flags::MAYBE_BAD_BOOK) {
            Self::Doubtful
        } else {
            Self::Ordinary
        }
    }
}

impl Phase {
    /// Returns the phase after a record of that kind.
    #[inline]
    #[must_use]
    pub const fn step(self, input: PhaseInput) -> Self {
        match (self, input) {
            (_, PhaseInput::Clear | PhaseInput::SnapshotEnd)
            | (Self::Recovering | Self::Live, PhaseInput::Ordinary) => Self::Live,
            (_, PhaseInput::SnapshotClear | PhaseInput::Snapshot) => Self::Recovering,
            (Self::Unseeded, PhaseInput::Doubtful | PhaseInput::Ordinary) => Self::Unseeded,
            (Self::Recovering | Self::Live | Self::Suspect, PhaseInput::Doubtful)
            | (Self::Suspect, PhaseInput::Ordinary) => Self::Suspect,
        }
    }

    /// Returns the phase's name as it appears in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unseeded => "unseeded",
            Self::Recovering => "recovering",
            Self::Live => "live",
            Self::Suspect => "suspect",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
