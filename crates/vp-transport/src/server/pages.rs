//! The embedded pages: cached by content, sent compressed, and kept from loading anything foreign.
//!
//! It never compresses: the forms of a page come with it.

use std::collections::BTreeMap;
use std::fmt::Write;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderValue, IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::{Response, StatusCode};
use sha2::{Digest, Sha256};

use super::access::Caller;
use super::backend::Page;
use super::coding::{self, ContentCoding};

/// Every page by its path.
#[derive(Debug)]
pub(super) struct Pages(BTreeMap<String, Entry>);

#[derive(Debug)]
struct Entry {
    content_type: &'static str,
    cache_control: &'static str,
    plain: Form,
    compressed: Vec<(ContentCoding, Form)>,
}

/// Bytes as they are sent.
#[derive(Debug)]
struct Form {
    bytes: Bytes,
    etag: HeaderValue,
}

impl Pages {
    pub(super) fn new(pages: Vec<Page>) -> Self {
        let entries = pages
            .into_iter()
            .map(|page| (page.path.clone(), Entry::new(page)));
        Self(entries.collect())
    }

    /// Answers a request for a page, if there is one at that path.
    pub(super) fn answer(
        &self,
        path: &str,
        headers: &HeaderMap,
        caller: &Caller,
    ) -> Option<Response<Full<Bytes>>> {
        self.0.get(path).map(|entry| entry.answer(headers, caller))
    }
}

impl Entry {
    fn new(page: Page) -> Self {
        let digest = digest(&page.bytes);
        let form = |bytes, suffix: &str| Form {
            bytes,
            etag: etag(&digest, suffix),
        };
        let compressed = page.compressed.into_iter();
        Self {
            content_type: page.content_type,
            cache_control: if page.is_immutable {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            },
            compressed: compressed
                .map(|(coding, bytes)| (coding, form(bytes, coding.name())))
                .collect(),
            plain: form(page.bytes, ""),
        }
    }

    fn answer(&self, headers: &HeaderMap, caller: &Caller) -> Response<Full<Bytes>> {
        let offered: Vec<_> = self.compressed.iter().map(|(coding, _)| *coding).collect();
        let wanted = coding::wanted(headers, &offered);
        let chosen = self
            .compressed
            .iter()
            .find(|(coding, _)| Some(*coding) == wanted);
        let form = chosen.map_or(&self.plain, |(_, form)| form);
        let is_known = matches(headers, &form.etag);
        let mut response = Response::new(Full::new(if is_known {
            Bytes::new()
        } else {
            form.bytes.clone()
        }));
        let sent = response.headers_mut();
        sent.insert(ETAG, form.etag.clone());
        sent.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache_control));
        sent.insert(VARY, HeaderValue::from_static("accept-encoding"));
        protect(sent, caller);
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        sent.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some((coding, _)) = chosen {
            sent.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
        }
        response
    }
}

/// Keeps a page, and what it loads, to its own server: scripts, styles, sockets, frames.
fn protect(sent: &mut HeaderMap, caller: &Caller) {
    let mut policy =
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'; connect-src 'self'"
            .to_owned();
    // Older browsers do not count websockets of the same host as `'self'`.
    if let Some(host) = &caller.host {
        let _ = write!(policy, " ws://{host} wss://{host}");
    }
    if let Ok(policy) = HeaderValue::try_from(policy) {
        sent.insert(CONTENT_SECURITY_POLICY, policy);
    }
    sent.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    sent.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    sent.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// Returns whether the browser has that form already.
fn matches(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| {
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag.as_bytes()
        })
}

/// Returns the first 96 bits of a hash of the bytes, as hexadecimal digits.
fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest
        .iter()
        .take(12)
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn etag(digest: &str, suffix: &str) -> HeaderValue {
    let text = if suffix.is_empty() {
        format!("\"{digest}\"")
    } else {
        format!("\"{digest}-{suffix}\"")
    };
    HeaderValue::try_from(text).expect("hexadecimal digits and a coding's name are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::ACCEPT_ENCODING;

    fn pages() -> Pages {
        let page = |path: &str, is_immutable| Page {
            path: path.into(),
            content_type: "text/javascript; charset=utf-8",
            bytes: Bytes::from_static(b"plain"),
            compressed: vec![(ContentCoding::Gzip, Bytes::from_static(b"zipped"))],
            is_immutable,
        };
        Pages::new(vec![page("/page.html", false), page("/assets/a.js", true)])
    }

    fn answer(path: &str, asked: &[(hyper::header::HeaderName, &str)]) -> (u16, HeaderMap) {
        let mut headers = HeaderMap::new();
        for (name, value) in asked {
            headers.append(name, value.parse().unwrap());
        }
        let response = pages().answer(path, &headers, &Caller::default()).unwrap();
        (response.status().as_u16(), response.headers().clone())
    }

    #[test]
    fn a_form_that_the_browser_has_is_not_sent_again() {
        let (status, headers) = answer("/page.html", &[]);
        assert_eq!((status, headers.get(CONTENT_ENCODING)), (200, None));
        let plain = headers[ETAG].to_str().unwrap();
        for known in [
            plain,
            &format!("W/{plain}"),
            &format!("\"x\", {plain}"),
            "*",
        ] {
            let (status, headers) = answer("/page.html", &[(IF_NONE_MATCH, known)]);
            assert_eq!(status, 304, "{known}");
            assert_eq!(headers[ETAG], plain);
        }
        let gzip = (ACCEPT_ENCODING, "gzip");
        let (status, headers) = answer("/page.html", &[gzip.clone(), (IF_NONE_MATCH, plain)]);
        assert_eq!(status, 200, "the compressed form is another one");
        assert_eq!(headers[CONTENT_ENCODING], "gzip");
        let zipped = headers[ETAG].to_str().unwrap();
        let (status, _) = answer("/page.html", &[gzip, (IF_NONE_MATCH, zipped)]);
        assert_eq!(status, 304);
    }

    #[test]
    fn hashed_names_are_cached_for_a_year_and_pages_are_asked_for_again() {
        let cached = |path| answer(path, &[]).1[CACHE_CONTROL].clone();
        assert_eq!(cached("/page.html"), "no-cache");
        assert_eq!(
            cached("/assets/a.js"),
            "public, max-age=31536000, immutable"
        );
    }
}
