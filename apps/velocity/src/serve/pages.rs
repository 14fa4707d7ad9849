//! What a browser finds at the server: the page at its root, and what the page consists of.

use bytes::Bytes;
use vp_transport::server::Page;

/// Returns every page; the one of velocity is found at the root as well.
pub(super) fn all() -> Vec<Page> {
    let page = |path: &str, file: &vp_web::File| Page {
        path: path.to_owned(),
        content_type: file.content_type,
        bytes: Bytes::from_static(file.bytes),
    };
    vp_web::files()
        .iter()
        .flat_map(|file| {
            let root = (file.path == vp_web::VELOCITY).then(|| page("/", file));
            [Some(page(file.path, file)), root]
        })
        .flatten()
        .collect()
}
