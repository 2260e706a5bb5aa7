//! `wait_for`: how often the status is polled, and when the wait ends.

use std::time::Duration;

use cakemail_client::{Client, ErrorKind, Milestone, Outcome};
use cakemail_model::EmailStatus;
use cakemail_transport::{Dispatch, TransportErrorKind};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{Reply, StubServer, respond, status, transport_error};

fn email(state: &str) -> Reply {
    status(200, json!({"email_id": "e1", "status": state}))
}

async fn wait(client: &Client, milestone: Milestone, seconds: u64) -> Result<EmailStatus, ErrorKind> {
    let timeout = Duration::from_secs(seconds);
    let email = client.emails().wait_for(&"e1".into(), milestone, timeout).await;
    email.map(|email| email.status).map_err(|error| error.kind())
}

#[tokio::test(start_paused = true)]
async fn the_interval_between_polls_grows_up_to_five_seconds() {
    let server = StubServer::always(|| email("queued"));
    let start = Instant::now();
    assert_eq!(wait(&server.client(), Milestone::Delivered, 60).await, Err(ErrorKind::Timeout));
    assert_eq!(start.elapsed(), Duration::from_secs(60));
    let times = server.times();
    let intervals: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(intervals[0], Duration::from_millis(500));
    let (last, growing) = intervals.split_last().unwrap(); // the last poll is at the end of the timeout
    assert!(growing.is_sorted() && *growing.last().unwrap() <= Duration::from_millis(5001), "{intervals:?}");
    assert!(*last <= Duration::from_millis(5001), "{intervals:?}");
    assert!((10..=20).contains(&times.len()), "{} polls in a minute", times.len());
}

#[tokio::test(start_paused = true)]
async fn the_wait_ends_as_soon_as_the_milestone_is_reached() {
    let server = StubServer::script([email("submitted"), email("processing"), email("sent"), email("delivered")]);
    assert_eq!(wait(&server.client(), Milestone::Delivered, 60).await, Ok(EmailStatus::Delivered));
    assert_eq!(server.count(), 4);

    let server = StubServer::script([email("submitted"), email("processing"), email("sent")]);
    assert_eq!(wait(&server.client(), Milestone::Queued, 60).await, Ok(EmailStatus::Sent));
}

