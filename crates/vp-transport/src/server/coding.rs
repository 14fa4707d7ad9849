//! The content codings of pages: which forms there are, and which one a browser wants.

use hyper::HeaderMap;
use hyper::header::ACCEPT_ENCODING;

/// How the bytes of a page are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentCoding {
    /// Brotli, `br`.
    Brotli,
    /// Gzip, `gzip`.
    Gzip,
}

impl ContentCoding {
    /// Returns its name, as HTTP gives it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// Thousandths, as HTTP counts preferences.
const MOST_WANTED: u16 = 1000;

/// Returns which of the `offered` codings a request wants most, the first of equal ones; `None` for
/// the plain bytes.
pub(super) fn wanted(headers: &HeaderMap, offered: &[ContentCoding]) -> Option<ContentCoding> {
    let accepted: Vec<(&str, u16)> = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(preference)
        .collect();
    let weight = |name: &str| {
        let of = |wanted: &str| {
            let found = accepted
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(wanted));
            found.map(|(_, weight)| *weight)
        };
        of(name).or_else(|| of("*"))
    };
    let plain = weight("identity");
    let mut best = None;
    for &coding in offered {
        let found = weight(coding.name()).unwrap_or(0);
        if found > best.map_or(0, |(_, weight)| weight) {
            best = Some((coding, found));
        }
    }
    // Plain bytes are always acceptable unless they are ruled out, but wanted only where they are named.
    best.filter(|(_, weight)| plain.is_none_or(|plain| *weight >= plain))
        .map(|(coding, _)| coding)
}

/// Reads one element of the list: a coding, and how much it is wanted in thousandths.
fn preference(element: &str) -> Option<(&str, u16)> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let Some(parameter) = parts.next() else {
        return Some((name, MOST_WANTED));
    };
    let (key, value) = parameter.split_once('=')?;
    let is_weight = key.trim().eq_ignore_ascii_case("q");
    is_weight
        .then(|| thousandths(value.trim()))
        .flatten()
        .map(|weight| (name, weight))
}

/// Reads `0`, `1` or a decimal between with at most three digits.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    if digits.len() > 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let whole = match whole {
        "0" => 0,
        "1" => MOST_WANTED,
        _ => return None,
    };
    let fraction: u16 = format!("{digits:0<3}").parse().ok()?;
    Some(whole + fraction).filter(|weight| *weight <= MOST_WANTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accepted: &[&str], expected: Option<ContentCoding>) {
        let mut headers = HeaderMap::new();
        for value in accepted {
            headers.append(ACCEPT_ENCODING, value.parse().unwrap());
        }
        let offered = [ContentCoding::Brotli, ContentCoding::Gzip];
        assert_eq!(wanted(&headers, &offered), expected, "{accepted:?}");
    }

    #[test]
    fn the_most_wanted_coding_is_chosen() {
        use ContentCoding::{Brotli, Gzip};
        check(&[], None);
        check(&[""], None);
        check(&["gzip, deflate, br, zstd"], Some(Brotli));
        check(&["gzip"], Some(Gzip));
        check(&["GZIP"], Some(Gzip));
        check(&["gzip", "br"], Some(Brotli));
        check(&["br;q=0.5, gzip;q=0.8"], Some(Gzip));
        check(&["br;q=0.001"], Some(Brotli));
        check(&["br; q=1.000, gzip; q=1"], Some(Brotli));
        check(&["*"], Some(Brotli));
        check(&["*;q=0.5, br;q=0"], Some(Gzip));
        check(&["deflate, zstd"], None);
    }

    #[test]
    fn a_coding_that_is_ruled_out_or_wanted_less_is_not_chosen() {
        check(&["br;q=0, gzip;q=0"], None);
        check(&["gzip;q=0"], None);
        check(&["*;q=0"], None);
        check(&["gzip;q=0.5, identity;q=0.9"], None);
        check(&["gzip;q=0.9, identity;q=0.5"], Some(ContentCoding::Gzip));
        check(&["identity;q=0, gzip;q=0.1"], Some(ContentCoding::Gzip));
    }

    #[test]
    fn malformed_weights_are_left_out() {
        for value in [
            "gzip;q=2",
            "gzip;q=-1",
            "gzip;q=0.1234",
            "gzip;q=",
            "gzip;x=1",
            ";q=1",
        ] {
            check(&[value], None);
        }
    }
}
