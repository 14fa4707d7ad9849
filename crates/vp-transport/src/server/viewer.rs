//! The task of one websocket: what waits goes out, what comes in reaches the replay.
//!
//! One task does both, so that they share no lock, and one wake from the replay's thread is
//! the only step between a grid and the socket. Everything ready goes out with one flush.
//!
//! The states of a connection and the transitions between them are in `phase`.

mod phase;

use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};

use super::backend::StreamPlan;
use super::counted::Counted;
use super::metrics::{Metrics, close_label};
use super::outbox::{Next, Outbox};
use super::replays::{Replays, Subscription};
use super::settings::Deadlines;
use phase::{Event, Phase};
use vp_wire::{ClientMessage, Error, ErrorCode, ParseError};

/// Messages taken in before the others get their turn.
const READS_AT_ONCE: usize = 16;

/// A client may be refused this often between two pings; then it is closed.
const MOST_REFUSED: u32 = 256;

/// Bytes that a client may send between two pings: commands take a few dozen each.
const MOST_INPUT: u64 = 1 << 20;

/// The query, while the app reads it.
pub(super) type Opening = JoinHandle<Result<StreamPlan, Error>>;

/// Told when the server stops.
pub(super) type Stopping = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One websocket.
pub(super) struct Viewer {
    socket: WebSocketStream<Counted>,
    outbox: Arc<Outbox>,
    replays: Arc<Replays>,
    stopping: Option<Stopping>,
    deadlines: Deadlines,
    tick: Interval,
    phase: Phase<Opening, Subscription>,
    silence: Silence,
    ping: Ping,
    input: Input,
    close_code: Option<u16>,
}

/// How long the client has sent nothing and taken nothing.
struct Silence {
    /// Counts only time in which this task was awake.
    lasted: Duration,
    /// Bytes that had passed at the last look at the clock.
    passed: u64,
    looked_at: Instant,
}

/// The last ping, and whether it still has to be sent.
struct Ping {
    at: Instant,
    is_owed: bool,
}

/// What is done with the bytes of the client.
enum Input {
    /// They are messages, which are limited from one ping to the next.
    Messages {
        refused: u32,
        /// Bytes that the client had sent at the last ping.
        read_at_ping: u64,
    },
    /// The client broke the protocol: they are thrown away.
    Discarded,
}

