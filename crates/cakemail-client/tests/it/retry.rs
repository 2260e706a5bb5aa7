//! The retry matrix, as one table, and the outcome of several attempts.

use std::fmt::Write as _;

use cakemail_client::{Error, ErrorKind, Outcome};
use cakemail_model::Idempotency;
use cakemail_model::senders::SenderPatch;
use cakemail_transport::{Dispatch, TransportErrorKind};
use serde_json::json;

use crate::support::{Reply, StubServer, TokenServer, email, ok, respond, status, transport_error};

use Dispatch::{MaybeSent, NotSent};
use Idempotency::{Idempotent, NonIdempotent, Safe};
use TransportErrorKind::{Body, Connect, ConnectionLost, Request, Response, Timeout};

/// The attempts and the outcome of a safe, an idempotent and a non-idempotent call.
type Expected = [(u32, Outcome); 3];

/// All are retried: the server did nothing.
const RETRIED: Expected = [(4, Outcome::NotDone); 3];
/// None is retried: the server did nothing, and another attempt would fail too.
const FAILED: Expected = [(1, Outcome::NotDone); 3];
/// The server may have processed the request: a non-idempotent one is not retried.
const RETRIED_IF_IDEMPOTENT: Expected = [(4, Outcome::NotDone), (4, Outcome::Unknown), (1, Outcome::Unknown)];
/// The server may have processed the request, and another attempt would fail too.
const UNKNOWN: Expected = [(1, Outcome::NotDone), (1, Outcome::Unknown), (1, Outcome::Unknown)];

const fn failure(failure: fn() -> Reply, kind: ErrorKind, expected: Expected) -> (fn() -> Reply, ErrorKind, Expected) {
    (failure, kind, expected)
}

fn html(code: u16) -> Reply {
    respond(code, &[("content-type", "text/html")], "<h1>Sorry</h1>")
}

fn rejection(code: u16) -> Reply {
    status(code, json!({"detail": [{"loc": ["body", "email"], "msg": "no", "type": "x"}]}))
}

#[tokio::test(start_paused = true)]
async fn retries_and_outcomes_depend_on_the_failure_and_the_idempotency() {
    let table = [
        ("no connection", failure(|| transport_error(Connect, NotSent), ErrorKind::Connect, RETRIED)),
        (
            "connection lost before the request was sent",
            failure(|| transport_error(ConnectionLost, NotSent), ErrorKind::ConnectionLost, RETRIED),
        ),
        (
            "connection lost",
            failure(|| transport_error(ConnectionLost, MaybeSent), ErrorKind::ConnectionLost, RETRIED_IF_IDEMPOTENT),
        ),
        ("timeout", failure(|| transport_error(Timeout, MaybeSent), ErrorKind::Timeout, RETRIED_IF_IDEMPOTENT)),
        ("invalid HTTP", failure(|| transport_error(Response, MaybeSent), ErrorKind::UnexpectedResponse, UNKNOWN)),
        ("unreadable body", failure(|| transport_error(Body, NotSent), ErrorKind::Invalid, FAILED)),
        ("unreadable body, possibly sent", failure(|| transport_error(Body, MaybeSent), ErrorKind::Invalid, UNKNOWN)),
        ("invalid request", failure(|| transport_error(Request, NotSent), ErrorKind::Configuration, FAILED)),
        ("301", failure(|| html(301), ErrorKind::UnexpectedResponse, FAILED)),
        ("400", failure(|| rejection(400), ErrorKind::BadRequest, FAILED)),
        ("400 from another server", failure(|| html(400), ErrorKind::UnexpectedResponse, FAILED)),
        ("401", failure(|| rejection(401), ErrorKind::Authentication, FAILED)),
        ("403", failure(|| rejection(403), ErrorKind::Forbidden, FAILED)),
        ("404", failure(|| rejection(404), ErrorKind::NotFound, FAILED)),
        ("404 from another server", failure(|| html(404), ErrorKind::UnexpectedResponse, FAILED)),
        ("408", failure(|| html(408), ErrorKind::Server, RETRIED_IF_IDEMPOTENT)),
        ("409", failure(|| rejection(409), ErrorKind::BadRequest, FAILED)),
        ("413", failure(|| html(413), ErrorKind::BadRequest, FAILED)),
        ("422", failure(|| rejection(422), ErrorKind::BadRequest, FAILED)),
        ("429", failure(|| html(429), ErrorKind::RateLimited, RETRIED)),
        (
            "429 with Retry-After",
            failure(|| respond(429, &[("retry-after", "1")], ""), ErrorKind::RateLimited, RETRIED),
        ),
        ("500", failure(|| rejection(500), ErrorKind::Server, RETRIED_IF_IDEMPOTENT)),
        ("502", failure(|| html(502), ErrorKind::Server, RETRIED_IF_IDEMPOTENT)),
        ("503", failure(|| html(503), ErrorKind::Server, RETRIED_IF_IDEMPOTENT)),
        (
            "503 with Retry-After",
            failure(|| respond(503, &[("retry-after", "1")], ""), ErrorKind::Server, RETRIED_IF_IDEMPOTENT),
        ),
        ("504", failure(|| html(504), ErrorKind::Server, RETRIED_IF_IDEMPOTENT)),
        ("599", failure(|| html(599), ErrorKind::Server, RETRIED_IF_IDEMPOTENT)),
        ("200 from another server", failure(|| html(200), ErrorKind::UnexpectedResponse, UNKNOWN)),
        ("200 without an id", failure(|| status(200, json!({})), ErrorKind::UnexpectedResponse, UNKNOWN)),
    ];
    let mut mismatches = String::new();
    for (name, (failure, kind, expected)) in table {
        for (idempotency, (attempts, outcome)) in [Safe, Idempotent, NonIdempotent].into_iter().zip(expected) {
            let server = StubServer::always(failure);
            let error = call(&server, idempotency).await;
            let (seen, reported) = (server.count(), (error.kind(), error.attempts(), error.outcome()));
            if (seen, reported) != (attempts as usize, (kind, attempts, outcome)) {
                writeln!(mismatches, "{name}, {idempotency:?}: {seen} requests, {reported:?}").unwrap();
            }
        }
    }
    assert!(mismatches.is_empty(), "{mismatches}");
}

