//! What a transport makes of all that a server can do to it: one table, measured on both real transports.
//!
//! `cargo test -p cakemail-transport --test conformance -- --nocapture` prints it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // in helpers, too

mod support;

use std::fmt::Write as _;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use cakemail_transport::{Dispatch, Settings, TransportErrorKind};
use support::scripts::*;
use support::server::{PATIENCE, Peer, Seen, Server};
use support::source::Pieces;
use support::{Make, TRANSPORTS, assert_discreet, email, settings, streamed};

use Dispatch::{MaybeSent, NotSent};
use TransportErrorKind::{Body, Connect, ConnectionLost, Response};

type Script = fn(Peer) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// A row of the table.
struct Case {
    name: &'static str,
    road: Road,
    server: Script,
    outcome: Outcome,
    connections: usize,
    requests: usize,
}

/// The way that the request takes.
#[derive(Clone, Copy)]
enum Road {
    Http,
    /// The same, after a first request that was answered.
    Again,
    Https,
    /// To a port where nobody listens.
    Refused,
    /// To a name that no resolver has to ask for: a part of it is longer than a name's part can be.
    Nameless,
    /// With a body of which some is read while it is sent.
    Streamed(Pieces),
}

/// What the caller gets.
#[derive(Debug, PartialEq)]
enum Outcome {
    Answer(u16, &'static str),
    Error(TransportErrorKind, Dispatch),
}

const LIMIT: u64 = 64 * 1024;
const CONNECT_LIMIT: Duration = Duration::from_millis(500);

const fn case(name: &'static str, server: Script, outcome: Outcome) -> Case {
    Case { name, road: Road::Http, server, outcome, connections: 1, requests: 1 }
}

const fn unconnected(name: &'static str, road: Road, server: Script, connections: usize) -> Case {
    Case { name, road, server, outcome: Outcome::Error(Connect, NotSent), connections, requests: 0 }
}

const fn second(name: &'static str, server: Script, outcome: Outcome, connections: usize) -> Case {
    Case { name, road: Road::Again, server, outcome, connections, requests: 2 }
}

/// The source gives 20 pieces of what it says are so many.
const fn streaming(name: &'static str, said: u64, breaks: bool, outcome: Outcome, requests: usize) -> Case {
    let road = Road::Streamed(Pieces { count: 20, said, breaks });
    Case { name, road, server: |peer| Box::pin(keep(peer)), outcome, connections: 1, requests }
}

const fn answer(status: u16, body: &'static str) -> Outcome {
    Outcome::Answer(status, body)
}

const BROKEN: Outcome = Outcome::Error(ConnectionLost, MaybeSent);
const BROKEN_OFF: Outcome = Outcome::Error(Body, NotSent);
const UNUSABLE: Outcome = Outcome::Error(Response, MaybeSent);

/// A script that writes this answer.
macro_rules! say {
    ($answer:expr) => {
        |peer| Box::pin(say(peer, $answer))
    };
}

const TABLE: &[Case] = &[
    unconnected("connection refused", Road::Refused, |peer| Box::pin(keep(peer)), 0),
    unconnected("name without an address", Road::Nameless, |peer| Box::pin(keep(peer)), 0),
    unconnected("TLS to a plain port", Road::Https, |peer| Box::pin(plain_only(peer)), 1),
    unconnected("TLS without an answer, until the connect timeout", Road::Https, |peer| Box::pin(never_speak(peer)), 1),
    case("reset before the request was read", |peer| Box::pin(reset_unread(peer)), BROKEN),
    case("reset after it was read", |peer| Box::pin(reset_read(peer)), BROKEN),
    case("closed without an answer", |peer| Box::pin(close(peer)), BROKEN),
    case("closed within the headers", say!("HTTP/1.1 201 Created\r\ncontent-le"), BROKEN),
    case("closed within the body, by its length", say!("HTTP/1.1 201 x\r\ncontent-length: 9\r\n\r\n{"), BROKEN),
    case(
        "closed within the body, in chunks",
        say!("HTTP/1.1 201 x\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n"),
        BROKEN,
    ),
    case(
        "a chunk without a size",
        say!("HTTP/1.1 201 x\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\nzz\r\n"),
        UNUSABLE,
    ),
    case("garbage instead of HTTP", say!("\u{1}\u{2}\u{3} not HTTP at all\r\n\r\n"), UNUSABLE),
    case("endless headers", |peer| Box::pin(endless(peer, "HTTP/1.1 200 OK\r\n", "x-more: and more\r\n")), UNUSABLE),
    case(
        "one endless header",
        |peer| Box::pin(endless(peer, "HTTP/1.1 200 OK\r\nx: ", "and more and more and more and more ")),
        UNUSABLE,
    ),
    case("body beyond the limit, by its length", say!("HTTP/1.1 200 OK\r\ncontent-length: 65537\r\n\r\n{"), UNUSABLE),
    case(
        "endless body",
        |peer| Box::pin(endless(peer, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "5\r\nabcde\r\n")),
        UNUSABLE,
    ),
    case("slow drip", |peer| Box::pin(drip(peer)), answer(200, "{}")),
    case("body until the end of the connection", say!("HTTP/1.1 200 OK\r\n\r\n{}"), answer(200, "{}")),
    case(
        "`100 Continue` and `103 Early Hints` first",
        say!("HTTP/1.1 100 x\r\n\r\nHTTP/1.1 103 x\r\nlink: </a>\r\n\r\nHTTP/1.1 201 x\r\ncontent-length: 2\r\n\r\n{}"),
        answer(201, "{}"),
    ),
    case("no content", say!("HTTP/1.1 204 No Content\r\n\r\n"), answer(204, "")),
    case("not modified", say!("HTTP/1.1 304 x\r\ncontent-length: 2\r\n\r\n"), answer(304, "")),
    case("redirect", |peer| Box::pin(redirect(peer)), answer(307, "")),
    case("client error", say!("HTTP/1.1 422 x\r\ncontent-length: 2\r\n\r\n{}"), answer(422, "{}")),
    case("too many requests", say!("HTTP/1.1 429 x\r\ncontent-length: 2\r\n\r\n{}"), answer(429, "{}")),
    case("server error", say!("HTTP/1.1 503 x\r\ncontent-length: 2\r\n\r\n{}"), answer(503, "{}")),
    second("second request on the same connection", |peer| Box::pin(keep(peer)), answer(200, "{}"), 1),
    second(
        "second request after `connection: close`",
        say!("HTTP/1.1 200 x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"),
        answer(200, "{}"),
        2,
    ),
    second("closed on the second request", |peer| Box::pin(close_on_reuse(peer)), BROKEN, 1),
    second("reset on the second request", |peer| Box::pin(reset_on_reuse(peer)), BROKEN, 1),
    streaming("a body that is read while it is sent", 20, false, answer(200, "{}"), 1),
    streaming("a body that cannot be read to its end", 40, true, BROKEN_OFF, 0),
    streaming("a body that is shorter than announced", 40, false, BROKEN_OFF, 0),
    streaming("a body that is longer than announced", 10, false, BROKEN_OFF, 0),
];

/// What the crate's documentation says.
const DOCUMENTED: &str = include_str!("../src/conformance.md");

#[tokio::test]
async fn both_transports_do_as_documented() {
    let mut table =
        String::from("| what happens | what the caller gets | connections | requests |\n| --- | --- | --- | --- |\n");
    for case in TABLE {
        for (name, make) in TRANSPORTS {
            let (outcome, seen) = tokio::time::timeout(PATIENCE, measure(case, make)).await.expect(case.name);
            let expected = Seen { connections: case.connections, requests: case.requests };
            assert_eq!((&outcome, seen), (&case.outcome, expected), "{}, over {name}", case.name);
            if matches!(outcome, Outcome::Error(_, NotSent)) {
                assert_eq!(seen.requests, 0, "{}, over {name}, was sent", case.name);
            }
        }
        writeln!(table, "{case}").unwrap();
    }
    println!("{table}");
    assert!(DOCUMENTED.ends_with(&table), "src/conformance.md has another table than this:\n\n{table}");
}

async fn measure(case: &Case, make: Make) -> (Outcome, Seen) {
    let server = Server::start(case.server).await;
    // A port that is bound and not listened on refuses, and nobody else can get it.
    let unheard = tokio::net::TcpSocket::new_v4().unwrap();
    unheard.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base = match case.road {
        Road::Http | Road::Again | Road::Streamed(_) => server.base("http"),
        Road::Https => server.base("https"),
        Road::Refused => format!("http://{}", unheard.local_addr().unwrap()),
        Road::Nameless => format!("http://{}.invalid", "x".repeat(64)),
    };
    let transport = make(limited());
    let request = match case.road {
        Road::Streamed(source) => streamed(&base, source),
        _ => email(&base),
    };
    if let Road::Again = case.road {
        assert_eq!(transport.send(email(&base)).await.unwrap().status(), 200);
    }
    let outcome = match transport.send(request).await {
        Ok(answer) => Outcome::Answer(answer.status().as_u16(), text(answer.body())),
        Err(error) => {
            assert_discreet(&error);
            Outcome::Error(error.kind(), error.dispatch())
        }
    };
    drop(transport);
    (outcome, server.finish().await)
}

fn limited() -> Settings {
    settings().response_limit(LIMIT).connect_timeout(CONNECT_LIMIT)
}

fn text(body: &[u8]) -> &'static str {
    std::str::from_utf8(body).unwrap().to_owned().leak()
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "| {} | ", self.name)?;
        match &self.outcome {
            Outcome::Answer(status, _) => write!(f, "`Ok`, {status}")?,
            Outcome::Error(kind, dispatch) => write!(f, "`{kind:?}`, `{dispatch:?}`")?,
        }
        write!(f, " | {} | {} |", self.connections, self.requests)
    }
}
