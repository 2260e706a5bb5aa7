//! Delays and deadlines, to the millisecond: `Retry-After`, backoff, the attempt timeout and the call's deadline.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cakemail_client::{
    ConfirmedBy, ErrorKind, IdempotencyKey, Milestone, OnMissing, Outcome, RateLimit, ReconcilePolicy, RetryPolicy,
};
use cakemail_transport::Dispatch::{MaybeSent, NotSent};
use cakemail_transport::TransportErrorKind::{Connect, ConnectionLost};
use tokio::time::Instant;

use crate::support::{Reply, StubServer, TokenServer, email, ok, respond, transport_error};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn unresponsive() -> StubServer {
    StubServer::new(|_| std::future::pending())
}

fn too_many_requests(value: &str) -> Reply {
    respond(429, &[("retry-after", value), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")], "")
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_exactly() {
    for (value, wait) in [("7", 7), ("Sun, 06 Nov 1994 08:49:48 GMT", 11), ("60", 60)] {
        for limit in [RateLimit::Unlimited, RateLimit::Adaptive] {
            let server = StubServer::script([too_many_requests(value), ok()]);
            server.builder().rate_limit(limit).build().unwrap().emails().send(&email()).await.unwrap();
            let waited = server.times()[1];
            match limit {
                RateLimit::Unlimited => assert_eq!(waited, seconds(wait), "{value}"),
                // The adaptive limit may delay it further.
                _ => assert!(waited >= seconds(wait), "{value}: {waited:?}"),
            }
        }
    }
    let server = StubServer::script([respond(503, &[("retry-after", "7")], ""), ok()]);
    server.client().users().me().await.unwrap();
    assert_eq!(server.times(), [seconds(0), seconds(7)]);
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_of_zero_waits_as_long_as_a_backoff() {
    let mut waits = Vec::new();
    for _ in 0..50 {
        let server = StubServer::script([too_many_requests("0"), ok()]);
        server.client().emails().send(&email()).await.unwrap();
        waits.push(server.times()[1]);
    }
    let average = waits.iter().sum::<Duration>() / 50;
    assert!(average > Duration::from_millis(60), "the backoff is 125 ms on average: {waits:?}");
}

#[tokio::test(start_paused = true)]
async fn an_invalid_retry_after_is_ignored() {
    for value in ["soon", "-1", "", "1e9", "99999999999999999999"] {
        let server = StubServer::script([too_many_requests(value), ok()]);
        server.client().users().me().await.unwrap();
        assert!(server.times()[1] <= Duration::from_millis(250), "{value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_beyond_the_policy_or_the_deadline_ends_the_call() {
    for (value, requested) in
        [("61", 61), ("18446744073709551615", u64::MAX), ("Sat, 06 Nov 2094 08:49:37 GMT", 3_155_760_000)]
    {
        let server = StubServer::always(move || too_many_requests(value));
        let start = Instant::now();
        let error = server.client().emails().send(&email()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 1));
        assert_eq!((error.retry_after(), start.elapsed()), (Some(seconds(requested)), Duration::ZERO));
    }
    let server = StubServer::always(|| too_many_requests("7"));
    let error = server.client().deadline(seconds(5)).users().me().await.unwrap_err();
    assert_eq!((error.retry_after(), server.count()), (Some(seconds(7)), 1));
}

#[tokio::test(start_paused = true)]
async fn backoff_doubles_and_is_random() {
    let mut all = Vec::new();
    for _ in 0..50 {
        let server = StubServer::always(|| transport_error(Connect, NotSent));
        server.client().users().me().await.unwrap_err();
        let times = server.times();
        for (wait, longest) in times.windows(2).map(|pair| pair[1] - pair[0]).zip([250, 500, 1000]) {
            assert!(wait <= Duration::from_millis(longest + 1), "{wait:?} of {longest} ms"); // timers round up
            all.push(wait);
        }
    }
    all.sort();
    all.dedup();
    assert!(all.len() > 75, "of 150 waits only {} differ", all.len());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_at_the_attempt_timeout() {
    let server = unresponsive();
    let client = server.builder().attempt_timeout(seconds(2)).retry_policy(RetryPolicy::never()).build().unwrap();
    let start = Instant::now();
    let error = client.emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::Unknown, 1));
    assert_eq!(start.elapsed(), seconds(2));

    let error = server.builder().attempt_timeout(seconds(2)).build().unwrap().users().me().await.unwrap_err();
    assert_eq!((error.outcome(), error.attempts()), (Outcome::NotDone, 4));
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_deadline() {
    for deadline in [1, 5, 29, 31, 89] {
        let server = unresponsive();
        let start = Instant::now();
        let error = server.client().deadline(seconds(deadline)).emails().send(&email()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Unknown));
        assert_eq!(start.elapsed(), seconds(deadline.min(30)));

        // A read is retried until the deadline.
        let start = Instant::now();
        let error = server.client().deadline(seconds(deadline)).users().me().await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotDone));
        assert_eq!(start.elapsed(), seconds(deadline));
        assert_eq!(u64::from(error.attempts()), deadline.div_ceil(30));
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_covers_the_waits_for_a_token_and_for_the_rate_limit() {
    let server = TokenServer::new();
    server.state().token_delay = seconds(20);
    let client = server.client();
    let start = Instant::now();
    let error = client.deadline(seconds(5)).emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::NotDone, 0));
    assert_eq!(start.elapsed(), seconds(5));
    assert_eq!(error.to_string(), "submitEmail: no access token was obtained in time");
    // The next call uses the token that was requested.
    client.emails().send(&email()).await.unwrap();
    assert_eq!((start.elapsed(), server.grants().len()), (seconds(20), 1));

    let server = StubServer::always(ok);
    let client = server.builder().rate_limit(RateLimit::Fixed(0.2)).build().unwrap();
    client.users().me().await.unwrap();
    let start = Instant::now();
    let error = client.deadline(seconds(2)).emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::RateLimited, Outcome::NotDone, 0));
    assert_eq!((start.elapsed(), server.count()), (seconds(2), 1));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_of_zero_sends_nothing() {
    let server = StubServer::always(ok);
    let client = server.client().deadline(Duration::ZERO);
    for error in [client.emails().send(&email()).await.unwrap_err(), client.users().me().await.unwrap_err()] {
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::NotDone, 0));
        assert!(error.to_string().ends_with(": the deadline has passed"), "{error}");
    }
    assert_eq!(server.count(), 0);

    let server = TokenServer::new();
    let error = server.client().deadline(Duration::ZERO).emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::NotDone, 0));
    assert_eq!(server.stub.count(), 0, "a token was requested");
}

