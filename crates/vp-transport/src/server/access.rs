//! Which pages may use the server: there is no authentication, so pages of other sites may not.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use hyper::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use hyper::{HeaderMap, Uri};

use super::authority::{Authority, HTTP_PORT, HostName, Origin};
use super::refusal::{Reason, Refusal};

/// The rule for the Host and Origin headers.
#[derive(Clone, Debug)]
pub(super) struct Access {
    /// The addresses whose names the server answers to; `None` where it is bound beyond loopback.
    hosts: Option<Vec<HostName>>,
    port: u16,
    origins: Vec<Origin>,
}

/// A request that may be answered, as far as its Host and Origin headers go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Caller {
    /// The name under which the client knows the server, if that is a host with a port.
    pub(super) host: Option<Authority>,
    /// The foreign origin of the page that asks, which is an allowed one.
    pub(super) foreign: Option<HeaderValue>,
}

impl Access {
    /// Returns the rule for a server at `address`, with those foreign origins.
    pub(super) fn new(address: SocketAddr, origins: Vec<Origin>) -> Self {
        let bound = address.ip().to_canonical();
        let hosts = || {
            let addresses: [IpAddr; 3] = [
                Ipv4Addr::LOCALHOST.into(),
                Ipv6Addr::LOCALHOST.into(),
                bound,
            ];
            let addresses = addresses.into_iter().map(HostName::Ip);
            addresses
                .chain([HostName::Name("localhost".into())])
                .collect()
        };
        Self {
            hosts: bound.is_loopback().then(hosts),
            port: address.port(),
            origins,
        }
    }

    /// Checks a request.
    ///
    /// # Errors
    /// Why it is refused.
    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let host = single(headers, &HOST, Reason::Host)?.and_then(|host| {
            let host = host.to_str().ok()?;
            Authority::parse(host, HTTP_PORT)
        });
        if self.hosts.is_some() && !host.as_ref().is_some_and(|host| self.is_ours(host)) {
            return Err(Refusal::forbidden(Reason::Host, self.host_rule()));
        }
        // A request line may name the server, too: `GET http://HOST/path`.
        if let Some(named) = uri.authority() {
            let named = Authority::parse(named.as_str(), HTTP_PORT);
            if named.is_none() || named != host || uri.scheme_str() != Some("http") {
                let message = "the request line names another server than the Host header";
                return Err(Refusal::forbidden(Reason::Host, message));
            }
        }
        let Some(origin) = single(headers, &ORIGIN, Reason::Origin)? else {
            return Ok(Caller {
                host,
                foreign: None,
            });
        };
        let named = origin.to_str().ok().and_then(|text| text.parse().ok());
        let is_served = |named: &Origin| host.as_ref().is_some_and(|host| named.is_served_by(host));
        match named {
            Some(named) if is_served(&named) => Ok(Caller {
                host,
                foreign: None,
            }),
            Some(named) if self.origins.contains(&named) => Ok(Caller {
                host,
                foreign: Some(origin.clone()),
            }),
            Some(_) | None => Err(Refusal::forbidden(
                Reason::Origin,
                "the page's origin is foreign; the server can allow it with `allow_origin`",
            )),
        }
    }

    fn is_ours(&self, found: &Authority) -> bool {
        let is_named = |hosts: &Vec<HostName>| match &found.host {
            HostName::Ip(address) => hosts.contains(&HostName::Ip(address.to_canonical())),
            name @ HostName::Name(_) => hosts.contains(name),
        };
        found.port == self.port && self.hosts.as_ref().is_none_or(is_named)
    }

    /// Says what the Host header must be.
    fn host_rule(&self) -> String {
        format!(
            "the Host header must be localhost, 127.0.0.1, [::1] or the bound address, with port {}",
            self.port
        )
    }
}

