//! Waits, to the millisecond: Retry-After, back-off, the time for an attempt and for a call.

use std::time::Duration;

use cakemail_client::{
    ConfirmedBy, ErrorKind, IdempotencyKey, Milestone, Outcome, RateLimit, ReconcilePolicy, RetryPolicy,
};
use cakemail_transport::Dispatch::{MaybeSent, NotSent};
use cakemail_transport::TransportErrorKind::{Connect, ConnectionLost};
use tokio::time::Instant;

use crate::support::{Answer, Guarded, Server, email, fail, fine, respond};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn hangs() -> Server {
    Server::new(|_| std::future::pending())
}

fn later(value: &str) -> Answer {
    respond(429, &[("retry-after", value), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")], "")
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_exactly() {
    for (value, wait) in [("7", 7), ("0", 0), ("Sun, 06 Nov 1994 08:49:48 GMT", 11), ("60", 60)] {
        for pace in [RateLimit::Unlimited, RateLimit::Adaptive] {
            let server = Server::script([later(value), fine()]);
            server.builder().rate_limit(pace).build().unwrap().emails().send(&email()).await.unwrap();
            let waited = server.times()[1];
            match pace {
                RateLimit::Unlimited => assert_eq!(waited, seconds(wait), "{value}"),
                // A pace that was just learned may hold it back longer, never shorter.
                _ => assert!(waited >= seconds(wait), "{value}: {waited:?}"),
            }
        }
    }
    let server = Server::script([respond(503, &[("retry-after", "7")], ""), fine()]);
    server.client().users().me().await.unwrap();
    assert_eq!(server.times(), [seconds(0), seconds(7)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_time_is_not_waited_for() {
    for value in ["soon", "-1", "", "1e9", "99999999999999999999"] {
        let server = Server::script([later(value), fine()]);
        server.client().users().me().await.unwrap();
        assert!(server.times()[1] <= Duration::from_millis(250), "{value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_too_long_is_left_to_the_caller() {
    for (value, asked) in
        [("61", 61), ("18446744073709551615", u64::MAX), ("Sat, 06 Nov 2094 08:49:37 GMT", 3_155_760_000)]
    {
        let server = Server::always(move || later(value));
        let start = Instant::now();
        let error = server.client().emails().send(&email()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 1));
        assert_eq!((error.retry_after(), start.elapsed()), (Some(seconds(asked)), Duration::ZERO));
    }
    // So is one that would outlast the deadline.
    let server = Server::always(|| later("7"));
    let error = server.client().deadline(seconds(5)).users().me().await.unwrap_err();
    assert_eq!((error.retry_after(), server.count()), (Some(seconds(7)), 1));
}

#[tokio::test(start_paused = true)]
async fn waits_grow_and_are_random() {
    let mut all = Vec::new();
    for _ in 0..50 {
        let server = Server::always(|| fail(Connect, NotSent));
        server.client().users().me().await.unwrap_err();
        let times = server.times();
        for (wait, most) in times.windows(2).map(|pair| pair[1] - pair[0]).zip([250, 500, 1000]) {
            assert!(wait <= Duration::from_millis(most + 1), "{wait:?} of {most} ms"); // timers round up
            all.push(wait);
        }
    }
    all.sort();
    all.dedup();
    assert!(all.len() > 75, "of 150 waits only {} differ", all.len());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_in_time() {
    let server = hangs();
    let client = server.builder().attempt_timeout(seconds(2)).retry_policy(RetryPolicy::never()).build().unwrap();
    let start = Instant::now();
    let error = client.emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::Unknown, 1));
    assert_eq!(start.elapsed(), seconds(2));

    let error = server.builder().attempt_timeout(seconds(2)).build().unwrap().users().me().await.unwrap_err();
    assert_eq!((error.outcome(), error.attempts()), (Outcome::NotDone, 4));
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time() {
    for deadline in [1, 5, 29, 31, 89] {
        let server = hangs();
        let start = Instant::now();
        let error = server.client().deadline(seconds(deadline)).emails().send(&email()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Unknown));
        assert_eq!(start.elapsed(), seconds(deadline.min(30)));

        // A read goes on until then, and not a moment longer.
        let start = Instant::now();
        let error = server.client().deadline(seconds(deadline)).users().me().await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotDone));
        assert_eq!(start.elapsed(), seconds(deadline));
        assert_eq!(u64::from(error.attempts()), deadline.div_ceil(30));
    }
}

/// The wait for a token, and for one's turn, counts.
#[tokio::test(start_paused = true)]
async fn a_call_that_does_not_come_to_be_made_ends_in_time() {
    let guarded = Guarded::new();
    guarded.doors().token_takes = seconds(20);
    let client = guarded.client();
    let start = Instant::now();
    let error = client.deadline(seconds(5)).emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::NotDone, 0));
    assert_eq!(start.elapsed(), seconds(5));
    assert_eq!(error.to_string(), "submitEmail: no access token was obtained in time");
    // The next one has the token that was under way.
    client.emails().send(&email()).await.unwrap();
    assert_eq!((start.elapsed(), guarded.asked().len()), (seconds(20), 1));

    let server = Server::always(fine);
    let client = server.builder().rate_limit(RateLimit::Fixed(0.2)).build().unwrap();
    client.users().me().await.unwrap();
    let start = Instant::now();
    let error = client.deadline(seconds(2)).emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::RateLimited, Outcome::NotDone, 0));
    assert_eq!((start.elapsed(), server.count()), (seconds(2), 1));
}