#[tokio::test(start_paused = true)]
async fn a_soft_bounce_is_waited_through_and_a_hard_bounce_ends_the_wait() {
    let soft = || status(200, json!({"email_id": "e1", "status": "bounce", "soft_bounced": true}));
    let server = StubServer::script([soft(), soft(), email("delivered")]);
    assert_eq!(wait(&server.client(), Milestone::Delivered, 60).await, Ok(EmailStatus::Delivered));

    let hard = status(200, json!({"email_id": "e1", "status": "processing", "hard_bounced": true}));
    let server = StubServer::script([email("queued"), hard]);
    assert_eq!(wait(&server.client(), Milestone::Delivered, 60).await, Err(ErrorKind::Undeliverable));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_status_is_waited_through() {
    let server = StubServer::script([email("teleported"), email("open")]);
    assert_eq!(wait(&server.client(), Milestone::Opened, 60).await, Ok(EmailStatus::Opened));
}

#[tokio::test(start_paused = true)]
async fn a_failed_poll_is_retried() {
    let server = StubServer::script([email("queued"), respond(503, &[], ""), email("delivered")]);
    assert_eq!(wait(&server.client(), Milestone::Delivered, 60).await, Ok(EmailStatus::Delivered));
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_for_a_while_does_not_end_the_wait() {
    let rejection = |code| respond(code, &[], r#"{"detail": []}"#);
    for failure in [
        || respond(404, &[], r#"{"detail": []}"#),
        || respond(503, &[], ""),
        || respond(408, &[], ""),
        || respond(429, &[], ""),
        || respond(200, &[], "<html>"),
        || status(200, json!({"detail": "unreadable"})),
        || transport_error(TransportErrorKind::Connect, Dispatch::NotSent),
        || transport_error(TransportErrorKind::ConnectionLost, Dispatch::MaybeSent),
    ] as [fn() -> Reply; 8]
    {
        let first = Instant::now();
        let server =
            StubServer::always(move || if first.elapsed().as_secs() < 40 { failure() } else { email("delivered") });
        assert_eq!(wait(&server.client(), Milestone::Delivered, 60).await, Ok(EmailStatus::Delivered));
    }
    for (code, kind) in [(401, ErrorKind::Authentication), (403, ErrorKind::Forbidden), (422, ErrorKind::BadRequest)] {
        let server = StubServer::always(move || rejection(code));
        assert_eq!(wait(&server.client(), Milestone::Delivered, 60).await, Err(kind));
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_after_the_timeout_has_the_last_failure() {
    let unavailable = StubServer::always(|| respond(503, &[], ""));
    let wait = async |server: &StubServer| {
        let client = server.client();
        client.emails().wait_for(&"e1".into(), Milestone::Opened, Duration::from_secs(9)).await.unwrap_err()
    };
    let error = wait(&unavailable).await;
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotDone));
    assert_eq!(wait(&StubServer::always(|| respond(404, &[], r#"{"detail": []}"#))).await.kind(), ErrorKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn the_whole_timeout_is_used_and_the_status_is_read_at_its_end() {
    for milliseconds in [0, 1, 400, 500, 999, 1000, 1700, 20_000] {
        let timeout = Duration::from_millis(milliseconds);
        let start = Instant::now();
        let reached = move || email(if start.elapsed() >= timeout { "delivered" } else { "queued" });
        let client = StubServer::always(reached).client();
        let last_moment = client.emails().wait_for(&"e1".into(), Milestone::Delivered, timeout).await;
        assert_eq!(last_moment.unwrap().status, EmailStatus::Delivered, "{timeout:?}");

        let start = Instant::now();
        let client = StubServer::always(|| email("queued")).client();
        let never = client.emails().wait_for(&"e1".into(), Milestone::Delivered, timeout).await;
        assert_eq!((never.unwrap_err().kind(), start.elapsed()), (ErrorKind::Timeout, timeout));
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_read_takes_at_most_a_second() {
    let start = Instant::now();
    let server = StubServer::new(move |_| async move {
        if start.elapsed() >= Duration::from_secs(1) {
            std::future::pending::<()>().await;
        }
        email("queued")
    });
    assert_eq!(wait(&server.client(), Milestone::Delivered, 1).await, Err(ErrorKind::Timeout));
    assert_eq!(start.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn an_email_that_bounced_had_been_queued() {
    for (queued, mut body) in [
        (true, json!({"status": "bounce", "hard_bounced": true})),
        (true, json!({"status": "bounce", "soft_bounced": true})),
        (true, json!({"status": "bounce"})),
        (true, json!({"status": "processing", "hard_bounced": true})),
        (true, json!({"status": "spam"})),
        (false, json!({"status": "rejected"})),
        (false, json!({"status": "error"})),
    ] {
        body["email_id"] = "e1".into();
        let reply = body.clone();
        let server = StubServer::always(move || status(200, reply.clone()));
        let result = wait(&server.client(), Milestone::Queued, 60).await;
        assert_eq!(result.is_ok(), queued, "{body}: {result:?}");
        assert!(queued || result == Err(ErrorKind::Undeliverable));
    }
}

#[tokio::test(start_paused = true)]
async fn the_timeout_ends_the_wait_when_the_server_does_not_respond() {
    let server = StubServer::script([email("queued")]);
    let start = Instant::now();
    let error =
        server.client().emails().wait_for(&"e1".into(), Milestone::Opened, Duration::from_secs(9)).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotDone));
    assert_eq!(start.elapsed(), Duration::from_secs(9));
    assert!(error.to_string().contains("could not be retrieved in time"), "{error}");
}