/// Returns a header that may occur at most once.
fn single<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    reason: Reason,
) -> Result<Option<&'a HeaderValue>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        let message = format!("the header {name} occurs twice");
        return Err(Refusal::forbidden(reason, message));
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(address: &str, uri: &str, headers: &[(HeaderName, &str)]) -> Result<Caller, Reason> {
        let origins = vec!["http://localhost:5174".parse().unwrap()];
        let access = Access::new(address.parse().unwrap(), origins);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value.parse().unwrap());
        }
        let found = access.check(&uri.parse().unwrap(), &map);
        found.map_err(|refusal| refusal.reason)
    }

    fn check(address: &str, headers: &[(HeaderName, &str)]) -> bool {
        found(address, "/health", headers).is_ok()
    }

    #[test]
    fn on_loopback_the_host_is_a_name_of_loopback_or_the_bound_address() {
        let local = "127.0.0.1:8002";
        for host in [
            "localhost:8002",
            "127.0.0.1:8002",
            "[::1]:8002",
            "[0:0:0:0:0:0:0:1]:8002",
            "[::ffff:127.0.0.1]:8002",
            "LOCALHOST:8002",
        ] {
            assert!(check(local, &[(HOST, host)]), "{host}");
        }
        for host in [
            "localhost",
            "localhost:80",
            "localhost:8002, evil.example",
            "localhost.evil.example:8002",
            "evil@localhost:8002",
            "evil.example:8002",
            "127.0.0.2:8002",
            "::1:8002",
            "",
        ] {
            assert!(!check(local, &[(HOST, host)]), "{host}");
        }
        assert!(!check(local, &[]));
        let twice = [(HOST, "localhost:8002"), (HOST, "evil:8002")];
        assert!(!check(local, &twice));
    }

    #[test]
    fn every_address_that_a_server_prints_answers() {
        for (bound, host) in [
            ("127.0.0.1:80", "127.0.0.1"),
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("127.0.0.1:80", "localhost"),
            ("127.0.0.2:8002", "127.0.0.2:8002"),
            ("127.0.0.2:80", "127.0.0.2"),
            ("[::1]:8002", "[::1]:8002"),
            ("[::1]:80", "[::1]"),
            ("[::ffff:127.0.0.1]:8002", "[::ffff:127.0.0.1]:8002"),
        ] {
            let origin = format!("http://{host}");
            let headers = [(HOST, host), (ORIGIN, origin.as_str())];
            assert!(check(bound, &headers), "{host} at {bound}");
        }
        assert!(!check("127.0.0.2:8002", &[(HOST, "127.0.0.3:8002")]));
        assert!(!check("[::1]:8002", &[(HOST, "[::1]")]));
    }

    #[test]
    fn an_origin_is_the_host_or_an_allowed_one() {
        let host = (HOST, "localhost:8002");
        for (origin, is_allowed) in [
            ("http://localhost:8002", true),
            ("http://localhost:5174", true),
            ("HTTP://LOCALHOST:5174", true),
            ("http://localhost:9999", false),
            ("https://localhost:8002", false),
            ("http://127.0.0.1:8002", false),
            ("http://evil.example", false),
            ("null", false),
            ("*", false),
            ("", false),
        ] {
            let found = check("127.0.0.1:8002", &[host.clone(), (ORIGIN, origin)]);
            assert_eq!(found, is_allowed, "{origin}");
        }
    }

    #[test]
    fn only_an_allowed_foreign_origin_is_reported() {
        let host = (HOST, "localhost:8002");
        let foreign = |origin| {
            let headers = [host.clone(), (ORIGIN, origin)];
            let caller = found("127.0.0.1:8002", "/v1/sessions", &headers).unwrap();
            caller.foreign
        };
        let allowed = "http://localhost:5174";
        assert_eq!(foreign(allowed), Some(HeaderValue::from_static(allowed)));
        assert_eq!(foreign("http://localhost:8002"), None);
    }

    #[test]
    fn bound_to_the_network_any_host_will_do_but_no_foreign_origin() {
        let host = (HOST, "desk.example:8002");
        assert!(check("0.0.0.0:8002", std::slice::from_ref(&host)));
        let own = [host.clone(), (ORIGIN, "http://desk.example:8002")];
        assert!(check("0.0.0.0:8002", &own));
        assert!(!check(
            "0.0.0.0:8002",
            &[host, (ORIGIN, "http://evil.example")]
        ));
    }

    #[test]
    fn a_request_line_that_names_another_server_is_refused() {
        let host = [(HOST, "localhost:8002")];
        let local = "127.0.0.1:8002";
        assert!(found(local, "http://localhost:8002/health", &host).is_ok());
        for uri in [
            "http://evil.example/health",
            "http://localhost/health",
            "https://localhost:8002/health",
            "http://127.0.0.1:8002/health",
        ] {
            assert_eq!(found(local, uri, &host), Err(Reason::Host), "{uri}");
        }
    }
}
