//! What a browser finds at the server's root.

use bytes::Bytes;
use vp_transport::server::Page;

/// Says where the stream is.
const INDEX: &str = include_str!("index.html");

/// Returns every page.
pub(super) fn all() -> Vec<Page> {
    vec![Page {
        path: "/".to_owned(),
        content_type: "text/html; charset=utf-8",
        bytes: Bytes::from_static(INDEX.as_bytes()),
    }]
}
