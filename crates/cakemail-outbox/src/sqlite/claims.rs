//! Claims emails that are due.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Statement, params};

use super::files::Files;
use super::rows::{COLUMN_COUNT, COLUMNS, Store, record};
use super::tick::{check_lock, is_told, load_rate};
use crate::state::{Progress, Rules, State};
use crate::{Claimed, Owner, Record, Result, Tick, Time};

/// How many emails that expired one tick ends at most, besides those that it claims.
const MAX_EXPIRED: usize = 256;

/// The claims of one tick.
pub(super) struct Claims<'a> {
    due: Statement<'a>,
    tick: &'a Tick<'a>,
    now: Time,
    store: Store<'a>,
    owners: Owners<'a>,
    completed: HashSet<i64>,
}

impl<'a> Claims<'a> {
    pub(super) fn new(
        (connection, files): (&'a Connection, &'a Files),
        store: Store<'a>,
        tick: &'a Tick<'a>,
        now: Time,
    ) -> Result<Self> {
        let sql =
            format!("select {COLUMNS}, payload from outbox_email where lane = ? and due_at <= ? order by due_at, id");
        let due = connection.prepare(&sql)?;
        let completed = tick.completed.iter().map(|completion| completion.record.id).collect();
        let owners = Owners { files, known: HashMap::new() };
        Ok(Self { due, tick, now, store, owners, completed })
    }

    /// Claims at most this many emails of a lane.
    pub(super) fn claim(&mut self, lane: i64, room: usize) -> Result<Vec<Claimed>> {
        let mut claimed = Vec::new();
        for Due { record, progress, payload } in self.due(lane, room)? {
            let told = is_told(self.tick, progress.due);
            self.store.store((record.id, record.progress.epoch), &progress, Some(told), self.now)?;
            if let Some(payload) = payload {
                let record = Record { progress, changed_at: self.now, ..record };
                claimed.push(Claimed { record, payload, slot: self.now });
            }
        }
        Ok(claimed)
    }

    /// The emails to claim, and those that expired.
    fn due(&mut self, lane: i64, room: usize) -> Result<Vec<Due>> {
        let mut due = Vec::new();
        let (mut to_claim, mut expired) = (0, 0);
        let mut rows = self.due.query(params![lane, self.now.as_micros()])?;
        while to_claim < room && expired < MAX_EXPIRED {
            let Some(row) = rows.next()? else { break };
            let record = record(row)?;
            if self.completed.contains(&record.id) || self.owners.holds(&record)? {
                continue;
            }
            let Some(progress) = record.claim(self.tick.owner, self.tick.rules, self.now) else { continue };
            let is_claimed = matches!(progress.state, State::Dispatching { .. });
            let payload = is_claimed.then(|| row.get(COLUMN_COUNT)).transpose()?;
            to_claim += usize::from(is_claimed);
            expired += usize::from(!is_claimed);
            due.push(Due { record, progress, payload });
        }
        Ok(due)
    }
}

/// An email that is due, and its progress by the claim.
struct Due {
    record: Record,
    progress: Progress,
    /// `None` if it expired.
    payload: Option<Vec<u8>>,
}

/// Claims one email. Its slot is after the pause, if there is one.
pub(super) fn claim_one(
    connection: &Connection,
    files: &Files,
    (owner, key): (Owner, &str),
    rules: &Rules,
    now: Time,
) -> Result<Option<Claimed>> {
    check_lock(files, owner)?;
    let sql = format!("select {COLUMNS}, payload from outbox_email where key = ?");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([key])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (record, payload) = (record(row)?, row.get(COLUMN_COUNT)?);
    drop(rows);
    if (Owners { files, known: HashMap::new() }).holds(&record)? {
        return Ok(None);
    }
    let Some(progress) = record.claim(owner, rules, now) else { return Ok(None) };
    Store::new(connection)?.store((record.id, record.progress.epoch), &progress, None, now)?;
    if !matches!(progress.state, State::Dispatching { .. }) {
        return Ok(None);
    }
    let slot = now.max(Time::from_micros(load_rate(connection)?.paused_until));
    Ok(Some(Claimed { record: Record { progress, changed_at: now, ..record }, payload, slot }))
}

/// Which owners still hold their locks.
struct Owners<'a> {
    files: &'a Files,
    known: HashMap<Owner, bool>,
}

impl Owners<'_> {
    /// Whether another owner has claimed the email and can still go on with it.
    fn holds(&mut self, record: &Record) -> Result<bool> {
        let State::Dispatching { owner, .. } = record.progress.state else { return Ok(false) };
        if let Some(holds) = self.known.get(&owner) {
            return Ok(*holds);
        }
        let holds = !self.files.is_free(owner)?;
        self.known.insert(owner, holds);
        Ok(holds)
    }
}
