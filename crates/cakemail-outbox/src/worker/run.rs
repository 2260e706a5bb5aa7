//! The worker's loop: transactions claim emails and store results, while emails are in flight.

use std::future::{Future, pending};
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tracing::debug;

use super::held::Held;
use super::outcomes::Teller;
use super::schedule::{Load, Room, Schedule};
use super::sender::{Claim, is_look};
use super::stats::WorkerStats;
use super::tick::{Claims, Ended, Request, TickFuture};
use super::verdict::Signal;
use crate::state::{Owner, Record, State};
use crate::{Completion, Error, Result};

/// How long a worker that stops waits for what is in flight.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// How many times a worker that stops tries to store its last results.
const LAST_TICKS: u32 = 5;
/// How long the loop sleeps at most.
const LONG: Duration = Duration::from_secs(3600);

pub(super) struct Run {
    pub(super) held: Held,
    pub(super) schedule: Schedule,
    pub(super) teller: Option<Teller>,
    pub(super) stats: WorkerStats,
    /// Whether to stop when no email waits.
    pub(super) until_empty: bool,
    /// Results that are not stored, and since when.
    pub(super) completed: Vec<Completion>,
    pub(super) completed_since: Option<Instant>,
    /// Whether the last transaction found nothing, and nothing that becomes due.
    pub(super) is_empty: bool,
    /// The error of the last transaction, if it failed.
    pub(super) error: Option<Error>,
}

impl Run {
    /// Works until `shutdown`, or until no email waits; then ends what is in flight, and stores it.
    pub(super) async fn run(mut self, claims: Claims, shutdown: impl Future<Output = ()> + Send) -> Result<()> {
        let mut shutdown = pin!(shutdown);
        let mut claims = Some(claims);
        let mut tick: Option<(TickFuture, Room)> = None;
        let mut stop_by = None;
        loop {
            let now = Instant::now();
            self.held.begin(now);
            let next_tick = self.schedule.next_tick(self.load(), now);
            if next_tick.is_some_and(|at| at <= now)
                && let Some(claims) = claims.take()
            {
                tick = Some(self.tick(claims, now));
            }
            if tick.is_none() && self.is_done(stop_by.is_some()) {
                break;
            }
            let wake = [self.held.next_slot(), next_tick.filter(|_| tick.is_none()), stop_by];
            let wake = wake.into_iter().flatten().min().unwrap_or(now + LONG);
            tokio::select! {
                (ended, room) = end_of(&mut tick) => {
                    tick = None;
                    claims = Some(self.ticked(ended, room));
                }
                Some((completion, signal)) = self.held.ended() => self.completed(completion, signal),
                () = sleep_until(wake) => {}
                () = &mut shutdown, if stop_by.is_none() => {
                    stop_by = Some(Instant::now() + STOP_LIMIT);
                    self.schedule.stop();
                }
            }
            if let Some(limit) = stop_by {
                self.release_waiting();
                if Instant::now() >= limit {
                    self.held.abort();
                    stop_by = Some(Instant::now() + LONG);
                }
            }
        }
        drop(claims);
        if let Some(teller) = self.teller {
            teller.finish().await;
        }
        match self.completed.is_empty() {
            true => Ok(()),
            false => Err(self.error.unwrap_or(Error::OwnerLost)),
        }
    }

    fn is_done(&self, is_stopping: bool) -> bool {
        if self.held.in_flight() > 0 || self.held.waiting() > 0 {
            return false;
        }
        if is_stopping {
            return self.completed.is_empty() || self.schedule.failures() >= LAST_TICKS;
        }
        self.until_empty && self.is_empty && self.completed.is_empty()
    }

    fn load(&self) -> Load {
        let (submissions, looks) = self.held.counts();
        Load {
            submissions,
            looks,
            waiting: self.held.waiting(),
            completed: self.completed.len(),
            completed_since: self.completed_since,
        }
    }

    /// Begins a transaction.
    fn tick(&mut self, claims: Claims, now: Instant) -> (TickFuture, Room) {
        let room = self.schedule.room(self.load(), now);
        let completed = std::mem::take(&mut self.completed);
        self.completed_since = None;
        let held = self.held.records().chain(completed.iter().map(|completion| &completion.record));
        let held = held.filter_map(claim_of).collect();
        let Room { submissions, looks, rate, pause } = room;
        let is_told = self.teller.is_some();
        let request = Request { completed, held, room: submissions, room_for_looks: looks, rate, pause, is_told };
        (claims.tick(request), room)
    }

    fn ticked(&mut self, Ended { claims, request, result }: Ended, room: Room) -> Claims {
        self.stats.ticked(result.is_ok());
        match result {
            Ok((ticked, times)) => {
                self.error = None;
                self.held.ticked(ticked.now);
                if let Some(teller) = &self.teller {
                    teller.tell(&request.completed, &ticked);
                }
                let looks = ticked.claimed.iter().filter(|claimed| is_look(&claimed.record)).count();
                let counts = (ticked.claimed.len() - looks, looks);
                let next_due = ticked.next_due.map(|due| times.instant(due));
                self.is_empty = ticked.claimed.is_empty() && next_due.is_none() && room.submissions > 0;
                let waiting = self.held.waiting();
                for claimed in ticked.claimed {
                    let slot = times.instant(claimed.slot);
                    let claim = Claim { record: claimed.record, payload: claimed.payload, times: times.clone() };
                    self.held.add(claim, slot, claims.lock());
                }
                self.schedule.ticked(room, counts, next_due, waiting);
            }
            Err(error) => {
                self.is_empty = false;
                self.error = Some(error);
                // They are sent again: a completion counts once.
                self.completed.splice(0..0, request.completed);
                self.completed_since = (!self.completed.is_empty()).then(Instant::now);
                self.schedule.failed(room);
            }
        }
        claims
    }

    fn completed(&mut self, completion: Completion, signal: Option<Signal>) {
        self.is_empty = false;
        self.complete(completion);
        if signal.is_some_and(|signal| self.schedule.record(signal)) {
            self.stats.held();
            self.release_waiting();
        }
    }

    fn release_waiting(&mut self) {
        let released = self.held.release_waiting();
        if !released.is_empty() {
            debug!(released = released.len(), "gave back emails that had not begun");
        }
        released.into_iter().for_each(|completion| self.complete(completion));
    }

    fn complete(&mut self, completion: Completion) {
        self.completed_since.get_or_insert_with(Instant::now);
        self.completed.push(completion);
    }
}

/// The owner and the row of a claim.
fn claim_of(record: &Record) -> Option<(Owner, i64)> {
    match record.progress.state {
        State::Dispatching { owner, .. } => Some((owner, record.id)),
        _ => None,
    }
}

/// The end of the transaction in progress. Waits for ever if there is none.
async fn end_of(tick: &mut Option<(TickFuture, Room)>) -> (Ended, Room) {
    match tick {
        Some((tick, room)) => (tick.await, *room),
        None => pending().await,
    }
}
