//! Who may speak to the server: there is no authentication, so a page of another site must not.

use std::net::SocketAddr;

use hyper::HeaderMap;
use hyper::header::{HOST, HeaderName, ORIGIN};

/// The rule for the Host and Origin headers.
#[derive(Clone, Debug)]
pub(super) struct Access {
    /// The hosts that the server answers to; `None` where it is bound to the world.
    hosts: Option<[String; 3]>,
    origins: Vec<String>,
}

impl Access {
    /// Returns the rule for a server at `address`, with those foreign origins.
    pub(super) fn new(address: SocketAddr, origins: Vec<String>) -> Self {
        let port = address.port();
        let hosts = ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}"));
        Self {
            hosts: address.ip().is_loopback().then_some(hosts),
            origins,
        }
    }

    /// Checks a request.
    ///
    /// # Errors
    /// Why it is refused.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), &'static str> {
        let host = single(headers, &HOST)?;
        if let Some(hosts) = &self.hosts {
            let is_ours = |host: &str| hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host));
            if !host.is_some_and(is_ours) {
                return Err("the host must be localhost, 127.0.0.1 or [::1] with the port");
            }
        }
        let Some(origin) = single(headers, &ORIGIN)? else {
            return Ok(());
        };
        let is_host = host
            .zip(origin.strip_prefix("http://"))
            .is_some_and(|(host, origin)| origin.eq_ignore_ascii_case(host));
        if is_host || self.origins.iter().any(|allowed| allowed == origin) {
            Ok(())
        } else {
            Err("the origin is foreign; allow it with --allow-origin")
        }
    }
}

/// Returns a header that may stand at most once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, &'static str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err("a host or origin is given twice");
    }
    first
        .map(|value| value.to_str())
        .transpose()
        .map_err(|_| "a host or origin is no text")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, headers: &[(HeaderName, &str)]) -> bool {
        let access = Access::new(
            address.parse().unwrap(),
            vec!["http://localhost:5174".into()],
        );
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value.parse().unwrap());
        }
        access.check(&map).is_ok()
    }

    #[test]
    fn on_loopback_the_host_is_one_of_three() {
        let local = "127.0.0.1:8002";
        for host in [
            "localhost:8002",
            "127.0.0.1:8002",
            "[::1]:8002",
            "LOCALHOST:8002",
        ] {
            assert!(check(local, &[(HOST, host)]), "{host}");
        }
        for host in ["localhost", "localhost:80", "evil.example:8002", ""] {
            assert!(!check(local, &[(HOST, host)]), "{host}");
        }
        assert!(!check(local, &[]));
        assert!(!check(
            local,
            &[(HOST, "localhost:8002"), (HOST, "evil:8002")]
        ));
    }

    #[test]
    fn an_origin_is_the_host_or_an_allowed_one() {
        let local = "127.0.0.1:8002";
        let host = (HOST, "localhost:8002");
        for (origin, is_allowed) in [
            ("http://localhost:8002", true),
            ("http://localhost:5174", true),
            ("http://localhost:9999", false),
            ("http://127.0.0.1:8002", false),
            ("http://evil.example", false),
            ("null", false),
        ] {
            let found = check(local, &[host.clone(), (ORIGIN, origin)]);
            assert_eq!(found, is_allowed, "{origin}");
        }
    }

    #[test]
    fn bound_to_the_world_any_host_will_do_but_no_foreign_origin() {
        let host = (HOST, "desk.example:8002");
        assert!(check("0.0.0.0:8002", std::slice::from_ref(&host)));
        assert!(check(
            "0.0.0.0:8002",
            &[host.clone(), (ORIGIN, "http://desk.example:8002")]
        ));
        assert!(!check(
            "0.0.0.0:8002",
            &[host, (ORIGIN, "http://evil.example")]
        ));
    }
}
