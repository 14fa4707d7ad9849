//! The HTTP side: health, metrics, lists, pages, and the way to the websocket.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::{
    ALLOW, CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::access::Caller;
use super::connection::{self, Connection};
use super::counted::Counted;
use super::deadlined::Deadlined;
use super::journal::Peer;
use super::metrics::Gauges;
use super::opening;
use super::outbox::Outbox;
use super::refusal::{Reason, Refusal};
use super::reply::{Reply, failed, isolate, json_reply, reply};
use super::settings::Settings;
use super::site::Site;
use super::viewer::Viewer;
use super::{cors, handshake};
use vp_wire::MAX_CLIENT_MESSAGE;

/// Bytes gathered before they are written; a flush follows anyway once nothing more is ready.
const WRITE_BUFFER: usize = 64 << 10;

/// More than the largest message behind a full buffer.
const MOST_BUFFERED: usize = 8 << 20;

impl Site {
    /// Answers a request.
    pub(super) async fn answer(
        self: Arc<Self>,
        connection: Arc<Connection>,
        request: Request<Incoming>,
    ) -> Result<Reply, Infallible> {
        let peer = connection.peer;
        let is_overfull = connection.is_overfull();
        let is_refused = connection.permit.is_none();
        let has_body = !request.body().is_end_stream();
        let mut reply = match Arc::clone(&self).route(&connection, request).await {
            Ok(reply) => reply,
            Err(refusal) => self.refuse(peer, &refusal),
        };
        if is_overfull {
            self.note(
                peer,
                Reason::Pipeline,
                "the connection ends with this request",
            );
        }
        let is_last = is_overfull || is_refused || has_body;
        if is_last && reply.status() != StatusCode::SWITCHING_PROTOCOLS {
            let close = HeaderValue::from_static("close");
            reply.headers_mut().insert(CONNECTION, close);
        }
        Ok(reply)
    }

    /// Turns a request away.
    fn refuse(&self, peer: SocketAddr, refusal: &Refusal) -> Reply {
        self.note(peer, refusal.reason, &refusal.detail());
        let mut reply = json_reply(refusal.status, &json!({ "error": refusal.message }));
        let headers = reply.headers_mut();
        match refusal.status {
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            }
            StatusCode::UPGRADE_REQUIRED => {
                headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
                headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            }
            _ => {}
        }
        reply
    }

    async fn route(
        self: Arc<Self>,
        connection: &Connection,
        mut request: Request<Incoming>,
    ) -> Result<Reply, Refusal> {
        let headers = request.headers();
        let caller = self.access.check(request.uri(), headers);
        let caller = caller.map_err(|refusal| refusal.sent_by(headers))?;
        check_form(&request)?;
        let path = request.uri().path().to_owned();
        // A monitor must be able to tell a full server from one that is gone.
        let Some(permit) = connection.permit.clone() else {
            return match path.as_str() {
                "/health" => Ok(self.health().await),
                _ => Err(Refusal::new(
                    Reason::Limit,
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the connection limit is reached; try again later",
                )),
            };
        };
        let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
        let mut answer = if is_get {
            self.get(permit, connection.peer, &path, &mut request, &caller)
                .await
        } else if *request.method() == Method::OPTIONS
            && cors::applies_to(&path)
            && cors::is_preflight(&caller, request.headers())
        {
            let mut reply = Reply::default();
            *reply.status_mut() = StatusCode::NO_CONTENT;
            cors::answer_preflight(request.headers(), reply.headers_mut());
            Ok(reply)
        } else {
            Err(Refusal::new(
                Reason::Method,
                StatusCode::METHOD_NOT_ALLOWED,
                "only GET and HEAD are supported",
            ))
        };
        if cors::applies_to(&path) {
            // A page may read why it was refused, too.
            let mut reply = answer.unwrap_or_else(|refusal| self.refuse(connection.peer, &refusal));
            cors::allow(&caller, reply.headers_mut());
            answer = Ok(reply);
        }
        answer
    }

    async fn get(
        self: &Arc<Self>,
        permit: Arc<OwnedSemaphorePermit>,
        peer: SocketAddr,
        path: &str,
        request: &mut Request<Incoming>,
        caller: &Caller,
    ) -> Result<Reply, Refusal> {
        Ok(match path {
            path if path == self.backend.service().stream_path => {
                self.upgrade(permit, peer, request)?
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
            path => match self.pages.answer(path, request.headers(), caller) {
                Some(mut page) => {
                    isolate(&mut page);
                    page
                }
                None => failed(
                    StatusCode::NOT_FOUND,
                    &format!("there is nothing at {path}"),
                ),
            },
        })
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
        self: &Arc<Self>,
        permit: Arc<OwnedSemaphorePermit>,
        peer: SocketAddr,
        request: &mut Request<Incoming>,
    ) -> Result<Reply, Refusal> {
        let accept = handshake::accept(request)?;
        let query = request.uri().query().unwrap_or_default().to_owned();
        let upgraded = hyper::upgrade::on(request);
        tokio::spawn(Arc::clone(self).view(permit, peer, upgraded, query));
        let reply = Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(UPGRADE, "websocket")
            .header(CONNECTION, "Upgrade")
            .header(SEC_WEBSOCKET_ACCEPT, accept)
            .body(Full::default());
        Ok(reply.expect("an accept key is base64"))
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
        let Ok(parts) = upgraded.downcast::<TokioIo<Deadlined>>() else {
            return;
        };
        let socket = parts.io.into_inner().into_inner();
        connection::become_stream(&socket);
        let socket = Counted::new(socket, Arc::clone(&self.metrics));
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

/// Refuses requests that a proxy in front could take for another one: none has a reason for a body.
fn check_form(request: &Request<Incoming>) -> Result<(), Refusal> {
    if request.body().is_end_stream() {
        return Ok(());
    }
    Err(Refusal::new(
        Reason::Body,
        StatusCode::BAD_REQUEST,
        "requests have no body here; leave Content-Length and Transfer-Encoding out",
    ))
}
