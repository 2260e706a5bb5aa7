//! What is read, removed and told.

use std::time::Duration;

use cakemail_client::IdempotencyKey;
use rusqlite::{Connection, OptionalExtension, params};

use super::rows::{COLUMNS, records};
use crate::columns::{STATES, code};
use crate::{Counts, Filter, Record, Result, Time};

const DEFAULT_LIMIT: u32 = 100;

pub(super) fn payload(connection: &Connection, key: &str) -> Result<Option<Vec<u8>>> {
    let sql = "select payload from outbox_email where key = ?";
    Ok(connection.query_row(sql, [key], |row| row.get(0)).optional()?)
}

/// One range of an index per state, however many emails there are.
pub(super) fn list(connection: &Connection, filter: &Filter) -> Result<Vec<Record>> {
    let before = filter.before.unwrap_or(i64::MAX);
    let limit = if filter.limit == 0 { DEFAULT_LIMIT } else { filter.limit };
    let page = |states: &str| {
        let sql = format!("select {COLUMNS} from outbox_email where id < ? {states} order by id desc limit ?");
        records(connection, &sql, params![before, limit])
    };
    if filter.states.is_empty() {
        return page("");
    }
    let mut found = Vec::new();
    for (_, code) in STATES.iter().filter(|(name, _)| filter.states.contains(name)) {
        found.extend(page(&format!("and state = {code}"))?);
    }
    found.sort_unstable_by_key(|record| std::cmp::Reverse(record.id));
    found.truncate(limit as usize);
    Ok(found)
}

pub(super) fn counts(connection: &Connection, now: Time) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut statement = connection.prepare("select state, count(*) from outbox_email group by state")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let (state, count): (i16, i64) = (row.get(0)?, row.get(1)?);
        if let Some((name, _)) = STATES.iter().find(|(_, code)| *code == state) {
            counts.by_state.insert(name, count.unsigned_abs());
        }
    }
    let sql = "select min(due_at) from outbox_email where lane = ?";
    for lane in 0..=2 {
        let due: Option<i64> = connection.query_row(sql, [lane], |row| row.get(0))?;
        let waited = due.map(Time::from_micros).filter(|due| *due <= now).map(|due| now.since(due));
        counts.oldest_due = counts.oldest_due.max(waited);
    }
    let sql = format!(
        "select count(*) from outbox_email indexed by outbox_email_ended where state >= 4 and state = {} and changed_at > ?",
        code::ACCEPTED
    );
    let minute_ago = now.before(Duration::from_secs(60));
    let accepted: i64 = connection.query_row(&sql, [minute_ago.as_micros()], |row| row.get(0))?;
    counts.accepted_last_minute = accepted.unsigned_abs();
    Ok(counts)
}

/// The key of an email that was claimed and accepted after this time.
pub(super) fn accepted_after(connection: &Connection, time: Time) -> Result<Option<IdempotencyKey>> {
    let sql = format!(
        "select key from outbox_email indexed by outbox_email_ended where state >= 4 and state = {} and changed_at > ?1 and claimed_at > ?1 \
         and doubt_at is null and submissions = 1 order by changed_at limit 1",
        code::ACCEPTED
    );
    let key: Option<String> = connection.query_row(&sql, [time.as_micros()], |row| row.get(0)).optional()?;
    Ok(key.and_then(|tag| IdempotencyKey::from_tag(&tag).ok()))
}

/// Removes emails that ended and that the application knows of.
pub(super) fn prune(connection: &Connection, before: Time, limit: u32) -> Result<u64> {
    let removed = connection.execute(
        "delete from outbox_email where id in (select id from outbox_email \
         where state >= 4 and changed_at < ? and is_told = 1 order by changed_at limit ?)",
        params![before.as_micros(), limit],
    )?;
    Ok(removed as u64)
}

pub(super) fn untold(connection: &Connection, now: Time, age: Duration, after: i64, limit: u32) -> Result<Vec<Record>> {
    let sql = format!(
        "select {COLUMNS} from outbox_email where is_told = 0 and id > ? and (changed_at <= ? or changed_at > ?) \
         order by id limit ?"
    );
    // A change that is later than now was made before the clock went back: nobody knows how long ago.
    records(connection, &sql, params![after, now.before(age).as_micros(), now.as_micros(), limit])
}

pub(super) fn told(connection: &Connection, rows: &[(i64, i64)]) -> Result<()> {
    let mut statement = connection.prepare("update outbox_email set is_told = 1 where id = ? and epoch = ?")?;
    for (id, epoch) in rows {
        statement.execute([id, epoch])?;
    }
    Ok(())
}
