//! Bulk sends under keys, resumed after a crash, and bulk sends that stop at a failure that all emails share.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cakemail_client::{BulkOptions, ConfirmedBy, ErrorKind, IdempotencyKey, Outcome};
use cakemail_model::emails::NewEmail;
use cakemail_transport::{Dispatch, TransportErrorKind};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::support::{Reply, StubServer, advanced, email, respond, status, transport_error, unauthorized};

/// The accepted emails, by their first tag.
type Ledger = Arc<Mutex<HashMap<String, Vec<Value>>>>;

/// Accepts each email after a second, and loses the responses to every third. The logs are prompt.
fn server(ledger: &Ledger) -> StubServer {
    let ledger = Arc::clone(ledger);
    StubServer::new(move |request| {
        let ledger = Arc::clone(&ledger);
        async move {
            if request.method() == "GET" {
                let query = request.uri().query().unwrap().to_owned();
                let tag = query.split('&').find_map(|pair| pair.strip_prefix("tags=")).unwrap();
                let entries = ledger.lock().unwrap().get(tag).cloned().unwrap_or_default();
                return status(200, json!({"pagination": {"has_more": false}, "data": entries}));
            }
            let body: Value = serde_json::from_slice(request.body().as_bytes().unwrap()).unwrap();
            advanced(Duration::from_secs(1)).await;
            accept(&mut ledger.lock().unwrap(), &body)
        }
    })
}

fn accept(ledger: &mut HashMap<String, Vec<Value>>, body: &Value) -> Reply {
    let number = ledger.len();
    let tag = body["tags"][0].as_str().unwrap().to_owned();
    let id = format!("e{number}");
    ledger.entry(tag).or_default().push(json!({
        "email_id": id, "type": "queued", "tags": body["tags"], "email": body["email"],
        "subject": body["content"]["subject"],
    }));
    match number % 3 {
        0 => transport_error(TransportErrorKind::ConnectionLost, Dispatch::MaybeSent),
        _ => status(201, json!({"data": {"id": id, "status": "queued"}})),
    }
}

fn keyed_emails(count: usize) -> Vec<(IdempotencyKey, NewEmail)> {
    let key = |number| IdempotencyKey::new(&format!("order-{number}")).unwrap();
    (0..count).map(|number| (key(number), email().email(format!("person{number}@example.com")))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_bulk_send_that_crashed_is_resumed_with_the_same_keys_and_sends_each_email_once() {
    for crash_after in [0, 1, 17, 50] {
        let ledger = Ledger::default();
        let client = server(&ledger).client();
        let options = BulkOptions::new().in_flight(8);
        let mut results = client.emails().send_all_idempotent(stream::iter(keyed_emails(60)), options.clone());
        for _ in 0..crash_after {
            results.next().await.unwrap().1.unwrap();
        }
        // A crash drops the calls in flight. Their requests may still arrive.
        drop(results);
        let accepted = ledger.lock().unwrap().len();
        assert!(accepted >= crash_after);

        // Another process.
        let client = server(&ledger).client();
        let mut results = client.emails().send_all_idempotent(stream::iter(keyed_emails(60)), options);
        let (mut keys, mut prior) = (HashSet::new(), 0);
        while let Some((key, result)) = results.next().await {
            prior += usize::from(result.unwrap().confirmed_by == ConfirmedBy::PriorSend);
            keys.insert(key);
        }
        assert_eq!((keys.len(), prior, results.progress().accepted), (60, accepted, 60));
        let ledger = ledger.lock().unwrap();
        assert!(ledger.len() == 60 && ledger.values().all(|emails| emails.len() == 1), "{ledger:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_twice_in_a_bulk_send_sends_one_email() {
    let ledger = Ledger::default();
    let emails = keyed_emails(5).into_iter().chain(keyed_emails(5)).collect::<Vec<_>>();
    let client = server(&ledger).client();
    let results = client.emails().send_all_idempotent(stream::iter(emails), BulkOptions::new());
    let results: Vec<_> = results.collect().await;
    assert!(results.len() == 10 && results.iter().all(|(_, result)| result.is_ok()), "{results:?}");
    assert!(ledger.lock().unwrap().values().all(|emails| emails.len() == 1));
}

/// Failures, and whether every further email would fail alike.
fn failures() -> [(fn() -> Reply, bool); 7] {
    [
        (unauthorized, true),
        (|| respond(403, &[], r#"{"detail": [{"msg": "Forbidden"}]}"#), true),
        (|| respond(400, &[], r#"{"detail": [{"msg": "Forbidden", "code": 8004}]}"#), true),
        (|| respond(400, &[], r#"{"detail": [{"loc": ["body", "email"], "msg": "no"}]}"#), false),
        (|| respond(404, &[], r#"{"detail": [{"msg": "no such list"}]}"#), false),
        (|| respond(503, &[], "{}"), false),
        (|| respond(201, &[], r#"{"data": {"id": "e1", "status": "rejected"}}"#), false),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_bulk_send_stops_at_a_failure_that_all_emails_share_and_gives_back_the_rest() {
    for (reply, is_shared) in failures() {
        let client = StubServer::always(reply).client();
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&taken);
        let emails = stream::iter(0..100).map(move |number| {
            counter.fetch_add(1, Ordering::SeqCst);
            (number, email())
        });
        let mut results = client.emails().send_all(emails, BulkOptions::new().in_flight(4));
        let mut failed = Vec::new();
        while let Some((number, result)) = results.next().await {
            failed.push((number, result.unwrap_err()));
        }
        assert_eq!(results.stopped_by().is_some(), is_shared, "{failed:?}");
        let progress = results.progress();
        assert_eq!(progress.not_done + progress.unknown, failed.len() as u64);
        assert_eq!((progress.in_flight, taken.load(Ordering::SeqCst)), (0, failed.len()));
        if let Some(error) = results.stopped_by() {
            assert_eq!((error.kind(), error.outcome()), (failed[0].1.kind(), Outcome::NotDone));
            assert!(failed.len() <= 4, "{}", failed.len());
        }
        let rest: Vec<_> = results.into_remaining().map(|(number, _)| number).collect().await;
        let mut all: Vec<_> = failed.iter().map(|(number, _)| *number).chain(rest).collect();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_of_one_key_does_not_stop_a_bulk_send() {
    let ledger = Ledger::default();
    let mut emails = keyed_emails(20);
    emails[10].0 = emails[0].0.clone();
    let client = server(&ledger).client();
    let mut results = client.emails().send_all_idempotent(stream::iter(emails), BulkOptions::new().in_flight(2));
    let mut conflicts = 0;
    while let Some((_, result)) = results.next().await {
        conflicts += usize::from(result.is_err_and(|error| error.kind() == ErrorKind::KeyConflict));
    }
    assert_eq!((conflicts, results.progress().accepted), (1, 19));
    assert!(results.stopped_by().is_none());
}
