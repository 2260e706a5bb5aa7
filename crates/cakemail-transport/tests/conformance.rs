//! The outcome of an attempt for each behaviour of a server: one table, measured on both network transports,
//! over TCP and TLS, on both kinds of runtime.
//!
//! `cargo test -p cakemail-transport --test conformance -- --nocapture` prints it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::fmt::Write as _;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use cakemail_transport::{Dispatch, TransportErrorKind};
use support::scripts::*;
use support::server::{Peer, Seen, Server, TIMEOUT};
use support::source::Chunks;
use support::tls::certificate_and_settings;
use support::{MakeTransport, TRANSPORTS, assert_no_secrets, email, streamed};

use Dispatch::{MaybeSent, NotSent};
use TransportErrorKind::{Body, Connect, ConnectionLost, Response};

type Script = fn(Peer) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// A row of the table.
struct Case {
    name: &'static str,
    route: Route,
    server: Script,
    outcome: Outcome,
    connections: usize,
    requests: usize,
}

/// How the request is sent, and to which address.
#[derive(Clone, Copy)]
enum Route {
    Http,
    /// Over HTTP, as the second request of the transport.
    Second,
    Https,
    /// To a port without a listener.
    Refused,
    /// To a name that fails without a DNS query, since one of its labels is too long.
    UnknownHost,
    /// Over HTTP, with a body that is read while it is sent.
    Streamed(Chunks),
}

