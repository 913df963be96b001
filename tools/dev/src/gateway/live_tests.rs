//! The rendered configuration in a real nginx, before services that are a few lines each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use super::render::{Place, Rate, nginx};
use super::table::{SERVICES, Table};
use crate::outside::Outside;

struct Gateway {
    child: Child,
    dir: PathBuf,
    port: u16,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Before `upstream`, which stands for every service; routes answer within a second or not at all.
async fn gateway(name: &str, upstream: u16, rate: Rate) -> Gateway {
    let dir = std::env::temp_dir().join(format!("witan-gateway-{name}-{}", std::process::id()));
    std::fs::create_dir_all(dir.join("site/api/v1")).unwrap();
    super::site::write(&dir.join("site"), &serde_json::json!({})).unwrap();
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut table = Table::read(&checkout).unwrap();
    for route in &mut table.routes {
        route.timeout = Some(1);
    }
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let place = Place {
        listen: vec![format!("127.0.0.1:{port}")],
        tls: None,
        upstreams: BTreeMap::from(SERVICES.map(|s| (s.to_owned(), vec![format!("127.0.0.1:{upstream}")]))),
        workers: "1",
        run_dir: dir.clone(),
        site: dir.join("site"),
        access_log: "off".to_owned(),
        error_log: "stderr".to_owned(),
        rate,
    };
    let config = dir.join("nginx.conf");
    let text = nginx(&checkout, &table, &place).unwrap().replace("access_log off json;", "access_log off;");
    // One process, so that killing it leaves no worker behind.
    std::fs::write(&config, text.replacen("daemon off;", "daemon off;\nmaster_process off;", 1)).unwrap();
    let program = Outside::read().program("nginx", "nginx-light").unwrap();
    let mut command = Command::new(program);
    command.arg("-p").arg(&dir).arg("-c").arg(&config).args(["-e", "stderr"]);
    let child = command.kill_on_drop(true).spawn().unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(tokio::time::Instant::now() < deadline, "nginx does not listen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Gateway { child, dir, port }
}

/// A service that answers every request with what it got, as JSON text.
async fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let head = read_request(&mut stream).await;
            let body = serde_json::to_string(&head).unwrap();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    port
}

/// A service that goes away as soon as it has seen the head of a request.
async fn broken() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            read_head(&mut stream).await;
        }
    });
    port
}

/// The head of a request, once its body has come as well.
async fn read_request(stream: &mut TcpStream) -> String {
    let (head, mut seen) = read_head(stream).await;
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let (length, mut piece) = (length.unwrap_or(0_usize), vec![0; 65_536]);
    while seen < length {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(count) => seen += count,
        }
    }
    head
}

/// The head of a request, and how much of its body came along.
async fn read_head(stream: &mut TcpStream) -> (String, usize) {
    let mut read = Vec::new();
    let end = loop {
        if let Some(end) = read.windows(4).position(|end| end == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
            break read.len();
        }
    };
    (String::from_utf8_lossy(&read[..end]).into_owned(), read.len() - end)
}

/// Sends bytes as they are and reads until the other side closes.
async fn raw(port: u16, request: &str) -> (u16, String, Value) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_default();
    (status, head.to_lowercase(), serde_json::from_str(body).unwrap_or_default())
}

async fn get(port: u16, path: &str, headers: &str) -> (u16, String, Value) {
    raw(port, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n")).await
}

fn assert_problem((status, head, body): &(u16, String, Value), expected: u16, code: &str) {
    assert_eq!(*status, expected, "{head}");
    assert!(head.contains("content-type: application/problem+json"), "{head}");
    assert_eq!(body["code"], code);
    assert_eq!(body["type"], format!("/docs/problems#{code}"));
    assert!(body["title"].is_string());
    assert_eq!(body["status"], expected);
    let id = body["traceId"].as_str().unwrap();
    assert!(id.len() == 32 && head.contains(&format!("x-trace-id: {id}")), "{head}");
}

#[tokio::test]
async fn every_error_of_the_gateway_is_a_problem() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = gateway("errors", silent.local_addr().unwrap().port(), Rate::LAPTOP).await;
    let port = gateway.port;
    assert_problem(&get(port, "/nothing", "").await, 404, "request.route_not_found");
    assert_problem(&get(port, "/api/v1/authority", "").await, 404, "request.route_not_found");
    assert_problem(&get(port, "/internal/jwks", "").await, 404, "request.route_not_found");
    assert_problem(&get(port, "/metrics", "").await, 404, "request.route_not_found");
    for uri in ["/api/v1/plans/\u{fc}", "/api/v1/plans?a=<b>", "/api/v1/plans?\"", "/api/v1/plans/`"] {
        assert_problem(&get(port, uri, "").await, 400, "request.unparsable");
    }
    let large = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n";
    assert_problem(&raw(port, large).await, 413, "request.body_too_large");
    let header = format!("X-Large: {}\r\n", "x".repeat(20_000));
    assert_problem(&get(port, "/health", &header).await, 400, "request.unparsable");
    assert_problem(&get(port, &format!("/{}", "x".repeat(20_000)), "").await, 414, "request.uri_too_long");
    let post =
        "POST /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let wrong_method = raw(port, post).await;
    assert_problem(&wrong_method, 405, "request.method_not_allowed");
    assert!(wrong_method.1.contains("allow: get, head"));
    assert_problem(&get(port, "/api/v1/plans", "").await, 504, "dependency.service_timeout");
    drop(silent);
    assert_problem(&get(port, "/api/v1/plans", "").await, 502, "dependency.service_unreachable");
}

