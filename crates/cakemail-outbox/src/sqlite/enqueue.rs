//! Enqueues emails.

use std::time::SystemTime;

use rusqlite::{Connection, params};

use super::executor::all_or_nothing;
use super::rows::{COLUMN_COUNT, COLUMNS, record};
use crate::{Enqueued, Error, Insert, OutboxEmail, Result, Time};

/// Enqueues emails in the application's transaction: all of them, or none if there is an error. They are sent once it is
/// committed.
///
/// The database is the one of the outbox. Without a transaction, this is one. Blocks, as `rusqlite` does.
///
/// # Errors
/// [`Error::Invalid`] when an email cannot be sent as it is, [`Error::KeyConflict`] when its key was used for another email,
/// [`Error::Database`].
pub fn enqueue(connection: &Connection, emails: &[OutboxEmail]) -> Result<Vec<Enqueued>> {
    let rows = Insert::all(emails)?;
    all_or_nothing(connection, |connection| insert(connection, &rows, SystemTime::now().into()))
}

pub(super) fn insert(connection: &Connection, rows: &[Insert], now: Time) -> Result<Vec<Enqueued>> {
    let mut insert = connection.prepare(
        "insert into outbox_email (key, payload, digest, class, due_at, expires_at, resend_after, enqueued_at, changed_at) \
         values (?1, ?2, ?3, ?4, coalesce(?5, ?8), ?6, ?7, ?8, ?8) on conflict (key) do nothing",
    )?;
    let mut existing = connection.prepare(&format!("select {COLUMNS}, digest from outbox_email where key = ?"))?;
    let mut enqueued = Vec::with_capacity(rows.len());
    for row in rows {
        let Insert { key, payload, digest, class, due_at, expires_at, resend_after } = row;
        let now = now.as_micros();
        let added = insert.execute(params![key, payload, digest, class, due_at, expires_at, resend_after, now])?;
        if added == 1 {
            enqueued.push(Enqueued {
                id: connection.last_insert_rowid(),
                is_new: true,
                state: crate::state::State::Queued,
            });
            continue;
        }
        let (record, found): (_, Vec<u8>) =
            existing.query_row([key], |row| Ok((record(row), row.get(COLUMN_COUNT)?)))?;
        if found != *digest {
            return Err(Error::KeyConflict { key: key.clone() });
        }
        let record = record?;
        enqueued.push(Enqueued { id: record.id, is_new: false, state: record.progress.state });
    }
    Ok(enqueued)
}
