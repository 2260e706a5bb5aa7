//! When a worker's next transaction is due, and how many emails it claims.

use std::time::Duration;

use tokio::time::Instant;
use tracing::{error, warn};

use super::brake::Brake;
use super::verdict::Signal;
use crate::Rate;

/// How long the first result waits for others, so that one transaction stores many.
const GATHER: Duration = Duration::from_millis(50);
/// The interval of claims when less is due than there is room for. It doubles while nothing is due.
const MIN_POLL: Duration = Duration::from_millis(100);
const MAX_POLL: Duration = Duration::from_secs(1);
/// How far ahead slots of the shared rate are reserved: longer than the interval of claims, so that no slot passes unused,
/// and short, because a worker that is delayed submits those that have passed at once.
const HORIZON: Duration = Duration::from_millis(150);
/// The pause after a 429 that asks for none.
pub(super) const PAUSE: Duration = Duration::from_secs(1);
/// The wait after a transaction that failed. It doubles each time.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const MAX_BACKOFF: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Schedule {
    in_flight: usize,
    rate: Option<f64>,
    next_claim: NextClaim,
    /// Emails that had not begun when the transaction in progress did.
    ahead: usize,
    /// The most emails that began during one transaction lately.
    lead: usize,
    poll: Duration,
    brake: Brake,
    /// The pause that the server asked for since the last transaction.
    pause: Option<Duration>,
    /// Transactions that failed in a row.
    failures: u32,
    retry_at: Option<Instant>,
}

/// When to claim emails.
#[derive(Debug, Clone, Copy, PartialEq)]
enum NextClaim {
    /// When what was claimed ahead lasts for one transaction: more is due.
    WithRoom,
    At(Instant),
    Never,
}

/// What a worker holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Load {
    /// Emails to be submitted, in flight or not begun.
    pub(super) submissions: usize,
    /// Emails to be looked for, in flight or not begun.
    pub(super) looks: usize,
    /// Emails that have not begun.
    pub(super) waiting: usize,
    /// Results that are not stored.
    pub(super) completed: usize,
    /// Since when the oldest of them waits.
    pub(super) completed_since: Option<Instant>,
}

/// What the next transaction claims.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) submissions: u32,
    pub(super) looks: u32,
    pub(super) rate: Option<Rate>,
    pub(super) pause: Option<Duration>,
}

impl Schedule {
    pub(super) fn new(in_flight: usize, rate: Option<f64>) -> Self {
        Self {
            in_flight,
            rate,
            next_claim: NextClaim::At(Instant::now()),
            ahead: 0,
            lead: in_flight,
            poll: MIN_POLL,
            brake: Brake::default(),
            pause: None,
            failures: 0,
            retry_at: None,
        }
    }

    /// When the next transaction is due, if nothing else happens before.
    pub(super) fn next_tick(&self, load: Load, now: Instant) -> Option<Instant> {
        let is_much = load.completed >= self.in_flight;
        let store = load.completed_since.map(|since| if is_much { now } else { since + GATHER });
        let claim = match self.next_claim {
            NextClaim::WithRoom => (load.waiting <= self.reserve()).then_some(now),
            NextClaim::At(at) => Some(at),
            NextClaim::Never => None,
        };
        let next = [store, claim, self.pause.map(|_| now)].into_iter().flatten().min()?;
        Some(self.retry_at.map_or(next, |retry_at| next.max(retry_at)))
    }

    /// How many emails are to be ahead when the next transaction begins. The limit lets it claim at least a quarter of
    /// what is in flight.
    fn reserve(&self) -> usize {
        (self.lead + self.lead / 2).clamp(self.in_flight / 4, self.in_flight * 3 / 4)
    }

    /// What to claim now. As many emails as are in flight are claimed ahead, so that each transaction claims many.
    pub(super) fn room(&mut self, load: Load, now: Instant) -> Room {
        self.ahead = load.waiting;
        let left = |most: usize, held: usize| u32::try_from(most.saturating_sub(held)).unwrap_or(u32::MAX);
        let pause = self.pause.take();
        let rate = |per_second| Rate { per_second, horizon: HORIZON, was_limited: pause.is_some() };
        let rate = self.rate.map(rate);
        if self.next_claim == NextClaim::Never {
            return Room { submissions: 0, looks: 0, rate, pause };
        }
        let held = u32::try_from(load.submissions).unwrap_or(u32::MAX);
        let submissions = self.brake.room(left(2 * self.in_flight, load.submissions), held, now);
        Room { submissions, looks: left((self.in_flight / 4).max(1), load.looks), rate, pause }
    }

