//! Following an email: how often it is looked at, and when that ends.

use std::time::Duration;

use cakemail_client::{Client, ErrorKind, Milestone, Outcome};
use cakemail_model::EmailStatus;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{Answer, Server, respond, status};

fn email(word: &str) -> Answer {
    status(200, json!({"email_id": "e1", "status": word}))
}

async fn wait(client: &Client, milestone: Milestone, seconds: u64) -> Result<EmailStatus, ErrorKind> {
    let timeout = Duration::from_secs(seconds);
    let email = client.emails().wait_for(&"e1".into(), milestone, timeout).await;
    email.map(|email| email.status).map_err(|error| error.kind())
}

#[tokio::test(start_paused = true)]
async fn it_is_looked_at_ever_less_often() {
    let server = Server::always(|| email("queued"));
    let start = Instant::now();
    assert_eq!(wait(&server.client(), Milestone::Delivered, 60).await, Err(ErrorKind::Timeout));
    let elapsed = start.elapsed();
    assert!(elapsed <= Duration::from_secs(60) && elapsed >= Duration::from_secs(55), "{elapsed:?}");
    let times = server.times();
    let pauses: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(pauses[0], Duration::from_millis(500));
    assert!(pauses.is_sorted() && *pauses.last().unwrap() <= Duration::from_millis(5001), "{pauses:?}");
    assert!((10..=20).contains(&times.len()), "{} looks in a minute", times.len());
}

#[tokio::test(start_paused = true)]
async fn it_ends_as_soon_as_the_milestone_is_there() {
    let server = Server::script([email("submitted"), email("processing"), email("sent"), email("delivered")]);
    assert_eq!(wait(&server.client(), Milestone::Delivered, 60).await, Ok(EmailStatus::Delivered));
    assert_eq!(server.count(), 4);

    let server = Server::script([email("submitted"), email("processing"), email("sent")]);
    assert_eq!(wait(&server.client(), Milestone::Queued, 60).await, Ok(EmailStatus::Sent));
}

#[tokio::test(start_paused = true)]
async fn a_soft_bounce_may_still_be_delivered_and_a_hard_one_not() {
    let soft = || status(200, json!({"email_id": "e1", "status": "bounce", "soft_bounced": true}));
    let server = Server::script([soft(), soft(), email("delivered")]);
    assert_eq!(wait(&server.client(), Milestone::Delivered, 60).await, Ok(EmailStatus::Delivered));

    let hard = status(200, json!({"email_id": "e1", "status": "processing", "hard_bounced": true}));
    let server = Server::script([email("queued"), hard]);
    assert_eq!(wait(&server.client(), Milestone::Delivered, 60).await, Err(ErrorKind::Undeliverable));
}

/// A status never heard of is neither the milestone nor the end.
#[tokio::test(start_paused = true)]
async fn a_new_status_is_waited_through() {
    let server = Server::script([email("teleported"), email("open")]);
    assert_eq!(wait(&server.client(), Milestone::Opened, 60).await, Ok(EmailStatus::Opened));
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_between_is_retried_as_ever() {
    let server = Server::script([email("queued"), respond(503, &[], ""), email("delivered")]);
    assert_eq!(wait(&server.client(), Milestone::Delivered, 60).await, Ok(EmailStatus::Delivered));
}

#[tokio::test(start_paused = true)]
async fn patience_ends_on_time_when_the_server_hangs() {
    let server = Server::script([email("queued")]);
    let start = Instant::now();
    let error =
        server.client().emails().wait_for(&"e1".into(), Milestone::Opened, Duration::from_secs(9)).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotDone));
    assert_eq!(start.elapsed(), Duration::from_secs(9));
    assert!(error.to_string().contains("could not be retrieved in time"), "{error}");
}
