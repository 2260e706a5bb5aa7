//! `send_idempotent`: what is looked up in the logs, and when an email is submitted again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cakemail_client::{
    Client, ConfirmedBy, Error, ErrorKind, IdempotencyKey, OnMissing, Outcome, ReconcilePolicy, Sent,
};
use cakemail_transport::{Dispatch, TransportErrorKind};
use serde_json::{Value, json};

use crate::support::{StubServer, email, status, transport_error};

/// A server with logs, which counts the submissions.
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

fn accepted() -> Value {
    json!({"email": "ada@example.com", "object": "email", "submitted": true, "data": {"id": "e1", "status": "queued"}})
}

fn page(rows: &Value) -> Value {
    json!({"pagination": {"page": 1, "per_page": 10, "has_more": false}, "parameters": {}, "data": rows})
}

fn row(tag: &str) -> Value {
    page(&json!([{"id": "l1", "type": "queued", "email_id": "e1", "time": 1, "tags": ["other", tag]}]))
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
async fn an_unreadable_response_is_done_and_not_resent() {
    let server = LogServer::new(|_| Ok(json!({"data": {"status": "queued"}})), |_| nothing());
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