async fn call(server: &StubServer, idempotency: Idempotency) -> Error {
    let client = server.client();
    match idempotency {
        Safe => client.users().me().await.map(drop),
        Idempotent => client.senders().update(&"7".into(), &SenderPatch::new().name("Ada")).await.map(drop),
        NonIdempotent => client.emails().send(&email()).await.map(drop),
    }
    .unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_call_succeeds_when_a_retry_does() {
    let server = StubServer::script([transport_error(Connect, NotSent), respond(429, &[], ""), ok()]);
    let sent = server.client().emails().send(&email()).await.unwrap();
    assert_eq!((sent.attempts, server.count()), (3, 3));

    let server = StubServer::script([html(500), transport_error(ConnectionLost, MaybeSent), html(408), ok()]);
    server.client().users().me().await.unwrap();
    assert_eq!(server.count(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_stays_unknown_after_an_attempt_that_did_nothing() {
    for last in [|| transport_error(Connect, NotSent), || respond(429, &[], ""), || rejection(400)] {
        let server = StubServer::script([html(500), last(), last(), last()]);
        let error = call(&server, Idempotent).await;
        assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
        assert!(error.to_string().contains("The server may have processed the request"), "{error}");
    }
    let server = StubServer::script([transport_error(Connect, NotSent), html(500)]);
    let error = call(&server, NonIdempotent).await;
    assert_eq!((error.attempts(), error.outcome(), server.count()), (2, Outcome::Unknown, 2));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_stays_unknown_after_a_failed_renewal_of_the_token() {
    let tokens = TokenServer::new();
    let server = StubServer::new({
        let replies = std::sync::Mutex::new(vec![rejection(401), rejection(401), html(500), token_granted()]);
        move |_| std::future::ready(replies.lock().unwrap().pop().unwrap())
    });
    let client = tokens.builder().transport(server.clone()).build().unwrap();
    let patch = SenderPatch::new().name("Ada");
    let error = client.senders().update(&"7".into(), &patch).await.unwrap_err();
    let lines: Vec<_> = server.requests().into_iter().map(|request| request.line).collect();
    let update = "PATCH /brands/default/senders/7";
    assert_eq!(lines, ["POST /token", update, update, "POST /token"]);
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Authentication, Outcome::Unknown));
}

fn token_granted() -> Reply {
    status(200, json!({"access_token": "t", "expires_in": 3600}))
}

#[tokio::test(start_paused = true)]
async fn a_failed_request_for_a_token_is_not_done() {
    for failure in
        [|| html(503), || transport_error(ConnectionLost, MaybeSent), || html(200), || status(200, json!({}))]
    {
        let server = StubServer::always(failure);
        let client = TokenServer::new().builder().transport(server.clone()).build().unwrap();
        let error = client.emails().send(&email()).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotDone, "{error}");
        assert!(error.to_string().starts_with("createToken: "), "{error}");
        assert!(server.requests().iter().all(|request| request.line == "POST /token"));
        assert_eq!(client.authenticate().await.unwrap_err().outcome(), Outcome::NotDone);
    }
}

/// A hundred retries for all clones; ten successes add one; retries after a 429 take none.
#[tokio::test(start_paused = true)]
async fn clones_share_a_retry_budget_that_successes_refill() {
    let status_code = std::sync::Arc::new(std::sync::atomic::AtomicU16::new(503));
    let shared = std::sync::Arc::clone(&status_code);
    let server = StubServer::new(move |_| {
        let code = shared.load(std::sync::atomic::Ordering::SeqCst);
        std::future::ready(if code == 200 { ok() } else { html(code) })
    });
    let client = server.client();
    let set = |code| status_code.store(code, std::sync::atomic::Ordering::SeqCst);
    for _ in 0..50 {
        client.clone().users().me().await.unwrap_err();
    }
    assert_eq!(server.count(), 50 + 100);
    assert_eq!(call_attempts(&client).await, 1);

    set(429);
    assert_eq!(call_attempts(&client).await, 4);

    set(200);
    for _ in 0..10 {
        client.users().me().await.unwrap();
    }
    set(503);
    assert_eq!((call_attempts(&client).await, call_attempts(&client).await), (2, 1));
    // Separate clients share nothing.
    assert_eq!(call_attempts(&server.client()).await, 4);
}

async fn call_attempts(client: &cakemail_client::Client) -> u32 {
    client.users().me().await.unwrap_err().attempts()
}
