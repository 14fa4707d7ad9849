//! What waits to be sent to one viewer: bounded, whatever the viewer does.
//!
//! The replay's thread puts messages in and the viewer's task takes them out, in order. Newer grids
//! take the place of the oldest; runtime configs, statuses and errors are never dropped, and are
//! bounded because a newer one replaces an outdated one.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use bytes::Bytes;
use futures_util::task::AtomicWaker;

use super::journal::Peer;
use vp_wire::{Error, Status};

/// Answers to bad messages that wait; a further one replaces the newest.
const MOST_ERRORS: usize = 16;

/// Commands that a viewer's replay has not looked at yet.
const MOST_COMMANDS: usize = 16;

/// Why and how a connection is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: &'static str,
}

/// What is next for a viewer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A message. If it made room that a replay waits for, the replay must be told.
    Frame {
        bytes: Bytes,
        is_grid: bool,
        makes_room: bool,
    },
    /// Everything was taken, and the connection is to be closed.
    Close(Close),
    /// Nothing waits.
    Nothing,
}

#[derive(Debug)]
enum Item {
    Config(Bytes),
    Grid(Bytes),
    Status(Box<Status>),
    Error(Bytes),
}

/// The queue of one viewer.
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    waker: AtomicWaker,
    most_grids: usize,
    peer: Peer,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    grids: usize,
    conflated: u64,
    commands: usize,
    is_awaited: bool,
    close: Option<Close>,
}

impl Outbox {
    pub(super) fn new(most_grids: usize, peer: Peer) -> Self {
        Self {
            state: Mutex::default(),
            waker: AtomicWaker::new(),
            most_grids: most_grids.max(1),
            peer,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the viewer's task woken when something comes in.
    pub(super) fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    /// Changes the state unless the end was decided, and wakes the viewer's task.
    fn put<T: Default>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        if state.close.is_some() {
            return T::default();
        }
        let result = change(&mut state);
        drop(state);
        self.waker.wake();
        result
    }

    /// Puts a grid in; returns whether an older one had to go.
    pub(super) fn put_grid(&self, grid: Bytes) -> bool {
        self.put(|state| {
            let is_full = state.grids == self.most_grids;
            if is_full {
                state.drop_oldest_grid();
            }
            state.put_grid(grid);
            is_full
        })
    }

    /// Returns whether there is room for a grid, or else takes note that it is awaited.
    pub(super) fn has_room(&self) -> bool {
        let mut state = self.lock();
        state.is_awaited = state.close.is_none() && state.grids == self.most_grids;
        !state.is_awaited
    }

    /// Puts a runtime config in. It replaces one that no grid follows yet.
    pub(super) fn put_config(&self, config: Bytes) {
        self.put(|state| {
            let is_config = |item: &Item| matches!(item, Item::Config(_));
            let is_grid = |item: &Item| matches!(item, Item::Grid(_));
            if let Some(place) = state.items.iter().rposition(is_config)
                && !state.items.range(place..).any(is_grid)
            {
                state.items.remove(place);
            }
            state.items.push_back(Item::Config(config));
        });
    }

    /// Puts a status in, in place of one that waits.
    pub(super) fn put_status(&self, status: Status) {
        self.put(|state| {
            state.items.retain(|item| !matches!(item, Item::Status(_)));
            state.items.push_back(Item::Status(Box::new(status)));
        });
    }

    /// Puts an answer in.
    pub(super) fn put_error(&self, error: &Error) {
        let bytes = Bytes::from(self.peer.public(error).encode());
        self.put(|state| state.put_error(bytes));
    }

    /// Ends the stream after what waits.
    pub(super) fn close(&self, code: u16, reason: &'static str) {
        self.put(|state| state.close = Some(Close { code, reason }));
    }

    /// Ends the stream with an error after what waits.
    pub(super) fn fail(&self, error: &Error) {
        self.peer.note(error);
        self.put_error(error);
        self.close(error.code.close_code(), reason(error));
    }

    /// Ends the stream at once, with an error if there is one: what waits is forgotten.
    pub(super) fn cut(&self, code: u16, error: Option<&Error>) {
        let bytes = error.map(|error| {
            self.peer.note(error);
            Bytes::from(self.peer.public(error).encode())
        });
        let mut state = self.lock();
        state.items.clear();
        state.grids = 0;
        state.items.extend(bytes.map(Item::Error));
        state.close = Some(Close {
            code,
            reason: error.map_or("shutting down", reason),
        });
        drop(state);
        self.waker.wake();
    }

    /// Returns whether another command may be handed to the replay, and counts it.
    pub(super) fn begin_command(&self) -> bool {
        let mut state = self.lock();
        let is_allowed = state.commands < MOST_COMMANDS;
        state.commands += usize::from(is_allowed);
        is_allowed
    }

    /// Takes note that the replay has looked at a command.
    pub(super) fn end_command(&self) {
        self.lock().commands -= 1;
    }

    /// Takes the next message out.
    pub(super) fn take(&self) -> Next {
        let mut state = self.lock();
        let (bytes, is_grid) = match state.items.pop_front() {
            Some(Item::Grid(bytes)) => {
                state.grids -= 1;
                (bytes, true)
            }
            Some(Item::Config(bytes) | Item::Error(bytes)) => (bytes, false),
            Some(Item::Status(mut status)) => {
                status.conflated_total = state.conflated;
                drop(state);
                return Next::Frame {
                    bytes: status.encode().into(),
                    is_grid: false,
                    makes_room: false,
                };
            }
            None => return state.close.clone().map_or(Next::Nothing, Next::Close),
        };
        Next::Frame {
            bytes,
            is_grid,
            makes_room: is_grid && std::mem::take(&mut state.is_awaited),
        }
    }
}

impl State {
    fn put_grid(&mut self, grid: Bytes) {
        self.items.push_back(Item::Grid(grid));
        self.grids += 1;
    }

