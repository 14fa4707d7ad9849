//! The opening handshake of a websocket, as RFC 6455 section 4.2.1 demands it.
//!
//! Extensions and subprotocols are not supported, and the answer offers none.

use hyper::header::{CONNECTION, HeaderName, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use hyper::{HeaderMap, Method, Request, StatusCode, Version};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::refusal::{Reason, Refusal};

/// The length of a key in base64: 16 bytes take 22 letters, and two of padding.
const KEY_LETTERS: usize = 22;

/// Returns what a client must be answered so that it knows that its request was understood.
///
/// # Errors
/// Status 426 for what is no request for a websocket of version 13, 400 for a key that is invalid.
pub(super) fn accept<B>(request: &Request<B>) -> Result<String, Refusal> {
    let headers = request.headers();
    let is_upgrade = request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && holds(headers, &UPGRADE, "websocket")
        && holds(headers, &CONNECTION, "upgrade")
        && single(headers, &SEC_WEBSOCKET_VERSION).is_some_and(|version| version == b"13");
    if !is_upgrade {
        return Err(Refusal::new(
            Reason::Handshake,
            StatusCode::UPGRADE_REQUIRED,
            "this path is a websocket: use GET, HTTP/1.1, Connection: Upgrade, Upgrade: websocket \
             and Sec-WebSocket-Version: 13",
        ));
    }
    match single(headers, &SEC_WEBSOCKET_KEY) {
        Some(key) if is_key(key) => Ok(derive_accept_key(key)),
        Some(_) | None => Err(Refusal::new(
            Reason::Handshake,
            StatusCode::BAD_REQUEST,
            "Sec-WebSocket-Key must occur once and be the base64 of 16 bytes",
        )),
    }
}

/// Returns whether a text is the base64 of 16 bytes.
fn is_key(text: &[u8]) -> bool {
    let Some((letters, padding)) = text.split_at_checked(KEY_LETTERS) else {
        return false;
    };
    let is_letter = |letter: &u8| letter.is_ascii_alphanumeric() || b"+/".contains(letter);
    padding == b"==" && letters.iter().all(is_letter)
}

/// Returns the value of a header that occurs exactly once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first.as_bytes())
}

/// Returns whether a header's list holds a token.
fn holds(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The request and the answer of RFC 6455, section 1.3.
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn check(adjust: impl FnOnce(&mut Request<()>)) -> Result<String, u16> {
        let mut request = Request::builder()
            .header(UPGRADE, "websocket")
            .header(CONNECTION, "keep-alive, Upgrade")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, KEY)
            .body(())
            .unwrap();
        adjust(&mut request);
        accept(&request).map_err(|refusal| refusal.status.as_u16())
    }

    #[test]
    fn a_valid_request_gets_the_answer_of_the_rfc() {
        let answer = Ok("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".into());
        assert_eq!(check(|_| {}), answer);
    }

    #[test]
    fn what_does_not_ask_for_a_websocket_is_answered_with_426() {
        assert_eq!(
            check(|request| *request.method_mut() = Method::HEAD),
            Err(426)
        );
        for version in [Version::HTTP_10, Version::HTTP_2] {
            assert_eq!(check(|request| *request.version_mut() = version), Err(426));
        }
        for name in [UPGRADE, CONNECTION, SEC_WEBSOCKET_VERSION] {
            let without = check(|request| {
                request.headers_mut().remove(&name);
            });
            assert_eq!(without, Err(426), "{name}");
        }
        for (name, value) in [
            (UPGRADE, "h2c"),
            (CONNECTION, "close"),
            (SEC_WEBSOCKET_VERSION, "8"),
            (SEC_WEBSOCKET_VERSION, "13, 8"),
        ] {
            let other = check(|request| {
                request.headers_mut().insert(&name, value.parse().unwrap());
            });
            assert_eq!(other, Err(426), "{name}: {value}");
        }
    }

    #[test]
    fn a_key_that_is_not_sixteen_bytes_is_answered_with_400() {
        let long = "A".repeat(8000);
        for key in [
            "",
            "AAAA",
            "dGhlIHNhbXBsZSBub25jZQ",
            "dGhlIHNhbXBsZSBub25jZQ=A",
            "dGhlIHNhbXBsZSBub25j====",
            "dGhlIHNhbXBsZSBub2 jZQ==",
            "dGhlIHNhbXBsZSBub25jZQ==AAAA",
            long.as_str(),
        ] {
            let other = check(|request| {
                let key = key.parse().unwrap();
                request.headers_mut().insert(SEC_WEBSOCKET_KEY, key);
            });
            assert_eq!(other, Err(400), "{key}");
        }
        let missing = check(|request| {
            request.headers_mut().remove(SEC_WEBSOCKET_KEY);
        });
        assert_eq!(missing, Err(400));
        let twice = check(|request| {
            let key = KEY.parse().unwrap();
            request.headers_mut().append(SEC_WEBSOCKET_KEY, key);
        });
        assert_eq!(twice, Err(400));
    }
}
