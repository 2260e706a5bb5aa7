//! A ledger in memory: what each engine must do by its SQL.

use std::collections::HashSet;

use cakemail_outbox::state::{Decision, Event, Progress, Rules, State};
use cakemail_outbox::{Completion, Owner, Record, Time};

/// The rows, and who holds a lock.
#[derive(Default)]
pub struct Model {
    pub rows: Vec<Row>,
    pub locked: HashSet<Owner>,
    pub paused_until: Option<Time>,
}

pub struct Row {
    pub record: Record,
    pub is_told: bool,
}

/// What a tick gives.
#[derive(Debug, PartialEq)]
pub struct Ticked {
    pub claimed: Vec<Record>,
    pub next_due: Option<Time>,
    pub stale: usize,
}

impl Model {
    pub fn tick(
        &mut self,
        owner: Owner,
        completed: &[Completion],
        room: usize,
        looks: usize,
        rules: &Rules,
        now: Time,
    ) -> Ticked {
        let stale = completed.iter().filter(|done| self.complete(done, rules, now)).count();
        let done: Vec<i64> = completed.iter().map(|done| done.record.id).collect();
        let mut claimed = self.claim_lane(0, looks, owner, &done, rules, now);
        let limit = if self.paused_until > Some(now) { 0 } else { room };
        let mut submissions = self.claim_lane(1, limit, owner, &done, rules, now);
        submissions.extend(self.claim_lane(2, limit - submissions.len(), owner, &done, rules, now));
        let has_room = submissions.len() < room;
        let after = self.paused_until.filter(|until| limit < room && *until > now);
        claimed.append(&mut submissions);
        // A tick that used up its room can be followed by another at once.
        let next_due = if room > 0 && !has_room { None } else { self.next_due(has_room, after, now) };
        Ticked { claimed, next_due, stale }
    }

    /// Returns whether another claim has replaced it.
    fn complete(&mut self, done: &Completion, rules: &Rules, now: Time) -> bool {
        let (id, epoch) = (done.record.id, done.record.progress.epoch);
        let Some(row) = self.rows.iter_mut().find(|row| row.record.id == id) else { return true };
        let is_stale = row.record.progress.epoch != epoch;
        if let Some(progress) = row.record.complete(epoch, &done.event, rules, now) {
            row.is_told = false;
            row.store(progress, now);
        }
        is_stale
    }

    fn claim_lane(
        &mut self,
        lane: u8,
        room: usize,
        owner: Owner,
        done: &[i64],
        rules: &Rules,
        now: Time,
    ) -> Vec<Record> {
        let locked = &self.locked;
        let mut due: Vec<&mut Row> = self
            .rows
            .iter_mut()
            .filter(|row| {
                row.lane() == Some(lane) && row.record.progress.due <= Some(now) && !done.contains(&row.record.id)
            })
            .filter(|row| row.holder().is_none_or(|holder| !locked.contains(&holder)))
            .collect();
        due.sort_by_key(|row| (row.record.progress.due, row.record.id));
        let mut claimed = Vec::new();
        for row in due {
            if claimed.len() == room {
                break;
            }
            let Some(progress) = row.record.claim(owner, rules, now) else { continue };
            row.is_told = false;
            row.store(progress, now);
            claimed.extend(row.holder().map(|_| row.record.clone()));
        }
        claimed
    }

    /// When a tick may claim what this one could not. `has_room` is for submissions, and `after` is the end of a pause.
    fn next_due(&self, has_room: bool, after: Option<Time>, now: Time) -> Option<Time> {
        let due = |row: &Row| match (row.lane()?, after) {
            (1 | 2, _) if !has_room => None,
            (1 | 2, Some(after)) => Some(row.record.progress.due?.max(after)),
            _ => row.record.progress.due.filter(|due| *due > now),
        };
        self.rows.iter().filter_map(due).min()
    }

    pub fn release(&mut self, owner: Owner, except: &[i64], now: Time) -> u64 {
        let held = self.rows.iter_mut().filter(|row| row.holder() == Some(owner) && !except.contains(&row.record.id));
        let released = held.filter_map(|row| {
            let progress = row.record.complete(row.record.progress.epoch, &Event::Released, &Rules::default(), now)?;
            row.store(progress, now);
            Some(())
        });
        released.count() as u64
    }

    pub fn claim(&mut self, owner: Owner, index: usize, rules: &Rules, now: Time) -> Option<Record> {
        let row = &mut self.rows[index];
        if row.holder().is_some_and(|holder| self.locked.contains(&holder)) {
            return None;
        }
        let progress = row.record.claim(owner, rules, now)?;
        row.store(progress, now);
        row.holder().map(|_| row.record.clone())
    }

    pub fn decide(&mut self, index: usize, decision: &Decision, rules: &Rules, now: Time) -> Option<Record> {
        let row = &mut self.rows[index];
        let progress = row.record.decide(decision, rules, now).ok()?;
        row.store(progress, now);
        Some(row.record.clone())
    }
}

impl Row {
    /// What waits is not an end to tell of.
    fn store(&mut self, progress: Progress, now: Time) {
        self.is_told |= progress.due.is_some();
        self.record.progress = progress;
        self.record.changed_at = now;
    }

    fn holder(&self) -> Option<Owner> {
        match self.record.progress.state {
            State::Dispatching { owner, .. } => Some(owner),
            _ => None,
        }
    }

    fn lane(&self) -> Option<u8> {
        self.record.progress.due?;
        match self.record.progress.state {
            State::Queued => Some(1 + self.record.lane as u8),
            _ => Some(0),
        }
    }
}
