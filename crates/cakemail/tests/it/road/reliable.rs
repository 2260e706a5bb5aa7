//! Sending under a key, sending many, and what is checked beforehand.

use cakemail::dkim::NewDkimKey;
use cakemail::senders::NewSender;
use cakemail::{
    BulkOptions, CheckState, ConfirmedBy, EmailStatus, IdempotencyKey, Outcome, Preflight, ReconcilePolicy,
};
use futures_util::stream;

use crate::support::Road;

pub async fn under_a_key(road: &Road) {
    let emails = road.client.emails();
    let (email, key) = (road.email("ada@example.com").await, IdempotencyKey::new("order-42").unwrap());
    let first = emails.send_idempotent(&email, &key, &ReconcilePolicy::new()).await.unwrap();
    assert_eq!((first.confirmed_by, first.attempts, &first.status), (ConfirmedBy::Response, 1, &EmailStatus::Queued));
    assert_eq!(road.sandbox.emails()[0].tags, ["key-order-42"]);

    let again = emails.send_idempotent(&email, &key, &ReconcilePolicy::new()).await.unwrap();
    assert_eq!((again.confirmed_by, again.attempts, &again.id), (ConfirmedBy::PriorSend, 0, &first.id));
    let other = emails.send_idempotent(&email, &IdempotencyKey::random(), &ReconcilePolicy::new()).await.unwrap();
    assert_ne!(other.id, first.id);
    assert_eq!(road.sandbox.emails().len(), 2);
    assert!(IdempotencyKey::new("order 42").is_err() && IdempotencyKey::new("").is_err());
}

pub async fn many(road: &Road) {
    let email = road.email("ada@example.com").await;
    let good = (0..100).map(|number| (number, email.clone().email(format!("person{number}@example.com"))));
    let wrong = [(100, email.clone().email("ada")), (101, email.clone().list_id(99_u64))];
    let emails: Vec<_> = good.chain(wrong).collect();
    let mut outcomes = road.client.emails().send_all(stream::iter(emails), BulkOptions::new().in_flight(10));
    let mut failed = Vec::new();
    while let Some((number, result)) = outcomes.next().await {
        failed.extend(result.err().map(|error| (number, error.outcome())));
    }
    failed.sort_unstable();
    assert_eq!(failed, [(100, Outcome::NotDone), (101, Outcome::NotDone)]);
    let progress = outcomes.progress();
    assert_eq!((progress.accepted, progress.not_done, progress.in_flight), (100, 2, 0));
    assert_eq!(road.sandbox.emails().len(), 100);
}

pub async fn preflight(road: &Road) {
    let (sender, list) = (road.sender().await, road.list().await);
    road.client.dkim().create(&NewDkimKey::new("example.com")).await.unwrap();
    let findings = road.client.preflight(&Preflight::new(&sender, list).recipient("ada@example.com")).await;
    assert!(findings.checks.iter().all(|check| check.state == CheckState::Passed), "{findings:?}");

    let unconfirmed = road.client.senders().create(&NewSender::new("Bob", "bob@example.org")).await.unwrap().id;
    road.client.suppressions().add("ada@*").await.unwrap();
    road.client.lists().archive(list).await.unwrap();
    road.sandbox.set_domains_valid(false);
    let findings = road.client.preflight(&Preflight::new(unconfirmed, list).recipient("ada@example.com")).await;
    assert!(!findings.passed());
    let failed: Vec<_> =
        findings.checks.iter().filter(|check| check.state == CheckState::Failed).map(|check| check.name).collect();
    assert_eq!(failed, ["confirmation", "DNS records", "list", "recipient"]);
    assert!(findings.checks.iter().all(|check| check.mend.is_some() == (check.state != CheckState::Passed)));
    assert!(road.sandbox.emails().is_empty());
}
