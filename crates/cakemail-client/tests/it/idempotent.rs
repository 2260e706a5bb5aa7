//! `send_idempotent`: what is looked up in the logs, and when an email is submitted again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cakemail_client::{
    Client, ConfirmedBy, Error, ErrorKind, IdempotencyKey, OnMissing, Outcome, ReconcilePolicy, Sent,
};
use cakemail_transport::{Dispatch, TransportErrorKind};
use serde_json::{Value, json};

use crate::support::{StubServer, email, status, transport_error};

/// A server with logs, which counts the submissions. An email itself is shown with the tag `key-shown`.
struct LogServer {
    posts: Arc<Mutex<u32>>,
    client: Client,
}

impl LogServer {
    /// `post` is the response to the nth submission, or how it is lost; `logs` is the content of the logs after n
    /// submissions.
    fn new(
        post: impl Fn(u32) -> Result<Value, Dispatch> + Send + Sync + 'static,
        logs: impl Fn(u32) -> Value + Send + Sync + 'static,
    ) -> Self {
        let posts = Arc::new(Mutex::new(0));
        let count = Arc::clone(&posts);
        let stub = StubServer::new(move |request| {
            let mut posts = count.lock().unwrap();
            std::future::ready(match request.uri().path() {
                "/v2/logs/emails" => status(200, logs(*posts)),
                "/v2/emails" => {
                    *posts += 1;
                    match post(*posts) {
                        Ok(body) => status(201, body),
                        Err(dispatch) => transport_error(TransportErrorKind::ConnectionLost, dispatch),
                    }
                }
                "/v2/emails/shown" => status(200, shown()),
                "/v2/emails/unreadable" => status(200, json!({"detail": "unreadable"})),
                path => panic!("unexpected request: {path}"),
            })
        });
        Self { posts, client: stub.client() }
    }

    async fn send(&self, key: &IdempotencyKey, on_missing: OnMissing) -> Result<Sent, Error> {
        let policy = ReconcilePolicy::new().on_missing(on_missing);
        self.client.emails().send_idempotent(&email(), key, &policy).await
    }

    fn posts(&self) -> u32 {
        *self.posts.lock().unwrap()
    }
}

fn shown() -> Value {
    let content = json!({"subject": "Welcome"});
    json!({"email_id": "shown", "email": "ada@example.com", "content": content, "tags": ["key-shown"]})
}

fn accepted() -> Value {
    json!({"email": "ada@example.com", "object": "email", "submitted": true, "data": {"id": "e1", "status": "queued"}})
}

fn page(rows: &Value) -> Value {
    json!({"pagination": {"page": 1, "per_page": 10, "has_more": false}, "parameters": {}, "data": rows})
}

fn row(tag: &str) -> Value {
    page(&json!([{
        "id": "l1", "type": "queued", "email_id": "e1", "time": 1, "email": "ada@example.com", "subject": "Welcome",
        "tags": ["other", tag],
    }]))
}

fn nothing() -> Value {
    page(&json!([]))
}