/// The result that the caller gets.
#[derive(Debug, PartialEq)]
enum Outcome {
    Response(u16, &'static str),
    Error(TransportErrorKind, Dispatch),
}

const RESPONSE_LIMIT: u64 = 64 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

const fn case(name: &'static str, server: Script, outcome: Outcome) -> Case {
    Case { name, route: Route::Http, server, outcome, connections: 1, requests: 1 }
}

const fn unconnected(name: &'static str, route: Route, server: Script, connections: usize) -> Case {
    Case { name, route, server, outcome: Outcome::Error(Connect, NotSent), connections, requests: 0 }
}

const fn second(name: &'static str, server: Script, outcome: Outcome, connections: usize) -> Case {
    Case { name, route: Route::Second, server, outcome, connections, requests: 2 }
}

/// A body whose source gives 20 chunks and announces `announced`.
const fn streaming(name: &'static str, announced: u64, fails: bool, outcome: Outcome, requests: usize) -> Case {
    let route = Route::Streamed(Chunks { count: 20, announced, fails });
    Case { name, route, server: |peer| Box::pin(keep_alive(peer)), outcome, connections: 1, requests }
}

const fn response(status: u16, body: &'static str) -> Outcome {
    Outcome::Response(status, body)
}

const LOST: Outcome = Outcome::Error(ConnectionLost, MaybeSent);
const BODY_FAILED: Outcome = Outcome::Error(Body, NotSent);
const UNUSABLE: Outcome = Outcome::Error(Response, MaybeSent);

/// A script that writes this response and closes the connection.
macro_rules! respond {
    ($response:expr) => {
        |peer| Box::pin(respond_once(peer, $response))
    };
}

const TABLE: &[Case] = &[
    unconnected("connection refused", Route::Refused, |peer| Box::pin(keep_alive(peer)), 0),
    unconnected("host name without an address", Route::UnknownHost, |peer| Box::pin(keep_alive(peer)), 0),
    unconnected("TLS to a plain port", Route::Https, |peer| Box::pin(plain_only(peer)), 1),
    unconnected(
        "TLS without a response until the connect timeout",
        Route::Https,
        |peer| Box::pin(never_respond(peer)),
        1,
    ),
    case("reset before the request is read", |peer| Box::pin(reset_unread(peer)), LOST),
    case("reset after the request is read", |peer| Box::pin(reset_read(peer)), LOST),
    case("closed without a response", |peer| Box::pin(close(peer)), LOST),
    case("closed within the headers", respond!("HTTP/1.1 201 Created\r\ncontent-le"), LOST),
    case("closed within a body with a length", respond!("HTTP/1.1 201 x\r\ncontent-length: 9\r\n\r\n{"), LOST),
    case(
        "closed within a chunked body",
        respond!("HTTP/1.1 201 x\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n"),
        LOST,
    ),
    case(
        "chunk without a size",
        respond!("HTTP/1.1 201 x\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\nzz\r\n"),
        UNUSABLE,
    ),
    case("garbage instead of HTTP", respond!("\u{1}\u{2}\u{3} not HTTP at all\r\n\r\n"), UNUSABLE),
    case("endless headers", |peer| Box::pin(endless(peer, "HTTP/1.1 200 OK\r\n", "x-more: and more\r\n")), UNUSABLE),
    case(
        "endless header line",
        |peer| Box::pin(endless(peer, "HTTP/1.1 200 OK\r\nx: ", "and more and more and more and more ")),
        UNUSABLE,
    ),
    case("body longer than the limit", respond!("HTTP/1.1 200 OK\r\ncontent-length: 65537\r\n\r\n{"), UNUSABLE),
    case(
        "endless body",
        |peer| Box::pin(endless(peer, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "5\r\nabcde\r\n")),
        UNUSABLE,
    ),
    case("one byte at a time", |peer| Box::pin(drip(peer)), response(200, "{}")),
    case("body that ends with the connection", respond!("HTTP/1.1 200 OK\r\n\r\n{}"), response(200, "{}")),
    case(
        "`100 Continue` and `103 Early Hints` first",
        respond!(
            "HTTP/1.1 100 x\r\n\r\nHTTP/1.1 103 x\r\nlink: </a>\r\n\r\nHTTP/1.1 201 x\r\ncontent-length: 2\r\n\r\n{}"
        ),
        response(201, "{}"),
    ),
    case("no content", respond!("HTTP/1.1 204 No Content\r\n\r\n"), response(204, "")),
    case("not modified", respond!("HTTP/1.1 304 x\r\ncontent-length: 2\r\n\r\n"), response(304, "")),
    case("redirect", |peer| Box::pin(redirect(peer)), response(307, "")),
    case("client error", respond!("HTTP/1.1 422 x\r\ncontent-length: 2\r\n\r\n{}"), response(422, "{}")),
    case("too many requests", respond!("HTTP/1.1 429 x\r\ncontent-length: 2\r\n\r\n{}"), response(429, "{}")),
    case("server error", respond!("HTTP/1.1 503 x\r\ncontent-length: 2\r\n\r\n{}"), response(503, "{}")),
    second("second request on the same connection", |peer| Box::pin(keep_alive(peer)), response(200, "{}"), 1),
    second(
        "second request after `connection: close`",
        respond!("HTTP/1.1 200 x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"),
        response(200, "{}"),
        2,
    ),
    second("closed on the second request", |peer| Box::pin(close_on_reuse(peer)), LOST, 1),
    second("reset on the second request", |peer| Box::pin(reset_on_reuse(peer)), LOST, 1),
    streaming("streamed body", 20, false, response(200, "{}"), 1),
    streaming("streamed body that cannot be read to its end", 40, true, BODY_FAILED, 0),
    streaming("streamed body shorter than announced", 40, false, BODY_FAILED, 0),
    streaming("streamed body longer than announced", 10, false, BODY_FAILED, 0),
];

/// The page of the crate's documentation.
const DOCUMENTED: &str = include_str!("../src/conformance.md");

#[tokio::test]
async fn both_transports_match_the_documented_table() {
    check_over(Security::Plain, Runtime::CurrentThread).await;
    let mut table = String::from("| case | result | connections | requests |\n| --- | --- | --- | --- |\n");
    TABLE.iter().for_each(|case| writeln!(table, "{case}").unwrap());
    println!("{table}");
    assert!(DOCUMENTED.ends_with(&table), "the table in src/conformance.md differs from this one:\n\n{table}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_is_the_same_on_a_multi_thread_runtime() {
    check_over(Security::Plain, Runtime::MultiThread).await;
}

#[tokio::test]
async fn the_table_is_the_same_over_tls() {
    check_over(Security::Tls, Runtime::CurrentThread).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_is_the_same_over_tls_on_a_multi_thread_runtime() {
    check_over(Security::Tls, Runtime::MultiThread).await;
}

/// Whether the server of a case speaks TLS, if the case itself does not decide it.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Security {
    Plain,
    Tls,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Runtime {
    CurrentThread,
    MultiThread,
}

async fn check_over(security: Security, runtime: Runtime) {
    for case in TABLE {
        for (name, make) in TRANSPORTS {
            // reqwest returns a connection to its pool in a task, which another thread may run after the next request.
            if name == "reqwest" && runtime == Runtime::MultiThread && matches!(case.route, Route::Second) {
                continue;
            }
            let measured = tokio::time::timeout(TIMEOUT, measure(case, make, security));
            let (outcome, seen) = measured.await.expect(case.name);
            let expected = Seen { connections: case.connections, requests: case.requests };
            assert_eq!((&outcome, seen), (&case.outcome, expected), "{}, over {name}, {security:?}", case.name);
            if matches!(outcome, Outcome::Error(_, NotSent)) {
                assert_eq!(seen.requests, 0, "{}, over {name}, {security:?}, was sent", case.name);
            }
        }
    }
}

async fn measure(case: &Case, make: MakeTransport, security: Security) -> (Outcome, Seen) {
    let is_tls = security == Security::Tls && !matches!(case.route, Route::Https);
    let (acceptor, trusting) = certificate_and_settings();
    let script = case.server;
    let server = Server::start(move |peer| {
        let acceptor = acceptor.clone();
        async move { if is_tls { script(peer.accept_tls(&acceptor).await?).await } else { script(peer).await } }
    });
    let server = server.await;
    // A port that is bound but has no listener refuses connections, and no other process can take it.
    let unused = tokio::net::TcpSocket::new_v4().unwrap();
    unused.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let scheme = if is_tls { "https" } else { "http" };
    let base = match case.route {
        Route::Http | Route::Second | Route::Streamed(_) => server.base(scheme),
        Route::Https => server.base("https"),
        Route::Refused => format!("{scheme}://{}", unused.local_addr().unwrap()),
        Route::UnknownHost => format!("{scheme}://{}.invalid", "x".repeat(64)),
    };
    let transport = make(trusting.response_limit(RESPONSE_LIMIT).connect_timeout(CONNECT_TIMEOUT));
    let request = match case.route {
        Route::Streamed(source) => streamed(&base, source),
        _ => email(&base),
    };
    if let Route::Second = case.route {
        assert_eq!(transport.send(email(&base)).await.unwrap().status(), 200);
    }
    let outcome = match transport.send(request).await {
        Ok(response) => Outcome::Response(response.status().as_u16(), text(response.body())),
        Err(error) => {
            assert_no_secrets(&error);
            Outcome::Error(error.kind(), error.dispatch())
        }
    };
    drop(transport);
    (outcome, server.finish().await)
}

fn text(body: &[u8]) -> &'static str {
    std::str::from_utf8(body).unwrap().to_owned().leak()
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "| {} | ", self.name)?;
        match &self.outcome {
            Outcome::Response(status, _) => write!(f, "`Ok`, {status}")?,
            Outcome::Error(kind, dispatch) => write!(f, "`{kind:?}`, `{dispatch:?}`")?,
        }
        write!(f, " | {} | {} |", self.connections, self.requests)
    }
}