impl Viewer {
    pub(super) fn new(
        socket: WebSocketStream<Counted>,
        outbox: Outbox,
        replays: Arc<Replays>,
        opening: Opening,
        stopping: Stopping,
        deadlines: Deadlines,
    ) -> Self {
        let now = Instant::now();
        let mut tick = tokio::time::interval(deadlines.resolution());
        // One look at the clock is as good as all that were missed.
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            socket,
            outbox: Arc::new(outbox),
            replays,
            stopping: Some(stopping),
            deadlines,
            tick,
            phase: Phase::Opening(opening),
            silence: Silence {
                lasted: Duration::ZERO,
                passed: 0,
                looked_at: now,
            },
            ping: Ping {
                at: now,
                is_owed: false,
            },
            input: Input::Messages {
                refused: 0,
                read_at_ping: 0,
            },
            close_code: None,
        }
    }

    /// Serves the client until its connection has ended.
    pub(super) async fn run(mut self) {
        poll_fn(|cx| self.poll(cx)).await;
        let code = self.close_code.unwrap_or(ABNORMAL);
        self.metrics().closes.add(close_label(code), 1);
    }

    fn metrics(&self) -> &Metrics {
        &self.replays.metrics
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.outbox.register(cx.waker());
        self.poll_stopping(cx);
        self.poll_opening(cx);
        let mut flow = ControlFlow::Continue(());
        while flow.is_continue() && self.tick.poll_tick(cx).is_ready() {
            flow = self.keep_deadlines();
        }
        if flow.is_continue() {
            flow = self.poll_read(cx);
        }
        if flow.is_continue() {
            flow = self.poll_write(cx);
        }
        if flow.is_continue() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    fn poll_stopping(&mut self, cx: &mut Context<'_>) {
        let is_stopping = |stopping: &mut Stopping| stopping.as_mut().poll(cx).is_ready();
        if self.stopping.as_mut().is_some_and(is_stopping) {
            self.stopping = None;
            self.cut(GOING_AWAY, None);
        }
    }

    fn poll_opening(&mut self, cx: &mut Context<'_>) {
        let Phase::Opening(opening) = &mut self.phase else {
            return;
        };
        let Poll::Ready(result) = Pin::new(opening).poll(cx) else {
            return;
        };
        let plan = result.unwrap_or_else(|_| {
            Err(Error::new(
                ErrorCode::Internal,
                "internal error while opening the session",
            ))
        });
        let event = match plan.and_then(|plan| self.replays.join(plan, &self.outbox)) {
            Ok(subscription) => Event::Joined(subscription),
            Err(error) => {
                self.outbox.fail(&error);
                Event::Refused
            }
        };
        self.phase.on(event);
    }

    /// Ends the connection from this side: drops what waits, leaves the replay, and sends the error and
    /// the close frame, as far as the client still listens. A second reason changes nothing.
    fn cut(&mut self, code: u16, error: Option<&Error>) {
        if self.phase.drop_at().is_some() {
            return;
        }
        self.outbox.cut(code, error);
        self.close_code = Some(code);
        let drop_at = Instant::now() + self.deadlines.close_within;
        self.phase.on(Event::Cut { drop_at });
    }

    fn cut_for(&mut self, code: ErrorCode, message: &str) {
        self.cut(code.close_code(), Some(&Error::new(code, message)));
    }

    fn keep_deadlines(&mut self) -> ControlFlow<()> {
        let now = Instant::now();
        if let Some(drop_at) = self.phase.drop_at() {
            if now < drop_at {
                return ControlFlow::Continue(());
            }
            self.socket.get_ref().forget_untaken();
            return ControlFlow::Break(());
        }
        let passed = self.socket.get_ref().passed();
        let silent_for = self
            .silence
            .look(now, passed, 2 * self.deadlines.resolution());
        if silent_for >= self.deadlines.too_slow {
            let seconds = self.deadlines.too_slow.as_secs_f64();
            let message = format!("the client has sent nothing and taken nothing for {seconds} s");
            self.cut_for(ErrorCode::TooSlow, &message);
        } else if now - self.ping.at >= self.deadlines.ping_every {
            self.ping = Ping {
                at: now,
                is_owed: true,
            };
            if let Input::Messages {
                refused,
                read_at_ping,
            } = &mut self.input
            {
                *refused = 0;
                *read_at_ping = self.socket.get_ref().read();
            }
        }
        ControlFlow::Continue(())
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> ControlFlow<()> {
        if matches!(self.phase, Phase::Opening(_)) {
            return ControlFlow::Continue(());
        }
        for _ in 0..READS_AT_ONCE {
            let Input::Messages { read_at_ping, .. } = self.input else {
                return self.poll_drain(cx);
            };
            // Pings and empty fragments cost the client nothing, and are no messages to refuse.
            if self.socket.get_ref().read() - read_at_ping > MOST_INPUT {
                self.discard_input(ErrorCode::BadMessage, "the client sends too much");
                continue;
            }
            match self.socket.poll_next_unpin(cx) {
                Poll::Pending => return ControlFlow::Continue(()),
                Poll::Ready(None) => return ControlFlow::Break(()),
                Poll::Ready(Some(Ok(message))) => self.take(message),
                Poll::Ready(Some(Err(error))) => match fault(&error) {
                    Some(code) => self.discard_input(code, &error.to_string()),
                    None => return ControlFlow::Break(()),
                },
            }
        }
        cx.waker().wake_by_ref();
        ControlFlow::Continue(())
    }

    fn discard_input(&mut self, code: ErrorCode, message: &str) {
        self.input = Input::Discarded;
        self.cut_for(code, message);
    }

    /// Throws away what the client still sends: if unread bytes were left at the close, the kernel would
    /// reset the connection and the client would lose the close frame.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> ControlFlow<()> {
        let mut scratch = [0; 4096];
        for _ in 0..READS_AT_ONCE {
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(self.socket.get_mut()).poll_read(cx, &mut buffer) {
                Poll::Pending => return ControlFlow::Continue(()),
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return ControlFlow::Break(()),
            }
        }
        cx.waker().wake_by_ref();
        ControlFlow::Continue(())
    }

    fn take(&mut self, message: Message) {
        let parsed = match message {
            Message::Text(text) => ClientMessage::from_json(text.as_str()),
            Message::Binary(bytes) => ClientMessage::from_message_pack(&bytes),
            Message::Close(frame) => {
                let code = frame.map_or(NO_STATUS, |frame| frame.code.into());
                self.close_code.get_or_insert(code);
                return;
            }
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return,
        };
        let Some(subscription) = self.phase.subscription() else {
            return;
        };
        let result = parsed
            .map_err(|error| refusal(&error))
            .and_then(|message| subscription.say(message));
        if let (Err(error), Input::Messages { refused, .. }) = (result, &mut self.input) {
            *refused += 1;
            if *refused > MOST_REFUSED {
                self.cut_for(ErrorCode::BadMessage, "too many messages were refused");
            } else {
                self.outbox.put_error(&error);
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> ControlFlow<()> {
        match self.socket.poll_ready_unpin(cx) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(_)) => return ControlFlow::Break(()),
            Poll::Pending => return ControlFlow::Continue(()),
        }
        while let Some(message) = self.next_message() {
            if self.socket.start_send_unpin(message).is_err() {
                return ControlFlow::Break(());
            }
            match self.socket.poll_ready_unpin(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => return ControlFlow::Break(()),
                Poll::Pending => return ControlFlow::Continue(()),
            }
        }
        match self.socket.poll_flush_unpin(cx) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(_)) => return ControlFlow::Break(()),
            Poll::Pending => return ControlFlow::Continue(()),
        }
        if self.phase.is_close_sent() {
            // Not before the last message was taken: until then the client is slow at worst.
            let drop_at = Instant::now() + self.deadlines.close_within;
            self.phase.on(Event::CloseFlushed { drop_at });
            if matches!(self.input, Input::Discarded) {
                let _ = Pin::new(self.socket.get_mut()).poll_shutdown(cx);
            }
        }
        ControlFlow::Continue(())
    }

    fn next_message(&mut self) -> Option<Message> {
        if self.phase.is_close_sent() {
            return None;
        }
        if std::mem::take(&mut self.ping.is_owed) {
            return Some(Message::Ping(Bytes::new()));
        }
        match self.outbox.take() {
            Next::Nothing => None,
            Next::Frame {
                bytes,
                is_grid,
                makes_room,
            } => {
                self.metrics().grids_sent.add(u64::from(is_grid));
                if let Some(subscription) = self.phase.subscription().filter(|_| makes_room) {
                    subscription.tell_room();
                }
                Some(Message::Binary(bytes))
            }
            Next::Close(close) => {
                self.phase.on(Event::CloseSent);
                self.close_code = Some(close.code);
                Some(Message::Close(Some(CloseFrame {
                    code: close.code.into(),
                    reason: close.reason.into(),
                })))
            }
        }
    }
}

