//! Bulk sends: the results, the limit of emails in flight, and how a bulk send is ended early.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cakemail_client::{BulkOptions, BulkResults, Client, Progress};
use cakemail_transport::{Dispatch, TransportErrorKind};
use futures_util::{StreamExt, stream};
use serde_json::json;

use crate::support::{StubServer, advanced, email, ok, status, transport_error};

/// Accepts each email after a second, but loses the response for `lost@…`, rejects `rejected@…`, and does not send to
/// `suppressed@…`.
struct Server {
    stub: StubServer,
    max_in_flight: Arc<AtomicUsize>,
}

impl Server {
    fn new() -> Self {
        let in_flight = Arc::new(AtomicUsize::new(0));
        let max_in_flight = Arc::new(AtomicUsize::new(0));
        let max = Arc::clone(&max_in_flight);
        let stub = StubServer::new(move |request| {
            let (in_flight, max) = (Arc::clone(&in_flight), Arc::clone(&max));
            async move {
                max.fetch_max(in_flight.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                advanced(Duration::from_secs(1)).await;
                in_flight.fetch_sub(1, Ordering::SeqCst);
                let body = String::from_utf8_lossy(request.body().as_bytes().unwrap()).into_owned();
                match body {
                    body if body.contains("lost@") => {
                        transport_error(TransportErrorKind::ConnectionLost, Dispatch::MaybeSent)
                    }
                    body if body.contains("suppressed@") => {
                        status(201, json!({"submitted": true, "data": {"id": "e1", "status": "rejected"}}))
                    }
                    body if body.contains("rejected@") => status(400, json!({"detail": [{"msg": "no"}]})),
                    _ => ok(),
                }
            }
        });
        Self { stub, max_in_flight }
    }
}

/// A bulk send of `count` emails, and the number that has been taken from the input.
fn bulk(client: &Client, count: usize, in_flight: usize) -> (BulkResults<usize>, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let emails = stream::iter(0..count).map(move |number| {
        counter.fetch_add(1, Ordering::SeqCst);
        let local_part = ["ada", "suppressed", "lost", "rejected"][number % 4];
        (number, email().email(format!("{local_part}@example.com")))
    });
    (client.emails().send_all(emails, BulkOptions::new().in_flight(in_flight)), taken)
}

#[tokio::test(start_paused = true)]
async fn every_email_has_one_result_and_at_most_the_limit_is_in_flight() {
    let server = Server::new();
    let (mut results, taken) = bulk(&server.stub.client(), 400, 10);
    assert_eq!(taken.load(Ordering::SeqCst), 0);
    let mut ids = Vec::new();
    while let Some((id, result)) = results.next().await {
        assert_eq!(result.is_ok(), id % 4 == 0);
        ids.push(id);
        assert!(taken.load(Ordering::SeqCst) <= ids.len() + 10);
    }
    let Progress { accepted, not_done, unread, unknown, in_flight, .. } = results.progress();
    assert_eq!((accepted, not_done, unread, unknown, in_flight), (100, 200, 0, 100, 0));
    ids.sort_unstable();
    assert_eq!(ids, (0..400).collect::<Vec<_>>());
    assert_eq!(server.max_in_flight.load(Ordering::SeqCst), 10);
}

#[tokio::test(start_paused = true)]
async fn stop_completes_the_emails_in_flight() {
    let (mut results, taken) = bulk(&Server::new().stub.client(), 400, 10);
    assert!(results.next().await.is_some());
    results.stop();
    let mut rest = 0;
    while results.next().await.is_some() {
        rest += 1;
    }
    assert_eq!(taken.load(Ordering::SeqCst), rest + 1);
}

#[tokio::test(start_paused = true)]
async fn abandon_returns_the_ids_of_the_emails_in_flight() {
    let (mut results, taken) = bulk(&Server::new().stub.client(), 400, 10);
    let (first, _) = results.next().await.unwrap();
    let mut ids = results.abandon();
    ids.push(first);
    ids.sort_unstable();
    assert_eq!(ids, (0..taken.load(Ordering::SeqCst)).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_limit_out_of_range_counts_as_the_nearest_one_in_it() {
    for (limit, max_in_flight) in [(0, 1), (1, 1), (usize::MAX, 8), (usize::MAX / 2, 8)] {
        let server = Server::new();
        let (results, _) = bulk(&server.stub.client(), 8, limit);
        assert_eq!(results.count().await, 8);
        assert_eq!(server.max_in_flight.load(Ordering::SeqCst), max_in_flight, "{limit}");
    }
}
