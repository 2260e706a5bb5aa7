//! Runs the model: its state on a clock, changed by commands, which a journal records when the state is kept in a file.

mod changes;
pub(crate) mod clock;
mod commands;
mod data_file;
mod journal;
mod persistence;
mod run_until;
mod snapshot;
mod state_guard;
mod transaction;
mod version2;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::domain::{Bounds, State, Time};
use changes::Subscribers;
use clock::Clock;
use journal::Journal;
use persistence::Compactor;

pub(crate) use changes::{Changes, Topic, Watcher, Watching};
pub(crate) use commands::{Command, ValidatedRequest};
pub(crate) use journal::DataStatus;
pub(crate) use run_until::run_until;
pub(crate) use snapshot::Snapshot;
pub(crate) use state_guard::StateGuard;
pub(crate) use transaction::{CommandError, Transaction};

/// The state of one sandbox, and everything that may change it. Lock order: `rewriting`,
/// `journal`, then `state`.
pub(crate) struct Engine {
    clock: Clock,
    bounds: Bounds,
    /// Held while the file is replaced by another one. Taken before the other locks.
    rewriting: Mutex<()>,
    /// Set when the state is kept in a file.
    journal: Mutex<Option<Journal>>,
    compactor: Mutex<Option<Compactor>>,
    state: Mutex<State>,
    subscribers: Arc<Subscribers>,
    /// The time up to which webhook deliveries have timed out.
    timed_out: watch::Sender<Time>,
}

impl Engine {
    pub(crate) fn new(clock: Clock, bounds: Bounds, state: State) -> Self {
        Self {
            clock,
            bounds,
            rewriting: Mutex::default(),
            journal: Mutex::default(),
            compactor: Mutex::default(),
            state: Mutex::new(state),
            subscribers: Arc::default(),
            timed_out: watch::Sender::new(Time(i64::MIN)),
        }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The state at the present time: every planned event that is due has been recorded. What it shows of the time
    /// survives a restart.
    pub(crate) fn state(&self) -> StateGuard<'_> {
        self.begin().into_state()
    }

    /// Starts a change of the state by commands. Until it is dropped, nothing else changes the state, and the time in it
    /// stands still.
    pub(crate) fn begin(&self) -> Transaction<'_> {
        let journal = lock(&self.journal);
        let mut state = StateGuard::new(lock(&self.state), &self.subscribers);
        state.advance_to(self.clock.time());
        let mut transaction = Transaction::new(journal, state);
        transaction.keep_clock(&self.clock);
        transaction
    }

    /// The whole state, to export.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.begin().snapshot(&self.clock)
    }

    /// Tells subscribers what changed, besides emails.
    pub(crate) fn notify(&self, topics: &[Topic]) {
        self.subscribers.notify(topics);
    }

    /// Makes the webhook deliveries time out whose deadlines have passed by the clock.
    pub(crate) fn time_out(&self) {
        self.timed_out.send_replace(self.clock.time());
    }

    /// Waits until deliveries with this deadline have timed out.
    pub(crate) async fn timed_out(&self, deadline: Time) {
        // The engine is borrowed, so its changes do not end.
        let _ = self.timed_out.subscribe().wait_for(|time| *time >= deadline).await;
    }

    /// A receiver that sees every change from now on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Changes> {
        self.subscribers.subscribe()
    }

    /// Tells `watcher` of every change of emails until the result is dropped. Meanwhile planned events are recorded when
    /// they are due, and not only when somebody looks.
    pub(crate) fn watch(&self, watcher: impl Watcher + 'static) -> Watching {
        self.subscribers.watch(watcher)
    }

    /// When somebody watches: when the next planned event is due.
    pub(crate) fn next_watched(&self, state: &State) -> Option<Time> {
        state.next_event().filter(|_| self.subscribers.any_watcher())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
