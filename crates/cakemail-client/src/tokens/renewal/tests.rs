//! Every order of events for three callers on two runtimes, one of which stops.

use std::collections::HashSet;

use super::{Caller, Renewal, Turn};

/// The runtime of each caller. Runtime 0 may stop: then its callers are not polled and its timers and sockets do nothing.
const RUNTIMES: [usize; 3] = [0, 1, 1];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    New,
    /// In the middle of a poll of the renewal, whose result is known already.
    Polling {
        caller: Caller,
        seen: u64,
        poll: Poll,
        woken: bool,
    },
    Waiting {
        caller: Caller,
        seen: u64,
        woken: bool,
    },
    Finished,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Poll {
    Ended,
    Pending { had_heartbeat: bool },
}

/// The sockets and timers of the one renewal that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Sockets {
    number: u8,
    runtime: usize,
    /// Nothing happens before the first poll.
    is_polled: bool,
    has_response: bool,
    has_heartbeat: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Model {
    renewal: Renewal<u8, u8, usize>,
    sockets: Option<Sockets>,
    started: u8,
    has_token: bool,
    is_stopped: bool,
    callers: [State; 3],
    /// Whether there was a heartbeat since a caller began to wait for one.
    heard: [bool; 3],
    /// How many more of these events are tried.
    heartbeats_left: u8,
    timeouts_left: u8,
}

impl Model {
    fn new() -> Self {
        Self {
            renewal: Renewal::new(),
            sockets: None,
            started: 0,
            has_token: false,
            is_stopped: false,
            callers: [State::New; 3],
            heard: [false; 3],
            heartbeats_left: 1,
            timeouts_left: 2,
        }
    }

    fn runs(&self, runtime: usize) -> bool {
        runtime == 1 || !self.is_stopped
    }

    fn runs_caller(&self, index: usize) -> bool {
        self.runs(RUNTIMES[index])
    }

    fn wake(&mut self, callers: Vec<usize>) {
        for caller in callers {
            if let State::Polling { woken, .. } | State::Waiting { woken, .. } = &mut self.callers[caller] {
                *woken = true;
            }
        }
    }

    /// Whether the runtime of a caller would poll it now.
    fn is_ready(&self, index: usize) -> bool {
        let is_ready = matches!(self.callers[index], State::New | State::Waiting { woken: true, .. });
        is_ready && self.runs_caller(index)
    }

    /// Polls a caller, until it waits or has begun to poll the renewal.
    fn poll(&mut self, index: usize) {
        if let State::New = self.callers[index] {
            if self.has_token {
                self.callers[index] = State::Finished;
                return;
            }
            if !self.renewal.is_under_way() {
                self.start(RUNTIMES[index]);
            }
            let seen = self.renewal.heartbeats();
            self.heard[index] = false;
            self.callers[index] = State::Waiting { caller: self.renewal.join(), seen, woken: false };
        }
        let State::Waiting { caller, seen, .. } = self.callers[index] else { panic!("it does not wait") };
        self.renewal.register(caller, index);
        match self.renewal.turn(caller) {
            Turn::Poll(number) => {
                let poll = self.poll_sockets(number);
                self.callers[index] = State::Polling { caller, seen, poll, woken: false };
            }
            Turn::Wait => self.callers[index] = State::Waiting { caller, seen, woken: false },
            Turn::Ended(number) => {
                assert_eq!(u64::from(number), caller.number, "the result of another renewal");
                self.renewal.leave(caller);
                self.callers[index] = State::Finished;
            }
            Turn::Abandoned => {
                self.renewal.leave(caller);
                self.callers[index] = State::New;
                self.poll(index);
            }
        }
    }

    fn start(&mut self, runtime: usize) {
        assert_eq!(self.sockets, None, "two renewals at once");
        self.started += 1;
        let number = self.started;
        self.sockets = Some(Sockets { number, runtime, is_polled: false, has_response: false, has_heartbeat: false });
        self.renewal.start(number);
    }

    fn poll_sockets(&mut self, number: u8) -> Poll {
        let sockets = self.sockets.as_mut().unwrap();
        assert_eq!(sockets.number, number);
        sockets.is_polled = true;
        match sockets.has_response {
            true => Poll::Ended,
            false => Poll::Pending { had_heartbeat: std::mem::take(&mut sockets.has_heartbeat) },
        }
    }

    /// Finishes the poll of the renewal that a caller has begun.
    fn finish_poll(&mut self, index: usize) {
        let State::Polling { caller, seen, poll, woken } = self.callers[index] else { panic!("it does not poll") };
        let number = self.sockets.unwrap().number;
        self.callers[index] = State::Waiting { caller, seen, woken };
        let to_wake = match poll {
            Poll::Pending { had_heartbeat } => {
                self.heard = self.heard.map(|heard| heard || had_heartbeat);
                self.renewal.put_back(number, had_heartbeat)
            }
            Poll::Ended => {
                self.has_token = true;
                self.sockets = None;
                let to_wake = self.renewal.end(number);
                self.renewal.leave(caller);
                self.callers[index] = State::Finished;
                to_wake
            }
        };
        self.wake(to_wake);
    }

