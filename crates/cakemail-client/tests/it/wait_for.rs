//! `wait_for`: how often the status is polled, and when the wait ends.

use std::time::Duration;

use cakemail_client::{Client, ErrorKind, Milestone, Outcome};
use cakemail_model::EmailStatus;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{Reply, StubServer, respond, status};

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
    let elapsed = start.elapsed();
    assert!(elapsed <= Duration::from_secs(60) && elapsed >= Duration::from_secs(55), "{elapsed:?}");
    let times = server.times();
    let intervals: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(intervals[0], Duration::from_millis(500));
    assert!(intervals.is_sorted() && *intervals.last().unwrap() <= Duration::from_millis(5001), "{intervals:?}");
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
async fn the_timeout_ends_the_wait_when_the_server_does_not_respond() {
    let server = StubServer::script([email("queued")]);
    let start = Instant::now();
    let error =
        server.client().emails().wait_for(&"e1".into(), Milestone::Opened, Duration::from_secs(9)).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotDone));
    assert_eq!(start.elapsed(), Duration::from_secs(9));
    assert!(error.to_string().contains("could not be retrieved in time"), "{error}");
}
