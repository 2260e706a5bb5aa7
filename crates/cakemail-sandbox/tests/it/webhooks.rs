//! Webhook deliveries: their events and times, retries after failures, and injected faults.

mod control;
mod receiver;
mod refusals;
mod retries;
mod webhook_faults;

use cakemail_model::Timestamp;
use cakemail_sandbox::{Clock, DeliveryState, Dialect, Sandbox, SignatureHeader};
use cakemail_webhook::{Receiver as Reader, Verifier};
use serde_json::json;

use self::receiver::{Receiver, webhook};
use crate::support::{User, frozen, noon, profile, seconds, webhook_faults, without_computer_time};

const EVENTS: [&str; 5] = ["Email.Submitted", "Email.Queued", "Email.Delivered", "Email.Opened", "Email.Clicked"];

#[tokio::test]
async fn all_events_arrive_in_order_in_both_dialects_and_headers() {
    for dialect in [Dialect::Documented, Dialect::Newer] {
        for header in [SignatureHeader::Signature, SignatureHeader::CakemailSignature] {
            let sandbox = frozen().await;
            sandbox.webhook_faults(webhook_faults(|it| {
                it.dialect = dialect;
                it.header = header;
            }));
            check_all_events(&sandbox, header).await;
        }
    }
}

async fn check_all_events(sandbox: &Sandbox, header: SignatureHeader) {
    let (user, receiver) = (User::of(sandbox).await, Receiver::start().await);
    let mut keys = Vec::new();
    for event in EVENTS {
        keys.push(webhook(&user, event, &receiver.url).await.key);
    }
    let start = Timestamp::from(sandbox.clock().now());
    let mut email = user.email("clicked@example.com").await;
    email["tags"] = json!(["welcome"]);
    let id = user.submit(&email).await;
    sandbox.advance(seconds(10)).await;

    let reader = Reader::new(keys.into_iter().collect()).clock(move || start.saturating_add(seconds(10)));
    let posts = receiver.posts();
    assert_eq!(posts.len(), EVENTS.len());
    for ((post, event), after) in posts.iter().zip(EVENTS).zip([0, 0, 1, 2, 3]) {
        assert!(post.head.contains(&format!("{}: ", header.name().to_lowercase())), "{}", post.head);
        assert!(post.head.contains("content-type: application/json\r\n"), "{}", post.head);
        let delivery = reader.receive(post.headers(), post.body.as_bytes()).await.unwrap();
        assert_eq!(delivery.event.kind.as_str(), event);
        assert_eq!(delivery.event.created_on, Some(start.saturating_add(seconds(after))), "{event}");
        assert_eq!(delivery.event.email_id().unwrap().as_str(), id);
        assert_eq!((delivery.event.email(), delivery.event.tags()), (Some("clicked@example.com"), vec!["welcome"]));
    }
    let deliveries = sandbox.deliveries();
    assert!(deliveries.iter().all(|it| it.state == DeliveryState::Delivered && it.attempts.len() == 1));
    let due: Vec<_> = deliveries.iter().map(|it| Timestamp::from(it.due)).collect();
    assert_eq!(due, [0, 0, 1, 2, 3].map(|after| start.saturating_add(seconds(after))), "each at its own time");
}

#[tokio::test]
async fn a_webhook_gets_its_own_event_only() {
    let sandbox = frozen().await;
    let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
    let bounced = webhook(&user, "Email.Bounced", &receiver.url).await;
    webhook(&user, "Email.Sent", &receiver.url).await;
    for name in ["bounced", "soft-bounced", "clicked", "rejected"] {
        user.submit(&user.email(&format!("{name}@example.com")).await).await;
    }
    sandbox.advance(seconds(10)).await;
    let verifier = Verifier::new(bounced.key);
    let now = Timestamp::from(sandbox.clock().now());
    let mut kinds = Vec::new();
    for post in receiver.posts() {
        let reader = Reader::new(verifier.clone()).clock(move || now);
        let delivery = reader.receive(post.headers(), post.body.as_bytes()).await.unwrap();
        kinds.push(delivery.event.data["metadata"]["bounce_type"].as_str().unwrap().to_owned());
    }
    assert_eq!(kinds, ["hard", "soft"]);
    assert!(sandbox.deliveries().iter().all(|it| it.webhook_id == bounced.id));
}

#[tokio::test]
async fn a_webhook_gets_events_of_its_own_account_only() {
    let sandbox = Sandbox::builder().clock(noon()).account("a@b.co", "a").account("c@d.co", "c").start().await.unwrap();
    let (ada, carl) = (User::signed_in(&sandbox, "a@b.co", "a").await, User::signed_in(&sandbox, "c@d.co", "c").await);
    let receiver = Receiver::start().await;
    webhook(&ada, "Email.Delivered", &receiver.url).await;
    let sender = carl.post("/brands/default/senders", json!({"name": "C", "email": "c@d.co"})).await.expect(201);
    let content = json!({"type": "transactional", "subject": "s", "html": "h"});
    let email =
        json!({"email": "x@y.co", "list_id": carl.list().await, "sender": {"id": sender["id"]}, "content": content});
    carl.submit(&email).await;
    sandbox.advance(seconds(10)).await;
    assert!(receiver.posts().is_empty() && sandbox.deliveries().is_empty());
}

