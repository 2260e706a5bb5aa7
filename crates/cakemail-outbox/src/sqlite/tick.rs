//! The transaction of a worker: stores what its claims came to, and claims more.

use rusqlite::{Connection, OptionalExtension, params};

use super::claims::Claims;
use super::files::Files;
use super::rows::{COLUMNS, Store, by_id, by_key, records};
use crate::columns::code;
use crate::rate::SharedRate;
use crate::state::{Decision, Event, Rules};
use crate::{Error, Owner, Rate, Record, Result, Tick, Ticked, Time};

/// The column `lane` of emails to look up in the logs.
const LOOKS: i64 = 0;
/// The column `lane` of emails to submit, the most urgent first.
const SUBMISSIONS: [i64; 2] = [1, 2];

pub(super) fn tick(connection: &Connection, files: &Files, tick: &Tick<'_>, now: Time) -> Result<Ticked> {
    if tick.room > 0 || tick.room_for_looks > 0 {
        check_lock(files, tick.owner)?;
    }
    // A statement takes as long to prepare as to execute for several rows.
    let mut store = Store::new(connection)?;
    let stale = complete(connection, &mut store, tick, now)?;
    let mut rate = load_rate(connection)?;
    let slots = tick.rate.as_ref().map(|limit| {
        rate.learn(limit, now);
        rate.available(limit, now)
    });
    let is_paused = slots.is_none() && rate.paused_until > now.as_micros();
    let mut claims = Claims::new((connection, files), store, tick, now)?;
    let mut claimed = claims.claim(LOOKS, tick.room_for_looks as usize)?;
    let room = tick.room as usize;
    let limit = if is_paused { 0 } else { slots.map_or(room, |slots| room.min(slots as usize)) };
    let mut submissions = Vec::new();
    for lane in SUBMISSIONS {
        submissions.extend(claims.claim(lane, limit - submissions.len())?);
    }
    if let Some(limit) = &tick.rate {
        let slots = rate.reserve(limit, submissions.len(), now);
        submissions.iter_mut().zip(slots).for_each(|(claimed, slot)| claimed.slot = slot);
        store_rate(connection, &rate)?;
    }
    if room > 0 && submissions.len() == room {
        claimed.append(&mut submissions);
        return Ok(Ticked { now, claimed, next_due: None, stale });
    }
    let next_submission = if room == 0 {
        None
    } else if submissions.len() == limit {
        Some(next_slot(&rate, tick.rate.as_ref(), now))
    } else {
        Some(now)
    };
    claimed.append(&mut submissions);
    let next_due = next_due(connection, next_submission, now)?;
    Ok(Ticked { now, claimed, next_due, stale })
}

/// Fails if the owner's lock has ended: others take its claims then.
pub(super) fn check_lock(files: &Files, owner: Owner) -> Result<()> {
    if files.is_free(owner)? { Err(Error::OwnerLost) } else { Ok(()) }
}

/// Stores what claims came to. Returns how many of them were not the current ones.
fn complete(connection: &Connection, store: &mut Store<'_>, tick: &Tick<'_>, now: Time) -> Result<usize> {
    let mut stale = 0;
    for completion in tick.completed {
        let (claimed, event) = (&completion.record, &completion.event);
        let epoch = claimed.progress.epoch;
        if let Some(progress) = claimed.complete(epoch, event, tick.rules, now)
            && store.store((claimed.id, epoch), &progress, Some(is_told(tick, progress.due)), now)?
        {
            continue;
        }
        stale += 1;
        let Some(current) = by_id(connection, claimed.id)? else { continue };
        if let Some(progress) = current.complete(epoch, event, tick.rules, now) {
            let row = (current.id, current.progress.epoch);
            store.store(row, &progress, Some(is_told(tick, progress.due)), now)?;
        }
    }
    Ok(stale)
}

/// Whether there is nothing to tell the application.
pub(super) fn is_told(tick: &Tick<'_>, due: Option<Time>) -> bool {
    !tick.is_told || due.is_some()
}

/// Gives back what the owner has claimed, except these rows.
pub(super) fn release(connection: &Connection, owner: Owner, except: &[i64], now: Time) -> Result<u64> {
    let sql = format!("select {COLUMNS} from outbox_email where state = {} and owner = ?", code::DISPATCHING);
    let mut store = Store::new(connection)?;
    let mut released = 0;
    for record in records(connection, &sql, [owner.0])? {
        let epoch = record.progress.epoch;
        if except.contains(&record.id) {
            continue;
        }
        if let Some(progress) = record.complete(epoch, &Event::Released, &Rules::default(), now) {
            released += u64::from(store.store((record.id, epoch), &progress, None, now)?);
        }
    }
    Ok(released)
}

/// Stores a decision.
pub(super) fn decide(
    connection: &Connection,
    key: &str,
    decision: &Decision,
    rules: &Rules,
    now: Time,
) -> Result<Record> {
    let record = by_key(connection, key)?.ok_or_else(|| Error::NotFound(key.to_owned()))?;
    let progress = record.decide(decision, rules, now)?;
    Store::new(connection)?.store((record.id, record.progress.epoch), &progress, None, now)?;
    Ok(Record { progress, changed_at: now, ..record })
}

/// No email is submitted before this time.
pub(super) fn pause(connection: &Connection, until: Time) -> Result<()> {
    connection.execute("update outbox_rate set paused_until = max(paused_until, ?)", [until.as_micros()])?;
    Ok(())
}

pub(super) fn load_rate(connection: &Connection) -> Result<SharedRate> {
    let sql = "select next_slot, lowered_to, lowered_at, paused_until from outbox_rate";
    Ok(connection.query_row(sql, (), |row| {
        Ok(SharedRate {
            next_slot: row.get(0)?,
            lowered_to: row.get(1)?,
            lowered_at: row.get(2)?,
            paused_until: row.get(3)?,
        })
    })?)
}

fn store_rate(connection: &Connection, rate: &SharedRate) -> Result<()> {
    connection.execute(
        "update outbox_rate set next_slot = ?, lowered_to = ?, lowered_at = ?",
        params![rate.next_slot, rate.lowered_to, rate.lowered_at],
    )?;
    Ok(())
}

/// When another email may be claimed for submission.
fn next_slot(shared: &SharedRate, rate: Option<&Rate>, now: Time) -> Time {
    let next = match rate {
        Some(rate) => shared.next(rate, now).before(rate.horizon),
        None => Time::from_micros(shared.paused_until),
    };
    next.max(now)
}

/// When a tick may claim something that this one could not.
fn next_due(connection: &Connection, next_submission: Option<Time>, now: Time) -> Result<Option<Time>> {
    let mut statement = connection.prepare("select min(due_at) from outbox_email where lane = ? and due_at > ?")?;
    let mut first = |lane: i64, after: Time| -> Result<Option<Time>> {
        let due: Option<i64> =
            statement.query_row(params![lane, after.as_micros()], |row| row.get(0)).optional()?.flatten();
        Ok(due.map(Time::from_micros))
    };
    let mut next = first(LOOKS, now)?;
    let Some(next_submission) = next_submission else { return Ok(next) };
    for lane in SUBMISSIONS {
        // Those that are due wait for a slot.
        let after = if next_submission > now { Time::from_micros(i64::MIN) } else { now };
        let due = first(lane, after)?.map(|due| due.max(next_submission));
        next = [next, due].into_iter().flatten().min();
    }
    Ok(next)
}
