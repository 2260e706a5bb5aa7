//! Runs the model: its state on a clock, changed by commands, which a journal records when the state is kept in a file.

pub(crate) mod clock;
mod commands;
mod journal;
mod run_until;
mod snapshot;
mod transaction;

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::watch;

use crate::domain::{Bounds, State, Time};
use clock::Clock;
use journal::{Contents, Journal, Record};

pub(crate) use commands::{Command, ValidatedRequest};
pub(crate) use run_until::run_until;
pub(crate) use snapshot::Snapshot;
pub(crate) use transaction::{CommandError, Transaction};

/// The state of one sandbox, and everything that may change it. Lock order: `journal`, then `state`.
pub(crate) struct Engine {
    clock: Clock,
    bounds: Bounds,
    /// Set when the state is kept in a file.
    journal: Mutex<Option<Journal>>,
    state: Mutex<State>,
    /// Counts changes, for those who wait for one.
    changes: watch::Sender<u64>,
}

impl Engine {
    pub(crate) fn new(clock: Clock, bounds: Bounds, state: State) -> Self {
        let (journal, changes) = (Mutex::default(), watch::Sender::default());
        Self { clock, bounds, journal, state: Mutex::new(state), changes }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The state at the present time: every planned event that is due has been recorded.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = lock(&self.state);
        if state.advance_to(self.clock.time()) {
            self.notify();
        }
        state
    }

    /// Starts a change of the state by commands. Until it is dropped, nothing else changes the state, and the time in it
    /// stands still.
    pub(crate) fn begin(&self) -> Transaction<'_> {
        let journal = lock(&self.journal);
        Transaction::new(journal, self.state())
    }

    /// Tells subscribers that something changed.
    pub(crate) fn notify(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// A receiver that sees every change from now on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Keeps the state in a file from now on. When the file holds a state already, that is taken over first: its snapshot
    /// is loaded, and the commands after it are applied again. `run` applies an operation of the API.
    pub(crate) fn open_journal(
        &self,
        path: &Path,
        mut run: impl FnMut(&mut State, ValidatedRequest),
    ) -> io::Result<()> {
        let (mut journal, contents) = Journal::open(path)?;
        if let Some(Contents { mut state, records }) = contents {
            state.rebuild(self.bounds);
            for Record { time, command } in records {
                state.advance_to(time);
                command.replay(&mut state, &mut run);
            }
            self.catch_up(state.now);
            *lock(&self.state) = state;
        }
        journal.begin(&self.state())?;
        *lock(&self.journal) = Some(journal);
        Ok(())
    }

    /// Replaces the state by that of an exported snapshot.
    ///
    /// # Errors
    /// A message for the caller when the snapshot cannot be read, or the file cannot be written.
    pub(crate) fn import(&self, snapshot: Value) -> Result<(), String> {
        let state = Snapshot::read(snapshot)?;
        self.catch_up(state.now);
        self.replace(state).map_err(|error| error.to_string())
    }

    /// Replaces the state, in the file first. When that cannot be written, the state stays as it was.
    pub(crate) fn replace(&self, mut state: State) -> io::Result<()> {
        let mut journal = lock(&self.journal);
        state.rebuild(self.bounds);
        if let Some(journal) = journal.as_mut() {
            journal.begin(&state)?;
        }
        *lock(&self.state) = state;
        drop(journal);
        self.notify();
        Ok(())
    }

    /// Advances the clock to the time of a state that is ahead of it.
    fn catch_up(&self, time: Time) {
        if let Ok(behind) = time.system().duration_since(self.clock.now()) {
            self.clock.advance(behind);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
