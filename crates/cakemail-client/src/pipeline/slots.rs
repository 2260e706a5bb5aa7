//! The slots in which spaced requests are sent, and the requests that wait for one.
//!
//! This is a generic cell rate algorithm (GCRA): its state is the time of the next slot. Requests wait in two lanes,
//! which take turns, and in the order of their arrival within a lane. Nobody owns a slot before sending: a waiting
//! request whose future is no longer polled misses its turn, and after a short grace the next one takes the slot.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

use crate::time;

/// Which requests a request waits with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    /// Reads and requests for tokens: held-back sends do not delay them.
    Reads,
    /// All other requests.
    Writes,
}

impl Lane {
    fn other(self) -> Self {
        match self {
            Self::Reads => Self::Writes,
            Self::Writes => Self::Reads,
        }
    }
}

/// A timer that fires late by up to this much does not lower the rate: timers are coarse.
const TIMER_TOLERANCE: Duration = Duration::from_millis(10);
/// The longest time for which a slot is left to a request that misses its turn.
const MAX_GRACE: Duration = Duration::from_millis(100);

/// The time of the next slot and the waiting requests. `W` wakes one of these.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Slots<W> {
    next_slot: Instant,
    /// No slot is before this.
    resume_at: Instant,
    /// The lane of the last slot.
    last: Lane,
    /// The number of the last slot. It is never zero, so that an optional slot is small.
    last_number: NonZeroU32,
    /// The next slot and the lane before the last slot was taken, until it is given back.
    before: Option<(Instant, Lane)>,
    reads: Queue<W>,
    writes: Queue<W>,
}

/// The requests that wait in one lane, by ticket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Queue<W> {
    next_ticket: u64,
    waiting: BTreeMap<u64, W>,
}

/// A request's place in its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Ticket {
    lane: Lane,
    number: u64,
}

/// A slot that a request was sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    number: NonZeroU32,
}

impl<W: Clone> Slots<W> {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            next_slot: now,
            resume_at: now,
            last: Lane::Writes,
            last_number: NonZeroU32::MIN,
            before: None,
            reads: Queue::new(),
            writes: Queue::new(),
        }
    }

    /// Takes the next slot if it is due and no request waits for it.
    pub(super) fn take_now(&mut self, lane: Lane, interval: Duration, now: Instant) -> Option<Slot> {
        let is_free = self.reads.waiting.is_empty() && self.writes.waiting.is_empty() && now >= self.next_slot;
        is_free.then(|| self.advance(lane, now, interval))
    }

    /// The last place in a lane.
    pub(super) fn join(&mut self, lane: Lane) -> Ticket {
        let queue = self.queue(lane);
        queue.next_ticket += 1;
        Ticket { lane, number: queue.next_ticket }
    }

    /// Takes the next slot if it is the ticket's turn. Otherwise returns when to try again, or sooner when `waker` is
    /// woken.
    pub(super) fn take(
        &mut self,
        ticket: Ticket,
        waker: &W,
        interval: Duration,
        now: Instant,
    ) -> Result<Slot, Instant> {
        let Ticket { lane, number } = ticket;
        self.queue(lane).waiting.insert(number, waker.clone());
        let due = time::add(self.next_slot, interval.min(MAX_GRACE).saturating_mul(self.requests_ahead(ticket)));
        if now < due {
            return Err(due);
        }
        // Requests that missed their turn are not counted until they try again.
        let queue = self.queue(lane);
        queue.waiting = queue.waiting.split_off(&(number + 1));
        if self.last == lane {
            self.queue(lane.other()).waiting.pop_first();
        }
        // The next slot counts from this one and not from now, so that a late timer does not lower the rate.
        let slot = now.checked_sub(TIMER_TOLERANCE).unwrap_or(now).max(self.next_slot);
        Ok(self.advance(lane, slot, interval))
    }

    /// Gives back the slot of a request that was not sent. Returns whether the next slot is sooner: it is if this slot was
    /// the last one. An earlier one cannot be used any more, because a request that was sent follows it too closely.
    pub(super) fn give_back(&mut self, slot: Slot) -> bool {
        let Some((next_slot, lane)) = self.before.take_if(|_| slot.number == self.last_number) else { return false };
        self.next_slot = next_slot.max(self.resume_at);
        self.last = lane;
        true
    }

    /// Takes a cancelled request out of its lane. Returns whether others move up.
    pub(super) fn leave(&mut self, ticket: Ticket) -> bool {
        let waiting = &mut self.queue(ticket.lane).waiting;
        let is_first = waiting.first_key_value().is_some_and(|(first, _)| *first == ticket.number);
        waiting.remove(&ticket.number);
        is_first
    }

    /// Leaves no slot before `until`.
    pub(super) fn pause(&mut self, until: Instant) {
        self.resume_at = self.resume_at.max(until);
        self.next_slot = self.next_slot.max(until);
    }

    /// The first request of each lane: it is woken when it moves up.
    pub(super) fn first(&self) -> [Option<W>; 2] {
        [&self.reads, &self.writes].map(|queue| queue.waiting.first_key_value().map(|(_, waker)| waker.clone()))
    }

    fn advance(&mut self, lane: Lane, slot: Instant, interval: Duration) -> Slot {
        self.before = Some((self.next_slot, self.last));
        self.last = lane;
        self.next_slot = time::add(slot, interval);
        self.last_number = self.last_number.checked_add(1).unwrap_or(NonZeroU32::MIN);
        Slot { number: self.last_number }
    }

    /// How many requests have their turn before the ticket. Too high when requests between them were cancelled.
    fn requests_ahead(&mut self, Ticket { lane, number }: Ticket) -> u32 {
        let first = self.queue(lane).waiting.first_key_value().map_or(number, |(first, _)| *first);
        let in_lane = number - first;
        // The lanes take turns: the other one has as many turns as this one, and one more if this one was last.
        let turns = in_lane + u64::from(self.last == lane);
        let in_other_lane = turns.min(self.queue(lane.other()).waiting.len() as u64);
        u32::try_from(in_lane + in_other_lane).unwrap_or(u32::MAX)
    }

    fn queue(&mut self, lane: Lane) -> &mut Queue<W> {
        match lane {
            Lane::Reads => &mut self.reads,
            Lane::Writes => &mut self.writes,
        }
    }
}

