//! The HTTP side: health, metrics, lists, pages, and the way to the websocket.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{
    ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::upgrade::OnUpgrade;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::access::Access;
use super::backend::{Backend, Page};
use super::counted::Counted;
use super::journal::{Journal, Peer};
use super::lists::Questions;
use super::metrics::{Gauges, Metrics};
use super::opening;
use super::outbox::Outbox;
use super::replays::Replays;
use super::settings::Settings;
use super::viewer::Viewer;
use crate::message::MAX_CLIENT_MESSAGE;

/// What every connection shares.
pub(super) struct Site {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) settings: Settings,
    pub(super) access: Access,
    pub(super) pages: BTreeMap<String, Page>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) replays: Arc<Replays>,
    pub(super) permits: Arc<Semaphore>,
    pub(super) is_stopping: watch::Receiver<bool>,
    pub(super) journal: Arc<Journal>,
    pub(super) questions: Questions,
}

/// Where a request comes from, among its extensions.
#[derive(Clone, Copy, Debug)]
pub(super) struct PeerAddress(pub(super) SocketAddr);

pub(super) type Reply = Response<Full<Bytes>>;

pub(super) const JSON: &str = "application/json";

/// Bytes gathered before they are written; a flush follows anyway once nothing more is ready.
const WRITE_BUFFER: usize = 64 << 10;

/// More than the largest message behind a full buffer.
const MOST_BUFFERED: usize = 8 << 20;

impl Site {
    /// Answers a request. A connection without a permit came beyond the limit.
    pub(super) async fn answer(
        self: Arc<Self>,
        permit: Option<Arc<OwnedSemaphorePermit>>,
        request: Request<Incoming>,
    ) -> Result<Reply, Infallible> {
        Ok(self.route(permit, request).await)
    }

