//! What the ledger does in a worker's transaction, as both engines do: the state machine decides, and each change is atomic.

use cakemail_outbox::state::{Decision, Event, Evidence, Remote, State, Step};
use cakemail_outbox::{Owner, Time};

use crate::machine::Fault;
use crate::world::{Claim, Completed, Happening, Millis, SECOND, World};

/// The most emails that a worker claims at once.
const ROOM: usize = 3;
/// The gate shuts this long before the lease ends.
const MARGIN: Millis = SECOND;

impl World {
    /// A worker's transaction, and when it learns the result.
    pub fn tick(&mut self, worker: usize) {
        let state = &mut self.workers[worker];
        if state.is_in_transaction || state.next_tick.is_none_or(|next| self.now < next) {
            return; // it was brought forward
        }
        (state.next_tick, state.is_in_transaction, state.sent) = (None, true, state.completed.len());
        if !self.workers[worker].has_lock {
            self.take_lock(worker);
        }
        let delay = self.delay();
        if self.is_trouble(16) {
            self.say(|_| format!("worker {worker}: the transaction fails"));
            return self.push(delay, worker, Happening::Ticked(None));
        }
        if self.workers[worker].is_unsure {
            self.release_unknown(worker);
        }
        // The worker read its own clock before the transaction, perhaps long before.
        let read = self.now - self.choices.one_of(&[0, 10, 2 * SECOND, 20 * SECOND]);
        let completed = self.workers[worker].completed.clone();
        let touched: Vec<usize> = completed.iter().map(|done| self.store(worker, done)).collect();
        let claims = self.claim_due(worker, &touched, read);
        if self.is_trouble(16) {
            self.say(|_| format!("worker {worker}: the transaction commits, and the response is lost"));
            return self.push(delay, worker, Happening::Ticked(None));
        }
        self.push(delay, worker, Happening::Ticked(Some(claims)));
    }

    fn take_lock(&mut self, worker: usize) {
        self.workers[worker].owner = self.next_owner;
        self.workers[worker].has_lock = true;
        self.next_owner += 1;
    }

    /// Gives back the claims of which the worker has not heard.
    fn release_unknown(&mut self, worker: usize) {
        let owner = Owner(self.workers[worker].owner);
        for email in 0..self.emails.len() {
            let progress = &self.emails[email].record.progress;
            let mut known = self.workers[worker].in_flight.iter();
            let is_by_id = self.machine.has(Fault::KeepsById);
            let is_known = known.any(|claim| claim.email == email && (is_by_id || claim.epoch == progress.epoch));
            let is_held = matches!(progress.state, State::Dispatching { owner: holder, .. } if holder == owner);
            if is_held && (!is_known || self.machine.has(Fault::ReleasesAll)) {
                let epoch = progress.epoch;
                self.say(|_| format!("worker {worker}: gives back email {email}"));
                self.apply(email, epoch, &Event::Released);
            }
        }
        self.workers[worker].is_unsure = false;
    }

    fn store(&mut self, worker: usize, done: &Completed) -> usize {
        let Completed { claim, event } = done;
        let is_first = self.emails[claim.email].record.progress.doubt.is_none();
        let changed = self.apply(claim.email, claim.epoch, event);
        let state = self.emails[claim.email].record.progress.state.name();
        self.say(|_| {
            let stale = if changed { "" } else { ", which changes nothing" };
            format!(
                "worker {worker}: stores {event:?} of email {} (epoch {}){stale}: {state}",
                claim.email, claim.epoch
            )
        });
        if matches!(event, Event::Accepted(_)) {
            self.emails[claim.email].is_known_accepted = true;
            if changed && is_first && !claim.is_look {
                self.stored += 1;
                self.emails[claim.email].evidence = Some((claim.since, self.stored));
            }
        }
        claim.email
    }

    /// Applies what a claim came to. Returns whether it changed anything.
    fn apply(&mut self, email: usize, epoch: i64, event: &Event) -> bool {
        let now = self.clock();
        let record = &self.emails[email].record;
        let Some(progress) = self.machine.complete(record, epoch, event, now) else { return false };
        if progress.state == State::Queued && *event == Event::NotFound(Evidence::NoTraffic) {
            self.emails[email].is_resent_without_traffic = true;
        }
        self.emails[email].record.progress = progress;
        true
    }

    /// Claims what is due: emails in doubt first.
    fn claim_due(&mut self, worker: usize, touched: &[usize], read: Millis) -> Vec<Claim> {
        let (mut claims, now) = (Vec::new(), self.clock());
        let room = ROOM.saturating_sub(self.workers[worker].in_flight.len());
        for is_queued in [false, true] {
            for email in 0..self.emails.len() {
                let state = &self.emails[email].record.progress.state;
                let is_held = match state {
                    State::Dispatching { owner, .. } => self.is_locked(*owner),
                    state => is_queued != (*state == State::Queued),
                };
                if is_held || touched.contains(&email) || claims.len() >= room {
                    continue;
                }
                claims.extend(self.claim(worker, email, now, read));
            }
        }
        claims
    }

    fn claim(&mut self, worker: usize, email: usize, now: Time, read: Millis) -> Option<Claim> {
        let owner = Owner(self.workers[worker].owner);
        let progress = self.machine.claim(&self.emails[email].record, owner, now)?;
        let (epoch, claimed) = (progress.epoch, progress.state.clone());
        self.emails[email].record.progress = progress;
        let State::Dispatching { step, since, .. } = claimed else {
            self.say(|_| format!("worker {worker}: email {email} expired: {}", claimed.name()));
            return None;
        };
        self.say(|_| format!("worker {worker}: claims email {email} (epoch {epoch}, {step:?})"));
        let send_by = read + self.machine.rules.lease.as_millis() as Millis - MARGIN;
        Some(Claim { email, epoch, is_look: step == Step::Look, since, send_by })
    }

    fn is_locked(&self, owner: Owner) -> bool {
        self.workers.iter().any(|worker| worker.has_lock && worker.owner == owner.0)
    }

    /// Someone decides about an email.
    pub fn decide(&mut self, email: usize) {
        let accepted = self.emails[email].log.iter().find(|entry| !entry.is_refused);
        let id = accepted.map(|entry| Remote::new(cakemail_model::EmailId::new(entry.id.to_string())));
        let decision = match (self.choices.below(4), id) {
            (0, _) => Decision::Look,
            (1, _) => Decision::Cancel,
            (2, Some(remote)) => Decision::MarkAccepted(remote),
            _ => Decision::Resend,
        };
        let now = self.clock();
        let decided = &mut self.emails[email];
        let Some(progress) = self.machine.decide(&decided.record, &decision, now) else { return };
        decided.is_resent_by_decision |= decision == Decision::Resend;
        decided.is_cancelled_before_doubt = decision == Decision::Cancel && progress.doubt.is_none();
        decided.record.progress = progress;
        self.say(|_| format!("someone decides: {decision:?} of email {email}"));
        self.wake();
    }

    /// When the email that is due first is due, if one is.
    pub fn first_due(&self) -> Option<Millis> {
        let due = self.emails.iter().filter_map(|email| email.record.progress.due).min()?;
        Some((due.as_micros() - self.clock().as_micros()) / 1000)
    }

    /// Whether nothing is to be done any more.
    pub fn is_idle(&self) -> bool {
        self.emails.iter().all(|email| email.record.progress.due.is_none())
            && self.workers.iter().all(|worker| worker.completed.is_empty() && worker.in_flight.is_empty())
    }
}
