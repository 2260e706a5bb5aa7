//! Replays of recordings, the requests recorded, and the JSON form.

use std::error::Error as _;

use serde_json::{Value, json};

use super::*;
use crate::{Body, Part, Source, SourceReader};

fn post(path: &str) -> Request {
    let request = http::Request::post(format!("https://api.cakemail.dev{path}"));
    request.header("authorization", "Bearer secret").body(Body::from("secret body")).unwrap()
}

async fn unexpected_cause(transport: &ReplayTransport, path: &str) -> String {
    let error = transport.send(post(path)).await.unwrap_err();
    assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Request, Dispatch::NotSent));
    error.source().unwrap().to_string()
}

#[tokio::test]
async fn responds_in_order() {
    let throttled = http::Response::builder().status(429).header("retry-after", "2").body("{}").unwrap();
    let transport = ReplayTransport::new()
        .on(Method::POST, "/token")
        .respond(200, r#"{"access_token":"t"}"#)
        .respond_with(throttled)
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
async fn an_unexpected_request_fails_and_names_both_requests() {
    let transport = ReplayTransport::new().on(Method::GET, "/lists").respond(200, "{}");
    assert_eq!(
        unexpected_cause(&transport, "/v2/emails?secret").await,
        "expected GET /lists, got POST /v2/emails, which differs in the method, the path"
    );
    assert_eq!(
        unexpected_cause(&transport, "/lists").await,
        "expected GET /lists, got POST /lists, which differs in the method"
    );
    assert_eq!(unexpected_cause(&ReplayTransport::new(), "/token").await, "no response is left for POST /token");
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test]
async fn the_query_must_match_only_if_the_path_has_one() {
    let transport = ReplayTransport::new().on(Method::POST, "/lists?page=2").respond(200, "{}");
    unexpected_cause(&transport, "/lists?page=1").await;
    assert!(transport.send(post("/lists?page=2")).await.is_ok());
}

#[test]
#[should_panic(expected = "2 recorded responses were not used; the next is for GET /lists")]
fn assert_exhausted_panics_when_responses_are_left() {
    ReplayTransport::new().on(Method::GET, "/lists").respond(200, "{}").respond(200, "{}").assert_exhausted();
}

#[tokio::test]
async fn records_requests_and_hides_their_secrets_in_debug() {
    let transport = ReplayTransport::new().respond(200, "{}");
    // A client holds it like this; the clone here shares the recording.
    let shared: Arc<dyn Transport> = Arc::new(Box::new(transport.clone()) as Box<dyn Transport>);
    shared.send(post("/v2/emails?secret")).await.unwrap();
    let request = &transport.requests()[0];
    assert_eq!((request.method(), request.uri().query()), (&Method::POST, Some("secret")));
    assert_eq!(
        (request.headers()["authorization"].to_str().unwrap(), &request.body()[..]),
        ("Bearer secret", &b"secret body"[..])
    );
    let debug = format!("{transport:?} {request:?} {request}");
    assert!(debug.contains("POST /v2/emails") && !debug.contains("secret"), "{debug}");
}

/// A source that is shorter than it announces.
struct Short;

impl Source for Short {
    fn length(&self) -> u64 {
        7
    }

    fn open(&self) -> SourceReader {
        Box::pin(Body::from("short"))
    }
}

#[tokio::test]
async fn reads_a_body_to_its_end_and_records_no_request_when_that_fails() {
    let transport = ReplayTransport::new().respond(200, "{}");
    let short = Body::from_parts([Part::Source(Arc::new(Short))]);
    let error = transport.send(post("/v2/emails").map(|_| short)).await.unwrap_err();
    assert_eq!((error.kind(), error.dispatch()), (TransportErrorKind::Body, Dispatch::NotSent));
    let whole = Body::from_parts([Part::Bytes("a".into()), Part::Bytes("b".into())]);
    transport.send(post("/v2/emails").map(|_| whole)).await.unwrap();
    let requests = transport.requests();
    assert_eq!((requests.len(), &requests[0].body()[..]), (1, &b"ab"[..]));
}

#[tokio::test]
async fn an_invalid_status_fails_the_request() {
    let error = ReplayTransport::new().respond(7, "").send(post("/token")).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Response);
}

#[tokio::test]
async fn reads_a_recording_from_json_and_from_a_file() {
    let json = r#"[
        {"method": "POST", "path": "/token", "status": 200, "body": {"access_token": "t"}},
        {"status": 200, "headers": {"content-type": "text/html"}, "body": "<p>hello</p>"},
        {"error": {"kind": "connect", "dispatch": "not_sent"}}
    ]"#;
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, json).unwrap();
    for transport in [ReplayTransport::from_json(json).unwrap(), ReplayTransport::from_file(&file).unwrap()] {
        assert_eq!(
            unexpected_cause(&transport, "/lists").await,
            "expected POST /token, got POST /lists, which differs in the path; any method any path, 1 requests later, matches"
        );
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
fn an_invalid_recording_is_an_error_with_its_position() {
    for (json, expected) in [
        ("{}", "expected a sequence"),
        (r#"[{"status": 200, "bdoy": "{}"}]"#, "unknown field `bdoy`"),
        (r#"[{"status": 7}]"#, "invalid status code"),
        (r#"[{"path": "/lists"}]"#, "either a status or an error"),
        (r#"[{"status": 200, "error": {"kind": "connect", "dispatch": "maybe_sent"}}]"#, "either a status or an error"),
        (r#"[{"error": {"kind": "flood", "dispatch": "maybe_sent"}}]"#, "unknown variant `flood`"),
        (r#"[{"method": "P OST", "status": 200}]"#, "invalid HTTP method"),
        (r#"[{"status": 200, "headers": {"a b": "c"}}]"#, "invalid HTTP header name"),
    ] {
        let message = ReplayTransport::from_json(json).unwrap_err().to_string();
        assert!(message.contains(expected) && message.contains("line 1"), "{json}: {message}");
    }
    assert_eq!(ReplayTransport::from_file("no such file").unwrap_err().kind(), io::ErrorKind::NotFound);
}

fn json(method: &str, path: &str, body: &Value) -> Request {
    let request = http::Request::builder().method(method).uri(format!("https://api.cakemail.dev{path}"));
    let request = request.header("authorization", "Bearer the-access-token").header(CONTENT_TYPE, "application/json");
    request.body(Body::from(body.to_string())).unwrap()
}

/// Records exchanges with a server that responds with these bodies. Returns the file's text.
async fn recorded(exchanges: &[(Request, Value)]) -> String {
    let server = exchanges.iter().fold(ReplayTransport::new(), |it, (_, body)| it.respond(200, body.to_string()));
    let recording = RecordingTransport::new(server);
    for (request, _) in exchanges {
        let (parts, body) = request.clone().into_parts();
        recording.send(Request::from_parts(parts, body)).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchanges.json");
    recording.save(&file).unwrap();
    recording.save(&file).unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no other file is left");
    fs::read_to_string(&file).unwrap()
}

#[tokio::test]
async fn a_recording_has_no_secrets_or_addresses_wherever_they_are() {
    let password = "hunter2-hunter2";
    for address in ["ada@shop.test", "O'Brien+x/y=z@Shop.TEST", "\"a b\"@shop.test", "zoé@bücher.test", "x@[10.0.0.1]"]
    {
        let mail = json!({
            "email": address,
            "content": {"html": format!("<a href=\"mailto:{address}\">{address}</a> {password}"), "subject": address},
            "tags": [format!("to-{password}"), "the-access-token"],
            address: 1,
        });
        let encoded = percent_encoding::utf8_percent_encode(address, percent_encoding::NON_ALPHANUMERIC);
        let login = json!({"username": address, "password": password, "access_token": "the-access-token"});
        let text = recorded(&[
            (json("POST", "/v2/emails", &mail), mail.clone()),
            (
                json("GET", &format!("/suppressed-emails/{encoded}?email={encoded}&token={password}"), &mail),
                mail.clone(),
            ),
            (json("POST", "/token", &login), login.clone()),
        ])
        .await;
        let lower = text.to_lowercase();
        for hidden in [address, password, "the-access-token", "shop", "bücher", "10.0.0.1", &encoded.to_string()] {
            assert!(!lower.contains(&hidden.to_lowercase()), "{hidden}: {text}");
        }
        assert!(text.contains("address-1@recorded.example"), "{text}");
    }
}

#[tokio::test]
async fn a_recording_replays_for_the_same_requests_and_for_its_own_placeholders() {
    let email = |to: &str, from: &str| json!({"email": to, "sender": from, "content": {"subject": "Hello"}});
    let response = json!({"data": {"email": "ada@shop.test"}});
    let send = |to: &str, from: &str| json("POST", "/v2/emails?dry=1", &email(to, from));
    let text = recorded(&[(send("ada@shop.test", "bob@shop.test"), response)]).await;
    for (to, from) in [
        ("ada@shop.test", "bob@shop.test"),
        ("address-1@recorded.example", "address-2@recorded.example"),
        ("eve@shop.test", "carl@shop.test"),
    ] {
        let replay = ReplayTransport::from_json(&text).unwrap();
        let replayed = replay.send(send(to, from)).await.unwrap();
        assert_eq!(replayed.body(), r#"{"data":{"email":"address-1@recorded.example"}}"#);
        replay.assert_exhausted();
    }
    let replay = ReplayTransport::from_json(&text).unwrap();
    let error = replay.send(send("ada@shop.test", "ada@shop.test")).await.unwrap_err();
    let cause = error.source().unwrap().to_string();
    let expected = "expected POST /v2/emails?dry=1, got POST /v2/emails, which differs in the body/sender";
    assert_eq!(cause, expected);
}

#[tokio::test]
async fn an_unexpected_request_names_what_differs_and_the_closest_recorded_request() {
    let body =
        json!({"email": "ada@shop.test", "content": {"subject": "Hello", "secret": "needle-needle"}, "tags": ["a"]});
    let text = recorded(&[
        (json("GET", "/lists?page=1", &json!({})), json!({})),
        (json("POST", "/v2/emails", &body), json!({})),
    ])
    .await;
    let replay = ReplayTransport::from_json(&text).unwrap();
    let mut other = body.clone();
    other["content"]["subject"] = json!("needle");
    other["tags"] = json!(["needle"]);
    let error = replay.send(json("POST", "/v2/emails", &other)).await.unwrap_err();
    let cause = error.source().unwrap().to_string();
    assert!(
        cause.contains("; POST /v2/emails, 1 requests later, differs in the body/content/subject, the body/tags/0"),
        "{cause}"
    );
    assert!(!cause.contains("needle"), "{cause}");
}