#[tokio::test(start_paused = true)]
async fn no_token_is_requested_after_the_deadline() {
    let server = TokenServer::new();
    server.state().call_delay = seconds(5);
    let client = server.client();
    client.emails().send(&email()).await.unwrap();
    server.revoke();
    let before = server.stub.count();
    let error = client.deadline(seconds(5)).emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), server.stub.count()), (ErrorKind::Timeout, 1, before + 1));
}

#[tokio::test(start_paused = true)]
async fn the_longest_duration_is_no_limit() {
    let server = StubServer::script([too_many_requests("18446744073709551615"), ok()]);
    let retry = RetryPolicy::default().max_retry_after(Duration::MAX);
    let builder = server.builder().attempt_timeout(Duration::MAX).deadline(Duration::MAX);
    let client = builder.retry_policy(retry).build().unwrap();
    assert_eq!(client.users().me().await.unwrap_err().retry_after(), Some(seconds(u64::MAX)));
    client.users().me().await.unwrap();

    let bounced = r#"{"email_id": "e1", "status": "bounce"}"#;
    let client = StubServer::always(move || respond(200, &[], bounced)).client();
    let error = client.emails().wait_for(&"e1".into(), Milestone::Opened, Duration::MAX).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undeliverable);

    let lost = transport_error(ConnectionLost, MaybeSent);
    let found = r#"{"data": [{"id": "l1", "email_id": "e1", "type": "queued", "tags": ["key-k1"],
        "email": "ada@example.com", "subject": "Welcome"}]}"#;
    let client = StubServer::script([respond(200, &[], r#"{"data": []}"#), lost, respond(200, &[], found)]).client();
    let policy = ReconcilePolicy::new().window(Duration::MAX);
    let sent = client.emails().send_idempotent(&email(), &IdempotencyKey::new("k1").unwrap(), &policy).await.unwrap();
    assert_eq!(sent.confirmed_by, ConfirmedBy::Reconciliation);
}

/// If responses are lost or late, a call under a key ends at its deadline, and says that the email may have been accepted.
#[tokio::test(start_paused = true)]
async fn a_deadline_covers_the_search_of_the_logs() {
    let lost = || transport_error(ConnectionLost, MaybeSent);
    let empty = || respond(200, &[], r#"{"data": []}"#);
    let policy = ReconcilePolicy::new().window(seconds(3600)).on_missing(OnMissing::Resend);
    for deadline in [1, 5, 60, 90] {
        for (submission_stalls, logs_stall) in [(false, false), (false, true), (true, false), (true, true)] {
            let server = StubServer::new(move |request| async move {
                match (request.uri().path(), submission_stalls, logs_stall) {
                    ("/v2/emails", false, _) => lost(),
                    ("/v2/logs/emails", _, false) => empty(),
                    _ => std::future::pending().await,
                }
            });
            let start = Instant::now();
            let client = server.client().deadline(seconds(deadline));
            let error =
                client.emails().send_idempotent(&email(), &IdempotencyKey::random(), &policy).await.unwrap_err();
            assert_eq!((error.outcome(), error.attempts()), (Outcome::Unknown, 1));
            assert_eq!(start.elapsed(), seconds(deadline), "{submission_stalls} {logs_stall}");
            // There was time for a search after the submission.
            assert!(server.requests().last().unwrap().line.starts_with("GET"));

            let client = server.client().deadline(Duration::ZERO);
            let error =
                client.emails().send_idempotent(&email(), &IdempotencyKey::random(), &policy).await.unwrap_err();
            assert_eq!((error.outcome(), error.attempts()), (Outcome::NotDone, 0));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_email_is_found_whose_response_was_lost_at_the_end_of_the_deadline() {
    let entry = r#"{"data": [{"email_id": "e1", "type": "queued", "tags": ["key-k1"], "email": "ada@example.com",
        "subject": "Welcome"}]}"#;
    for deadline in [1, 5, 20, 90] {
        let posted = Arc::new(AtomicBool::new(false));
        let server = StubServer::new(move |request| {
            let posted = Arc::clone(&posted);
            async move {
                match request.uri().path() {
                    "/v2/logs/emails" if posted.load(Ordering::SeqCst) => respond(200, &[], entry),
                    "/v2/logs/emails" => respond(200, &[], r#"{"data": []}"#),
                    _ => {
                        posted.store(true, Ordering::SeqCst);
                        std::future::pending().await
                    }
                }
            }
        });
        let client = server.builder().attempt_timeout(seconds(3600)).deadline(seconds(deadline)).build().unwrap();
        let key = IdempotencyKey::new("k1").unwrap();
        let sent = client.emails().send_idempotent(&email(), &key, &ReconcilePolicy::new()).await.unwrap();
        assert_eq!((sent.id.as_str(), sent.confirmed_by), ("e1", ConfirmedBy::Reconciliation), "{deadline}");
    }
}
