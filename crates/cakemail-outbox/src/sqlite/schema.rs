//! The tables, in versions.

use rusqlite::Connection;

use crate::{Error, Result};

/// Each version's changes, the first one first. A version that was released does not change.
const VERSIONS: [&str; 1] = [include_str!("schema.sql")];

/// Brings the tables up to date. Called in a transaction that writes, so that no two processes do it at once.
pub(super) fn migrate(connection: &Connection) -> Result<()> {
    connection.execute_batch(
        "create table if not exists outbox_migration (version integer primary key, applied_at integer not null) strict",
    )?;
    let found = version(connection)?;
    let known = VERSIONS.len();
    let Some(missing) = VERSIONS.get(found..) else { return Err(Error::NewerSchema { found, known }) };
    for (version, changes) in (found + 1..).zip(missing) {
        connection.execute_batch(changes)?;
        connection.execute(
            "insert into outbox_migration values (?, unixepoch('subsec') * 1000000)",
            [i64::try_from(version).unwrap_or(i64::MAX)],
        )?;
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<usize> {
    let version = connection
        .query_row("select coalesce(max(version), 0) from outbox_migration", (), |row| row.get::<_, i64>(0))?;
    Ok(version.try_into().unwrap_or_default())
}
