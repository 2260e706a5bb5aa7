//! A ledger in memory, whose transactions take a millisecond and fail as a test says.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use cakemail_client::IdempotencyKey;
use cakemail_outbox::state::{Decision, Event, Rules, State};
use cakemail_outbox::{
    Claimed, Counts, Enqueued, Error, Filter, Insert, Lane, Ledger, OutboxEmail, Owner, OwnerLock, Record, Result,
    Tick, Ticked, Time,
};
use tokio::time::Instant;

/// How a transaction fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fail {
    /// Nothing is stored.
    Before,
    /// The commit's response is lost.
    After,
    /// The connection is lost, and the locks with it. Nothing is stored.
    Connection,
}

/// A clone shares the rows.
#[derive(Clone)]
pub struct MemoryLedger {
    start: Instant,
    state: Arc<Mutex<Memory>>,
}

#[derive(Default)]
pub struct Memory {
    pub rows: BTreeMap<i64, Row>,
    /// How the next ticks fail. `None` is one that succeeds.
    pub fails: VecDeque<Option<Fail>>,
    pub ticks: u64,
    /// Claims of one tick, at most: as large as the test's room.
    pub largest_claim: usize,
    owners: HashSet<i64>,
    last_owner: i64,
    next_slot: i64,
    paused_until: i64,
}

pub struct Row {
    pub record: Record,
    pub payload: Vec<u8>,
    claimed_at: Option<Time>,
    is_told: bool,
}

/// 2026 by the ledger's clock.
const START: i64 = 1_770_000_000_000_000;

impl MemoryLedger {
    pub fn new() -> Self {
        Self { start: Instant::now(), state: Arc::default() }
    }

    pub fn now(&self) -> Time {
        Time::from_micros(START).after(self.start.elapsed())
    }

    pub fn state(&self) -> MutexGuard<'_, Memory> {
        self.state.lock().unwrap()
    }

    pub fn record(&self, key: &str) -> Record {
        let key = IdempotencyKey::new(key).unwrap();
        self.state().rows.values().find(|row| row.record.key == key).unwrap().record.clone()
    }

    /// The number of emails in each state.
    pub fn states(&self) -> BTreeMap<&'static str, usize> {
        let mut states = BTreeMap::new();
        for row in self.state().rows.values() {
            *states.entry(row.record.progress.state.name()).or_default() += 1;
        }
        states
    }

    fn fail(&self) -> Option<Fail> {
        self.state().fails.pop_front().flatten()
    }
}

fn failed() -> Error {
    Error::Database("the test's failure".into())
}

impl Memory {
    fn complete(&mut self, tick: &Tick<'_>, now: Time) -> usize {
        let mut stale = 0;
        for completion in tick.completed {
            let row = self.rows.get_mut(&completion.record.id).unwrap();
            let progress = row.record.complete(completion.record.progress.epoch, &completion.event, tick.rules, now);
            match progress {
                Some(progress) => {
                    row.record.progress = progress;
                    row.record.changed_at = now;
                    row.is_told = !tick.is_told;
                }
                None => stale += 1,
            }
        }
        stale
    }

    fn claim(&mut self, id: i64, owner: Owner, rules: &Rules, now: Time, slot: Time) -> Option<Claimed> {
        let row = self.rows.get_mut(&id)?;
        if let State::Dispatching { owner, .. } = row.record.progress.state
            && self.owners.contains(&owner.0)
        {
            return None;
        }
        row.record.progress = row.record.claim(owner, rules, now)?;
        row.record.changed_at = now;
        if !matches!(row.record.progress.state, State::Dispatching { .. }) {
            row.is_told = false;
            return None;
        }
        row.claimed_at = Some(now);
        Some(Claimed { record: row.record.clone(), payload: row.payload.clone(), slot })
    }

    fn due(&self, now: Time, lane: impl Fn(&Record) -> bool) -> Vec<i64> {
        let due = |row: &&Row| row.record.progress.due.is_some_and(|due| due <= now) && lane(&row.record);
        let mut rows: Vec<_> = self.rows.values().filter(due).map(|row| &row.record).collect();
        rows.sort_by_key(|record| (record.progress.due, record.id));
        rows.into_iter().map(|record| record.id).collect()
    }

    fn tick(&mut self, tick: &Tick<'_>, now: Time) -> Ticked {
        self.ticks += 1;
        let stale = self.complete(tick, now);
        let mut claimed = Vec::new();
        let is_look = |record: &Record| record.progress.state != State::Queued;
        for id in self.due(now, is_look) {
            if claimed.len() < tick.room_for_looks as usize {
                claimed.extend(self.claim(id, tick.owner, tick.rules, now, now));
            }
        }
        let (looks, is_paused) = (claimed.len(), self.paused_until > now.as_micros());
        for lane in [Lane::Transactional, Lane::Marketing] {
            for id in self.due(now, |record| !is_look(record) && record.lane == lane) {
                let slot = Time::from_micros(self.next_slot.max(now.as_micros()));
                let horizon = tick.rate.map_or(Duration::MAX, |rate| rate.horizon);
                if is_paused || claimed.len() >= looks + tick.room as usize || slot.since(now) > horizon {
                    break;
                }
                let Some(email) = self.claim(id, tick.owner, tick.rules, now, slot) else { continue };
                claimed.push(email);
                if let Some(rate) = tick.rate {
                    self.next_slot = slot.as_micros() + (1e6 / rate.per_second) as i64;
                }
            }
        }
        self.largest_claim = self.largest_claim.max(claimed.len());
        Ticked { now, claimed, next_due: self.next_due(now), stale }
    }

