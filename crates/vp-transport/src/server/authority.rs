//! Hosts with ports, and origins, as requests name them. Two spellings of one address are equal.
//!
//! Nothing is resolved: a name is compared as a name, an IP address as a number.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A host and its port, as a `Host` header names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authority {
    pub(super) host: HostName,
    pub(super) port: u16,
}

/// A name in lower case, or an IP address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HostName {
    Name(String),
    Ip(IpAddr),
}

impl Authority {
    /// Reads `HOST` or `HOST:PORT`; an IPv6 address is written in brackets.
    pub(super) fn parse(text: &str, default_port: u16) -> Option<Self> {
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (address, port) = rest.split_once(']')?;
            let address: Ipv6Addr = address.parse().ok()?;
            (HostName::Ip(address.into()), port)
        } else {
            let end = text.find(':').unwrap_or(text.len());
            let (name, port) = text.split_at(end);
            (HostName::parse(name)?, port)
        };
        let port = if port.is_empty() {
            default_port
        } else {
            let digits = port.strip_prefix(':')?;
            let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
            is_number.then(|| digits.parse().ok())??
        };
        Some(Self { host, port })
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, default_port: u16) -> fmt::Result {
        match &self.host {
            HostName::Name(name) => f.write_str(name)?,
            HostName::Ip(IpAddr::V4(address)) => write!(f, "{address}")?,
            HostName::Ip(IpAddr::V6(address)) => write!(f, "[{address}]")?,
        }
        if self.port == default_port {
            return Ok(());
        }
        write!(f, ":{}", self.port)
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, HTTP_PORT)
    }
}

impl HostName {
    fn parse(name: &str) -> Option<Self> {
        if let Ok(address) = name.parse::<Ipv4Addr>() {
            return Some(Self::Ip(address.into()));
        }
        let is_legal = |letter: u8| letter.is_ascii_alphanumeric() || b"-._".contains(&letter);
        let is_name = !name.is_empty() && name.bytes().all(is_legal);
        is_name.then(|| Self::Name(name.to_ascii_lowercase()))
    }
}

/// The port that a URL with `http` leaves out.
pub(super) const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

/// The origin of a page: scheme, host and port, as browsers send it in the `Origin` header.
///
/// Case and default ports make no difference: `HTTPS://Desk.example:443` is `https://desk.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    authority: Authority,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Http => HTTP_PORT,
            Self::Https => HTTPS_PORT,
        }
    }
}

/// A text that is not an origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// `*` means every page of the web.
    #[error(
        "\"*\" would let every web page read the stream; name each origin instead, such as \
         https://desk.example"
    )]
    Wildcard,
    /// A page of a file or a sandbox sends `null`, and anybody can make one.
    #[error(
        "\"null\" is sent by local files and sandboxed pages of any author; serve the page and name \
         its origin, such as https://desk.example"
    )]
    Null,
    /// The text has another form.
    #[error(
        "{text:?} is not an origin; write the scheme (http or https), the host, and the port unless \
         it is the default, such as https://desk.example or http://localhost:5174"
    )]
    Malformed {
        /// The text.
        text: String,
    },
}

impl Origin {
    /// Returns whether this is the origin of the pages that a plain HTTP server at `host` serves.
    pub(super) fn is_served_by(&self, host: &Authority) -> bool {
        self.scheme == Scheme::Http && self.authority == *host
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        match text {
            "*" => return Err(OriginError::Wildcard),
            "null" => return Err(OriginError::Null),
            _ => {}
        }
        let malformed = || OriginError::Malformed { text: text.into() };
        let (scheme, rest) = text.split_once("://").ok_or_else(malformed)?;
        let known = [Scheme::Http, Scheme::Https];
        let scheme = known
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(scheme))
            .ok_or_else(malformed)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let authority = Authority::parse(authority, scheme.port()).ok_or_else(malformed)?;
        Ok(Self { scheme, authority })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme.name())?;
        self.authority.write(f, self.scheme.port())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_origin_are_equal() {
        for (text, canonical) in [
            ("https://desk.example", "https://desk.example"),
            ("https://desk.example/", "https://desk.example"),
            ("HTTPS://Desk.Example:443", "https://desk.example"),
            ("http://desk.example:443", "http://desk.example:443"),
            ("http://LOCALHOST:80/", "http://localhost"),
            ("http://localhost:5174", "http://localhost:5174"),
            ("http://[0:0:0:0:0:0:0:1]:8002", "http://[::1]:8002"),
        ] {
            let origin: Origin = text.parse().unwrap();
            assert_eq!(origin.to_string(), canonical, "{text}");
            assert_eq!(canonical.parse(), Ok(origin), "{text}");
        }
    }

    #[test]
    fn what_no_browser_sends_is_refused_with_the_right_form() {
        for text in [
            "",
            "*",
            "null",
            "desk.example",
            "https://",
            "https:///",
            "https://*",
            "https://*.example",
            "https://desk.example/page",
            "https://desk.example//",
            "https://desk.example?x",
            "https://desk.example:",
            "https://desk.example:port",
            "https://desk.example:+1",
            "https://desk.example:70000",
            "https://user@desk.example",
            "https://desk.example, https://other.example",
            "https://bücher.example",
            " https://desk.example",
            "ws://desk.example",
            "file:///tmp/page.html",
            "https://[::1",
            "https://[::1]x",
            "https://::1",
        ] {
            let error = text.parse::<Origin>().unwrap_err();
            assert!(error.to_string().contains("https://desk.example"), "{text}");
        }
    }

    #[test]
    fn an_authority_without_a_port_has_the_default_one() {
        let authority = |text| Authority::parse(text, HTTP_PORT);
        assert_eq!(authority("localhost"), authority("LOCALHOST:80"));
        assert_eq!(authority("[::1]"), authority("[0::1]:80"));
        assert_ne!(authority("localhost"), authority("localhost:8002"));
        for text in ["", ":80", "a b", "a,b", "a@b", "a/b", "::1", "[::1", "a:"] {
            assert_eq!(authority(text), None, "{text}");
        }
    }
}
