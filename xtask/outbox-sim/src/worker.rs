//! What a worker, the server and its logs do.

use std::time::Duration;

use cakemail_model::EmailId;
use cakemail_outbox::state::{Event, Evidence, Reason, Remote};

use crate::machine::Fault;
use crate::world::{Assumptions, Claim, Completed, Entry, Happening, Millis, SECOND, World};

/// A worker waits this long for a response.
const DEADLINE: Millis = 10 * SECOND;
/// The longest time from a write to the server's acceptance, while the assumptions are kept: less than half of the settle
/// time.
const LONGEST_ARRIVAL: Millis = 25 * SECOND;
const HOUR: Millis = 3600 * SECOND;

impl World {
    pub fn start(&mut self, worker: usize) {
        self.workers[worker].is_alive = true;
        self.say(|_| format!("worker {worker} starts"));
        self.tick_after(worker, 0);
    }

    /// Begins a transaction after this delay, unless one begins before, or runs.
    pub fn tick_after(&mut self, worker: usize, delay: Millis) {
        let (at, state) = (self.now + delay, &mut self.workers[worker]);
        if state.is_alive && !state.is_in_transaction && state.next_tick.is_none_or(|next| at < next) {
            state.next_tick = Some(at);
            self.push(delay, worker, Happening::Tick);
        }
    }

    /// Lets all workers look at the ledger.
    pub fn wake(&mut self) {
        for worker in 0..self.workers.len() {
            self.tick_after(worker, 100);
        }
    }

    /// The worker learns what its transaction came to.
    pub fn ticked(&mut self, worker: usize, claims: Option<Vec<Claim>>) {
        self.workers[worker].is_in_transaction = false;
        let Some(claims) = claims else {
            self.workers[worker].is_unsure = true;
            return self.tick_after(worker, SECOND);
        };
        let sent = self.workers[worker].sent;
        let completed: Vec<_> = self.workers[worker].completed.drain(..sent).collect();
        self.workers[worker].in_flight.retain(|claim| completed.iter().all(|done| done.claim != *claim));
        for claim in claims {
            self.workers[worker].in_flight.push(claim);
            let delay = self.delay();
            let first = match claim.is_look {
                true if self.machine.has(Fault::EvidenceLast) => Happening::Search(claim, None),
                true => Happening::SearchEvidence(claim),
                false => Happening::Write(claim),
            };
            self.push(delay, worker, first);
        }
        if !self.is_idle() {
            // What is due and was not claimed is held by a worker that lives, or there was no room.
            let wait = self.first_due().filter(|wait| *wait > 0).unwrap_or(10 * SECOND);
            let has_results = !self.workers[worker].completed.is_empty();
            self.tick_after(worker, if has_results { 10 } else { wait.clamp(100, 100 * SECOND) });
        }
    }

    /// The gate, and then the network and the server: when the request arrives, if it does, and what the worker sees.
    pub fn write(&mut self, worker: usize, claim: Claim) {
        if self.now > claim.send_by && !self.machine.has(Fault::NoGate) {
            self.say(|_| format!("worker {worker}: the gate is shut for email {}", claim.email));
            let events = [not_sent("GateShut", None), lost("GateShut")];
            let event = events[self.choices.below(2) as usize].clone();
            return self.complete(worker, claim, event);
        }
        let id = self.next_id;
        self.next_id += 1;
        if self.is_trouble(12) {
            self.say(|_| format!("worker {worker}: the request for email {} is lost", claim.email));
            return self.push(DEADLINE, worker, Happening::Response(claim, lost("ConnectionLost")));
        }
        let arrival = self.arrival();
        self.say(|_| format!("worker {worker}: writes email {} with the id {id}", claim.email));
        let mut event = Event::Accepted(Remote::new(EmailId::new(id.to_string())));
        let mut is_refused = false;
        if self.is_trouble(12) {
            event = match self.choices.below(5) {
                0 => not_sent("TooManyRequests", Some(Duration::from_secs(20))),
                1 => not_sent("NotProcessed", None),
                2 => Event::Refused(Reason::new("BadRequest", "")),
                3 => lost("Unreadable"),
                _ => {
                    is_refused = true;
                    lost("Unreadable")
                }
            };
        }
        if matches!(event, Event::Accepted(_) | Event::Lost(_)) {
            self.push(arrival, worker, Happening::Arrival { email: claim.email, id, is_refused });
        }
        let response = arrival + self.delay();
        if response > DEADLINE || self.is_trouble(8) {
            event = lost("ResponseLost");
        }
        self.push(response.min(DEADLINE), worker, Happening::Response(claim, event));
    }

    fn arrival(&mut self) -> Millis {
        if self.assumptions == Assumptions::None && self.is_trouble(8) {
            return self.choices.one_of(&[DEADLINE, 100 * SECOND, HOUR]);
        }
        match self.is_trouble(8) {
            true => self.choices.one_of(&[2 * SECOND, DEADLINE, LONGEST_ARRIVAL]),
            false => 20,
        }
    }

