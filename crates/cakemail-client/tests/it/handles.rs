//! Handles: the options of some calls, and the headers of requests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cakemail_client::{Client, ClientBuilder, Credentials, ErrorKind, RateLimit, RetryPolicy};
use cakemail_transport::http::HeaderMap;
use cakemail_transport::{Dispatch, TransportErrorKind};
use serde_json::json;

use crate::support::{StubServer, ok, status, transport_error};

/// The path and headers of each request.
type Seen = Arc<Mutex<Vec<(String, HeaderMap)>>>;

/// A client with a password, and what it requests.
fn recording() -> (ClientBuilder, Seen) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let server = StubServer::new(move |request| {
        let path = request.uri().path().to_owned();
        let reply = if path == "/token" { status(200, json!({"access_token": "t1"})) } else { ok() };
        record.lock().unwrap().push((path, request.headers().clone()));
        std::future::ready(reply)
    });
    (server.builder().credentials(Credentials::password("ada@example.com", "p")), seen)
}

#[tokio::test(start_paused = true)]
async fn each_option_of_a_handle_holds_for_its_calls_only() {
    let silent = StubServer::new(|_| std::future::pending());
    let client = silent.builder().retry_policy(RetryPolicy::never()).build().unwrap();
    let seconds = Duration::from_secs;
    for (handle, duration, attempts) in [
        (client.clone(), seconds(30), 1),
        (client.attempt_timeout(seconds(2)), seconds(2), 1),
        (client.deadline(seconds(3)), seconds(3), 1),
        (client.attempt_timeout(seconds(7)).deadline(seconds(5)), seconds(5), 1),
    ] {
        let start = tokio::time::Instant::now();
        let error = handle.users().me().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, attempts));
        assert_eq!(start.elapsed(), duration);
    }
    let refusing = StubServer::always(|| transport_error(TransportErrorKind::Connect, Dispatch::NotSent));
    let client = refusing.builder().build().unwrap();
    for (handle, attempts) in [
        (client.clone(), 4),
        (client.retry_policy(RetryPolicy::never()), 1),
        (client.retry_policy(RetryPolicy::default().max_attempts(2)), 2),
    ] {
        assert_eq!(handle.users().me().await.unwrap_err().attempts(), attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn the_retry_budget_is_shared_by_all_handles() {
    let refusing = StubServer::always(|| transport_error(TransportErrorKind::Connect, Dispatch::NotSent));
    let client = refusing.client();
    let insistent = client.deadline(Duration::MAX).retry_policy(RetryPolicy::default().max_attempts(u32::MAX));
    assert_eq!(insistent.users().me().await.unwrap_err().attempts(), 101);
    assert_eq!(client.users().me().await.unwrap_err().attempts(), 1);
}

#[tokio::test]
async fn the_builders_headers_are_in_every_request_and_a_handles_in_its_calls() {
    let (builder, seen) = recording();
    let client: Client = builder.header("X-Gateway", "g").header("X-Team", "all").build().unwrap();
    client.header("X-Team", "red").unwrap().header("x-trace", "7").unwrap().users().me().await.unwrap();
    client.users().me().await.unwrap();

    let names = ["x-gateway", "x-team", "x-trace"];
    let text = |headers: &HeaderMap, name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let sent: Vec<_> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|(path, headers)| (path.clone(), names.map(|name| text(headers, name).unwrap_or_default())))
        .collect();
    let expected =
        [("/token", ["g", "all", ""]), ("/users/self", ["g", "red", "7"]), ("/users/self", ["g", "all", ""])];
    assert_eq!(sent, expected.map(|(path, values)| (path.to_owned(), values.map(str::to_owned))));
}

#[tokio::test]
async fn a_user_agent_takes_the_place_of_the_clients() {
    let (builder, seen) = recording();
    builder.header("User-Agent", "shop/1").build().unwrap().users().me().await.unwrap();
    assert!(seen.lock().unwrap().iter().all(|(_, headers)| headers["user-agent"] == "shop/1"));
}

#[test]
fn a_header_that_is_not_the_callers_to_set_is_refused_by_name() {
    let refused = [
        ("Content-Length", "5"),
        ("content-type", "text/plain"),
        ("Content-Encoding", "gzip"),
        ("Host", "evil.example"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
        ("Keep-Alive", "timeout=5"),
        ("Proxy-Authorization", "Basic x"),
        ("Proxy-Connection", "keep-alive"),
        ("Expect", "100-continue"),
        ("TE", "trailers"),
        ("Trailer", "x-sum"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "x"),
        ("Authorization", "Bearer x"),
        ("Accept", "text/html"),
        ("Accept-Encoding", "gzip"),
        ("x y", "7"),
        ("", "7"),
        ("x-odd", "a\r\nHost: evil.example"),
    ];
    let client = StubServer::always(ok).client();
    for (name, value) in refused {
        let by_handle = client.header(name, value).unwrap_err();
        let by_builder =
            StubServer::always(ok).builder().header(name, value).header("x-fine", "1").build().unwrap_err();
        for error in [by_handle, by_builder] {
            assert_eq!(error.kind(), ErrorKind::Configuration, "{name}");
            let text = error.to_string();
            assert!(text.contains(&format!("the header `{name}` ")) && !text.contains("evil"), "{text}");
        }
    }
}

#[test]
fn the_value_of_a_header_is_never_shown() {
    let client = StubServer::always(ok).builder().header("x-key", "hunter2").build().unwrap();
    let handle = client.header("x-other", "hunter2").unwrap();
    assert!(!format!("{client:?}{handle:?}").contains("hunter2"));
}

#[tokio::test(start_paused = true)]
async fn a_handle_without_the_rate_limit_does_not_wait_for_it() {
    let client = StubServer::always(ok).builder().rate_limit(RateLimit::Fixed(0.1)).build().unwrap();
    let start = tokio::time::Instant::now();
    for _ in 0..10 {
        client.without_rate_limit().users().me().await.unwrap();
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    client.users().me().await.unwrap();
    client.users().me().await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(10));
}