impl<W> Queue<W> {
    fn new() -> Self {
        Self { next_ticket: 0, waiting: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Lane, MAX_GRACE, Slot, Slots, TIMER_TOLERANCE, Ticket};

    /// Twice the grace, so that a missed turn costs half an interval.
    const INTERVAL: Duration = Duration::from_millis(200);
    const TICK: Duration = Duration::from_millis(100);
    const PAUSE: Duration = Duration::from_millis(300);
    const LANES: [Lane; 4] = [Lane::Writes, Lane::Reads, Lane::Writes, Lane::Writes];

    #[derive(Clone, PartialEq, Eq, Hash)]
    enum Request {
        New,
        Waiting {
            ticket: Ticket,
            due: Instant,
            woken: bool,
        },
        /// Its slot, when it was sent, and its ticket if it waited.
        Sent(Slot, Instant, Option<Ticket>),
        NotSent,
        Cancelled,
    }

    /// All requests and the clock: everything that the order of events can change.
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Model {
        now: Instant,
        slots: Slots<usize>,
        requests: [Request; 4],
        /// When the requests would have been sent if no slot had been given back: those behind the first are not woken.
        known_slot: Instant,
        /// Whether one of the requests may turn out not to be sent.
        may_fail: bool,
        paused_until: Option<Instant>,
    }

    impl Model {
        fn new(now: Instant, may_fail: bool) -> Self {
            // With failures there are three requests, so that there are not too many orders to try.
            let last = if may_fail { Request::Cancelled } else { Request::New };
            let requests = [Request::New, Request::New, Request::New, last];
            Self { now, slots: Slots::new(now), requests, known_slot: now, may_fail, paused_until: None }
        }

        /// Whether a runtime polls the request now.
        fn is_ready(&self, request: usize) -> bool {
            match self.requests[request] {
                Request::New => true,
                Request::Waiting { due, woken, .. } => woken || due <= self.now,
                Request::Sent(..) | Request::NotSent | Request::Cancelled => false,
            }
        }

        fn due(&self, request: usize) -> Option<Instant> {
            match self.requests[request] {
                Request::Waiting { due, .. } => Some(due),
                _ => None,
            }
        }

        fn is_unfinished(&self, request: usize) -> bool {
            matches!(self.requests[request], Request::New | Request::Waiting { .. })
        }

        fn poll(&mut self, request: usize) {
            let ticket = match self.requests[request] {
                Request::Waiting { ticket, .. } => ticket,
                _ => match self.slots.take_now(LANES[request], INTERVAL, self.now) {
                    Some(slot) => return self.send(request, slot, None),
                    None => self.slots.join(LANES[request]),
                },
            };
            match self.slots.take(ticket, &request, INTERVAL, self.now) {
                Ok(slot) => {
                    self.send(request, slot, Some(ticket));
                    self.wake_first();
                }
                Err(due) => self.requests[request] = Request::Waiting { ticket, due, woken: false },
            }
        }

        fn send(&mut self, request: usize, slot: Slot, ticket: Option<Ticket>) {
            for request in &self.requests {
                let Request::Sent(_, at, _) = request else { continue };
                assert!(self.now >= *at + INTERVAL - TIMER_TOLERANCE, "two requests are too close");
            }
            assert!(self.paused_until.is_none_or(|until| self.now >= until), "a request was sent in the pause");
            self.requests[request] = Request::Sent(slot, self.now, ticket);
        }

        /// A request turns out not to be sent. With `waits_again` it wants another slot.
        fn give_back(&mut self, request: usize, waits_again: bool) {
            let Request::Sent(slot, _, ticket) = self.requests[request] else { panic!("it was not sent") };
            self.may_fail = false;
            self.requests[request] = match ticket.filter(|_| waits_again) {
                Some(ticket) => Request::Waiting { ticket, due: self.now, woken: true },
                None => Request::NotSent,
            };
            let dues = (0..4).filter_map(|request| self.due(request));
            self.known_slot = dues.chain([self.known_slot, self.slots.next_slot]).max().unwrap();
            if self.slots.give_back(slot) {
                let unused = self
                    .requests
                    .iter()
                    .all(|request| !matches!(request, Request::Sent(other, ..) if other.number > slot.number));
                assert!(unused, "a slot before one in use was given back");
                self.wake_first();
            }
        }

        fn cancel(&mut self, request: usize) {
            if let Request::Waiting { ticket, .. } = self.requests[request]
                && self.slots.leave(ticket)
            {
                self.wake_first();
            }
            self.requests[request] = Request::Cancelled;
        }

        fn wake_first(&mut self) {
            for request in self.slots.first().into_iter().flatten() {
                if let Request::Waiting { woken, .. } = &mut self.requests[request] {
                    *woken = true;
                }
            }
        }

        fn pause(&mut self) {
            self.paused_until = Some(self.now + PAUSE);
            self.slots.pause(self.now + PAUSE);
        }

        /// Every event that can be the next one.
        fn successors(&self) -> Vec<Self> {
            let after = |event: &dyn Fn(&mut Self)| {
                let mut next = self.clone();
                event(&mut next);
                next
            };
            let unfinished = (0..4).filter(|request| self.is_unfinished(*request));
            let mut successors: Vec<_> = unfinished.map(|request| after(&|next| next.cancel(request))).collect();
            let ready = (0..4).filter(|request| self.is_ready(*request));
            successors.extend(ready.map(|request| after(&|next| next.poll(request))));
            if self.may_fail {
                let sent = (0..4).filter(|request| matches!(self.requests[*request], Request::Sent(..)));
                for request in sent {
                    successors.push(after(&|next| next.give_back(request, false)));
                    successors.push(after(&|next| next.give_back(request, true)));
                }
            }
            successors.push(after(&|next| next.now += TICK));
            if self.paused_until.is_none() {
                successors.push(after(&Self::pause));
            }
            successors
        }

        /// Polls some of the requests when a runtime would, and never the others. Panics unless the polled ones are sent
        /// in time: one in each slot if all are polled, and otherwise later by at most one grace for each other request.
        fn finish(mut self, is_polled: impl Fn(usize) -> bool) {
            let unfinished: Vec<_> = (0..4).filter(|request| self.is_unfinished(*request)).collect();
            let polled: Vec<_> = unfinished.iter().copied().filter(|request| is_polled(*request)).collect();
            let is_all = polled.len() == unfinished.len();
            let missed_turns = if is_all { 0 } else { u32::try_from(4 - polled.len()).unwrap() };
            let waits = u32::try_from(polled.len().saturating_sub(1)).unwrap();
            let latest =
                self.now.max(self.slots.next_slot).max(self.known_slot) + INTERVAL * waits + MAX_GRACE * missed_turns;
            while polled.iter().any(|request| self.is_unfinished(*request)) {
                assert!(self.now <= latest, "a slot was lost");
                match polled.iter().find(|request| self.is_ready(**request)) {
                    Some(request) => self.poll(*request),
                    None => self.now = polled.iter().filter_map(|request| self.due(*request)).min().unwrap(),
                }
            }
        }
    }

    #[test]
    fn in_every_order_of_events_requests_keep_their_distance_and_no_slot_is_lost() {
        let start = Instant::now();
        let (mut seen, mut to_visit) = (HashSet::new(), vec![Model::new(start, false), Model::new(start, true)]);
        while let Some(model) = to_visit.pop() {
            if model.now > start + 3 * TICK || !seen.insert(model.clone()) {
                continue;
            }
            for polled in 1..16 {
                model.clone().finish(|request| polled & (1 << request) != 0);
            }
            to_visit.extend(model.successors());
        }
        println!("{} states", seen.len());
    }
}