#[tokio::test(start_paused = true)]
async fn no_time_is_time_for_nothing() {
    let server = Server::always(fine);
    let client = server.client().deadline(Duration::ZERO);
    for error in [client.emails().send(&email()).await.unwrap_err(), client.users().me().await.unwrap_err()] {
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::NotDone, 0));
        assert!(error.to_string().ends_with(": the deadline has passed"), "{error}");
    }
    assert_eq!(server.count(), 0);

    let guarded = Guarded::new();
    let error = guarded.client().deadline(Duration::ZERO).emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::NotDone, 0));
    assert_eq!(guarded.server.count(), 0, "a token was asked for");
}

/// The deadline comes while a token is renewed: what is over is not begun.
#[tokio::test(start_paused = true)]
async fn a_second_attempt_needs_time_as_well() {
    let guarded = Guarded::new();
    guarded.doors().call_takes = seconds(5);
    let client = guarded.client();
    client.emails().send(&email()).await.unwrap();
    guarded.revoke();
    let before = guarded.server.count();
    let error = client.deadline(seconds(5)).emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), guarded.server.count()), (ErrorKind::Timeout, 1, before + 1));
}

/// Whoever wants no limit says so with the longest time there is.
#[tokio::test(start_paused = true)]
async fn a_time_without_end_is_a_time() {
    let server = Server::script([later("18446744073709551615"), fine()]);
    let mut retry = RetryPolicy::default();
    retry.max_retry_after = Duration::MAX;
    let builder = server.builder().attempt_timeout(Duration::MAX).deadline(Duration::MAX);
    let client = builder.retry_policy(retry).build().unwrap();
    assert_eq!(client.users().me().await.unwrap_err().retry_after(), Some(seconds(u64::MAX)));
    client.users().me().await.unwrap();

    let bounced = r#"{"email_id": "e1", "status": "bounce"}"#;
    let client = Server::always(move || respond(200, &[], bounced)).client();
    let error = client.emails().wait_for(&"e1".into(), Milestone::Opened, Duration::MAX).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undeliverable);

    let lost = fail(ConnectionLost, MaybeSent);
    let found = r#"{"data": [{"id": "l1", "email_id": "e1", "type": "queued", "tags": ["key-k1"]}]}"#;
    let client = Server::script([respond(200, &[], r#"{"data": []}"#), lost, respond(200, &[], found)]).client();
    let policy = ReconcilePolicy::new().window(Duration::MAX);
    let sent = client.emails().send_idempotent(&email(), &IdempotencyKey::new("k1").unwrap(), &policy).await.unwrap();
    assert_eq!(sent.confirmed_by, ConfirmedBy::Reconciliation);
}
