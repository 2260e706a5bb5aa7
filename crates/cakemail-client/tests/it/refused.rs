//! Emails that the server records with 201 and does not send.

use cakemail_client::{Error, ErrorKind, IdempotencyKey, OnMissing, Outcome, ReconcilePolicy};
use cakemail_transport::{Dispatch, TransportErrorKind};
use serde_json::{Value, json};

use crate::support::{Reply, StubServer, email, respond, status, transport_error};

fn submission(state: &str) -> Value {
    json!({"submitted": true, "data": {"id": "e1", "status": state}})
}

#[tokio::test(start_paused = true)]
async fn a_201_that_says_that_the_email_is_not_sent_is_refused_with_the_servers_words() {
    let data = json!({"id": "e1", "status": "queued"});
    for (body, state, words) in [
        (submission("rejected"), Some("rejected"), "its status is rejected"),
        (submission("error"), Some("error"), "its status is error"),
        (json!({"data": {"id": "e1", "status": "rejected", "reason": "Suppressed"}}), Some("rejected"), "Suppressed"),
        (json!({"submitted": false, "data": data, "detail": "Quota used"}), Some("queued"), "Quota used"),
        (json!({"submitted": "false", "data": data, "message": "Quota used"}), Some("queued"), "Quota used"),
        (json!({"submitted": 0, "data": data}), Some("queued"), "not submitted"),
        (json!({"submitted": false, "error": "Quota used"}), None, "Quota used"),
        (json!({"submitted": false, "data": null}), None, "not submitted"),
    ] {
        let reply = body.to_string();
        let server = StubServer::always(move || respond(201, &[], &reply));
        let emails = server.client();
        let key = IdempotencyKey::random();
        let policy = ReconcilePolicy::new().on_missing(OnMissing::Resend);
        for error in [
            emails.emails().send(&email()).await.unwrap_err(),
            emails.emails().send_idempotent(&email(), &key, &policy).await.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Undeliverable, Outcome::NotDone), "{body}");
            assert_eq!((error.attempts(), error.status().unwrap().as_u16()), (1, 201), "{body}");
            assert_eq!(error.refused_email().map(|email| email.status.as_str()), state, "{body}");
            assert!(error.to_string().contains(words), "{body}: {error}");
        }
        assert_eq!(server.count(), 2, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_201_with_any_other_status_is_accepted() {
    for body in [
        submission("queued"),
        submission("teleported"),
        json!({"data": {"id": "e1"}}),
        json!({"submitted": null, "data": {"id": "e1", "status": "processing"}}),
        json!({"submitted": 1, "data": {"id": "e1", "status": "queued"}}),
    ] {
        let reply = body.to_string();
        let server = StubServer::always(move || respond(201, &[], &reply));
        assert!(server.client().emails().send(&email()).await.is_ok(), "{body}");
    }
}

/// Sends under a key. The responses to submissions are lost.
async fn send(key: &IdempotencyKey, logs: Value) -> (Error, usize) {
    let server = StubServer::new(move |request| {
        std::future::ready(match request.uri().path() {
            "/v2/logs/emails" => page(&logs),
            _ => transport_error(TransportErrorKind::ConnectionLost, Dispatch::MaybeSent),
        })
    });
    let policy = ReconcilePolicy::new().on_missing(OnMissing::Resend);
    let error = server.client().emails().send_idempotent(&email(), key, &policy).await.unwrap_err();
    let submissions = server.requests().iter().filter(|request| request.line.starts_with("POST")).count();
    (error, submissions)
}

fn page(entries: &Value) -> Reply {
    status(200, json!({"pagination": {"has_more": false}, "data": entries}))
}

fn entry(key: &IdempotencyKey, id: &str, kind: &str) -> Value {
    json!({"email_id": id, "type": kind, "tags": [key.tag()], "email": "ada@example.com", "subject": "Welcome"})
}

#[tokio::test(start_paused = true)]
async fn an_email_that_the_logs_have_as_refused_is_not_accepted_and_not_submitted_again() {
    let named = IdempotencyKey::new("order-42").unwrap();
    for order in [["rejected", "submitted"], ["submitted", "rejected"], ["error", "queued"]] {
        let (error, submissions) = send(&named, json!(order.map(|kind| entry(&named, "e1", kind)))).await;
        assert_eq!((error.kind(), error.outcome(), submissions), (ErrorKind::Undeliverable, Outcome::NotDone, 0));
        // After a lost response, only a new key proves that the refused email is the one just submitted.
        let random = IdempotencyKey::random();
        let (error, submissions) = send(&random, json!(order.map(|kind| entry(&random, "e1", kind)))).await;
        assert_eq!((error.kind(), error.outcome(), submissions), (ErrorKind::Undeliverable, Outcome::NotDone, 1));
        assert_eq!(error.refused_email().unwrap().id.as_str(), "e1");
    }
}

#[tokio::test(start_paused = true)]
async fn an_accepted_email_in_the_logs_counts_before_a_refused_one_with_the_same_key() {
    let key = IdempotencyKey::new("order-42").unwrap();
    let logs = json!([entry(&key, "e1", "rejected"), entry(&key, "e2", "queued"), entry(&key, "e1", "submitted")]);
    let server = StubServer::always(move || page(&logs));
    let sent = server.client().emails().send_idempotent(&email(), &key, &ReconcilePolicy::new()).await.unwrap();
    assert_eq!(sent.id.as_str(), "e2");
}