    fn drop_oldest_grid(&mut self) {
        let oldest = self
            .items
            .iter()
            .position(|item| matches!(item, Item::Grid(_)));
        if let Some(place) = oldest {
            self.items.remove(place);
            self.grids -= 1;
            self.conflated += 1;
            self.merge_configs(place);
        }
    }

    /// If the grid between two runtime configs was removed, the older config is outdated.
    fn merge_configs(&mut self, place: usize) {
        let is_config = |item: &Item| matches!(item, Item::Config(_));
        let older = self.items.iter().take(place).rposition(is_config);
        let newer = self
            .items
            .iter()
            .skip(place)
            .find(|item| !matches!(item, Item::Status(_) | Item::Error(_)));
        if let (Some(older), Some(Item::Config(_))) = (older, newer) {
            self.items.remove(older);
        }
    }

    fn put_error(&mut self, bytes: Bytes) {
        let is_error = |item: &Item| matches!(item, Item::Error(_));
        let waiting = self.items.iter().filter(|item| is_error(item)).count();
        if waiting == MOST_ERRORS
            && let Some(newest) = self.items.iter().rposition(is_error)
        {
            self.items.remove(newest);
        }
        self.items.push_back(Item::Error(bytes));
    }
}

/// The reason of a close: the error's code, as close frames hold 123 bytes.
fn reason(error: &Error) -> &'static str {
    error.code.name()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vp_wire::ErrorCode;

    fn outbox(most_grids: usize) -> Outbox {
        let peer = Peer {
            address: (std::net::Ipv4Addr::LOCALHOST, 1).into(),
            journal: std::sync::Arc::default(),
        };
        Outbox::new(most_grids, peer)
    }

    fn taken(outbox: &Outbox) -> Vec<Bytes> {
        std::iter::from_fn(|| match outbox.take() {
            Next::Frame { bytes, .. } => Some(bytes),
            Next::Close(_) | Next::Nothing => None,
        })
        .collect()
    }

    #[test]
    fn newer_grids_take_the_place_of_the_oldest() {
        let outbox = outbox(2);
        outbox.put_config(Bytes::from_static(b"config"));
        let replaced = [b"1", b"2", b"3"].map(|grid| outbox.put_grid(Bytes::from_static(grid)));
        assert_eq!(replaced, [false, false, true]);
        assert_eq!(taken(&outbox), [&b"config"[..], b"2", b"3"]);
    }

    #[test]
    fn configs_without_grids_between_are_one() {
        let outbox = outbox(1);
        for (config, grid) in [(b"a", b"1"), (b"b", b"2"), (b"c", b"3")] {
            outbox.put_config(Bytes::from_static(config));
            outbox.put_grid(Bytes::from_static(grid));
        }
        assert_eq!(taken(&outbox), [&b"c"[..], b"3"]);
    }

    #[test]
    fn room_that_is_awaited_is_told_when_it_is_there() {
        let outbox = outbox(1);
        assert!(outbox.has_room());
        outbox.put_grid(Bytes::from_static(b"grid"));
        assert!(!outbox.has_room());
        let Next::Frame { makes_room, .. } = outbox.take() else {
            panic!("a grid waits");
        };
        assert!(makes_room);
        assert!(outbox.has_room());
    }

    #[test]
    fn a_flood_of_answers_does_not_grow() {
        let outbox = outbox(1);
        for number in 0..1000 {
            outbox.put_error(&Error::new(ErrorCode::BadMessage, number.to_string()));
        }
        assert_eq!(taken(&outbox).len(), MOST_ERRORS);
    }

    #[test]
    fn nothing_follows_the_end() {
        let outbox = outbox(1);
        outbox.put_grid(Bytes::from_static(b"last"));
        outbox.close(1000, "ended");
        outbox.put_grid(Bytes::from_static(b"late"));
        assert_eq!(taken(&outbox), [&b"last"[..]]);
        assert!(matches!(
            outbox.take(),
            Next::Close(Close { code: 1000, .. })
        ));
    }
}