#[tokio::test]
async fn an_archived_webhook_gets_nothing() {
    let sandbox = frozen().await;
    let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
    let id = webhook(&user, "Email.Delivered", &receiver.url).await.id;
    let email = user.email("a@b.co").await;
    sandbox.webhook_faults(webhook_faults(|it| it.delay = seconds(60)));
    user.submit(&email).await;
    sandbox.advance(seconds(10)).await;
    user.post(&format!("/webhooks/{id}/archive"), json!({})).await.expect(200);
    user.submit(&email).await;
    sandbox.advance(seconds(100)).await;
    let deliveries = sandbox.deliveries();
    assert_eq!(deliveries.len(), 1, "what happens to an archived one is not even planned");
    assert_eq!(deliveries[0].state, DeliveryState::Refused);
    assert_eq!(deliveries[0].attempts[0].error.as_deref(), Some("The webhook is archived"));
    assert!(receiver.posts().is_empty());

    user.post(&format!("/webhooks/{id}/unarchive"), json!({})).await.expect(200);
    user.submit(&email).await;
    sandbox.advance(seconds(100)).await;
    assert_eq!(receiver.posts().len(), 1);
}

#[tokio::test]
async fn rate_limits_of_webhooks_follow_the_sandboxs_clock() {
    for (period, length) in [("second", 1), ("minute", 60)] {
        let sandbox = frozen().await;
        let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
        let hook = json!({
            "event": "Email.Queued", "url": receiver.url, "rate_limit": 2, "rate_limit_period": period,
        });
        user.post("/webhooks", hook).await.expect(201);
        let email = user.email("a@b.co").await;
        for _ in 0..5 {
            user.submit(&email).await;
        }
        for arrived in [2, 4, 5, 5] {
            sandbox.advance(seconds(0)).await;
            assert_eq!(receiver.posts().len(), arrived, "{period}");
            sandbox.advance(seconds(length - 1)).await;
            assert_eq!(receiver.posts().len(), arrived, "{period}");
            sandbox.clock().advance(seconds(1));
        }
        let health = user.get("/_sandbox/clock").await.expect(200);
        assert!(health.get("next").is_none(), "{health}");
    }
}

#[tokio::test]
async fn a_thousand_events_in_one_go() {
    let sandbox = frozen().await;
    let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
    let hook = json!({"event": "Email.Delivered", "url": receiver.url, "rate_limit": 1000});
    user.post("/webhooks", hook).await.expect(201);
    let email = user.email("a@b.co").await;
    for _ in 0..1000 {
        user.submit(&email).await;
    }
    sandbox.advance(seconds(1)).await;
    assert_eq!(receiver.posts().len(), 1000);
    assert_eq!(sandbox.deliveries().len(), 1000);
}

#[tokio::test]
async fn a_running_clock_delivers_by_itself() {
    let sandbox = Sandbox::builder().clock(Clock::scaled(1000.0)).start().await.unwrap();
    let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
    for event in EVENTS {
        webhook(&user, event, &receiver.url).await;
    }
    user.submit(&user.email("clicked@example.com").await).await;
    let posts = receiver.wait_for(EVENTS.len()).await;
    let events: Vec<_> = posts.iter().map(|post| post.json()["event"].as_str().unwrap().to_owned()).collect();
    assert_eq!(events, EVENTS);
}

#[tokio::test]
async fn pending_deliveries_survive_an_export_and_an_import() {
    let sandbox = frozen().await;
    let (user, receiver) = (User::of(&sandbox).await, Receiver::start().await);
    receiver.respond([500]);
    webhook(&user, "Email.Queued", &receiver.url).await;
    user.submit(&user.email("a@b.co").await).await;
    sandbox.advance(seconds(1)).await;

    let state = user.export().await;
    let due = sandbox.deliveries()[0].due;
    user.import(&state).await.expect(200);
    assert_eq!(without_computer_time(&user.export().await), without_computer_time(&state));
    assert_eq!(sandbox.deliveries()[0].due, due);
    sandbox.advance(seconds(10)).await;
    assert_eq!(receiver.posts().len(), 2);
    assert_eq!(sandbox.deliveries()[0].state, DeliveryState::Delivered);
}

#[tokio::test]
async fn a_profile_can_limit_webhooks_to_declared_events() {
    for (email_webhooks, status) in [(true, 201), (false, 422)] {
        let profile = profile(|it| it.email_webhooks = email_webhooks);
        let sandbox = Sandbox::builder().profile(profile).start().await.unwrap();
        let user = User::of(&sandbox).await;
        for (event, status) in [("Email.Opened", status), ("Email.Clicked", 201), ("Email.Teleported", 422)] {
            let reply = user.post("/webhooks", json!({"event": event, "url": "http://127.0.0.1:9/"})).await;
            assert_eq!(reply.status, status, "{event}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn dropping_the_sandbox_ends_deliveries_in_flight() {
    let sandbox = frozen().await;
    let (user, receiver) = (User::of(&sandbox).await, Receiver::silent().await);
    webhook(&user, "Email.Submitted", &receiver.url).await;
    user.submit(&user.email("a@b.co").await).await;
    receiver.wait_for(1).await;
    assert_eq!(receiver.hung_up(), 0);
    drop(sandbox);
    receiver.wait_until_hung_up().await;
}