    /// A transaction succeeded, and claimed `submissions` and `looks`. `next_due` is when another email is due, and `waiting`
    /// is the number of emails that were claimed before and have not begun.
    pub(super) fn ticked(
        &mut self,
        room: Room,
        (submissions, looks): (usize, usize),
        next_due: Option<Instant>,
        waiting: usize,
    ) {
        let now = Instant::now();
        (self.failures, self.retry_at) = (0, None);
        let began = if waiting > 0 { self.ahead.saturating_sub(waiting) } else { self.in_flight };
        self.lead = began.max(self.lead - self.lead.div_ceil(8));
        if self.next_claim == NextClaim::Never {
            return;
        }
        let fills = |claimed: usize, room: u32| claimed > 0 && claimed >= room as usize;
        let is_full = fills(submissions, room.submissions) || fills(looks, room.looks);
        let claimed = submissions + looks;
        self.poll = if claimed > 0 { MIN_POLL } else { (self.poll * 2).min(MAX_POLL) };
        // Not at once: one transaction claims the emails that become due in this time.
        let next_due = next_due.map(|due| due.max(now + MIN_POLL));
        let poll_at = now + self.poll;
        let at = next_due.map_or(poll_at, |due| due.min(poll_at));
        self.next_claim = if is_full { NextClaim::WithRoom } else { NextClaim::At(at) };
    }

    /// A transaction failed. What it asked for is asked for again.
    pub(super) fn failed(&mut self, room: Room) {
        self.pause = self.pause.max(room.pause);
        let backoff = FIRST_BACKOFF.saturating_mul(1 << self.failures.min(16)).min(MAX_BACKOFF);
        self.failures += 1;
        self.retry_at = Some(Instant::now() + backoff.mul_f64(1.0 - fastrand::f64() / 2.0));
    }

    /// The number of transactions that failed in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Records what a submission said about the ones after it. Returns whether submissions are held back from now on.
    pub(super) fn record(&mut self, signal: Signal) -> bool {
        if let Signal::Limited(wait) = signal {
            self.pause = self.pause.max(Some(wait.unwrap_or(PAUSE)));
        }
        let now = Instant::now();
        let is_held = self.brake.record(signal, now);
        if is_held && self.next_claim != NextClaim::Never {
            let hold = self.brake.held_until().unwrap_or(now).duration_since(now);
            match signal {
                Signal::Rejected => error!(?hold, "no email can be submitted until the configuration is corrected"),
                _ => warn!(?hold, "submissions are held back: the API accepts and refuses none"),
            }
            // Looks go on meanwhile.
            self.next_claim = NextClaim::At(now + MIN_POLL);
        }
        is_held
    }

    /// Claims nothing more.
    pub(super) fn stop(&mut self) {
        self.next_claim = NextClaim::Never;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN_FLIGHT: usize = 64;

    fn load(waiting: usize) -> Load {
        Load { submissions: IN_FLIGHT + waiting, waiting, ..Load::default() }
    }

    /// A transaction that fills its room, and in which as many emails begin of those that wait.
    fn tick(schedule: &mut Schedule, waiting: usize, began: usize) {
        let room = schedule.room(load(waiting), Instant::now());
        schedule.ticked(room, (room.submissions as usize, 0), None, waiting - began);
    }

    /// The most emails ahead with which more are claimed.
    fn reserve(schedule: &Schedule) -> Option<usize> {
        let now = Instant::now();
        (0..=IN_FLIGHT).rfind(|waiting| schedule.next_tick(load(*waiting), now).is_some())
    }

    #[tokio::test(start_paused = true)]
    async fn more_is_claimed_as_early_as_transactions_take_long() {
        let mut schedule = Schedule::new(IN_FLIGHT, None);
        for _ in 0..30 {
            tick(&mut schedule, 16, 2);
        }
        assert_eq!(reserve(&schedule), Some(16), "a quarter of what is in flight, however fast");
        tick(&mut schedule, 40, 20);
        assert_eq!(reserve(&schedule), Some(30), "half as much again as began meanwhile");
        tick(&mut schedule, 16, 16);
        assert_eq!(reserve(&schedule), Some(48), "as early as possible once nothing was left");
    }
}
