//! What a recording gives, refuses and remembers.

use std::error::Error as _;

use super::*;
use crate::{Body, Part, Reading, Source};

fn post(path: &str) -> Request {
    let request = http::Request::post(format!("https://api.cakemail.dev{path}"));
    request.header("authorization", "Bearer secret").body(Body::from("secret body")).unwrap()
}

async fn refused(transport: &ReplayTransport, path: &str) -> String {
    let error = transport.send(post(path)).await.unwrap_err();
    assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Request, Dispatch::NotSent));
    error.source().unwrap().to_string()
}

#[tokio::test]
async fn answers_in_order() {
    let throttled = http::Response::builder().status(429).header("retry-after", "2").body("{}").unwrap();
    let transport = ReplayTransport::new()
        .on(Method::POST, "/token")
        .answer(200, r#"{"access_token":"t"}"#)
        .respond(throttled)
        .fail(TransportError::new(TransportErrorKind::ConnectionLost, Dispatch::MaybeSent, "reset"));

    let token = transport.send(post("/token?a=b")).await.unwrap();
    assert_eq!(token.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(token.body(), r#"{"access_token":"t"}"#);
    assert_eq!(transport.send(post("/v2/emails")).await.unwrap().headers()["retry-after"], "2");
    let error = transport.send(post("/v2/emails")).await.unwrap_err();
    assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::ConnectionLost, Dispatch::MaybeSent));
    transport.assert_exhausted();
}

#[tokio::test]
async fn names_what_it_expected_and_what_came() {
    let transport = ReplayTransport::new().on(Method::GET, "/lists").answer(200, "{}");
    assert_eq!(refused(&transport, "/v2/emails?secret").await, "GET /lists was expected, POST /v2/emails came");
    assert_eq!(refused(&transport, "/lists").await, "GET /lists was expected, POST /lists came");
    assert_eq!(refused(&ReplayTransport::new(), "/token").await, "no answer is left for POST /token");
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test]
async fn a_query_counts_when_it_is_given() {
    let transport = ReplayTransport::new().on(Method::POST, "/lists?page=2").answer(200, "{}");
    refused(&transport, "/lists?page=1").await;
    assert!(transport.send(post("/lists?page=2")).await.is_ok());
}

#[test]
#[should_panic(expected = "2 recorded answers were not asked for; the next is for GET /lists")]
fn a_rest_is_a_fault() {
    ReplayTransport::new().on(Method::GET, "/lists").answer(200, "{}").answer(200, "{}").assert_exhausted();
}

#[tokio::test]
async fn remembers_requests_and_keeps_their_secrets() {
    let transport = ReplayTransport::new().answer(200, "{}");
    // As a client has it; the clone that stayed behind sees the same.
    let shared: Arc<dyn Transport> = Arc::new(Box::new(transport.clone()) as Box<dyn Transport>);
    shared.send(post("/v2/emails?secret")).await.unwrap();
    let seen = &transport.requests()[0];
    assert_eq!((seen.method(), seen.uri().query()), (&Method::POST, Some("secret")));
    assert_eq!(
        (seen.headers()["authorization"].to_str().unwrap(), &seen.body()[..]),
        ("Bearer secret", &b"secret body"[..])
    );
    let debug = format!("{transport:?} {seen:?} {seen}");
    assert!(debug.contains("POST /v2/emails") && !debug.contains("secret"), "{debug}");
}

/// A source of one piece, which is not of the length that it says.
struct Short;

impl Source for Short {
    fn length(&self) -> u64 {
        7
    }

    fn open(&self) -> Reading {
        Box::pin(Body::from("short"))
    }
}

#[tokio::test]
async fn reads_a_body_to_its_end_as_a_server_would() {
    let transport = ReplayTransport::new().answer(200, "{}");
    let broken = Body::from_parts([Part::Source(Arc::new(Short))]);
    let error = transport.send(post("/v2/emails").map(|_| broken)).await.unwrap_err();
    assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Body, Dispatch::NotSent));
    let whole = Body::from_parts([Part::Bytes("a".into()), Part::Bytes("b".into())]);
    transport.send(post("/v2/emails").map(|_| whole)).await.unwrap();
    let seen = transport.requests();
    assert_eq!((seen.len(), &seen[0].body()[..]), (1, &b"ab"[..]));
}

#[tokio::test]
async fn a_status_that_is_none_is_an_error() {
    let error = ReplayTransport::new().answer(7, "").send(post("/token")).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Response);
}

#[tokio::test]
async fn reads_json() {
    let json = r#"[
        {"method": "POST", "path": "/token", "status": 200, "body": {"access_token": "t"}},
        {"status": 200, "headers": {"content-type": "text/html"}, "body": "<p>hello</p>"},
        {"error": {"kind": "connect", "dispatch": "not_sent"}}
    ]"#;
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, json).unwrap();
    for transport in [ReplayTransport::from_json(json).unwrap(), ReplayTransport::from_file(&file).unwrap()] {
        assert_eq!(refused(&transport, "/lists").await, "POST /token was expected, POST /lists came");
        let token = transport.send(post("/token")).await.unwrap();
        assert_eq!(
            (&token.headers()[CONTENT_TYPE], &token.body()[..]),
            (&HeaderValue::from_static("application/json"), &br#"{"access_token":"t"}"#[..])
        );
        let page = transport.send(post("/render")).await.unwrap();
        assert_eq!(
            (&page.headers()[CONTENT_TYPE], &page.body()[..]),
            (&HeaderValue::from_static("text/html"), &b"<p>hello</p>"[..])
        );
        let error = transport.send(post("/lists")).await.unwrap_err();
        assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Connect, Dispatch::NotSent));
        transport.assert_exhausted();
    }
}

#[test]
fn says_what_is_wrong_with_a_recording() {
    for (json, fault) in [
        ("{}", "expected a sequence"),
        (r#"[{"status": 200, "bdoy": "{}"}]"#, "unknown field `bdoy`"),
        (r#"[{"status": 7}]"#, "invalid status code"),
        (r#"[{"path": "/lists"}]"#, "either a status or an error"),
        (r#"[{"status": 200, "error": {"kind": "connect", "dispatch": "maybe_sent"}}]"#, "either a status or an error"),
        (r#"[{"error": {"kind": "flood", "dispatch": "maybe_sent"}}]"#, "unknown variant `flood`"),
        (r#"[{"method": "P OST", "status": 200}]"#, "invalid HTTP method"),
        (r#"[{"status": 200, "headers": {"a b": "c"}}]"#, "invalid HTTP header name"),
    ] {
        let told = ReplayTransport::from_json(json).unwrap_err().to_string();
        assert!(told.contains(fault) && told.contains("line 1"), "{json}: {told}");
    }
    assert_eq!(ReplayTransport::from_file("no such file").unwrap_err().kind(), io::ErrorKind::NotFound);
}
