//! Idempotent sends, bulk sends and preflight.

use cakemail::dkim::NewDkimKey;
use cakemail::senders::NewSender;
use cakemail::{
    BulkOptions, CheckState, ConfirmedBy, EmailStatus, IdempotencyKey, Outcome, Preflight, ReconcilePolicy,
};
use futures_util::stream;

use crate::support::TestBed;

pub async fn the_same_key_sends_once(bed: &TestBed) {
    let emails = bed.client.emails();
    let (email, key) = (bed.email("ada@example.com").await, IdempotencyKey::new("order-42").unwrap());
    let first = emails.send_idempotent(&email, &key, &ReconcilePolicy::new()).await.unwrap();
    assert_eq!((first.confirmed_by, first.attempts, &first.status), (ConfirmedBy::Response, 1, &EmailStatus::Queued));
    assert_eq!(bed.sandbox.emails()[0].tags, ["key-order-42"]);

    let again = emails.send_idempotent(&email, &key, &ReconcilePolicy::new()).await.unwrap();
    assert_eq!((again.confirmed_by, again.attempts, &again.id), (ConfirmedBy::PriorSend, 0, &first.id));
    let other = emails.send_idempotent(&email, &IdempotencyKey::random(), &ReconcilePolicy::new()).await.unwrap();
    assert_ne!(other.id, first.id);
    assert_eq!(bed.sandbox.emails().len(), 2);
    assert!(IdempotencyKey::new("order 42").is_err() && IdempotencyKey::new("").is_err());
}

pub async fn send_all_reports_each_email(bed: &TestBed) {
    let email = bed.email("ada@example.com").await;
    let good = (0..100).map(|number| (number, email.clone().email(format!("person{number}@example.com"))));
    let wrong = [(100, email.clone().email("ada")), (101, email.clone().list_id(99_u64))];
    let emails: Vec<_> = good.chain(wrong).collect();
    let mut results = bed.client.emails().send_all(stream::iter(emails), BulkOptions::new().in_flight(10));
    let mut failed = Vec::new();
    while let Some((number, result)) = results.next().await {
        failed.extend(result.err().map(|error| (number, error.outcome())));
    }
    failed.sort_unstable();
    assert_eq!(failed, [(100, Outcome::NotDone), (101, Outcome::NotDone)]);
    let progress = results.progress();
    assert_eq!((progress.accepted, progress.not_done, progress.in_flight), (100, 2, 0));
    assert_eq!(bed.sandbox.emails().len(), 100);
}

pub async fn preflight_reports_each_problem(bed: &TestBed) {
    let (sender, list) = (bed.sender().await, bed.list().await);
    bed.client.dkim().create(&NewDkimKey::new("example.com")).await.unwrap();
    let report = bed.client.preflight(&Preflight::new(&sender, list).recipient("ada@example.com")).await;
    assert!(report.checks.iter().all(|check| check.state == CheckState::Passed), "{report:?}");
    assert!(report.passed());

    let unconfirmed = bed.client.senders().create(&NewSender::new("Bob", "bob@example.org")).await.unwrap().id;
    bed.client.suppressions().add("ada@*").await.unwrap();
    bed.client.lists().archive(list).await.unwrap();
    bed.sandbox.set_domains_valid(false);
    let report = bed.client.preflight(&Preflight::new(unconfirmed, list).recipient("ada@example.com")).await;
    assert!(!report.passed());
    let failed: Vec<_> = report.failed().map(|check| check.name).collect();
    assert_eq!(failed, ["confirmation", "DNS records", "list", "recipient"]);
    assert!(report.checks.iter().all(|check| check.fix.is_some() == (check.state == CheckState::Failed)));
    assert!(bed.sandbox.emails().is_empty());
}
