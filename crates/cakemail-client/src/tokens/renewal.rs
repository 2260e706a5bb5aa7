//! The renewal under way and the callers who wait for it, as a state machine without I/O.
//!
//! A renewal is a future that belongs to no caller. A caller takes it, polls it outside of the lock, and puts it back;
//! when it is woken, all callers are. So a caller that is dropped, or that is never polled again, holds nothing back.
//! When the runtime that a renewal was started on is idle, its timers and sockets are too, and nobody can poll it on:
//! it shows no sign of life, and a caller on another runtime abandons it.

use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

/// `F` is the future of a renewal, `R` its result, and `W` wakes a caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Renewal<F, R, W> {
    /// How many renewals were started: the number of the current one.
    number: u64,
    phase: Phase<F, R>,
    /// Whether the future was woken after its last poll began.
    woken: bool,
    /// Counts the heartbeats of all renewals.
    heartbeats: u64,
    next_ticket: u64,
    callers: BTreeMap<u64, Option<W>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Phase<F, R> {
    /// No caller polls the future at the moment.
    Suspended(F),
    /// A caller has taken the future and polls it.
    Polled,
    /// The result is kept until the last caller has left.
    Ended(R),
    /// There is no renewal: none was started, or it was abandoned, or all callers know its result.
    None,
}

/// A caller, and the renewal that it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Caller {
    number: u64,
    ticket: u64,
}

/// What a caller does next.
pub(super) enum Turn<F, R> {
    /// It polls the future, and then calls [`Renewal::put_back`] or [`Renewal::end`].
    Poll(F),
    /// It waits until it is woken.
    Wait,
    /// Its renewal has ended.
    Ended(R),
    /// Its renewal was abandoned.
    Abandoned,
}

impl<F, R: Clone, W: Clone> Renewal<F, R, W> {
    pub(super) fn new() -> Self {
        Self { number: 0, phase: Phase::None, woken: false, heartbeats: 0, next_ticket: 0, callers: BTreeMap::new() }
    }

    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.phase, Phase::Suspended(_) | Phase::Polled)
    }

    /// Starts a renewal. None is under way.
    pub(super) fn start(&mut self, future: F) {
        self.number += 1;
        self.phase = Phase::Suspended(future);
        self.woken = true;
    }

    /// Adds a caller to the current renewal.
    pub(super) fn join(&mut self) -> Caller {
        self.next_ticket += 1;
        self.callers.insert(self.next_ticket, None);
        Caller { number: self.number, ticket: self.next_ticket }
    }

    /// Sets what wakes a caller. Returns what did before: it may run other code when it is dropped, so drop it without
    /// the lock.
    pub(super) fn register(&mut self, caller: Caller, waker: W) -> Option<W> {
        self.callers.insert(caller.ticket, Some(waker)).flatten()
    }

    /// Gives a caller that has registered its waker the future, if it needs to be polled.
    pub(super) fn turn(&mut self, caller: Caller) -> Turn<F, R> {
        if caller.number != self.number {
            return Turn::Abandoned;
        }
        match std::mem::replace(&mut self.phase, Phase::Polled) {
            Phase::Suspended(future) if self.woken => {
                self.woken = false;
                Turn::Poll(future)
            }
            phase => {
                self.phase = phase;
                match &self.phase {
                    Phase::Ended(result) => Turn::Ended(result.clone()),
                    Phase::None => Turn::Abandoned,
                    Phase::Suspended(_) | Phase::Polled => Turn::Wait,
                }
            }
        }
    }

    /// Puts the future back after a poll in which it did not end. Returns the callers to wake.
    pub(super) fn put_back(&mut self, future: F, had_heartbeat: bool) -> Vec<W> {
        self.phase = Phase::Suspended(future);
        self.heartbeats += u64::from(had_heartbeat);
        // It was woken while it was polled, and the caller that polled it may never poll again.
        if self.woken { self.wakers() } else { Vec::new() }
    }

    /// Ends the renewal after a poll. Returns the callers to wake.
    pub(super) fn end(&mut self, result: R) -> Vec<W> {
        self.phase = Phase::Ended(result);
        self.wakers()
    }

    /// Notes that the future was woken. Returns the callers to wake.
    pub(super) fn wake(&mut self) -> Vec<W> {
        self.woken = true;
        self.wakers()
    }

    /// The number of heartbeats so far.
    pub(super) fn heartbeats(&self) -> u64 {
        self.heartbeats
    }

    /// Whether there was no sign of life since then: no heartbeat, and no poll that is still going on.
    pub(super) fn is_silent_since(&self, heartbeats: u64) -> bool {
        self.heartbeats == heartbeats && matches!(self.phase, Phase::Suspended(_))
    }

    /// Abandons a renewal that has had no heartbeat for the caller's patience. Returns the future, to be dropped without
    /// the lock, and the callers to wake.
    pub(super) fn abandon(&mut self, caller: Caller) -> (Option<F>, Vec<W>) {
        match std::mem::replace(&mut self.phase, Phase::None) {
            Phase::Suspended(future) if caller.number == self.number => (Some(future), self.wakers()),
            phase => {
                self.phase = phase;
                (None, Vec::new())
            }
        }
    }

    /// Removes a caller. Returns what wakes it, to be dropped without the lock.
    pub(super) fn leave(&mut self, caller: Caller) -> Option<W> {
        let waker = self.callers.remove(&caller.ticket).flatten();
        if self.callers.is_empty() && matches!(self.phase, Phase::Ended(_)) {
            self.phase = Phase::None;
        }
        waker
    }

    fn wakers(&self) -> Vec<W> {
        self.callers.values().flatten().cloned().collect()
    }
}
