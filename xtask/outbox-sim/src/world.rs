//! One schedule: some emails, workers, a server with logs, and a clock that steps, on virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use cakemail_client::IdempotencyKey;
use cakemail_outbox::state::{Event, Evidence};
use cakemail_outbox::{OnMissing, Record, Time};

use crate::choices::Choices;
use crate::machine::Machine;

/// Milliseconds of true time since the schedule began. Nobody can read it.
pub type Millis = i64;

pub const SECOND: Millis = 1000;

/// The longest schedule. None that ends comes near.
const MAX_HAPPENINGS: usize = 5000;

/// What the schedule may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assumptions {
    /// Requests are accepted within half of the settle time after their end, the logs lag less than the other half, and the
    /// clock's steps are small. No email may be sent twice.
    Kept,
    /// As before, but the logs lag as long as they like, in order. An email may be sent twice only if no other was accepted
    /// since, so that nothing showed the lag.
    LateLogs,
    /// Requests and logs take as long as they like, in any order, and the clock steps by hours. No email whose policy is
    /// `park` may be sent twice.
    None,
}

/// An email, and what the server did with it.
pub struct Email {
    pub record: Record,
    pub log: Vec<Entry>,
    /// Whether the ledger was told that it was accepted.
    pub is_known_accepted: bool,
    /// When it was claimed and in which order its acceptance was stored, if its first submission had a response.
    pub evidence: Option<(Time, usize)>,
    pub is_resent_by_decision: bool,
    pub is_resent_without_traffic: bool,
    pub is_cancelled_before_doubt: bool,
}

/// An entry of the server's log.
pub struct Entry {
    pub id: u32,
    pub is_refused: bool,
    pub visible_at: Millis,
}

/// A process.
#[derive(Default)]
pub struct Worker {
    pub generation: u32,
    pub is_alive: bool,
    pub owner: i64,
    /// Whether other processes find its lock taken.
    pub has_lock: bool,
    pub frozen_until: Millis,
    pub next_tick: Option<Millis>,
    pub is_in_transaction: bool,
    /// How many of the results are in the transaction that runs.
    pub sent: usize,
    /// Whether its last transaction failed: it does not know what it holds.
    pub is_unsure: bool,
    pub in_flight: Vec<Claim>,
    pub completed: Vec<Completed>,
}

/// A claim as its worker knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub email: usize,
    pub epoch: i64,
    pub is_look: bool,
    pub since: Time,
    /// The gate.
    pub send_by: Millis,
}

/// A result that its worker has not stored yet.
#[derive(Debug, Clone)]
pub struct Completed {
    pub claim: Claim,
    pub event: Event,
}

/// What can happen next.
#[derive(Debug, Clone)]
pub enum Happening {
    /// A worker's transaction.
    Tick,
    /// The worker has its response: the claims, or none if it was lost.
    Ticked(Option<Vec<Claim>>),
    /// The worker writes a request.
    Write(Claim),
    /// The worker has the response, or knows that it gets none.
    Response(Claim, Event),
    /// The worker searches the logs for evidence.
    SearchEvidence(Claim),
    /// The worker searches the logs for the email.
    Search(Claim, Option<Evidence>),
    /// A process starts.
    Start,
    /// The server processes a request.
    Arrival { email: usize, id: u32, is_refused: bool },
}

pub struct World {
    pub machine: Machine,
    pub choices: Choices,
    pub assumptions: Assumptions,
    pub now: Millis,
    /// By how much the ledger's clock is ahead of true time.
    pub clock_ahead: Millis,
    pub emails: Vec<Email>,
    pub workers: Vec<Worker>,
    /// How much more goes wrong.
    pub troubles: u32,
    pub next_owner: i64,
    pub next_id: u32,
    pub stored: usize,
    pub log_visible_until: Millis,
    trace: Option<Vec<String>>,
    queue: BinaryHeap<Reverse<(Millis, usize)>>,
    happenings: Vec<Option<(usize, u32, Happening)>>,
}

impl World {
    /// The start of a schedule.
    pub fn new(machine: Machine, mut choices: Choices, is_traced: bool) -> Self {
        let assumptions = choices.one_of(&[Assumptions::Kept, Assumptions::LateLogs, Assumptions::None]);
        let emails = (0..=choices.below(4)).map(|index| email(index, assumptions, &mut choices)).collect();
        let workers: Vec<_> = (0..=choices.below(3)).map(|_| Worker::default()).collect();
        let troubles = choices.below(16);
        let mut world = Self {
            machine,
            choices,
            assumptions,
            now: 0,
            clock_ahead: 0,
            emails,
            workers,
            troubles,
            next_owner: 1,
            next_id: 1,
            stored: 0,
            log_visible_until: 0,
            trace: is_traced.then(Vec::new),
            queue: BinaryHeap::new(),
            happenings: Vec::new(),
        };
        for worker in 0..world.workers.len() {
            world.push(0, worker, Happening::Start);
        }
        world
    }