#[tokio::test]
async fn openais_paths_have_openais_errors() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = gateway("openai", silent.local_addr().unwrap().port(), Rate::LAPTOP).await;
    let port = gateway.port;
    let assert_error = |(status, head, body): (u16, String, Value), expected: u16, kind: &str, code: &str| {
        assert_eq!(status, expected, "{head}");
        assert!(head.contains("content-type: application/json") && head.contains("x-request-id: "), "{head}");
        assert_eq!((&body["error"]["type"], &body["error"]["code"]), (&kind.into(), &code.into()));
        assert!(body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()));
    };
    let wrong = "invalid_request_error";
    assert_error(get(port, "/v1/nothing", "").await, 404, wrong, "request.route_not_found");
    let large = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n";
    assert_error(raw(port, large).await, 413, wrong, "request.body_too_large");
    assert_error(get(port, "/v1/models", "").await, 504, "server_error", "dependency.service_timeout");
    drop(silent);
    assert_error(get(port, "/v1/models", "").await, 502, "server_error", "dependency.service_unreachable");
    assert_problem(&get(port, "/v1", "").await, 404, "request.route_not_found");
}

/// Whatever a path is spelled like, it reaches the service as it was sent, or nobody: what is internal stays so.
#[tokio::test]
async fn another_spelling_of_a_path_reaches_nothing_internal() {
    let gateway = gateway("spellings", echo().await, Rate::LAPTOP).await;
    let inside = [
        "/internal/jwks",
        "//internal/jwks",
        "/%69nternal/jwks",
        "/INTERNAL/jwks",
        "/internal%2fjwks",
        "/./internal/jwks",
        "/api/v1/auth/../../../internal/jwks",
        "/api/v1/auth/%2e%2e/%2e%2e/%2e%2e/internal/jwks",
        "/api/v1/auth/..%2f..%2f..%2finternal/jwks",
        "/api/v1/plans/../../../metrics",
        "/metrics;x=1",
        "//metrics",
        "/api//v1/auth/me",
        "//api/v1/auth/me",
        "/API/v1/auth/me",
        "/api/v1/auth;x=1/me",
        "/api/v1/authority/../nothing",
    ];
    for path in inside {
        assert_problem(&get(gateway.port, path, "").await, 404, "request.route_not_found");
    }
    for path in ["/api/v1/auth/%6de", "/api/v1/auth/./me", "/api/v1/plans/../auth/me", "/api/v1/auth//me"] {
        let (status, _, head) = get(gateway.port, path, "").await;
        assert_eq!(status, 200, "{path}");
        let sent = head.as_str().unwrap().lines().next().unwrap().to_owned();
        assert_eq!(sent, format!("GET {path} HTTP/1.1"), "it was tidied up on the way");
    }
}

/// A route below another has limits of its own.
#[tokio::test]
async fn a_picture_may_be_larger_than_other_bodies() {
    let gateway = gateway("bodies", echo().await, Rate::LAPTOP).await;
    let post = |path: &str, length: u32| {
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")
    };
    let other = raw(gateway.port, &post("/api/v1/users/me", 2_000_000)).await;
    assert_problem(&other, 413, "request.body_too_large");
    let picture = format!("{}{}", post("/api/v1/users/me/avatar", 2_000_000), "x".repeat(2_000_000));
    assert_eq!(raw(gateway.port, &picture).await.0, 200);
    let larger = raw(gateway.port, &post("/api/v1/users/me/avatar", 7_000_000)).await;
    assert_problem(&larger, 413, "request.body_too_large");
}

