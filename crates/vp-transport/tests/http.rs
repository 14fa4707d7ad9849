//! The HTTP side of a real server: who is answered, with what, under which headers.

mod toy;

use std::net::SocketAddr;

use toy::{PATH, Running, SCRIPT, ask, get, header, metric, status};

#[tokio::test]
async fn the_http_side_answers_in_json() {
    let server = Running::start(|_| {});
    for (path, status, body) in [
        (
            "/health",
            200,
            r#"{"service":"toy","status":"ok","version":"1.2.3"}"#,
        ),
        ("/v1/sessions", 200, r#"{"sessions":[{"#),
        ("/v1/products", 200, r#""futures":{"#),
        ("/v1/replays", 200, r#"{"replays":[]}"#),
        ("/", 200, "<title>toy</title>"),
        ("/metrics", 200, "# TYPE spymaster_replays gauge"),
        (
            "/nothing",
            404,
            r#"{"error":"there is nothing at /nothing"}"#,
        ),
        ("/../etc/passwd", 404, r#"{"error":"#),
        (PATH, 426, r#"{"error":"#),
    ] {
        let answer = get(&server, path, "").await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{path}: {answer}"
        );
        assert!(answer.contains(body), "{path}: {answer}");
    }
    let host = server.address;
    let post = format!("POST /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    assert!(ask(&server, &post).await.starts_with("HTTP/1.1 405 "));
    let head = format!("HEAD /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let answer = ask(&server, &head).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn foreign_hosts_and_origins_are_refused() {
    let server = Running::start(|settings| {
        settings.allow_origins = vec!["http://localhost:5174".parse().unwrap()];
    });
    let foreign = "GET /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(ask(&server, foreign).await.starts_with("HTTP/1.1 403 "));
    let evil = "Origin: http://evil.example\r\n";
    assert!(
        get(&server, "/health", evil)
            .await
            .starts_with("HTTP/1.1 403 ")
    );
    let allowed = "Origin: http://localhost:5174\r\n";
    assert!(
        get(&server, "/health", allowed)
            .await
            .starts_with("HTTP/1.1 200 ")
    );
}

#[tokio::test]
async fn every_name_of_the_bound_address_is_answered() {
    for (bound, names) in [
        (
            "127.0.0.2:0",
            &["127.0.0.2", "127.0.0.1", "localhost", "[::1]"][..],
        ),
        (
            "127.0.0.1:0",
            &["127.0.0.1", "LocalHost", "[0:0:0:0:0:0:0:1]"],
        ),
    ] {
        let listen: SocketAddr = bound.parse().unwrap();
        let server = Running::start(|settings| settings.listen = listen);
        let port = server.address.port();
        for name in names {
            let request = format!(
                "GET /health HTTP/1.1\r\nHost: {name}:{port}\r\nOrigin: http://{name}:{port}\r\n\
                 Connection: close\r\n\r\n"
            );
            assert_eq!(
                status(&ask(&server, &request).await),
                200,
                "{name} at {bound}"
            );
        }
    }
}

/// The port may be left out only where it is 80: only there does a browser leave it out.
#[tokio::test]
async fn a_host_list_or_a_missing_port_is_refused() {
    let server = Running::start(|_| {});
    let port = server.address.port();
    for host in [
        "localhost".to_owned(),
        format!("localhost:{port}, evil.example"),
        format!("localhost:{port} evil.example"),
        format!("evil.example@localhost:{port}"),
        String::new(),
    ] {
        let request = format!("GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(status(&ask(&server, &request).await), 403, "{host}");
    }
    let twice = format!("Host: localhost:{port}\r\n");
    assert_eq!(status(&get(&server, "/health", &twice).await), 403);
    let absolute = "http://evil.example/health";
    assert_eq!(status(&get(&server, absolute, "").await), 403);
    let absolute = format!("http://{}/health", server.address);
    assert_eq!(status(&get(&server, &absolute, "").await), 200);
}

/// A valid request for a websocket, but for what is changed.
fn handshake(server: &Running, first: &str, changed: &str, to: &str) -> String {
    let request = format!(
        "{first}\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.address
    );
    request.replace(changed, to)
}

#[tokio::test]
async fn what_is_no_websocket_request_is_not_upgraded() {
    let server = Running::start(|settings| settings.limits.replays = 0);
    let get = format!("GET {PATH} HTTP/1.1");
    let valid = handshake(&server, &get, "", "");
    assert_eq!(status(&ask(&server, &valid).await), 101);
    for (first, changed, to, expected) in [
        (format!("HEAD {PATH} HTTP/1.1"), "", "", 426),
        (format!("GET {PATH} HTTP/1.0"), "", "", 426),
        (format!("POST {PATH} HTTP/1.1"), "", "", 405),
        (get.clone(), "Connection: Upgrade", "Connection: close", 426),
        (get.clone(), "Upgrade: websocket", "Upgrade: h2c", 426),
        (get.clone(), "Version: 13", "Version: 8", 426),
        (get.clone(), "dGhlIHNhbXBsZSBub25jZQ==", "", 400),
        (get.clone(), "dGhlIHNhbXBsZSBub25jZQ==", "short", 400),
        (
            get.clone(),
            "dGhlIHNhbXBsZSBub25jZQ==",
            &"A".repeat(8000),
            400,
        ),
    ] {
        // A closed write side ends the connection where the server would keep it.
        let request = handshake(&server, &first, changed, to);
        let request = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        let answer = ask(&server, &request).await;
        assert_eq!(status(&answer), expected, "{first} {changed} {to}");
        if expected == 426 {
            assert_eq!(header(&answer, "Sec-WebSocket-Version"), Some("13"));
        }
    }
    assert_eq!(
        metric(&server, "refusals_total{reason=\"handshake\"}").await,
        8
    );
}

#[tokio::test]
async fn pages_of_allowed_origins_may_read_the_lists_and_no_others() {
    let server = Running::start(|settings| {
        settings.allow_origins = vec!["HTTPS://Desk.example:443/".parse().unwrap()];
    });
    let desk = "Origin: https://desk.example\r\n";
    for (path, expected) in [
        ("/v1/sessions", 200),
        ("/v1/products", 200),
        ("/v1/replays", 200),
        ("/v1/nothing", 404),
        (PATH, 426),
    ] {
        let answer = get(&server, path, desk).await;
        assert_eq!(status(&answer), expected, "{path}");
        let allowed = header(&answer, "Access-Control-Allow-Origin");
        assert_eq!(allowed, Some("https://desk.example"), "{path}");
        assert_eq!(header(&answer, "Vary"), Some("origin"), "{path}");
        let unasked = get(&server, path, "").await;
        assert_eq!(
            header(&unasked, "Access-Control-Allow-Origin"),
            None,
            "{path}"
        );
        assert_eq!(header(&unasked, "Vary"), Some("origin"), "{path}");
    }
    let health = get(&server, "/health", desk).await;
    assert_eq!(header(&health, "Access-Control-Allow-Origin"), None);
    let foreign = get(&server, "/v1/sessions", "Origin: https://evil.example\r\n").await;
    assert_eq!(status(&foreign), 403);
    assert_eq!(header(&foreign, "Access-Control-Allow-Origin"), None);
}

#[tokio::test]
async fn a_preflight_is_answered_for_allowed_origins() {
    let server = Running::start(|settings| {
        settings.allow_origins = vec!["https://desk.example".parse().unwrap()];
    });
    let host = server.address;
    let preflight = |origin: &str, path: &str| {
        format!(
            "OPTIONS {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nOrigin: {origin}\r\n\
             Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: content-type\r\n\
             Access-Control-Request-Private-Network: true\r\n\r\n"
        )
    };
    let answer = ask(&server, &preflight("https://desk.example", "/v1/sessions")).await;
    assert_eq!(status(&answer), 204);
    for (name, expected) in [
        ("Access-Control-Allow-Origin", "https://desk.example"),
        ("Access-Control-Allow-Methods", "GET, HEAD"),
        ("Access-Control-Allow-Private-Network", "true"),
        ("Vary", "origin"),
    ] {
        assert_eq!(header(&answer, name), Some(expected), "{name}");
    }
    let allowed = header(&answer, "Access-Control-Allow-Headers").unwrap();
    assert!(allowed.split(", ").any(|name| name == "content-type"));
    let foreign = preflight("https://evil.example", "/v1/sessions");
    assert_eq!(status(&ask(&server, &foreign).await), 403);
    let elsewhere = preflight("https://desk.example", "/metrics");
    assert_eq!(status(&ask(&server, &elsewhere).await), 405);
}

#[tokio::test]
async fn pages_are_cached_compressed_and_kept_to_their_server() {
    let server = Running::start(|_| {});
    let page = get(&server, "/", "").await;
    let host = server.address;
    let policy = header(&page, "Content-Security-Policy").unwrap();
    for part in [
        "default-src 'self'",
        "frame-ancestors 'none'",
        &format!("connect-src 'self' ws://{host}"),
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    for (name, expected) in [
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-cache"),
        ("Vary", "accept-encoding"),
    ] {
        assert_eq!(header(&page, name), Some(expected), "{name}");
    }
    assert_eq!(header(&page, "Content-Encoding"), None);
    let zipped = get(&server, "/", "Accept-Encoding: br;q=0.5, gzip;q=0.2\r\n").await;
    assert_eq!(header(&zipped, "Content-Encoding"), Some("gzip"));
    assert!(zipped.ends_with("zipped toy"), "{zipped}");
    for answer in [&page, &zipped] {
        let tag = header(answer, "ETag").unwrap();
        let coding = header(answer, "Content-Encoding").unwrap_or("identity");
        let again = format!("If-None-Match: {tag}\r\nAccept-Encoding: {coding}\r\n");
        let again = get(&server, "/", &again).await;
        assert_eq!(status(&again), 304);
        assert_eq!(header(&again, "ETag"), Some(tag));
        assert!(again.ends_with("\r\n\r\n"), "{again}");
    }
    let head = format!("HEAD {SCRIPT} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let script = ask(&server, &head).await;
    let year = "public, max-age=31536000, immutable";
    assert_eq!(header(&script, "Cache-Control"), Some(year));
}
