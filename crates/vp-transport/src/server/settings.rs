//! How a server is set up.

use std::net::SocketAddr;
use std::time::Duration;

use super::authority::Origin;

/// Where a server listens, and what it allows.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens; port 0 is any free one.
    pub listen: SocketAddr,
    /// Foreign origins whose pages may connect.
    pub allow_origins: Vec<Origin>,
    /// How much it takes on.
    pub limits: Limits,
    /// How long it waits for what.
    pub deadlines: Deadlines,
}

/// How much a server takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open connections; more are answered with 503.
    pub connections: usize,
    /// Running replays; more are closed with 1013.
    pub replays: usize,
    /// Grids that wait for one viewer; then newer ones take the place of the oldest.
    pub queued_grids: usize,
}

/// How long a server waits for what.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// A client of a stream that sends nothing and takes nothing for so long is closed.
    pub too_slow: Duration,
    /// Between two pings.
    pub ping_every: Duration,
    /// Between two statuses.
    pub status_every: Duration,
    /// For a client's part in closing; then its connection is dropped.
    pub close_within: Duration,
    /// For a request's head, and between two requests of a connection.
    pub request_within: Duration,
    /// A client that takes nothing of the answer to its request for so long is dropped.
    pub answer_within: Duration,
    /// For the app to say whether it can serve; then `/health` answers 503.
    pub health_within: Duration,
}

impl Settings {
    /// Returns the defaults for a server there.
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            allow_origins: Vec::new(),
            limits: Limits::default(),
            deadlines: Deadlines::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            replays: 64,
            queued_grids: 8,
        }
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            too_slow: Duration::from_secs(30),
            ping_every: Duration::from_secs(10),
            status_every: Duration::from_secs(1),
            close_within: Duration::from_secs(2),
            request_within: Duration::from_secs(10),
            answer_within: Duration::from_secs(15),
            health_within: Duration::from_secs(2),
        }
    }
}

impl Deadlines {
    /// How often a viewer looks at the clock.
    pub(super) fn resolution(&self) -> Duration {
        let shortest = self.too_slow.min(self.ping_every).min(self.close_within);
        (shortest / 4).max(Duration::from_millis(1))
    }
}
