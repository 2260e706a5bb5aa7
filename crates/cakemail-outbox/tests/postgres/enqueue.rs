//! Enqueuing in the application's transaction.

use cakemail_outbox::{Error, Insert, Ledger, Time, enqueue_sqlx, postgres};
use sqlx::{Connection, PgConnection};

use crate::support::{connect, email, emails, ledger, tick};

#[tokio::test]
async fn an_email_exists_when_the_transaction_of_the_application_commits_and_not_before() {
    let Some((ledger, url)) = ledger().await else { return };
    let mut client = connect(&url).await;
    client.batch_execute("create table orders (id int)").await.unwrap();
    for is_committed in [false, true] {
        let transaction = client.transaction().await.unwrap();
        transaction.execute("insert into orders values (1)", &[]).await.unwrap();
        let enqueued = postgres::enqueue(&transaction, &[email("order-1")]).await.unwrap();
        assert!(enqueued[0].is_new);
        assert_eq!(ledger.get(&email("order-1").key).await.unwrap(), None);
        if is_committed {
            transaction.commit().await.unwrap();
        } else {
            transaction.rollback().await.unwrap();
        }
        assert_eq!(ledger.get(&email("order-1").key).await.unwrap().is_some(), is_committed);
    }
}

#[tokio::test]
async fn a_conflict_removes_what_the_call_inserted_and_leaves_the_transaction_usable() {
    let Some((ledger, url)) = ledger().await else { return };
    let mut other = email("order-2");
    other.email.content.subject = "Another receipt".to_owned();
    ledger.enqueue(&[email("order-2")]).await.unwrap();
    let mut client = connect(&url).await;
    let transaction = client.transaction().await.unwrap();
    postgres::enqueue(&transaction, &[email("order-0")]).await.unwrap();
    let error = postgres::enqueue(&transaction, &[email("order-1"), other, email("order-3")]).await.unwrap_err();
    assert!(matches!(error, Error::KeyConflict { key } if key == "key-order-2"));
    transaction.commit().await.unwrap();
    let mut kept = Vec::new();
    for key in ["order-0", "order-1", "order-2", "order-3"] {
        kept.push(ledger.get(&email(key).key).await.unwrap().is_some());
    }
    assert_eq!(kept, [true, false, true, false]);
}

#[tokio::test]
async fn sqlx_enqueues_in_its_transaction() {
    let Some((ledger, url)) = ledger().await else { return };
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let scheduled = email("order-2").send_at(Time::from_micros(i64::MAX / 2));
    let mut other = email("order-1");
    other.email.content.subject = "Another receipt".to_owned();
    let mut transaction = connection.begin().await.unwrap();
    let added = enqueue_sqlx!(&mut *transaction, &[email("order-1"), scheduled.clone()]).await.unwrap();
    assert!(added.iter().all(|enqueued| enqueued.is_new));
    let again = enqueue_sqlx!(&mut *transaction, &[scheduled, email("order-3")]).await.unwrap();
    assert_eq!((again[0].id, again[0].is_new, again[1].is_new), (added[1].id, false, true));
    let error = enqueue_sqlx!(&mut *transaction, &[email("order-4"), other]).await.unwrap_err();
    assert!(matches!(error, Error::KeyConflict { key } if key == "key-order-1"));
    assert_eq!(ledger.get(&email("order-1").key).await.unwrap(), None);
    transaction.commit().await.unwrap();
    let mut kept = Vec::new();
    for key in ["order-1", "order-2", "order-3", "order-4"] {
        kept.push(ledger.get(&email(key).key).await.unwrap().is_some());
    }
    assert_eq!(kept, [true, true, true, false]);
    let owner = ledger.lock().await.unwrap();
    assert_eq!(tick(&ledger, owner.owner(), &[], 10).await.unwrap().claimed.len(), 2);
}

#[tokio::test]
async fn two_transactions_that_enqueue_the_same_keys_in_opposite_orders_do_not_deadlock() {
    let Some((_ledger, url)) = ledger().await else { return };
    let forwards = emails("order", 200);
    let backwards: Vec<_> = forwards.iter().rev().cloned().collect();
    let enqueue = async |emails: &[cakemail_outbox::OutboxEmail]| {
        let client = connect(&url).await;
        postgres::enqueue(&client, emails).await.unwrap().iter().filter(|enqueued| enqueued.is_new).count()
    };
    let (first, second) = tokio::join!(enqueue(&forwards), enqueue(&backwards));
    assert_eq!(first + second, 200);
}

#[tokio::test]
async fn emails_of_a_batch_are_claimed_in_its_order() {
    let Some((ledger, _)) = ledger().await else { return };
    let batch = ["z", "a", "m", "b"].map(email);
    ledger.enqueue(&batch).await.unwrap();
    let lock = ledger.lock().await.unwrap();
    let claimed = tick(&ledger, lock.owner(), &[], 4).await.unwrap().claimed;
    let keys: Vec<_> = claimed.iter().map(|claimed| claimed.record.key.clone()).collect();
    assert_eq!(keys, batch.map(|email| email.key));
}

#[tokio::test]
async fn a_row_that_another_program_inserts_is_claimed() {
    let Some((ledger, url)) = ledger().await else { return };
    let Insert { key, payload, digest, .. } = Insert::new(&email("order-1")).unwrap();
    let client = connect(&url).await;
    let sql = "insert into outbox_email (key, payload, digest) values ($1, $2, $3) on conflict (key) do nothing";
    for inserted in [1, 0] {
        assert_eq!(client.execute(sql, &[&key, &payload, &digest]).await.unwrap(), inserted);
    }
    assert!(!ledger.enqueue(&[email("order-1")]).await.unwrap()[0].is_new);
    let lock = ledger.lock().await.unwrap();
    let claimed = tick(&ledger, lock.owner(), &[], 4).await.unwrap().claimed;
    assert_eq!((claimed.len(), &claimed[0].payload), (1, &payload));
}