#[tokio::test]
async fn a_service_that_breaks_off_in_a_large_body_is_not_the_bodys_fault() {
    let gateway = gateway("broken", broken().await, Rate::LAPTOP).await;
    let head = "POST /api/v1/users/me/avatar HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\nConnection: close\r\n\r\n";
    let answer = raw(gateway.port, &format!("{head}{}", "x".repeat(2_000_000))).await;
    assert!([502, 503, 504].contains(&answer.0), "{answer:?}");
    assert_problem(&answer, 502, "dependency.service_unreachable");
}

#[tokio::test]
async fn the_address_of_a_problem_is_a_page() {
    let gateway = gateway("pages", echo().await, Rate::LAPTOP).await;
    let page = get(gateway.port, "/docs/problems", "").await;
    assert_eq!(page.0, 200);
    assert!(page.1.contains("content-type: text/html"), "{}", page.1);
}

#[tokio::test]
async fn too_many_requests_from_an_address_are_told_to_wait() {
    let rate = Rate { api: "1r/m", burst: 1, ..Rate::DEPLOYED };
    let gateway = gateway("rate", echo().await, rate).await;
    for _ in 0..2 {
        assert_eq!(get(gateway.port, "/api/v1/plans", "").await.0, 200);
    }
    let refused = get(gateway.port, "/api/v1/plans", "").await;
    assert_problem(&refused, 429, "rate_limit.address");
    assert!(refused.1.contains("retry-after: 1"));
}

#[tokio::test]
async fn begins_a_trace_and_keeps_one_that_is_valid() {
    let gateway = gateway("trace", echo().await, Rate::LAPTOP).await;
    let seen = async |headers: &str| {
        let (status, _, body) = get(gateway.port, "/api/v1/auth/me?x=1", headers).await;
        assert_eq!(status, 200);
        body.as_str().unwrap().to_lowercase()
    };
    let field = |head: &str, name: &str| {
        head.lines()
            .find_map(|l| l.strip_prefix(name))
            .map(|v| v.trim_start_matches(": ").to_owned())
            .unwrap_or_default()
    };

    let begun = seen("").await;
    let parent = field(&begun, "traceparent");
    let id = field(&begun, "x-request-id");
    assert!(begun.starts_with("get /api/v1/auth/me?x=1 "), "{begun}");
    assert!(
        parent.starts_with(&format!("00-{id}-")) && parent.ends_with("-01") && parent.len() == 55,
        "{begun}"
    );

    let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    let kept = seen(&format!("traceparent: {valid}\r\ntracestate: a=b\r\n")).await;
    assert_eq!(field(&kept, "traceparent"), valid);
    assert_eq!(field(&kept, "tracestate"), "a=b");

    for invalid in ["nonsense", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"] {
        let replaced = seen(&format!("traceparent: {invalid}\r\ntracestate: a=b\r\n")).await;
        assert_ne!(field(&replaced, "traceparent"), invalid);
    }
    assert_eq!(field(&seen("X-Request-Id: order-7\r\n").await, "x-request-id"), "order-7");
    assert_ne!(field(&seen("X-Request-Id: a b\"c\r\n").await, "x-request-id"), "a b\"c");
}

#[tokio::test]
async fn a_client_cannot_choose_its_address() {
    let gateway = gateway("address", echo().await, Rate::LAPTOP).await;
    let claims = "X-Forwarded-For: 6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n";
    let (_, _, body) = get(gateway.port, "/api/v1/usage", claims).await;
    let head = body.as_str().unwrap().to_lowercase();
    assert!(head.contains("x-forwarded-for: 127.0.0.1") && !head.contains("6.6.6.6"), "{head}");
}

#[tokio::test]
async fn an_event_passes_before_the_stream_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = gateway("stream", listener.local_addr().unwrap().port(), Rate::LAPTOP).await;
    let mut client = TcpStream::connect(("127.0.0.1", gateway.port)).await.unwrap();
    let request = "POST /api/v1/agents/run HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
    client.write_all(request.as_bytes()).await.unwrap();
    let (mut service, _) = listener.accept().await.unwrap();
    read_head(&mut service).await;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n8\r\n: first\n\r\n";
    service.write_all(head.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    let arrived = async {
        while !String::from_utf8_lossy(&seen).contains(": first") {
            assert_ne!(client.read_buf(&mut seen).await.unwrap(), 0, "the gateway closed the stream");
        }
    };
    tokio::time::timeout(Duration::from_millis(900), arrived).await.expect("held back by the gateway");
}
