//! What a browser finds at the server: the page at its root, and what the page consists of.

use bytes::Bytes;
use vp_transport::server::Page;

/// Returns every page; the one of velocity is found at the root as well.
pub(super) fn all() -> Vec<Page> {
    let files = vp_web::files(vp_web::VELOCITY).into_iter();
    let pages = files.map(|file| Page {
        path: file.path.to_owned(),
        content_type: file.content_type,
        bytes: Bytes::from_static(file.bytes),
    });
    pages.collect()
}
