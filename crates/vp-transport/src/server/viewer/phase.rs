//! The states of one websocket, and the closed table of transitions between them.

use tokio::time::Instant;

/// The state of a websocket, with the data that only this state has.
///
/// | state | `Joined` | `Refused` | `Cut` | `CloseSent` | `CloseFlushed` |
/// | --- | --- | --- | --- | --- | --- |
/// | `Opening` | `Streaming` | `Ending` | `Leaving` | `Closing` | – |
/// | `Streaming` | – | – | `Leaving` | `Closing` | – |
/// | `Ending` | – | – | `Leaving` | `Closing` | – |
/// | `Leaving` | – | – | – | `Closed` | – |
/// | `Closing` | – | – | `Closed` | – | `Closed` |
/// | `Closed` | – | – | – | – | – |
///
/// A dash is an event that changes nothing. No row leads upward, so a websocket ends after four
/// transitions at most, and its subscription is dropped by the first that leaves `Streaming`.
#[derive(Debug)]
pub(super) enum Phase<O, S> {
    /// The app reads the query; nothing is read from the client yet.
    Opening(O),
    /// The client takes part in a replay.
    Streaming(S),
    /// The query was refused: the error and the close frame wait in the outbox.
    Ending,
    /// The server ends the connection: the error, if any, and the close frame wait in the outbox.
    Leaving { drop_at: Instant },
    /// The close frame was handed to the socket, behind messages that the client may take slowly.
    Closing,
    /// The close frame is with the kernel: the client has until `drop_at` to close, too.
    Closed { drop_at: Instant },
}

/// What can happen to a websocket.
#[derive(Debug)]
pub(super) enum Event<S> {
    /// The query was read, and the client takes part in a replay.
    Joined(S),
    /// The query was refused, and the outbox has been told.
    Refused,
    /// The server ends the connection: it stops, or the client is too slow or broke the protocol.
    Cut { drop_at: Instant },
    /// The close frame was handed to the socket.
    CloseSent,
    /// Everything up to the close frame was written.
    CloseFlushed { drop_at: Instant },
}

impl<O, S> Phase<O, S> {
    /// Moves to the next state by the table.
    pub(super) fn on(&mut self, event: Event<S>) {
        let next = match (&*self, event) {
            (Self::Opening(_), Event::Joined(subscription)) => Self::Streaming(subscription),
            (Self::Opening(_), Event::Refused) => Self::Ending,
            (Self::Opening(_) | Self::Streaming(_) | Self::Ending, Event::Cut { drop_at }) => {
                Self::Leaving { drop_at }
            }
            (Self::Opening(_) | Self::Streaming(_) | Self::Ending, Event::CloseSent) => {
                Self::Closing
            }
            (&Self::Leaving { drop_at }, Event::CloseSent)
            | (Self::Closing, Event::Cut { drop_at } | Event::CloseFlushed { drop_at }) => {
                Self::Closed { drop_at }
            }
            _ => return,
        };
        *self = next;
    }

    /// Returns when the connection is dropped, however far it is; `None` while no end is set.
    pub(super) const fn drop_at(&self) -> Option<Instant> {
        match self {
            Self::Leaving { drop_at } | Self::Closed { drop_at } => Some(*drop_at),
            Self::Opening(_) | Self::Streaming(_) | Self::Ending | Self::Closing => None,
        }
    }

    /// Returns whether the close frame was handed to the socket; nothing may follow it.
    pub(super) const fn is_close_sent(&self) -> bool {
        matches!(self, Self::Closing | Self::Closed { .. })
    }

    /// Returns the subscription while the client takes part in a replay.
    pub(super) const fn subscription(&self) -> Option<&S> {
        if let Self::Streaming(subscription) = self {
            Some(subscription)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::{Rc, Weak};
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const STATES: [&str; 6] = [
        "Opening",
        "Streaming",
        "Ending",
        "Leaving",
        "Closing",
        "Closed",
    ];

    const EVENTS: [&str; 5] = ["Joined", "Refused", "Cut", "CloseSent", "CloseFlushed"];

    type Model = Phase<(), Rc<()>>;

    fn state_of(phase: &Model) -> &'static str {
        match phase {
            Phase::Opening(()) => "Opening",
            Phase::Streaming(_) => "Streaming",
            Phase::Ending => "Ending",
            Phase::Leaving { .. } => "Leaving",
            Phase::Closing => "Closing",
            Phase::Closed { .. } => "Closed",
        }
    }

    fn phase_in(state: &str, drop_at: Instant) -> Model {
        match state {
            "Opening" => Phase::Opening(()),
            "Streaming" => Phase::Streaming(Rc::new(())),
            "Ending" => Phase::Ending,
            "Leaving" => Phase::Leaving { drop_at },
            "Closing" => Phase::Closing,
            _ => Phase::Closed { drop_at },
        }
    }

    fn event_of(name: &str, drop_at: Instant) -> Event<Rc<()>> {
        match name {
            "Joined" => Event::Joined(Rc::new(())),
            "Refused" => Event::Refused,
            "Cut" => Event::Cut { drop_at },
            "CloseSent" => Event::CloseSent,
            _ => Event::CloseFlushed { drop_at },
        }
    }

    /// The table of the documentation: a state, and where each event leads.
    fn documented() -> Vec<Vec<String>> {
        include_str!("phase.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("/// | `"))
            .map(|row| {
                row.split('|')
                    .map(|cell| cell.trim_matches([' ', '`']).to_owned())
                    .collect()
            })
            .collect()
    }

    #[test]
    fn the_table_of_the_documentation_is_the_code() {
        let table = documented();
        assert_eq!(table.iter().map(|row| &row[0]).collect::<Vec<_>>(), STATES);
        let now = Instant::now();
        for row in &table {
            for (event, documented) in EVENTS.iter().zip(&row[1..]) {
                let mut phase = phase_in(&row[0], now);
                phase.on(event_of(event, now));
                let expected = if documented == "–" {
                    &row[0]
                } else {
                    documented
                };
                assert_eq!(state_of(&phase), expected, "{event} in {}", row[0]);
            }
        }
    }

    proptest! {
        #[test]
        fn every_connection_ends_and_leaves_its_replay(
            events in proptest::collection::vec(0..EVENTS.len(), 0..12),
        ) {
            let start = Instant::now();
            let mut phase = Model::Opening(());
            let mut subscription = Weak::new();
            let mut rank = 0;
            let mut drop_at = None;
            for (index, event) in events.into_iter().enumerate() {
                let at = start + Duration::from_secs(index as u64);
                phase.on(event_of(EVENTS[event], at));
                if let Some(joined) = phase.subscription() {
                    subscription = Rc::downgrade(joined);
                }
                let state = STATES.iter().position(|&state| state == state_of(&phase));
                prop_assert!(state >= Some(rank));
                rank = state.unwrap_or_default();
                prop_assert!(drop_at.is_none() || phase.drop_at() == drop_at);
                drop_at = phase.drop_at();
                let is_streaming = matches!(phase, Phase::Streaming(_));
                prop_assert_eq!(subscription.strong_count(), usize::from(is_streaming));
            }
            phase.on(Event::Cut { drop_at: start });
            prop_assert!(phase.drop_at().is_some());
        }
    }
}