    fn next_due(&self, now: Time) -> Option<Time> {
        self.rows.values().filter_map(|row| row.record.progress.due).min().map(|due| due.max(now))
    }
}

struct Lock(Arc<Mutex<Memory>>, i64);

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.lock().unwrap().owners.remove(&self.1);
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn migrate(&self) -> Result<()> {
        Ok(())
    }

    async fn lock(&self) -> Result<OwnerLock> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let mut state = self.state();
        state.last_owner += 1;
        let owner = state.last_owner;
        state.owners.insert(owner);
        Ok(OwnerLock::new(Owner(owner), Lock(Arc::clone(&self.state), owner)))
    }

    async fn enqueue(&self, emails: &[OutboxEmail]) -> Result<Vec<Enqueued>> {
        let now = self.now();
        let enqueue = |email: &OutboxEmail| {
            let payload = Insert::new(email)?.payload;
            let mut state = self.state();
            let id = state.rows.len() as i64 + 1;
            let mut record = Record::new(id, email.key.clone(), now);
            (record.lane, record.expires_at, record.on_missing) = (email.lane, email.expires_at, email.on_missing);
            record.progress.due = Some(email.send_at.unwrap_or(now));
            let enqueued = Enqueued::new(id, true, record.progress.state.clone());
            state.rows.insert(id, Row { record, payload, claimed_at: None, is_told: true });
            Ok(enqueued)
        };
        emails.iter().map(enqueue).collect()
    }

    async fn tick(&self, tick: Tick<'_>) -> Result<Ticked> {
        tokio::time::sleep(Duration::from_micros(500)).await;
        let fail = self.fail();
        if fail == Some(Fail::Connection) {
            self.state().owners.clear();
        }
        if matches!(fail, Some(Fail::Before | Fail::Connection)) {
            return Err(failed());
        }
        if !self.state().owners.contains(&tick.owner.0) {
            return Err(Error::OwnerLost);
        }
        let ticked = self.state().tick(&tick, self.now());
        tokio::time::sleep(Duration::from_micros(500)).await;
        if fail == Some(Fail::After) { Err(failed()) } else { Ok(ticked) }
    }

    async fn release(&self, owner: Owner, except: &[i64]) -> Result<u64> {
        let (now, mut released) = (self.now(), 0);
        for row in self.state().rows.values_mut().filter(|row| !except.contains(&row.record.id)) {
            let epoch = row.record.progress.epoch;
            let is_held =
                matches!(row.record.progress.state, State::Dispatching { owner: other, .. } if other == owner);
            if is_held {
                row.record.progress = row.record.complete(epoch, &Event::Released, &Rules::default(), now).unwrap();
                released += 1;
            }
        }
        Ok(released)
    }

    async fn claim(&self, owner: Owner, key: &IdempotencyKey, rules: &Rules) -> Result<Option<Claimed>> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let (now, mut state) = (self.now(), self.state());
        let id = state.rows.values().find(|row| row.record.key == *key).map(|row| row.record.id);
        let slot = Time::from_micros(state.paused_until.max(now.as_micros()));
        Ok(id.and_then(|id| state.claim(id, owner, rules, now, slot)))
    }

    async fn decide(&self, key: &IdempotencyKey, decision: &Decision, rules: &Rules) -> Result<Record> {
        let (now, mut state) = (self.now(), self.state());
        let row = state.rows.values_mut().find(|row| row.record.key == *key).unwrap();
        row.record.progress = row.record.decide(decision, rules, now)?;
        Ok(row.record.clone())
    }

    async fn pause(&self, wait: Duration) -> Result<()> {
        let until = self.now().after(wait).as_micros();
        let mut state = self.state();
        state.paused_until = state.paused_until.max(until);
        Ok(())
    }

    async fn accepted_after(&self, time: Time) -> Result<Option<IdempotencyKey>> {
        let state = self.state();
        let accepted = state.rows.values().filter(|row| {
            let Record { progress, .. } = &row.record;
            let is_direct = progress.doubt.is_none() && progress.submissions == 1;
            matches!(progress.state, State::Accepted(_)) && is_direct && row.claimed_at.is_some_and(|at| at > time)
        });
        Ok(accepted.min_by_key(|row| row.record.changed_at).map(|row| row.record.key.clone()))
    }

    async fn get(&self, key: &IdempotencyKey) -> Result<Option<Record>> {
        Ok(self.state().rows.values().find(|row| row.record.key == *key).map(|row| row.record.clone()))
    }

    async fn payload(&self, key: &IdempotencyKey) -> Result<Option<Vec<u8>>> {
        Ok(self.state().rows.values().find(|row| row.record.key == *key).map(|row| row.payload.clone()))
    }

    async fn list(&self, _: &Filter) -> Result<Vec<Record>> {
        Ok(self.state().rows.values().map(|row| row.record.clone()).collect())
    }

    async fn counts(&self) -> Result<Counts> {
        Ok(Counts::default())
    }

    async fn prune(&self, _: Duration, _: u32) -> Result<u64> {
        Ok(0)
    }

    async fn untold(&self, age: Duration, after: i64, limit: u32) -> Result<Vec<Record>> {
        let before = self.now().before(age);
        let state = self.state();
        let untold = state.rows.values().filter(|row| {
            let is_over = row.record.progress.due.is_none();
            !row.is_told && is_over && row.record.changed_at <= before && row.record.id > after
        });
        Ok(untold.take(limit as usize).map(|row| row.record.clone()).collect())
    }

    async fn told(&self, records: &[Record]) -> Result<()> {
        let mut state = self.state();
        for record in records {
            let row = state.rows.get_mut(&record.id).unwrap();
            row.is_told |= row.record.progress.epoch == record.progress.epoch;
        }
        Ok(())
    }
}
