//! The snippets of `docs/reliability.md`.

use std::time::Duration;

use cakemail::sandbox::SandboxClient;
use cakemail::{BulkOptions, ConfirmedBy, IdempotencyKey, OnMissing, ReconcilePolicy};
use futures_util::{StreamExt, stream};

use crate::{Result, TestBed};

#[tokio::test]
async fn the_same_key_is_the_same_email() -> Result {
    let bed = TestBed::new().await?;
    let (client, email) = (&bed.client, bed.email("bob@example.com"));

    let policy = ReconcilePolicy::new().window(Duration::from_secs(60)).on_missing(OnMissing::Report);
    let sent = client.emails().send_idempotent(&email, &IdempotencyKey::new("order-1042-receipt")?, &policy).await?;

    let again = client.emails().send_idempotent(&email, &IdempotencyKey::new("order-1042-receipt")?, &policy).await?;
    assert_eq!((again.id, again.confirmed_by), (sent.id, ConfirmedBy::PriorSend));
    assert_eq!(bed.sandbox.emails().len(), 1);
    Ok(())
}

#[tokio::test]
async fn many_emails_under_keys() -> Result {
    let bed = TestBed::new().await?;
    let emails = |count: usize| -> Vec<_> {
        let key = |order| IdempotencyKey::new(&format!("order-{order}"));
        let email = |order| bed.email(&format!("customer{order}@example.com"));
        (0..count).map(|order| (key(order).unwrap(), email(order))).collect()
    };
    let _: Vec<_> =
        bed.client.emails().send_all_idempotent(stream::iter(emails(40)), BulkOptions::new()).collect().await;
    let (client, emails) = (bed.sandbox.client()?, stream::iter(emails(100)));

    let mut results = client.emails().send_all_idempotent(emails, BulkOptions::new());
    while let Some((key, result)) = results.next().await {
        println!("{}: {:?}", key.tag(), result?.confirmed_by);
    }

    assert_eq!((results.progress().accepted, bed.sandbox.emails().len()), (100, 100));
    Ok(())
}

#[tokio::test]
async fn many_emails() -> Result {
    let bed = TestBed::new().await?;
    let emails: Vec<_> = (0..100).map(|order| (order, bed.email(&format!("customer{order}@example.com")))).collect();
    let (client, emails) = (&bed.client, stream::iter(emails));

    let mut results = client.emails().send_all(emails, BulkOptions::new().reconcile(ReconcilePolicy::new()));
    while let Some((order, result)) = results.next().await {
        match result {
            Ok(sent) => println!("{order}: {}", sent.id),
            Err(error) => println!("{order}: {:?}: {error}", error.outcome()),
        }
    }

    assert_eq!((results.progress().accepted, bed.sandbox.emails().len()), (100, 100));
    Ok(())
}