    fn cancel(&mut self, index: usize) {
        if let State::Waiting { caller, .. } = self.callers[index] {
            self.renewal.leave(caller);
        }
        self.callers[index] = State::Cancelled;
    }

    /// A caller's patience has ended.
    fn time_out(&mut self, index: usize) {
        let State::Waiting { caller, seen, woken } = self.callers[index] else { panic!("it does not wait") };
        if !self.renewal.is_silent_since(seen) {
            self.callers[index] = State::Waiting { caller, seen: self.renewal.heartbeats(), woken };
            self.heard[index] = false;
            return;
        }
        assert!(!(0..3).any(|index| self.is_polling(index)), "a renewal that is polled was given up");
        assert!(!self.heard[index], "a renewal with a heartbeat was given up");
        let (future, to_wake) = self.renewal.abandon(caller);
        if let Some(number) = future {
            assert_eq!(u64::from(number), caller.number, "the renewal of others was given up");
            assert_eq!(self.sockets.take().unwrap().number, number);
        }
        self.wake(to_wake);
        self.renewal.leave(caller);
        self.callers[index] = State::New;
    }

    /// Something happens to the sockets, if their runtime runs.
    fn receive(&mut self, receive: impl Fn(&mut Sockets)) {
        receive(self.sockets.as_mut().unwrap());
        let to_wake = self.renewal.wake();
        self.wake(to_wake);
    }

    fn is_receiving(&self) -> bool {
        self.sockets.is_some_and(|sockets| self.runs(sockets.runtime) && sockets.is_polled && !sockets.has_response)
    }

    fn is_polling(&self, index: usize) -> bool {
        matches!(self.callers[index], State::Polling { .. })
    }

    fn is_waiting(&self, index: usize) -> bool {
        matches!(self.callers[index], State::Waiting { .. })
    }

    /// Every event that can be the next one.
    fn successors(&self) -> Vec<Self> {
        let after = |event: &dyn Fn(&mut Self)| {
            let mut next = self.clone();
            event(&mut next);
            next
        };
        let mut successors = Vec::new();
        // Callers 1 and 2 are alike, so 1 comes first.
        let callers = if self.callers[1] == State::New { 2 } else { 3 };
        for index in 0..callers {
            if self.is_ready(index) {
                successors.push(after(&|next| next.poll(index)));
            }
            if self.is_polling(index) {
                successors.push(after(&|next| next.finish_poll(index)));
            }
            if matches!(self.callers[index], State::New | State::Waiting { .. }) {
                successors.push(after(&|next| next.cancel(index)));
            }
            if self.is_waiting(index) && self.runs_caller(index) && self.timeouts_left > 0 {
                successors.push(after(&|next| {
                    next.timeouts_left -= 1;
                    next.time_out(index);
                }));
            }
        }
        if self.is_receiving() {
            successors.push(after(&|next| next.receive(|sockets| sockets.has_response = true)));
        }
        if self.is_receiving() && self.heartbeats_left > 0 {
            successors.push(after(&|next| {
                next.heartbeats_left -= 1;
                next.receive(|sockets| sockets.has_heartbeat = true);
            }));
        }
        if !self.is_stopped && !self.is_polling(0) {
            successors.push(after(&|next| next.is_stopped = true));
        }
        successors
    }

    /// Polls some of the callers when their runtimes would, and never the others. Panics unless the polled ones finish,
    /// and without their patience ending unless the renewal's runtime has stopped.
    fn finish(mut self, is_polled: impl Fn(usize) -> bool) {
        let is_polled = |model: &Self, index| is_polled(index) && model.runs_caller(index);
        for _ in 0..100 {
            let polled: Vec<usize> = (0..3).filter(|index| is_polled(&self, *index)).collect();
            if let Some(index) = (0..3).find(|index| self.is_polling(*index)) {
                self.finish_poll(index);
            } else if let Some(index) = polled.iter().find(|index| self.is_ready(**index)) {
                self.poll(*index);
            } else if !polled.iter().any(|index| self.is_waiting(*index)) {
                return;
            } else if self.is_receiving() {
                self.receive(|sockets| sockets.has_response = true);
            } else {
                let has_stopped = self.sockets.is_some_and(|sockets| !self.runs(sockets.runtime));
                assert!(has_stopped, "a wake was lost: {self:?}");
                let index = polled.into_iter().find(|index| self.is_waiting(*index)).unwrap();
                self.time_out(index);
            }
        }
        panic!("a caller hangs: {self:?}");
    }
}

#[test]
fn in_every_order_of_events_every_polled_caller_finishes_and_one_renewal_exists_at_a_time() {
    let (mut seen, mut to_visit) = (HashSet::new(), vec![Model::new()]);
    while let Some(model) = to_visit.pop() {
        if !seen.insert(model.clone()) {
            continue;
        }
        for polled in 1..8 {
            model.clone().finish(|index| polled & (1 << index) != 0);
        }
        to_visit.extend(model.successors());
    }
    println!("{} states", seen.len());
}
