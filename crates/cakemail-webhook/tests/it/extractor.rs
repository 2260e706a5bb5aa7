//! The axum extractor, end to end.

use std::io;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRef, State};
use axum::http::Request;
use axum::routing::post;
use cakemail_webhook::{Received, Receiver, Rejection, Verifier, sign};
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::{key, opened, receiver};

#[allow(dead_code)] // its `main`
#[path = "../../examples/axum.rs"]
mod example;

/// An application whose state has other fields besides the receiver.
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

async fn handler(State(app): State<App>, Received(delivery): Received) -> Result<String, Rejection> {
    if app.fails {
        return Err(Rejection::failed("no disk"));
    }
    let text = format!("handled {}", delivery.event.kind);
    delivery.done().await?;
    Ok(text)
}

fn app(receiver: &Receiver, fails: bool) -> Router {
    Router::new().route("/", post(handler)).with_state(App { receiver: receiver.clone(), fails })
}

async fn send(app: Router, signature: Option<&str>, body: impl Into<Body>) -> (u16, String) {
    let mut request = Request::post("/");
    if let Some(signature) = signature {
        request = request.header("X-Cakemail-Signature", signature);
    }
    let response = app.oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let text = to_bytes(response.into_body(), 1000).await.unwrap();
    (status, String::from_utf8(text.into()).unwrap())
}

async fn send_signed(app: Router, body: String) -> (u16, String) {
    let signature = sign(&key(), body.as_bytes());
    send(app, Some(&signature), body).await
}

fn response(status: u16, text: &str) -> (u16, String) {
    (status, text.into())
}

#[tokio::test]
async fn passes_only_verified_and_new_deliveries_to_the_handler() {
    let receiver = receiver();
    assert_eq!(send_signed(app(&receiver, false), opened(0)).await, response(200, "handled Email.Opened"));
    assert_eq!(send_signed(app(&receiver, false), opened(0)).await, response(200, "the delivery was processed before"));
}

#[tokio::test]
async fn a_delivery_whose_handler_fails_reaches_it_again() {
    let receiver = receiver();
    for _ in 0..2 {
        assert_eq!(
            send_signed(app(&receiver, true), opened(0)).await,
            response(500, "the event could not be processed")
        );
    }
    assert_eq!(send_signed(app(&receiver, false), opened(0)).await, response(200, "handled Email.Opened"));
}

#[tokio::test]
async fn rejects_other_deliveries_before_the_handler() {
    let app = || app(&receiver().body_limit(1000), false);
    assert_eq!(send(app(), None, opened(0)).await, response(401, "the signature is missing"));
    assert_eq!(send(app(), Some("bm8="), opened(0)).await, response(401, "the signature is invalid"));
    assert_eq!(send_signed(app(), "no event".into()).await, response(400, "the body is not an event"));
    assert_eq!(
        send_signed(app(), opened(1_000_000)).await,
        response(400, "the event is too old: its date was 1000000 s ago")
    );
    assert_eq!(send_signed(app(), " ".repeat(1000)).await, response(400, "the body is not an event"));
    assert_eq!(send_signed(app(), " ".repeat(1001)).await, response(413, "the body is too large"));
}

#[tokio::test]
async fn a_delivery_in_progress_gets_a_503_with_retry_after() {
    let receiver = receiver();
    let delivery = crate::post(&receiver, &opened(0)).await.unwrap();
    let request =
        Request::post("/").header("x-signature", sign(&key(), opened(0).as_bytes())).body(Body::from(opened(0)));
    let response = app(&receiver, false).oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "10");
    drop(delivery);
    assert_eq!(send_signed(app(&receiver, false), opened(0)).await, self::response(200, "handled Email.Opened"));
}

#[tokio::test]
async fn stops_reading_an_endless_body_at_the_limit() {
    let endless = Body::from_stream(stream::repeat_with(|| Ok::<_, io::Error>(vec![b' '; 1000])));
    assert_eq!(send(app(&receiver(), false), Some("bm8="), endless).await, response(413, "the body is too large"));
}

#[tokio::test]
async fn rejects_an_incomplete_body() {
    let parts = [Ok(opened(0).into_bytes()), Err(io::Error::other("reset"))];
    let broken = Body::from_stream(stream::iter(parts));
    assert_eq!(send(app(&receiver(), false), Some("bm8="), broken).await, response(400, "the body is incomplete"));
}

/// Posts to the example's server over a socket and returns the response.
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
    let mut response = String::new();
    socket.read_to_string(&mut response).await.unwrap();
    server.abort();
    response
}

#[tokio::test]
async fn the_example_accepts_signed_deliveries_only() {
    let body = opened(0);
    let signature = format!("x-signature: {}\r\n", sign(&key(), body.as_bytes()));
    let response = post_to_example(&signature, &body).await;
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    let response = post_to_example("", &body).await;
    assert!(response.starts_with("HTTP/1.1 401 Unauthorized\r\n"), "{response}");
    assert!(response.ends_with("the signature is missing"), "{response}");
}