    async fn route(
        self: Arc<Self>,
        permit: Option<Arc<OwnedSemaphorePermit>>,
        mut request: Request<Incoming>,
    ) -> Reply {
        let Some(permit) = permit else {
            let mut reply = refused(
                StatusCode::SERVICE_UNAVAILABLE,
                "as many connections are open as may be",
            );
            let close = HeaderValue::from_static("close");
            reply.headers_mut().insert(CONNECTION, close);
            return reply;
        };
        if let Err(reason) = self.access.check(request.headers()) {
            self.metrics.connections_refused.add(1);
            let headers = request.headers();
            self.journal
                .request_refused(peer_of(&request), headers, reason);
            return refused(StatusCode::FORBIDDEN, reason);
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut reply = refused(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD");
            let allowed = HeaderValue::from_static("GET, HEAD");
            reply.headers_mut().insert(ALLOW, allowed);
            return reply;
        }
        let path = request.uri().path().to_owned();
        match path.as_str() {
            path if path == self.backend.service().stream_path => {
                self.upgrade(permit, &mut request)
            }
            "/health" => self.health().await,
            "/metrics" => reply(
                StatusCode::OK,
                "text/plain; version=0.0.4; charset=utf-8",
                self.metrics.render(self.gauges()),
            ),
            "/v1/sessions" => self.sessions().await,
            "/v1/products" => json_reply(
                StatusCode::OK,
                &super::products::table(self.backend.products()),
            ),
            "/v1/replays" => json_reply(StatusCode::OK, &json!({ "replays": self.replays.list() })),
            path => match self.pages.get(path) {
                Some(page) => reply(StatusCode::OK, page.content_type, page.bytes.clone()),
                None => refused(
                    StatusCode::NOT_FOUND,
                    &format!("there is nothing at {path}"),
                ),
            },
        }
    }

    fn gauges(&self) -> Gauges {
        let replays = self.replays.list();
        let behind_ms = replays.iter().map(|replay| replay.position.behind_ms);
        Gauges {
            connections: self.settings.limits.connections - self.permits.available_permits(),
            replays: replays.len(),
            viewers: replays
                .iter()
                .map(super::replays::ReplayEntry::viewers)
                .sum(),
            behind_seconds: behind_ms.fold(0.0, f64::max) / 1e3,
        }
    }

    /// Turns the connection into a websocket.
    fn upgrade(
        self: Arc<Self>,
        permit: Arc<OwnedSemaphorePermit>,
        request: &mut Request<Incoming>,
    ) -> Reply {
        let headers = request.headers();
        let version = headers.get(SEC_WEBSOCKET_VERSION);
        if !is_upgrade(headers) || version.is_none_or(|version| version != "13") {
            let mut reply = refused(
                StatusCode::UPGRADE_REQUIRED,
                "this is a websocket of version 13",
            );
            let headers = reply.headers_mut();
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            return reply;
        }
        let Some(key) = headers.get(SEC_WEBSOCKET_KEY) else {
            return refused(StatusCode::BAD_REQUEST, "the websocket key is missing");
        };
        let accept = derive_accept_key(key.as_bytes());
        let query = request.uri().query().unwrap_or_default().to_owned();
        let peer = peer_of(request);
        let upgraded = hyper::upgrade::on(request);
        tokio::spawn(self.view(permit, peer, upgraded, query));
        let reply = Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(UPGRADE, "websocket")
            .header(CONNECTION, "Upgrade")
            .header(SEC_WEBSOCKET_ACCEPT, accept)
            .body(Full::default());
        reply.expect("an accept key is base64")
    }

    /// Serves a websocket to its end; the permit goes with it.
    async fn view(
        self: Arc<Self>,
        _permit: Arc<OwnedSemaphorePermit>,
        peer: SocketAddr,
        on: OnUpgrade,
        query: String,
    ) {
        let Ok(upgraded) = on.await else {
            return;
        };
        let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
            return;
        };
        let socket = Counted::new(parts.io.into_inner(), Arc::clone(&self.metrics));
        let config = WebSocketConfig::default()
            .read_buffer_size(4096)
            .write_buffer_size(WRITE_BUFFER)
            .max_write_buffer_size(MOST_BUFFERED)
            .max_message_size(Some(MAX_CLIENT_MESSAGE))
            .max_frame_size(Some(MAX_CLIENT_MESSAGE));
        let early = parts.read_buf.into();
        let socket =
            WebSocketStream::from_partially_read(socket, early, Role::Server, Some(config)).await;
        let opening = opening::start(&self, query);
        let mut is_stopping = self.is_stopping.clone();
        let stopping = Box::pin(async move {
            let _ = is_stopping.wait_for(|is_stopping| *is_stopping).await;
        });
        let replays = Arc::clone(&self.replays);
        let Settings {
            deadlines, limits, ..
        } = self.settings;
        let peer = Peer {
            address: peer,
            journal: Arc::clone(&self.journal),
        };
        let outbox = Outbox::new(limits.queued_grids, peer);
        Viewer::new(socket, outbox, replays, opening, stopping, deadlines)
            .run()
            .await;
    }
}

fn peer_of<B>(request: &Request<B>) -> SocketAddr {
    let peer = request.extensions().get();
    peer.map_or((Ipv4Addr::UNSPECIFIED, 0).into(), |PeerAddress(peer)| *peer)
}

fn is_upgrade(headers: &HeaderMap) -> bool {
    let holds = |name, token: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|value| value.trim().eq_ignore_ascii_case(token))
    };
    holds(UPGRADE, "websocket") && holds(CONNECTION, "upgrade")
}

pub(super) fn reply(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Reply {
    let mut reply = Response::new(Full::new(body.into()));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert("cache-control", HeaderValue::from_static("no-cache"));
    headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    reply
}

pub(super) fn json_reply(status: StatusCode, body: &Value) -> Reply {
    reply(status, JSON, body.to_string())
}

pub(super) fn refused(status: StatusCode, reason: &str) -> Reply {
    json_reply(status, &json!({ "error": reason }))
}
