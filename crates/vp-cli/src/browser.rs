//! The page of a server, in the browser of the user who started it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Returns where the page of a server on this machine is found. One that listens on every address is
/// reached by loopback.
pub fn page_url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{address}/")
}

/// Opens an address in the browser, and does not wait for it.
///
/// # Errors
/// If the system has no program that opens addresses, or it cannot be started.
pub fn open_in_browser(url: &str) -> io::Result<()> {
    open::that_detached(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_reached_where_its_server_listens() {
        for (address, expected) in [
            ("127.0.0.1:8002", "http://127.0.0.1:8002/"),
            ("192.0.2.7:80", "http://192.0.2.7:80/"),
            ("0.0.0.0:8002", "http://127.0.0.1:8002/"),
            ("[::]:8002", "http://[::1]:8002/"),
        ] {
            assert_eq!(page_url(address.parse().unwrap()), expected);
        }
    }
}
