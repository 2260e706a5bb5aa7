//! `emails().find`: what one search of the logs for a key comes to.

use std::time::Duration;

use cakemail_client::{ErrorKind, IdempotencyKey, KeyDifference, Outcome};
use cakemail_model::EmailStatus;
use serde_json::{Value, json};

use crate::support::{Reply, StubServer, email, status};

fn page(entries: &Value) -> Reply {
    status(200, json!({"pagination": {"page": 1, "per_page": 10, "has_more": false}, "data": entries}))
}

fn entry(id: &str, kind: &str, recipient: &Value, subject: &str) -> Value {
    json!({"email_id": id, "type": kind, "email": recipient, "subject": subject, "tags": ["key-order-42"]})
}

async fn find(entries: Value) -> Result<Option<(String, bool)>, (ErrorKind, Outcome, Option<KeyDifference>)> {
    let server = StubServer::always(move || page(&entries));
    let key = IdempotencyKey::new("order-42").unwrap();
    let found = server.client().emails().find(&key, &email(), Duration::from_secs(3600)).await;
    let difference = |error: &cakemail_client::Error| error.key_conflict().map(|conflict| conflict.difference);
    match found {
        Ok(found) => Ok(found.map(|email| (email.id.as_str().to_owned(), email.is_refused()))),
        Err(error) => Err((error.kind(), error.outcome(), difference(&error))),
    }
}

#[tokio::test]
async fn an_email_is_found_refused_missing_or_another_one() {
    let ada = json!("ada@example.com");
    let bob = json!("bob@example.com");
    let found = |id: &str, is_refused| Ok(Some((id.to_owned(), is_refused)));
    let conflict = |difference| Err((ErrorKind::KeyConflict, Outcome::NotDone, Some(difference)));
    for (case, entries, expected) in [
        ("no entry", json!([]), Ok(None)),
        ("another tag", json!([{"email_id": "e1", "tags": ["key-order-4"]}]), Ok(None)),
        ("sent", json!([entry("e1", "queued", &ada, "Welcome")]), found("e1", false)),
        ("refused", json!([entry("e1", "rejected", &ada, "Welcome")]), found("e1", true)),
        (
            "refused, and sent again",
            json!([entry("e1", "rejected", &ada, "Welcome"), entry("e2", "queued", &ada, "Welcome")]),
            found("e2", false),
        ),
        ("no recipient shown", json!([entry("e1", "queued", &Value::Null, "Welcome")]), found("e1", false)),
        ("another recipient", json!([entry("e1", "queued", &bob, "Welcome")]), conflict(KeyDifference::Recipient)),
        ("another subject", json!([entry("e1", "queued", &ada, "Goodbye")]), conflict(KeyDifference::Subject)),
        (
            "another recipient, and the email itself",
            json!([entry("e1", "queued", &bob, "Welcome"), entry("e2", "queued", &ada, "Welcome")]),
            found("e2", false),
        ),
        ("not a list", json!("maintenance"), Err((ErrorKind::UnexpectedResponse, Outcome::Unknown, None))),
        ("an odd entry", json!([null]), Err((ErrorKind::UnexpectedResponse, Outcome::Unknown, None))),
    ] {
        assert_eq!(find(entries).await, expected, "{case}");
    }
}

#[tokio::test]
async fn the_search_is_for_the_tag_since_the_start_of_the_lookback() {
    let server = StubServer::always(|| page(&json!([])));
    let key = IdempotencyKey::new("order-42").unwrap();
    server.client().emails().find(&key, &email(), Duration::MAX).await.unwrap();
    let search = &server.requests()[0].line;
    assert!(search.contains("key-order-42"), "{search}");
    assert!(search.contains("start_time=0"), "{search}");
}

#[tokio::test]
async fn an_email_in_the_logs_is_shown_without_its_recipient() {
    let entries = json!([entry("e1", "queued", &json!("ada@example.com"), "Welcome")]);
    let server = StubServer::always(move || page(&entries));
    let key = IdempotencyKey::new("order-42").unwrap();
    let found = server.client().emails().find(&key, &email(), Duration::from_secs(60)).await.unwrap().unwrap();
    assert_eq!(found.status, EmailStatus::Queued);
    let shown = format!("{found:?}");
    assert!(shown.contains("e1") && !shown.contains("ada") && !shown.contains("Welcome"), "{shown}");
}
