//! `MockTransport` and `ReplayTransport` under a client.

use cakemail_client::{Client, ConfirmedBy, ErrorKind, RateLimit};
use cakemail_model::EmailStatus;
use cakemail_transport::http::Method;
use cakemail_transport::{MockTransport, ReplayTransport, Response};
use serde_json::{Value, json};

use crate::support::email;

fn client(transport: impl cakemail_transport::Transport) -> Client {
    let credentials = cakemail_client::Credentials::password("ada@example.com", "pw");
    Client::builder().credentials(credentials).transport(transport).rate_limit(RateLimit::Unlimited).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_recording_covers_a_token_a_429_a_401_and_a_renewal() {
    let transport = ReplayTransport::new()
        .on(Method::POST, "/token")
        .respond(200, r#"{"access_token": "t1", "expires_in": 3600}"#)
        .on(Method::POST, "/v2/emails")
        .respond(429, "")
        .on(Method::POST, "/v2/emails")
        .respond(401, "")
        .on(Method::POST, "/token")
        .respond(200, r#"{"access_token": "t2", "expires_in": 3600}"#)
        .on(Method::POST, "/v2/emails")
        .respond(201, r#"{"data": {"id": "e1", "status": "queued"}}"#);
    let sent = client(transport.clone()).emails().send(&email()).await.unwrap();
    assert_eq!(
        (sent.id.as_str(), sent.status, sent.attempts, sent.confirmed_by),
        ("e1", EmailStatus::Queued, 3, ConfirmedBy::Response)
    );
    transport.assert_exhausted();

    let requests = transport.requests();
    let tokens: Vec<_> = requests.iter().filter_map(|it| it.headers().get("authorization")?.to_str().ok()).collect();
    assert_eq!(tokens, ["Bearer t1", "Bearer t1", "Bearer t2"]);
    let body: Value = serde_json::from_slice(requests[1].body()).unwrap();
    assert_eq!(
        body,
        json!({
            "sender": {"id": "7"},
            "email": "ada@example.com",
            "list_id": 42,
            "content": {"subject": "Welcome", "type": "transactional", "text": "Hello.", "encoding": "utf-8"},
        })
    );
    assert_eq!(requests[1].body(), requests[4].body(), "the attempts sent different bodies");
    assert_eq!(requests[1].headers()["content-type"], "application/json");
    assert_eq!(requests[1].uri().to_string(), "https://api.cakemail.dev/v2/emails");
    assert_eq!(requests[0].headers()["content-type"], "application/x-www-form-urlencoded");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_not_recorded_fails_the_call() {
    let transport = ReplayTransport::new().on(Method::GET, "/lists").respond(200, "{}");
    let error = client(transport).emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Configuration, 1));
    let cause = std::error::Error::source(std::error::Error::source(&error).unwrap()).unwrap();
    assert_eq!(cause.to_string(), "expected GET /lists, got POST /token, which differs in the method, the path");
}

#[tokio::test(start_paused = true)]
async fn a_mock_checks_the_number_of_requests_by_path() {
    let mut transport = MockTransport::new();
    let to = |path: &'static str| move |request: &cakemail_transport::Request| request.uri().path() == path;
    let token = r#"{"access_token": "t", "expires_in": 3600}"#;
    transport.expect_send().withf(to("/token")).times(1).returning(move |_| Ok(Response::new(token.into())));
    let user = r#"{"data": {"id": 7, "email": "ada@example.com"}}"#;
    transport.expect_send().withf(to("/users/self")).times(2).returning(move |_| Ok(Response::new(user.into())));
    let client = client(transport);
    for _ in 0..2 {
        assert_eq!(client.users().me().await.unwrap().id.as_str(), "7");
    }
}
