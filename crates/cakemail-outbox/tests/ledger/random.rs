//! Random calls of a ledger, compared with the model after each.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cakemail_model::EmailId;
use cakemail_outbox::sqlite::SqliteLedger;
use cakemail_outbox::state::{Decision, Event, Evidence, Reason, Remote, Rules};
use cakemail_outbox::{Completion, Error, Filter, Lane, Ledger, OnMissing, OwnerLock, Record, Tick, Time};

use crate::cases::email;
use crate::model::{Model, Row, Ticked};

const START: i64 = 1_800_000_000_000_000;

/// A ledger, its model, and what a few workers hold.
struct Run {
    ledger: SqliteLedger,
    model: Model,
    random: fastrand::Rng,
    now: Arc<AtomicI64>,
    rules: Rules,
    locks: Vec<OwnerLock>,
    /// All claims so far, so that old ones are completed, too.
    claims: Vec<Record>,
}

impl Run {
    async fn new(folder: &std::path::Path, seed: u64) -> Self {
        let now = Arc::new(AtomicI64::new(START));
        let clock = Arc::clone(&now);
        let ledger = SqliteLedger::open(folder.join(format!("{seed}.db"))).await.unwrap();
        let ledger = ledger.clock(move || Time::from_micros(clock.load(Ordering::Relaxed)));
        ledger.migrate().await.unwrap();
        let mut rules = Rules::default();
        (rules.lease, rules.settle) = (Duration::from_secs(10), Duration::from_secs(20));
        let random = fastrand::Rng::with_seed(seed);
        Self { ledger, model: Model::default(), random, now, rules, locks: Vec::new(), claims: Vec::new() }
    }

    fn now(&self) -> Time {
        Time::from_micros(self.now.load(Ordering::Relaxed))
    }

    fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.random.usize(..values.len())].clone()
    }

    /// One random call.
    async fn step(&mut self) {
        match self.random.u8(..16) {
            0 | 1 => self.enqueue().await,
            2 => self.lock().await,
            3 => self.unlock(),
            4 => self.release().await,
            5 => self.claim_one().await,
            6 => self.decide().await,
            7 => self.pause().await,
            8 => self.advance(-20..0),
            9..12 => self.advance(0..40),
            _ => self.tick().await,
        }
        self.compare().await;
    }

    fn advance(&mut self, seconds: std::ops::Range<i64>) {
        let micros = self.random.i64(seconds.start * 1_000_000..seconds.end * 1_000_000);
        self.now.fetch_add(micros, Ordering::Relaxed);
    }

    async fn enqueue(&mut self) {
        let mut email = email(&self.model.rows.len().to_string());
        let in_seconds = |seconds: u64| Some(self.now().after(Duration::from_secs(seconds)));
        (email.send_at, email.expires_at) = (in_seconds(5), in_seconds(60));
        email.send_at = email.send_at.filter(|_| self.random.bool());
        email.expires_at = email.expires_at.filter(|_| self.random.bool());
        email.lane = self.one_of(&[Lane::Transactional, Lane::Marketing]);
        email.on_missing = self.one_of(&[OnMissing::Park, OnMissing::ResendAfter(Duration::from_secs(30))]);
        self.ledger.enqueue(std::slice::from_ref(&email)).await.unwrap();
        let record = self.ledger.get(&email.key).await.unwrap().unwrap();
        assert_eq!(record.progress.due, Some(email.send_at.unwrap_or(self.now())));
        self.model.rows.push(Row { record, is_told: true });
    }

    async fn lock(&mut self) {
        let lock = self.ledger.lock().await.unwrap();
        self.model.locked.insert(lock.owner());
        self.locks.push(lock);
    }

    fn unlock(&mut self) {
        if !self.locks.is_empty() {
            let lock = self.locks.swap_remove(self.random.usize(..self.locks.len()));
            self.model.locked.remove(&lock.owner());
        }
    }

    async fn tick(&mut self) {
        if self.locks.is_empty() {
            self.lock().await;
        }
        let owner = self.locks[self.random.usize(..self.locks.len())].owner();
        let completed: Vec<_> = (0..self.random.usize(..4)).filter_map(|_| self.completion()).collect();
        let (room, looks) = (self.random.u32(..5), self.random.u32(..3));
        let tick = Tick {
            owner,
            completed: &completed,
            room,
            room_for_looks: looks,
            rate: None,
            rules: &self.rules,
            is_told: true,
        };
        let ticked = self.ledger.tick(tick).await.unwrap();
        let claimed: Vec<_> = ticked.claimed.into_iter().map(|claimed| claimed.record).collect();
        self.claims.extend(claimed.iter().cloned());
        let now = self.now();
        let expected = self.model.tick(owner, &completed, room as usize, looks as usize, &self.rules, now);
        assert_eq!(Ticked { claimed, next_due: ticked.next_due, stale: ticked.stale }, expected);
    }

    fn completion(&mut self) -> Option<Completion> {
        let reason = || Reason::new("Given", "");
        let id = self.one_of(&["a", "b"]);
        let events = [
            Event::Released,
            Event::Accepted(Remote::new(EmailId::from(id))),
            Event::Accepted(Remote::new(None)),
            Event::Refused(reason()),
            Event::NotSent { reason: reason(), retry_after: Some(Duration::from_secs(3)) },
            Event::Lost(reason()),
            Event::NotFound(Evidence::CaughtUp),
            Event::NotFound(Evidence::Behind),
            Event::LookFailed(reason()),
        ];
        let event = self.one_of(&events);
        // The latest claims, most often.
        let from = self.claims.len().saturating_sub(if self.random.u8(..4) == 0 { 20 } else { 3 });
        let record = self.claims.get(self.random.usize(from..self.claims.len().max(from + 1)))?.clone();
        Some(Completion { record, event })
    }

    async fn release(&mut self) {
        let Some(lock) = self.locks.first() else { return };
        let owner = lock.owner();
        let except: Vec<i64> = self.claims.iter().rev().take(2).map(|record| record.id).collect();
        let released = self.ledger.release(owner, &except).await.unwrap();
        let now = self.now();
        assert_eq!(released, self.model.release(owner, &except, now));
    }

    async fn claim_one(&mut self) {
        let (Some(lock), false) = (self.locks.first(), self.model.rows.is_empty()) else { return };
        let index = self.random.usize(..self.model.rows.len());
        let (owner, key) = (lock.owner(), self.model.rows[index].record.key.clone());
        let claimed = self.ledger.claim(owner, &key, &self.rules).await.unwrap().map(|claimed| claimed.record);
        self.claims.extend(claimed.clone());
        let now = self.now();
        assert_eq!(claimed, self.model.claim(owner, index, &self.rules, now));
    }

    async fn decide(&mut self) {
        if self.model.rows.is_empty() {
            return;
        }
        let decisions = [Decision::Resend, Decision::Look, Decision::Cancel, Decision::MarkAccepted(Remote::new(None))];
        let (index, decision) = (self.random.usize(..self.model.rows.len()), self.one_of(&decisions));
        let key = self.model.rows[index].record.key.clone();
        let decided = match self.ledger.decide(&key, &decision, &self.rules).await {
            Err(Error::NotAllowed(_)) => None,
            decided => Some(decided.unwrap()),
        };
        let now = self.now();
        assert_eq!(decided, self.model.decide(index, &decision, &self.rules, now));
    }

    async fn pause(&mut self) {
        let wait = Duration::from_secs(self.random.u64(..20));
        self.ledger.pause(wait).await.unwrap();
        self.model.paused_until = self.model.paused_until.max(Some(self.now().after(wait)));
    }

    async fn compare(&self) {
        let mut filter = Filter::default();
        filter.limit = 1000;
        let mut records = self.ledger.list(&filter).await.unwrap();
        records.reverse();
        let expected: Vec<_> = self.model.rows.iter().map(|row| row.record.clone()).collect();
        assert_eq!(records, expected);
        let untold = |row: &&Row| !row.is_told;
        let expected: Vec<_> = self.model.rows.iter().filter(untold).map(|row| row.record.clone()).collect();
        assert_eq!(self.ledger.untold(Duration::ZERO, 0, 1000).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn sqlite_does_what_the_model_does_in_random_calls() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..10 {
        println!("seed {seed}");
        let mut run = Run::new(folder.path(), seed).await;
        for _ in 0..100 {
            run.step().await;
        }
    }
}
