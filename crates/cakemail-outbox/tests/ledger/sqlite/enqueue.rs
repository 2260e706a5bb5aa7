//! Enqueuing in the application's own transaction.

use cakemail_outbox::sqlite::enqueue;
use cakemail_outbox::{Error, Insert};
use rusqlite::{Connection, params};
use sqlx::{Connection as _, SqliteConnection};

use super::Sqlite;
use crate::Database;
use crate::cases::{claim, email, email_with, key, keys};
use cakemail_outbox::state::Rules;

/// The keys of the emails that were enqueued, in the order of their times.
async fn names(database: &Sqlite) -> Vec<String> {
    let ledger = database.open().await;
    let lock = ledger.lock().await.unwrap();
    let claimed = claim(&*ledger, lock.owner(), 100, &Rules::default()).await.claimed;
    keys(&claimed).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn emails_are_enqueued_with_the_application_s_transaction() {
    let database = Sqlite::new().await.unwrap();
    database.open().await;
    let mut connection = Connection::open(database.path()).unwrap();
    connection.execute_batch("create table orders (id integer primary key)").unwrap();
    for (id, is_paid) in [(1, true), (2, false)] {
        let transaction = connection.transaction().unwrap();
        transaction.execute("insert into orders values (?)", [id]).unwrap();
        enqueue(&transaction, &[email(&format!("order-{id}"))]).unwrap();
        if is_paid {
            transaction.commit().unwrap();
        }
    }
    // Without a transaction, the batch is one.
    enqueue(&connection, &[email("3"), email("4")]).unwrap();
    assert_eq!(names(&database).await, ["order-1", "3", "4"]);
}

#[tokio::test]
async fn a_batch_that_fails_leaves_the_application_s_transaction_as_it_was() {
    let database = Sqlite::new().await.unwrap();
    database.open().await;
    let mut connection = Connection::open(database.path()).unwrap();
    let transaction = connection.transaction().unwrap();
    enqueue(&transaction, &[email("1")]).unwrap();
    let conflict = enqueue(&transaction, &[email("2"), email_with("1", "Another receipt")]).unwrap_err();
    assert!(matches!(conflict, Error::KeyConflict { .. }), "{conflict}");
    assert!(matches!(enqueue(&transaction, &[email("3"), email_with("4", "")]), Err(Error::Invalid { .. })));
    transaction.commit().unwrap();
    assert_eq!(names(&database).await, ["1"]);
}

#[tokio::test]
async fn sqlx_enqueues_in_its_transaction() {
    let database = Sqlite::new().await.unwrap();
    database.open().await;
    let url = format!("sqlite://{}", database.path().display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let scheduled = email("1").send_at(crate::cases::at(-3600));
    let mut transaction = connection.begin().await.unwrap();
    let added = cakemail_outbox::enqueue_sqlx!(&mut *transaction, &[email("2"), scheduled.clone()]).await.unwrap();
    assert!(added.iter().all(|enqueued| enqueued.is_new));
    let again = cakemail_outbox::enqueue_sqlx!(&mut *transaction, &[scheduled, email("3")]).await.unwrap();
    assert_eq!((again[0].id, again[0].is_new, again[1].is_new), (added[1].id, false, true));
    let emails = [email("4"), email_with("2", "Another receipt")];
    let error = cakemail_outbox::enqueue_sqlx!(&mut *transaction, &emails).await.unwrap_err();
    assert!(matches!(error, Error::KeyConflict { .. }), "{error}");
    transaction.commit().await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    cakemail_outbox::enqueue_sqlx!(&mut *transaction, &[email("5")]).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(names(&database).await, ["1", "2", "3"]);
}

/// What `docs/outbox.md` gives to other database crates.
const RAW: &str =
    "INSERT INTO outbox_email (key, payload, digest, class) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING";

#[tokio::test]
async fn a_raw_insert_enqueues_as_the_crate_does() {
    let database = Sqlite::new().await.unwrap();
    let ledger = database.open().await;
    let connection = Connection::open(database.path()).unwrap();
    let Insert { key: tag, payload, digest, class, .. } = Insert::new(&email("1")).unwrap();
    for added in [1, 0] {
        assert_eq!(connection.execute(RAW, params![tag, payload, digest, class]).unwrap(), added);
    }
    assert!(!ledger.enqueue(&[email("1")]).await.unwrap()[0].is_new);
    let record = ledger.get(&key("1")).await.unwrap().unwrap();
    ledger.enqueue(&[email("2")]).await.unwrap();
    let mut other = ledger.get(&key("2")).await.unwrap().unwrap();
    (other.id, other.key, other.enqueued_at) = (record.id, record.key.clone(), record.enqueued_at);
    (other.changed_at, other.progress.due) = (record.changed_at, record.progress.due);
    assert_eq!(record, other, "the defaults are what the crate writes");
    assert_eq!(names(&database).await, ["1", "2"]);
}

#[tokio::test]
async fn a_raw_insert_that_no_worker_could_send_is_refused() {
    let database = Sqlite::new().await.unwrap();
    database.open().await;
    let connection = Connection::open(database.path()).unwrap();
    let digest = vec![0; 32];
    for (columns, values) in [
        ("key", "'order-42'"),
        ("key", "'key-'"),
        ("key", "'key-order 42'"),
        ("key", "'key-é'"),
        ("key", "'key-' || hex(zeroblob(126))"),
        ("key, class", "'key-1', 2"),
        ("key, due_at", "'key-1', null"),
        ("key, state", "'key-1', 1"),
        ("key, state", "'key-1', 8"),
        ("key, resend_after", "'key-1', -1"),
        ("key, due_at", "'key-1', 'tomorrow'"),
    ] {
        let sql = format!("insert into outbox_email (payload, digest, {columns}) values ('{{}}', ?, {values})");
        assert!(connection.execute(&sql, [&digest]).is_err(), "{sql}");
    }
    let sql = "insert into outbox_email (key, payload, digest) values ('key-1', x'7b7d', x'00')";
    assert!(connection.execute(sql, ()).is_err(), "a digest has 32 bytes");
}
