//! The retry matrix, as one table, and what several attempts add up to.

use std::fmt::Write as _;

use cakemail_client::{Error, ErrorKind, Outcome};
use cakemail_model::senders::SenderPatch;
use cakemail_transport::{Dispatch, TransportErrorKind};
use serde_json::json;

use crate::support::{Answer, Guarded, Server, email, fail, fine, respond, status};

use Dispatch::{MaybeSent, NotSent};
use TransportErrorKind::{Body, Connect, ConnectionLost, Request, Response, Timeout};

/// A read, an idempotent call, and one that repeats: how many attempts each makes, and the outcome that it reports.
type Expected = [(u32, Outcome); 3];

/// Four attempts, whatever it is: nothing was done.
const AGAIN: Expected = [(4, Outcome::NotDone); 3];
/// One attempt: nothing was done, and trying again would not help.
const ONCE: Expected = [(1, Outcome::NotDone); 3];
/// It may have been done: what repeats is not tried again.
const UNLESS_IT_REPEATS: Expected = [(4, Outcome::NotDone), (4, Outcome::Unknown), (1, Outcome::Unknown)];
/// It may have been done, and trying again would not help.
const IN_DOUBT: Expected = [(1, Outcome::NotDone), (1, Outcome::Unknown), (1, Outcome::Unknown)];

const fn failure(
    failure: fn() -> Answer,
    kind: ErrorKind,
    expected: Expected,
) -> (fn() -> Answer, ErrorKind, Expected) {
    (failure, kind, expected)
}

fn html(code: u16) -> Answer {
    respond(code, &[("content-type", "text/html")], "<h1>Sorry</h1>")
}

fn refusal(code: u16) -> Answer {
    status(code, json!({"detail": [{"loc": ["body", "email"], "msg": "no", "type": "x"}]}))
}