impl Silence {
    /// Takes the clock and the number of bytes that have passed, and returns how long none has.
    ///
    /// If the machine slept or had no time for this task, the client is not to blame: one look counts
    /// `most` at most.
    fn look(&mut self, now: Instant, passed: u64, most: Duration) -> Duration {
        if passed == self.passed {
            self.lasted += (now - self.looked_at).min(most);
        } else {
            self.lasted = Duration::ZERO;
        }
        self.passed = passed;
        self.looked_at = now;
        self.lasted
    }
}

/// The server stops.
const GOING_AWAY: u16 = 1001;
/// The client closed without saying why.
const NO_STATUS: u16 = 1005;
/// The connection ended without a goodbye.
const ABNORMAL: u16 = 1006;

/// Returns what the client did wrong, or `None` where the connection is simply gone.
fn fault(error: &tungstenite::Error) -> Option<ErrorCode> {
    use tungstenite::Error as E;
    use tungstenite::error::ProtocolError::ResetWithoutClosingHandshake;

    let is_gone = matches!(error, E::Protocol(ResetWithoutClosingHandshake));
    if matches!(error, E::Capacity(_)) {
        Some(ErrorCode::TooLarge)
    } else if matches!(error, E::Protocol(_) | E::Utf8(_)) && !is_gone {
        Some(ErrorCode::BadMessage)
    } else {
        None
    }
}

fn refusal(error: &ParseError) -> Error {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        message = format!("{message}: {error}");
        source = error.source();
    }
    Error::new(ErrorCode::BadMessage, message)
        .with_hint("messages are pause, resume, restart, speed and seek")
}
