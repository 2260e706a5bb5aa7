//! Creates the tables and brings them up to date.

use super::connection::Connection;
use super::database;
use crate::{Error, Result};

/// Each version's statements. They are frozen once published: a change is a further version.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/1.sql")];
/// Held by the process that migrates.
const LOCK: &str = "select pg_advisory_xact_lock(7163384651238)";
const EXISTS: &str = "select to_regclass('outbox_migration') is not null";
const VERSION: &str = "select coalesce(max(version), 0) from outbox_migration";

/// A database that is up to date is not written to: a worker's role need not own the tables.
pub(super) async fn migrate(connection: &Connection) -> Result<()> {
    if version(connection).await? == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction();
    transaction.begin().await?;
    connection.query(LOCK, &[]).await?;
    let done = version(connection).await?;
    let batch = async |sql: &str| connection.client.batch_execute(sql).await.map_err(database);
    if done == 0 {
        batch("create table if not exists outbox_migration (version int primary key, applied_at timestamptz not null default now())").await?;
    }
    for (index, sql) in MIGRATIONS.iter().enumerate().skip(done) {
        batch(sql).await?;
        batch(&format!("insert into outbox_migration (version) values ({})", index + 1)).await?;
    }
    transaction.commit().await
}

/// The version of the tables. 0 if there are none.
async fn version(connection: &Connection) -> Result<usize> {
    let exists: bool = connection.query_one(EXISTS, &[]).await?.try_get(0).map_err(database)?;
    if !exists {
        return Ok(0);
    }
    let version: i32 = connection.query_one(VERSION, &[]).await?.try_get(0).map_err(database)?;
    let (found, known) = (usize::try_from(version).unwrap_or_default(), MIGRATIONS.len());
    if found > known { Err(Error::NewerSchema { found, known }) } else { Ok(found) }
}