#[tokio::test(start_paused = true)]
async fn the_matrix() {
    let table = [
        ("not connected", failure(|| fail(Connect, NotSent), ErrorKind::Connect, AGAIN)),
        ("broken before it was sent", failure(|| fail(ConnectionLost, NotSent), ErrorKind::ConnectionLost, AGAIN)),
        ("broken", failure(|| fail(ConnectionLost, MaybeSent), ErrorKind::ConnectionLost, UNLESS_IT_REPEATS)),
        ("too late", failure(|| fail(Timeout, MaybeSent), ErrorKind::Timeout, UNLESS_IT_REPEATS)),
        ("no HTTP", failure(|| fail(Response, MaybeSent), ErrorKind::UnexpectedResponse, IN_DOUBT)),
        ("no whole body", failure(|| fail(Body, NotSent), ErrorKind::Invalid, ONCE)),
        ("no whole body, perhaps", failure(|| fail(Body, MaybeSent), ErrorKind::Invalid, IN_DOUBT)),
        ("no request", failure(|| fail(Request, NotSent), ErrorKind::Configuration, ONCE)),
        ("301", failure(|| html(301), ErrorKind::UnexpectedResponse, ONCE)),
        ("400", failure(|| refusal(400), ErrorKind::BadRequest, ONCE)),
        ("400 of another server", failure(|| html(400), ErrorKind::UnexpectedResponse, ONCE)),
        ("401", failure(|| refusal(401), ErrorKind::Authentication, ONCE)),
        ("403", failure(|| refusal(403), ErrorKind::Forbidden, ONCE)),
        ("404", failure(|| refusal(404), ErrorKind::NotFound, ONCE)),
        ("404 of another server", failure(|| html(404), ErrorKind::UnexpectedResponse, ONCE)),
        ("408", failure(|| html(408), ErrorKind::Server, UNLESS_IT_REPEATS)),
        ("409", failure(|| refusal(409), ErrorKind::BadRequest, ONCE)),
        ("413", failure(|| html(413), ErrorKind::BadRequest, ONCE)),
        ("422", failure(|| refusal(422), ErrorKind::BadRequest, ONCE)),
        ("429", failure(|| html(429), ErrorKind::RateLimited, AGAIN)),
        ("429, in a second", failure(|| respond(429, &[("retry-after", "1")], ""), ErrorKind::RateLimited, AGAIN)),
        ("500", failure(|| refusal(500), ErrorKind::Server, UNLESS_IT_REPEATS)),
        ("502", failure(|| html(502), ErrorKind::Server, UNLESS_IT_REPEATS)),
        ("503", failure(|| html(503), ErrorKind::Server, UNLESS_IT_REPEATS)),
        (
            "503, in a second",
            failure(|| respond(503, &[("retry-after", "1")], ""), ErrorKind::Server, UNLESS_IT_REPEATS),
        ),
        ("504", failure(|| html(504), ErrorKind::Server, UNLESS_IT_REPEATS)),
        ("599", failure(|| html(599), ErrorKind::Server, UNLESS_IT_REPEATS)),
        ("200 of another server", failure(|| html(200), ErrorKind::UnexpectedResponse, IN_DOUBT)),
        (
            "200 that lacks what it is about",
            failure(|| status(200, json!({})), ErrorKind::UnexpectedResponse, [(1, Outcome::Done); 3]),
        ),
    ];
    let mut wrong = String::new();
    for (name, (failure, kind, expected)) in table {
        for (effect, (attempts, outcome)) in ["read", "idempotent", "repeats"].into_iter().zip(expected) {
            let server = Server::always(failure);
            let error = call(&server, effect).await;
            let (seen, told) = (server.count(), (error.kind(), error.attempts(), error.outcome()));
            if (seen, told) != (attempts as usize, (kind, attempts, outcome)) {
                writeln!(wrong, "{name}, {effect}: {seen} requests, {told:?}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

async fn call(server: &Server, effect: &str) -> Error {
    let client = server.client();
    match effect {
        "read" => client.users().me().await.map(drop),
        "idempotent" => client.senders().update(&"7".into(), &SenderPatch::new().name("Ada")).await.map(drop),
        _ => client.emails().send(&email()).await.map(drop),
    }
    .unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn what_a_retry_mends_is_mended() {
    let server = Server::script([fail(Connect, NotSent), respond(429, &[], ""), fine()]);
    let sent = server.client().emails().send(&email()).await.unwrap();
    assert_eq!((sent.attempts, server.count()), (3, 3));

    let server = Server::script([html(500), fail(ConnectionLost, MaybeSent), html(408), fine()]);
    server.client().users().me().await.unwrap();
    assert_eq!(server.count(), 4);
}

/// A later attempt that surely did nothing does not undo what an earlier one may have done.
#[tokio::test(start_paused = true)]
async fn doubt_remains() {
    for last in [|| fail(Connect, NotSent), || respond(429, &[], ""), || refusal(400)] {
        let server = Server::script([html(500), last(), last(), last()]);
        let error = call(&server, "idempotent").await;
        assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
        assert!(error.to_string().contains("The server may have processed the request"), "{error}");
    }
    let server = Server::script([fail(Connect, NotSent), html(500)]);
    let error = call(&server, "repeats").await;
    assert_eq!((error.attempts(), error.outcome(), server.count()), (2, Outcome::Unknown, 2));
}

/// Also when what comes in between is a token that cannot be had.
#[tokio::test(start_paused = true)]
async fn doubt_remains_when_the_token_fails() {
    let guarded = Guarded::new();
    let server = Server::new({
        let answers = std::sync::Mutex::new(vec![refusal(401), refusal(401), html(500), fine_token()]);
        move |_| std::future::ready(answers.lock().unwrap().pop().unwrap())
    });
    let client = guarded.builder().transport(server.clone()).build().unwrap();
    let patch = SenderPatch::new().name("Ada");
    let error = client.senders().update(&"7".into(), &patch).await.unwrap_err();
    let lines: Vec<_> = server.asked().into_iter().map(|asked| asked.line).collect();
    let update = "PATCH /brands/default/senders/7";
    assert_eq!(lines, ["POST /token", update, update, "POST /token"]);
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Authentication, Outcome::Unknown));
}

fn fine_token() -> Answer {
    status(200, json!({"access_token": "t", "expires_in": 3600}))
}

/// No email is in doubt because a token could not be had for it.
#[tokio::test(start_paused = true)]
async fn a_token_that_fails_leaves_nothing_in_doubt() {
    for failure in [|| html(503), || fail(ConnectionLost, MaybeSent), || html(200), || status(200, json!({}))] {
        let server = Server::always(failure);
        let client = Guarded::new().builder().transport(server.clone()).build().unwrap();
        let error = client.emails().send(&email()).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotDone, "{error}");
        assert!(error.to_string().starts_with("createToken: "), "{error}");
        assert!(server.asked().iter().all(|asked| asked.line == "POST /token"));
        assert_eq!(client.authenticate().await.unwrap_err().outcome(), Outcome::NotDone);
    }
}

/// A hundred retries for all clones; ten successes pay for one more. What the server slows down costs nothing.
#[tokio::test(start_paused = true)]
async fn the_budget_is_shared_and_comes_back() {
    let healthy = std::sync::Arc::new(std::sync::atomic::AtomicU16::new(503));
    let answer = std::sync::Arc::clone(&healthy);
    let server = Server::new(move |_| {
        let code = answer.load(std::sync::atomic::Ordering::SeqCst);
        std::future::ready(if code == 200 { fine() } else { html(code) })
    });
    let client = server.client();
    let set = |code| healthy.store(code, std::sync::atomic::Ordering::SeqCst);
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
    // Clients that were built apart share nothing.
    assert_eq!(call_attempts(&server.client()).await, 4);
}

async fn call_attempts(client: &cakemail_client::Client) -> u32 {
    client.users().me().await.unwrap_err().attempts()
}
