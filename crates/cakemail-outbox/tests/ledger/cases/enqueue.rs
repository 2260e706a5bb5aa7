//! Enqueuing.

use std::time::Duration;

use cakemail_outbox::state::Progress;
use cakemail_outbox::{Error, Filter, Lane, OnMissing};

use super::*;
use crate::Database;

pub async fn same_key_and_same_content_is_added_once(database: &dyn Database) {
    let ledger = database.open().await;
    let first = ledger.enqueue(&[email("1"), email("2"), email("1")]).await.unwrap();
    assert_eq!(first.iter().map(|enqueued| enqueued.is_new).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(first[0].id, first[2].id);
    let lock = ledger.lock().await.unwrap();
    let claimed = claim(&*ledger, lock.owner(), 1, &Rules::default()).await.claimed;
    let again = database.open().await.enqueue(&[email("1")]).await.unwrap();
    assert_eq!((again[0].id, again[0].is_new), (first[0].id, false));
    assert_eq!(again[0].state, claimed[0].record.progress.state);
}

pub async fn same_key_and_other_content_is_an_error_and_adds_nothing(database: &dyn Database) {
    let ledger = database.open().await;
    enqueue(&*ledger, &["1"]).await;
    let error = ledger.enqueue(&[email("0"), email_with("1", "Another receipt"), email("2")]).await.unwrap_err();
    assert!(matches!(&error, Error::KeyConflict { key } if key == "key-1"), "{error}");
    assert_eq!(ledger.list(&Filter::default()).await.unwrap().len(), 1);
}

pub async fn one_batch_cannot_use_a_key_for_two_emails(database: &dyn Database) {
    let ledger = database.open().await;
    let error = ledger.enqueue(&[email("1"), email_with("1", "Another receipt")]).await.unwrap_err();
    assert!(matches!(error, Error::KeyConflict { .. }), "{error}");
    assert_eq!(ledger.list(&Filter::default()).await.unwrap(), []);
}

pub async fn an_invalid_email_is_an_error_and_adds_nothing(database: &dyn Database) {
    let ledger = database.open().await;
    let error = ledger.enqueue(&[email("1"), email_with("2", "")]).await.unwrap_err();
    let Error::Invalid { key, errors } = error else { panic!("{error}") };
    assert_eq!((key.as_str(), errors.as_slice()[0].field.as_str()), ("key-2", "content.subject"));
    assert_eq!(ledger.list(&Filter::default()).await.unwrap(), []);
}

pub async fn everything_that_was_enqueued_is_read_back(database: &dyn Database) {
    let ledger = database.open().await;
    let (send_at, expires_at, wait) = (at(60), at(120), Duration::from_secs(3600));
    let scheduled = email("1").lane(Lane::Marketing).send_at(send_at).expires_at(expires_at).resend_after(wait);
    let enqueued = ledger.enqueue(&[scheduled.clone(), email("2")]).await.unwrap();
    let [first, second] = [key("1"), key("2")];
    let record = ledger.get(&first).await.unwrap().unwrap();
    assert_eq!((record.id, &record.key, record.lane), (enqueued[0].id, &first, Lane::Marketing));
    assert_eq!((record.expires_at, record.on_missing), (Some(expires_at), OnMissing::ResendAfter(wait)));
    assert_eq!(record.progress, Progress::queued(send_at));
    assert_eq!(ledger.payload(&first).await.unwrap(), Some(cakemail_outbox::payload::encode(&scheduled).unwrap()));
    let record = ledger.get(&second).await.unwrap().unwrap();
    assert_eq!((record.lane, record.expires_at, record.on_missing), (Lane::Transactional, None, OnMissing::Park));
    assert!(record.enqueued_at >= at(-60) && record.enqueued_at <= at(60), "{record:?}");
    assert_eq!((ledger.get(&key("3")).await.unwrap(), ledger.payload(&key("3")).await.unwrap()), (None, None));
}

pub async fn enqueuing_at_once_adds_each_email_once(database: &dyn Database) {
    let mut calls = Vec::new();
    for _ in 0..2 {
        let ledger = database.open().await;
        for first in 0..8 {
            let ledger = ledger.clone();
            calls.push(tokio::spawn(async move {
                // In other orders, as applications may.
                let mut emails: Vec<_> = (0..10).map(|number| email(&number.to_string())).collect();
                emails.rotate_left(first);
                ledger.enqueue(&emails).await.unwrap().iter().filter(|enqueued| enqueued.is_new).count()
            }));
        }
    }
    let mut added = 0;
    for call in calls {
        added += call.await.unwrap();
    }
    assert_eq!(added, 10);
}