    /// Runs it to its end, and says what went wrong.
    pub fn run(mut self) -> Finished {
        let mut problem = None;
        while let Some(Reverse((at, index))) = self.queue.pop() {
            if index > MAX_HAPPENINGS {
                problem = Some("it does not end".to_owned());
                break;
            }
            self.now = self.now.max(at);
            self.make_trouble();
            let Some((worker, generation, happening)) = self.happenings[index].take() else { continue };
            self.happen(worker, generation, happening);
        }
        let problem = problem.or_else(|| self.emails.iter().find_map(|email| self.problem(email)));
        Finished { problem, happened: self.happenings.len(), trace: self.trace, choices: self.choices.into_made() }
    }

    fn happen(&mut self, worker: usize, generation: u32, happening: Happening) {
        if let Happening::Arrival { email, id, is_refused } = happening {
            return self.arrive(email, id, is_refused);
        }
        if self.workers[worker].generation != generation {
            return; // its process has died
        }
        if self.workers[worker].frozen_until > self.now {
            return self.push(self.workers[worker].frozen_until - self.now, worker, happening);
        }
        match happening {
            Happening::Start => self.start(worker),
            Happening::Tick => self.tick(worker),
            Happening::Ticked(claims) => self.ticked(worker, claims),
            Happening::Write(claim) => self.write(worker, claim),
            Happening::Response(claim, event) => self.complete(worker, claim, event),
            Happening::SearchEvidence(claim) => self.search_evidence(worker, claim),
            Happening::Search(claim, evidence) => self.search(worker, claim, evidence),
            Happening::Arrival { .. } => {}
        }
    }

    /// Makes it happen after this delay.
    pub fn push(&mut self, delay: Millis, worker: usize, happening: Happening) {
        let generation = self.workers[worker].generation;
        self.queue.push(Reverse((self.now + delay, self.happenings.len())));
        self.happenings.push(Some((worker, generation, happening)));
    }

    /// The ledger's clock.
    pub fn clock(&self) -> Time {
        Time::from_micros((1_000_000_000 + self.now + self.clock_ahead) * 1000)
    }

    /// Whether something goes wrong here, once in `count` times, as long as something may.
    pub fn is_trouble(&mut self, count: u32) -> bool {
        let is_trouble = self.troubles > 0 && self.choices.once_in(count);
        self.troubles -= u32::from(is_trouble);
        is_trouble
    }

    pub fn say(&mut self, text: impl FnOnce(&Self) -> String) {
        if self.trace.is_some() {
            let line = format!("{:>9.3} s  {}", self.now as f64 / 1000.0, text(self));
            self.trace.iter_mut().for_each(|trace| trace.push(line.clone()));
        }
    }
}

/// A schedule that ended.
pub struct Finished {
    pub problem: Option<String>,
    pub happened: usize,
    pub trace: Option<Vec<String>>,
    pub choices: Vec<u32>,
}

fn email(index: u32, assumptions: Assumptions, choices: &mut Choices) -> Email {
    #[expect(clippy::expect_used, reason = "digits are a key")]
    let key = IdempotencyKey::new(&index.to_string()).expect("a key of digits");
    let start = Time::from_micros(1_000_000_000_000);
    let mut record = Record::new(i64::from(index), key, start);
    let policy = choices.one_of(&[None, Some(60), Some(120)]);
    if let (Some(wait), false) = (policy, assumptions == Assumptions::None) {
        record.on_missing = OnMissing::ResendAfter(Duration::from_secs(wait));
    }
    let wait = choices.one_of(&[0, 0, 35, 100]);
    record.progress.due = Some(start.after(Duration::from_secs(wait)));
    let lasts = choices.one_of(&[None, None, None, Some(100), Some(300)]);
    record.expires_at = lasts.map(|seconds| start.after(Duration::from_secs(seconds)));
    Email {
        record,
        log: Vec::new(),
        is_known_accepted: false,
        evidence: None,
        is_resent_by_decision: false,
        is_resent_without_traffic: false,
        is_cancelled_before_doubt: false,
    }
}
