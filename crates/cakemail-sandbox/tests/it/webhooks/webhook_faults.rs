//! Injected faults of deliveries, and how a careful receiver detects them.

use cakemail_model::Timestamp;
use cakemail_sandbox::{Sandbox, WebhookFaults};
use cakemail_webhook::{Receiver as Reader, Rejection, Verifier};

use super::receiver::{Receiver, Webhook, webhook};
use crate::support::{User, frozen, seconds, webhook_faults};

fn reader(sandbox: &Sandbox, webhook: Webhook) -> Reader {
    let clock = sandbox.clock().clone();
    Reader::new(Verifier::new(webhook.key)).clock(move || Timestamp::from(clock.now()))
}

#[tokio::test]
async fn a_receiver_recognizes_duplicates() {
    let sandbox = frozen().await;
    let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
    let reader = reader(&sandbox, webhook(&user, "Email.Delivered", &receiver.url).await);
    sandbox.webhook_faults(webhook_faults(|it| it.duplicate = true));
    let email = user.email("a@b.co").await;
    user.submit(&email).await;
    user.submit(&email).await;
    sandbox.advance(seconds(1)).await;
    let mut seen = Vec::new();
    for post in receiver.posts() {
        seen.push(match reader.receive(post.headers(), post.body.as_bytes()).await {
            Ok(delivery) => {
                delivery.done().await.unwrap();
                "new"
            }
            Err(Rejection::Duplicate) => "duplicate",
            Err(rejection) => panic!("{rejection}"),
        });
    }
    assert_eq!(seen, ["new", "duplicate", "new", "duplicate"]);
    let ids: std::collections::HashSet<_> = sandbox.deliveries().into_iter().map(|it| it.id).collect();
    assert_eq!(ids.len(), 4, "each has its own id");
}

#[tokio::test]
async fn tampered_bodies_do_not_verify() {
    let sandbox = frozen().await;
    let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
    let reader = reader(&sandbox, webhook(&user, "Email.Delivered", &receiver.url).await);
    sandbox.webhook_faults(webhook_faults(|it| it.tamper = true));
    user.submit(&user.email("a@b.co").await).await;
    sandbox.advance(seconds(1)).await;
    let post = receiver.posts().remove(0);
    let received = reader.receive(post.headers(), post.body.as_bytes()).await;
    assert!(matches!(received, Err(Rejection::InvalidSignature)));
    assert_eq!(post.json()["event"], "Email.Delivered", "without verification it looks genuine");
    let delivery = sandbox.deliveries().remove(0);
    assert!(delivery.tampered);
    assert_eq!(delivery.body, post.body);
}

#[tokio::test]
async fn delays_follow_the_sandboxs_clock() {
    let sandbox = frozen().await;
    let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
    webhook(&user, "Email.Delivered", &receiver.url).await;
    sandbox.webhook_faults(webhook_faults(|it| it.delay = seconds(3600)));
    let start = sandbox.clock().now();
    user.submit(&user.email("a@b.co").await).await;
    sandbox.advance(seconds(3600)).await;
    assert!(receiver.posts().is_empty());
    sandbox.advance(seconds(1)).await;
    assert_eq!(receiver.posts()[0].json()["created_on"], Timestamp::from(start).as_second() + 1, "not its delivery's");
}

#[tokio::test]
async fn events_of_the_same_time_are_reversed() {
    let sandbox = frozen().await;
    let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
    for event in ["Email.Submitted", "Email.Queued", "Email.Delivered", "Email.Opened"] {
        webhook(&user, event, &receiver.url).await;
    }
    sandbox.webhook_faults(webhook_faults(|it| it.reorder = true));
    user.submit(&user.email("opened@example.com").await).await;
    sandbox.advance(seconds(5)).await;
    let events: Vec<_> = receiver.posts().iter().map(|post| post.json()["event"].clone()).collect();
    assert_eq!(events, ["Email.Queued", "Email.Submitted", "Email.Delivered", "Email.Opened"]);

    sandbox.webhook_faults(WebhookFaults::default());
    user.submit(&user.email("stuck@example.com").await).await;
    sandbox.advance(seconds(5)).await;
    let events: Vec<_> = receiver.posts().iter().skip(4).map(|post| post.json()["event"].clone()).collect();
    assert_eq!(events, ["Email.Submitted", "Email.Queued"], "the faults are cleared");
}
