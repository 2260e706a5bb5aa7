//! The database's file and those beside it.

use std::fs;

use cakemail_outbox::sqlite::SqliteLedger;
use cakemail_outbox::{Error, Ledger, Outbox};
use rusqlite::Connection;

use super::Sqlite;
use crate::Database;
use crate::cases::{claim, email, instant, keys};

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let database = Sqlite::new().await.unwrap();
    let ledger = database.open().await;
    let _lock = ledger.lock().await.unwrap();
    let names = database.names();
    assert!(names.len() == 4 && names.iter().all(|name| name.starts_with("outbox.db")), "{names:?}");
    for name in names {
        let mode = fs::metadata(database.0.path().join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_lock_file_ends_with_its_owner_and_those_of_dead_owners_are_removed() {
    let database = Sqlite::new().await.unwrap();
    let ledger = database.open().await;
    let before = database.names();
    let lock = ledger.lock().await.unwrap();
    assert_eq!(database.names().len(), before.len() + 1);
    drop(lock);
    assert_eq!(database.names(), before);
    fs::write(database.0.path().join("outbox.db-owner-7"), "").unwrap();
    fs::write(database.0.path().join("another.db-owner-7"), "").unwrap();
    let lock = ledger.lock().await.unwrap();
    assert_eq!(database.names().len(), before.len() + 2, "{:?}", database.names());
    drop(lock);
}

#[cfg(unix)]
#[tokio::test]
async fn a_symbolic_link_leads_to_the_same_locks() {
    let database = Sqlite::new().await.unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link.db");
    std::os::unix::fs::symlink(database.path(), &link).unwrap();
    let linked = SqliteLedger::open(&link).await.unwrap();
    linked.migrate().await.unwrap();
    let ledger = database.open().await;
    ledger.enqueue(&[email("1")]).await.unwrap();
    let (lock, other) = (linked.lock().await.unwrap(), ledger.lock().await.unwrap());
    assert_eq!(keys(&claim(&linked, lock.owner(), 1, &instant()).await.claimed), ["1"]);
    assert_eq!(claim(&*ledger, other.owner(), 1, &instant()).await.claimed.len(), 0);
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_as_it_is() {
    let database = Sqlite::new().await.unwrap();
    database.open().await;
    let connection = Connection::open(database.path()).unwrap();
    connection.execute("insert into outbox_migration values (99, 0)", ()).unwrap();
    let error = Outbox::open(database.path()).await.unwrap_err();
    assert!(matches!(error, Error::NewerSchema { found: 99, known: 1 }), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_and_a_path_that_leads_nowhere_are_errors_that_say_so() {
    let database = Sqlite::new().await.unwrap();
    fs::write(database.path(), "not a database, and longer than the header of one".repeat(100)).unwrap();
    let source = |error: Error| std::error::Error::source(&error).unwrap().to_string();
    let error = source(Outbox::open(database.path()).await.unwrap_err());
    assert_eq!(error, "the file is not an intact SQLite database");
    let error = source(Outbox::open(database.0.path().join("none/outbox.db")).await.unwrap_err());
    assert!(error.contains("none/outbox.db cannot be opened"), "{error}");
}

#[tokio::test]
async fn a_call_waits_for_the_application_s_transaction() {
    let database = Sqlite::new().await.unwrap();
    let ledger = database.open().await;
    let connection = Connection::open(database.path()).unwrap();
    connection.execute_batch("begin immediate").unwrap();
    let waiting = tokio::spawn(async move { ledger.enqueue(&[email("1")]).await });
    tokio::task::yield_now().await;
    cakemail_outbox::sqlite::enqueue(&connection, &[email("2")]).unwrap();
    connection.execute_batch("commit").unwrap();
    assert!(waiting.await.unwrap().unwrap()[0].is_new);
}
