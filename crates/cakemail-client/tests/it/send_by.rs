//! The moment after which a handle's requests are not written.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cakemail_client::{Client, Credentials, ErrorKind, Outcome};
use cakemail_model::senders::SenderPatch;
use cakemail_transport::{BootClock, Dispatch, MockTransport, SendBy, TransportErrorKind};
use tokio::time::Instant;

use crate::support::{StubServer, TokenServer, advanced, email, ok, respond, transport_error};

const SECOND: Duration = Duration::from_secs(1);

/// The moment this long from now, by the test's clock.
fn within(time: Duration) -> SendBy {
    let start = Instant::now();
    SendBy::new(time, BootClock::from_fn(move || start.elapsed()))
}

async fn change(client: &Client) -> cakemail_client::Result<()> {
    client.senders().update(&"7".into(), &SenderPatch::new().name("Ada")).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn each_attempt_of_a_change_carries_the_moment_and_a_read_does_not() {
    let carried = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&carried);
    let server = StubServer::new(move |request| {
        let mut seen = seen.lock().unwrap();
        seen.push(request.extensions().get::<SendBy>().is_some());
        let reply = if seen.len() == 1 { respond(429, &[("retry-after", "1")], "") } else { ok() };
        std::future::ready(reply)
    });
    let client = server.client();
    let limited = client.send_by(within(9 * SECOND)).unwrap();
    limited.emails().send(&email()).await.unwrap();
    change(&limited).await.unwrap();
    limited.users().me().await.unwrap();
    client.emails().send(&email()).await.unwrap();
    assert_eq!(*carried.lock().unwrap(), [true, true, true, false, false]);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_requested_after_the_moment_as_before() {
    let server = TokenServer::new();
    let client = server.builder().build().unwrap();
    let limited = client.send_by(within(SECOND)).unwrap();
    advanced(2 * SECOND).await;
    limited.users().me().await.unwrap();
    assert_eq!(server.stub.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_after_the_moment() {
    let server = StubServer::always(ok);
    let client = server.client().send_by(within(SECOND)).unwrap();
    change(&client).await.unwrap();
    advanced(SECOND).await;
    let error = client.emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::NotDone, 0));
    client.users().me().await.unwrap();
    assert_eq!(server.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_would_come_after_the_moment_is_not_waited_for() {
    for (seconds, attempts) in [(4, 1), (5, 1), (6, 2)] {
        let server = StubServer::script([respond(429, &[("retry-after", "5")], ""), ok()]);
        let client = server.client().send_by(within(seconds * SECOND)).unwrap();
        let start = Instant::now();
        let sent = client.emails().send(&email()).await;
        assert_eq!(server.count(), attempts, "{seconds} s");
        if attempts == 1 {
            let error = sent.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::RateLimited, Outcome::NotDone));
            assert_eq!(start.elapsed(), Duration::ZERO);
        }
    }
}

/// The moment limits what is written, and not how long a response takes.
#[tokio::test(start_paused = true)]
async fn a_response_that_arrives_after_the_moment_is_read() {
    let server = StubServer::new(|_| async {
        advanced(5 * SECOND).await;
        ok()
    });
    change(&server.client().send_by(within(SECOND)).unwrap()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_outcome_is_what_the_transport_proves_about_the_refused_write() {
    for (dispatch, outcome) in [(Dispatch::NotSent, Outcome::NotDone), (Dispatch::MaybeSent, Outcome::Unknown)] {
        let server = StubServer::new(move |_| async move {
            advanced(2 * SECOND).await;
            transport_error(TransportErrorKind::Timeout, dispatch)
        });
        let client = server.client().send_by(within(SECOND)).unwrap();
        let error = client.emails().send(&email()).await.unwrap_err();
        let expected = (ErrorKind::Timeout, outcome, 1);
        assert_eq!((error.kind(), error.outcome(), error.attempts()), expected, "{dispatch:?}");
    }
}

#[test]
fn a_transport_that_does_not_hold_the_moment_is_refused() {
    let credentials = Credentials::access_token("any");
    let client = Client::builder().credentials(credentials).transport(MockTransport::new()).build().unwrap();
    let error = client.send_by(SendBy::new(SECOND, BootClock::from_fn(|| SECOND))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("HyperTransport"), "{error}");
}
