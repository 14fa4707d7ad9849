//! What a page of an allowed foreign origin needs in order to read the lists under `/v1/`.
//!
//! Which origins are allowed is not decided here.

use hyper::HeaderMap;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderName, HeaderValue, ORIGIN, VARY,
};

use super::access::Caller;

/// A browser asks with it whether a public page may use a server of the local network.
const REQUEST_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-allow-private-network");

/// Returns whether pages of allowed origins may read what is at that path.
pub(super) fn applies_to(path: &str) -> bool {
    path.starts_with("/v1/")
}

/// Returns whether a browser asks beforehand what it may send.
pub(super) fn is_preflight(caller: &Caller, headers: &HeaderMap) -> bool {
    caller.foreign.is_some() && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Lets the page that asked read the answer. Caches keep the answers of different origins apart.
pub(super) fn allow(caller: &Caller, answer: &mut HeaderMap) {
    answer.append(VARY, HeaderValue::from_name(ORIGIN));
    if let Some(origin) = &caller.foreign {
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
}

/// Says what a page may send.
pub(super) fn answer_preflight(asked: &HeaderMap, answer: &mut HeaderMap) {
    let methods = HeaderValue::from_static("GET, HEAD");
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    let headers = HeaderValue::from_static("accept, cache-control, content-type, pragma");
    answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, headers);
    answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    if asked
        .get(REQUEST_PRIVATE_NETWORK)
        .is_some_and(|value| value == "true")
    {
        answer.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
    }
}
