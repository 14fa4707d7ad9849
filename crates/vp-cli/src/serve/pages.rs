//! What a browser finds at the server: the page at its root, and what the page consists of.

use bytes::Bytes;
use vp_transport::server::{ContentCoding, Page};

/// Returns every page; that of `root` is found at the root as well.
pub(super) fn with_root(root: &str) -> Vec<Page> {
    vp_web::files(root).into_iter().map(page).collect()
}

fn page(file: vp_web::File) -> Page {
    let forms = [
        (ContentCoding::Brotli, file.brotli),
        (ContentCoding::Gzip, file.gzip),
    ];
    let forms = forms.into_iter().filter_map(|(coding, bytes)| {
        let bytes = Bytes::from_static(bytes?);
        Some((coding, bytes))
    });
    Page {
        path: file.path.to_owned(),
        content_type: file.content_type,
        bytes: Bytes::from_static(file.bytes),
        compressed: forms.collect(),
        is_immutable: file.is_immutable,
    }
}
