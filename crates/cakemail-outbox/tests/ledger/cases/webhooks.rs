//! What webhooks tell, and the memory of their receiver.

use std::time::Duration;

use cakemail_model::{EmailId, EmailStatus, Timestamp};
use cakemail_outbox::Delivery;
use cakemail_outbox::state::Remote;
use cakemail_webhook::{Claim, DeliveryId, DeliveryState};

use super::*;
use crate::Database;

/// A claim of the delivery with this body, made this number of seconds from now, for ten seconds.
fn claim_at(body: &str, seconds: u64) -> Claim {
    let now = Timestamp::now().saturating_add(Duration::from_secs(seconds));
    Claim::new(DeliveryId::of(body.as_bytes()), now, now.saturating_add(Duration::from_secs(10)))
}

pub async fn a_delivery_is_new_once_and_done_for_ever(database: &impl Database) {
    let ledger = database.open().await;
    let (first, second) = (claim_at("body", 0), claim_at("body", 1));
    assert_eq!(ledger.begin_webhook(first).await.unwrap(), DeliveryState::New);
    assert_eq!(ledger.begin_webhook(second).await.unwrap(), DeliveryState::InProgress);
    assert_eq!(ledger.begin_webhook(claim_at("another body", 1)).await.unwrap(), DeliveryState::New);
    ledger.complete_webhook(first).await.unwrap();
    ledger.forget_webhook(first).await.unwrap();
    assert_eq!(database.open().await.begin_webhook(claim_at("body", 60)).await.unwrap(), DeliveryState::Done);
}

pub async fn a_delivery_that_was_forgotten_or_expired_is_new_again(database: &impl Database) {
    let ledger = database.open().await;
    let (first, expired, next) = (claim_at("body", 0), claim_at("body", 1), claim_at("body", 12));
    ledger.begin_webhook(first).await.unwrap();
    ledger.forget_webhook(first).await.unwrap();
    assert_eq!(ledger.begin_webhook(expired).await.unwrap(), DeliveryState::New);
    assert_eq!(ledger.begin_webhook(next).await.unwrap(), DeliveryState::New);
    ledger.forget_webhook(expired).await.unwrap();
    assert_eq!(ledger.begin_webhook(claim_at("body", 13)).await.unwrap(), DeliveryState::InProgress);
}

pub async fn an_event_updates_its_email_and_changes_no_state(database: &impl Database) {
    let ledger = database.open().await;
    enqueue(&*ledger, &["a"]).await;
    let lock = ledger.lock().await.unwrap();
    let claimed = ledger.claim(lock.owner(), &key("a"), &instant()).await.unwrap().unwrap();
    let id = EmailId::from("e-1");
    complete(&*ledger, lock.owner(), &claimed, Event::Accepted(Remote::new(id.clone()))).await;
    let (opened, delivered) = (Delivery::new(EmailStatus::Opened, at(5)), Delivery::new(EmailStatus::Delivered, at(6)));
    for event in [&opened, &delivered] {
        let record = ledger.record_delivery(&key("a"), Some(&id), event).await.unwrap().unwrap();
        assert_eq!(record.delivery.as_ref(), Some(&opened));
    }
    assert_eq!(ledger.record_delivery(&key("b"), Some(&id), &opened).await.unwrap(), None);
    let stored = ledger.get(&key("a")).await.unwrap().unwrap();
    assert_eq!((stored.delivery, stored.progress.state.name()), (Some(opened), "accepted"));
}
