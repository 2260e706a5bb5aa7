//! The extractor, end to end.

use std::io;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRef, State};
use axum::http::{Request, StatusCode};
use axum::routing::post;
use cakemail_webhook::{Received, Receiver, Verifier, sign};
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::{key, opened, receiver};

#[allow(dead_code)] // its `main`
#[path = "../../examples/axum.rs"]
mod example;

/// An application whose state is more than a receiver.
#[derive(Clone)]
struct App {
    receiver: Receiver,
    fails: bool,
}

impl FromRef<App> for Receiver {
    fn from_ref(app: &App) -> Self {
        app.receiver.clone()
    }
}

async fn handler(State(app): State<App>, Received(delivery): Received) -> (StatusCode, String) {
    if app.fails {
        app.receiver.forget(delivery.id);
        return (StatusCode::INTERNAL_SERVER_ERROR, "failed".into());
    }
    (StatusCode::OK, format!("handled {}", delivery.event.kind))
}

fn app(receiver: &Receiver, fails: bool) -> Router {
    Router::new().route("/", post(handler)).with_state(App { receiver: receiver.clone(), fails })
}

async fn ask(app: Router, signature: Option<&str>, body: impl Into<Body>) -> (u16, String) {
    let mut request = Request::post("/");
    if let Some(signature) = signature {
        request = request.header("X-Cakemail-Signature", signature);
    }
    let response = app.oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let text = to_bytes(response.into_body(), 1000).await.unwrap();
    (status, String::from_utf8(text.into()).unwrap())
}

async fn ask_signed(app: Router, body: String) -> (u16, String) {
    let signature = sign(&key(), body.as_bytes());
    ask(app, Some(&signature), body).await
}

fn said(status: u16, text: &str) -> (u16, String) {
    (status, text.into())
}

#[tokio::test]
async fn a_handler_gets_what_is_genuine_and_new() {
    let receiver = receiver();
    assert_eq!(ask_signed(app(&receiver, false), opened(0)).await, said(200, "handled Email.Opened"));
    assert_eq!(ask_signed(app(&receiver, false), opened(0)).await, said(200, "received before"));
}

#[tokio::test]
async fn a_handler_that_fails_is_asked_again() {
    let receiver = receiver();
    for _ in 0..2 {
        assert_eq!(ask_signed(app(&receiver, true), opened(0)).await, said(500, "failed"));
    }
    assert_eq!(ask_signed(app(&receiver, false), opened(0)).await, said(200, "handled Email.Opened"));
}

#[tokio::test]
async fn everything_else_is_answered_without_it() {
    let app = || app(&receiver().limit(1000), false);
    assert_eq!(ask(app(), None, opened(0)).await, said(401, "the signature is missing"));
    assert_eq!(ask(app(), Some("bm8="), opened(0)).await, said(401, "the signature is wrong"));
    assert_eq!(ask_signed(app(), "no event".into()).await, said(400, "the body is not an event"));
    assert_eq!(ask_signed(app(), opened(1_000_000)).await, said(400, "the event is too old"));
    assert_eq!(ask_signed(app(), " ".repeat(1000)).await, said(400, "the body is not an event"));
    assert_eq!(ask_signed(app(), " ".repeat(1001)).await, said(413, "the body is too large"));
}

#[tokio::test]
async fn a_body_that_never_ends_is_not_read_to_its_end() {
    let endless = Body::from_stream(stream::repeat_with(|| Ok::<_, io::Error>(vec![b' '; 1000])));
    assert_eq!(ask(app(&receiver(), false), Some("bm8="), endless).await, said(413, "the body is too large"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_body() {
    let parts = [Ok(opened(0).into_bytes()), Err(io::Error::other("reset"))];
    let broken = Body::from_stream(stream::iter(parts));
    assert_eq!(ask(app(&receiver(), false), Some("bm8="), broken).await, said(400, "the body did not arrive whole"));
}

/// What the example's server answers over a socket.
async fn post_to_example(headers: &str, body: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        axum::serve(listener, example::app(Receiver::new(Verifier::new(key())).clock(|| crate::NOW))).await
    });
    let mut socket = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!(
        "POST /webhooks HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    server.abort();
    answer
}

#[tokio::test]
async fn the_example_serves() {
    let body = opened(0);
    let signature = format!("x-signature: {}\r\n", sign(&key(), body.as_bytes()));
    let answer = post_to_example(&signature, &body).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let answer = post_to_example("", &body).await;
    assert!(answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"), "{answer}");
    assert!(answer.ends_with("the signature is missing"), "{answer}");
}