    /// The server has the request. Its log shows it later.
    pub fn arrive(&mut self, email: usize, id: u32, is_refused: bool) {
        let late: &[Millis] = match self.assumptions {
            Assumptions::Kept => &[SECOND, 10 * SECOND, 20 * SECOND],
            Assumptions::LateLogs | Assumptions::None => &[20 * SECOND, 150 * SECOND, 2000 * SECOND],
        };
        let lag = if self.is_trouble(6) { self.choices.one_of(late) } else { 0 };
        let mut visible_at = self.now + lag;
        if self.assumptions != Assumptions::None {
            visible_at = visible_at.max(self.log_visible_until);
            self.log_visible_until = visible_at;
        }
        self.emails[email].log.push(Entry { id, is_refused, visible_at });
        self.say(|_| {
            let verb = if is_refused { "refuses" } else { "accepts" };
            format!("the server {verb} email {email} with the id {id}; its log shows it after {} s", lag / SECOND)
        });
    }

    /// Whether the logs have an email that was accepted after the doubt. It is searched before the email in doubt.
    pub fn search_evidence(&mut self, worker: usize, claim: Claim) {
        let evidence = self.evidence(claim);
        let delay = self.delay();
        self.push(delay, worker, Happening::Search(claim, Some(evidence)));
    }

    fn evidence(&self, claim: Claim) -> Evidence {
        let record = &self.emails[claim.email].record;
        let after = match self.machine.has(Fault::EarlyEvidence) {
            true => record.progress.doubt,
            false => record.evidence_after(&self.machine.rules),
        };
        let Some(after) = after else { return Evidence::NoTraffic };
        let others = self.emails.iter().filter_map(|email| {
            let (since, order) = email.evidence.filter(|(since, _)| *since >= after)?;
            Some((order, since, email))
        });
        match others.min_by_key(|(order, ..)| *order) {
            None => Evidence::NoTraffic,
            Some((.., email)) if email.log.iter().any(|entry| entry.visible_at <= self.now) => Evidence::CaughtUp,
            Some(_) => Evidence::Behind,
        }
    }

    pub fn search(&mut self, worker: usize, claim: Claim, evidence: Option<Evidence>) {
        let delay = self.delay();
        if self.is_trouble(8) {
            let event = Event::LookFailed(Reason::new("ServerError", ""));
            return self.push(delay, worker, Happening::Response(claim, event));
        }
        let seen: Vec<_> = self.emails[claim.email].log.iter().filter(|entry| entry.visible_at <= self.now).collect();
        let event = match (seen.iter().find(|entry| !entry.is_refused), seen.first(), evidence) {
            (Some(accepted), ..) => Event::Accepted(Remote::new(EmailId::new(accepted.id.to_string()))),
            (None, Some(_), _) => Event::Refused(Reason::new("Refused", "")),
            (None, None, Some(evidence)) => Event::NotFound(evidence),
            (None, None, None) => {
                self.now += delay;
                Event::NotFound(self.evidence(claim))
            }
        };
        self.say(|_| format!("worker {worker}: searches the logs for email {}: {event:?}", claim.email));
        self.push(delay, worker, Happening::Response(claim, event));
    }

    pub fn complete(&mut self, worker: usize, claim: Claim, event: Event) {
        self.workers[worker].completed.push(Completed { claim, event });
        self.tick_after(worker, 10);
    }

    /// How long something takes that usually takes milliseconds.
    pub fn delay(&mut self) -> Millis {
        match self.is_trouble(24) {
            true => self.choices.one_of(&[SECOND, 8 * SECOND, 40 * SECOND, 100 * SECOND, 400 * SECOND]),
            false => 10,
        }
    }

    /// A process dies or stops, a lock is lost, the clock steps, or someone decides.
    pub fn make_trouble(&mut self) {
        if !self.is_trouble(24) {
            return;
        }
        let worker = self.choices.below(self.workers.len() as u32) as usize;
        match self.choices.below(5) {
            0 => self.step_clock(),
            1 => self.freeze(worker),
            2 => {
                self.say(|_| format!("worker {worker} loses its lock"));
                self.workers[worker].has_lock = false;
            }
            3 => self.crash(worker),
            _ => {
                let email = self.choices.below(self.emails.len() as u32) as usize;
                self.decide(email);
            }
        }
    }

    fn step_clock(&mut self) {
        self.clock_ahead = match self.assumptions {
            Assumptions::Kept => self.choices.one_of(&[0, 5 * SECOND, -5 * SECOND]),
            Assumptions::LateLogs => 0,
            Assumptions::None => self.choices.one_of(&[0, 100 * SECOND, -100 * SECOND, HOUR, -HOUR]),
        };
        self.say(|world| format!("the ledger's clock is {} s ahead", world.clock_ahead / SECOND));
    }

    fn freeze(&mut self, worker: usize) {
        let wait = self.choices.one_of(&[5 * SECOND, 40 * SECOND, 100 * SECOND, 400 * SECOND]);
        self.say(|_| format!("worker {worker} stops for {} s", wait / SECOND));
        self.workers[worker].frozen_until = self.now + wait;
    }

    fn crash(&mut self, worker: usize) {
        let wait = self.choices.one_of(&[SECOND, 40 * SECOND, 200 * SECOND]);
        self.say(|_| format!("worker {worker} dies"));
        let generation = self.workers[worker].generation + 1;
        self.workers[worker] = crate::world::Worker { generation, ..Default::default() };
        self.push(wait, worker, Happening::Start);
    }
}

fn not_sent(kind: &str, retry_after: Option<Duration>) -> Event {
    Event::NotSent { reason: Reason::new(kind, ""), retry_after }
}

fn lost(kind: &str) -> Event {
    Event::Lost(Reason::new(kind, ""))
}