#[tokio::test(start_paused = true)]
async fn an_email_whose_response_was_lost_is_found_in_the_logs() {
    let key = IdempotencyKey::random();
    let tag = key.tag().to_owned();
    let server =
        LogServer::new(|_| Err(Dispatch::MaybeSent), move |posts| if posts > 0 { row(&tag) } else { nothing() });
    let sent = server.send(&key, OnMissing::Report).await.unwrap();
    assert_eq!((sent.id.as_str(), sent.attempts, sent.confirmed_by), ("e1", 1, ConfirmedBy::Reconciliation));
    assert_eq!(server.posts(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_email_missing_from_the_logs_is_reported_as_unknown_and_not_resent() {
    let server = LogServer::new(|_| Err(Dispatch::MaybeSent), |_| nothing());
    let start = tokio::time::Instant::now();
    let error = server.send(&IdempotencyKey::random(), OnMissing::Report).await.unwrap_err();
    assert_eq!((error.outcome(), error.kind(), error.attempts()), (Outcome::Unknown, ErrorKind::ConnectionLost, 1));
    assert_eq!(server.posts(), 1);
    let searched = start.elapsed();
    assert!(searched > Duration::from_secs(15) && searched <= Duration::from_secs(20), "{searched:?}");
}

#[tokio::test(start_paused = true)]
async fn on_missing_resend_resubmits_at_most_three_times() {
    let server =
        LogServer::new(|posts| if posts < 3 { Err(Dispatch::MaybeSent) } else { Ok(accepted()) }, |_| nothing());
    let sent = server.send(&IdempotencyKey::random(), OnMissing::Resend).await.unwrap();
    assert_eq!((sent.attempts, sent.confirmed_by, server.posts()), (3, ConfirmedBy::Response, 3));

    let server = LogServer::new(|_| Err(Dispatch::MaybeSent), |_| nothing());
    let error = server.send(&IdempotencyKey::random(), OnMissing::Resend).await.unwrap_err();
    assert_eq!((error.outcome(), error.attempts(), server.posts()), (Outcome::Unknown, 4, 4));
}

#[tokio::test(start_paused = true)]
async fn an_earlier_email_with_the_key_is_returned_and_nothing_is_submitted() {
    let server = LogServer::new(|_| Ok(accepted()), |_| row("key-order-42"));
    let sent = server.send(&IdempotencyKey::new("order-42").unwrap(), OnMissing::Resend).await.unwrap();
    assert_eq!((sent.id.as_str(), sent.attempts, sent.confirmed_by), ("e1", 0, ConfirmedBy::PriorSend));
    assert_eq!(server.posts(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_log_entry_with_another_key_is_ignored() {
    let server = LogServer::new(|_| Ok(accepted()), |_| row("key-order-4"));
    let sent = server.send(&IdempotencyKey::new("order-42").unwrap(), OnMissing::Report).await.unwrap();
    assert_eq!((sent.attempts, sent.confirmed_by, server.posts()), (1, ConfirmedBy::Response, 1));
}

#[tokio::test(start_paused = true)]
async fn a_response_that_says_submitted_without_an_id_is_done_and_not_resent() {
    let server = LogServer::new(|_| Ok(json!({"submitted": true, "data": {}})), |_| nothing());
    let error = server.send(&IdempotencyKey::random(), OnMissing::Resend).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), server.posts()), (ErrorKind::UnexpectedResponse, Outcome::Done, 1));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_not_sent_is_retried_without_a_search_of_the_logs() {
    let server = LogServer::new(
        |posts| if posts == 1 { Err(Dispatch::NotSent) } else { Ok(accepted()) },
        |_| panic!("the logs were searched"),
    );
    let sent = server.send(&IdempotencyKey::random(), OnMissing::Report).await.unwrap();
    assert_eq!((sent.attempts, sent.confirmed_by), (2, ConfirmedBy::Response));
}

/// Responses of the logs with 200 that the client does not understand, or that do not show that the key is missing.
fn not_understood() -> [(&'static str, Value); 19] {
    let odd = |entry: Value| page(&json!([entry]));
    [
        ("nothing", json!({})),
        ("an error", json!({"detail": "maintenance"})),
        ("no list", json!({"data": null})),
        ("an object in place of the list", json!({"data": {}, "pagination": {"has_more": false}})),
        ("a list in place of the page", json!([{}, []])),
        ("null", Value::Null),
        ("an empty page with another one", json!({"pagination": {"has_more": true}, "data": []})),
        ("an odd has_more", json!({"pagination": {"has_more": "yes"}, "data": []})),
        ("an empty page of many", json!({"pagination": {"count": 3}, "data": []})),
        ("an empty page of many, counted in text", json!({"pagination": {"count": "3"}, "data": []})),
        ("an empty page with the cursor of the next", json!({"pagination": {"cursor": {"next": "c2"}}, "data": []})),
        ("a position that is no object", json!({"pagination": "page 1", "data": []})),
        ("a full page without the key", json!({"data": vec![json!({"email_id": "e2", "tags": ["other"]}); 10]})),
        ("an entry that is null", odd(Value::Null)),
        ("an entry that is a text", odd(json!("entry"))),
        ("an entry without id and tags", odd(json!({"type": "queued"}))),
        ("an entry with the key and an odd id", odd(json!({"email_id": {}, "tags": ["key-order-42"]}))),
        (
            "an entry with the key that shows no recipient",
            odd(json!({"email_id": "unreadable", "tags": ["key-order-42"]})),
        ),
        ("an entry whose email cannot be read", odd(json!({"email_id": "unreadable", "tags": 7}))),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_response_of_the_logs_that_is_not_understood_never_means_that_the_email_is_missing() {
    let key = IdempotencyKey::new("order-42").unwrap();
    for (case, response) in not_understood() {
        // Before the submission.
        let before = response.clone();
        let server = LogServer::new(|_| Ok(accepted()), move |_| before.clone());
        let error = server.send(&key, OnMissing::Resend).await.unwrap_err();
        assert_eq!((error.outcome(), server.posts()), (Outcome::Unknown, 0), "{case}");
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{case}");
        // After a submission whose response was lost.
        let server = LogServer::new(
            |_| Err(Dispatch::MaybeSent),
            move |posts| if posts == 0 { nothing() } else { response.clone() },
        );
        let error = server.send(&key, OnMissing::Resend).await.unwrap_err();
        assert_eq!((error.outcome(), server.posts()), (Outcome::Unknown, 1), "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_odd_log_entry_does_not_hide_the_entry_with_the_key() {
    for odd in [
        Value::Null,
        json!({}),
        json!({"email_id": "e2", "tags": ["other"], "type": {"odd": true}, "time": "odd"}),
        json!({"email_id": "unreadable"}),
        json!({"email_id": ["e2"], "tags": ["key-shown"]}),
    ] {
        let entries = page(&json!([odd, {"id": 7, "email_id": "shown", "type": 3, "time": {}, "metadata": []}]));
        let server = LogServer::new(|_| Ok(accepted()), move |_| entries.clone());
        let sent = server.send(&IdempotencyKey::new("shown").unwrap(), OnMissing::Report).await.unwrap();
        assert_eq!((sent.id.as_str(), sent.confirmed_by), ("shown", ConfirmedBy::PriorSend), "{odd}");
        assert_eq!(server.posts(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_with_an_unreadable_response_is_not_done() {
    let server = StubServer::always(|| status(200, json!({"detail": "unreadable"})));
    let error = server.client().emails().get(&"e1".into()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::UnexpectedResponse, Outcome::NotDone));
}

#[tokio::test(start_paused = true)]
async fn the_second_call_with_a_key_finds_the_first_however_the_key_was_made() {
    let random = IdempotencyKey::random();
    let named = IdempotencyKey::new("order-42").unwrap();
    for (first, second) in [
        (random.clone(), random.clone()),
        (IdempotencyKey::new(random.tag()).unwrap(), IdempotencyKey::new(random.tag()).unwrap()),
        (named.clone(), IdempotencyKey::from_tag(named.tag()).unwrap()),
        (IdempotencyKey::from_tag(named.tag()).unwrap(), named),
    ] {
        let tag = first.tag().to_owned();
        let server = LogServer::new(|_| Ok(accepted()), move |posts| if posts > 0 { row(&tag) } else { nothing() });
        server.send(&first, OnMissing::Report).await.unwrap();
        let sent = server.send(&second, OnMissing::Report).await.unwrap();
        assert_eq!((sent.confirmed_by, server.posts()), (ConfirmedBy::PriorSend, 1), "{}", first.tag());
    }
}

#[tokio::test(start_paused = true)]
async fn a_lookback_of_any_length_starts_the_search_no_earlier_than_1970() {
    for lookback in [Duration::MAX, Duration::from_secs(u64::MAX / 2), Duration::from_secs(1 << 32)] {
        let server = StubServer::script([status(200, nothing()), status(201, accepted())]);
        let policy = ReconcilePolicy::new().lookback(lookback);
        let key = IdempotencyKey::new("order-42").unwrap();
        server.client().emails().send_idempotent(&email(), &key, &policy).await.unwrap();
        let search = &server.requests()[0].line;
        assert!(search.contains("start_time=0&"), "{search}");
    }
}
