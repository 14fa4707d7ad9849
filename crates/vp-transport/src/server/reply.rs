//! Answers to requests that are not pages.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

pub(super) type Reply = Response<Full<Bytes>>;

pub(super) const JSON: &str = "application/json";

/// Whether other sites may load an answer, as a script or a picture, say.
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

pub(super) fn reply(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Reply {
    let mut reply = Response::new(Full::new(body.into()));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Nothing of this kind is a page.
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    isolate(&mut reply);
    reply
}

/// Keeps other sites from loading an answer.
pub(super) fn isolate(reply: &mut Reply) {
    let policy = HeaderValue::from_static("same-origin");
    reply
        .headers_mut()
        .insert(CROSS_ORIGIN_RESOURCE_POLICY, policy);
}

pub(super) fn json_reply(status: StatusCode, body: &Value) -> Reply {
    reply(status, JSON, body.to_string())
}

pub(super) fn failed(status: StatusCode, reason: &str) -> Reply {
    json_reply(status, &json!({ "error": reason }))
}
