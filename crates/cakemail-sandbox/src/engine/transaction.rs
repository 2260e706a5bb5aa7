//! A change of the state by commands, each of which is recorded before it is applied.

use std::io;
use std::ops::Deref;
use std::sync::MutexGuard;

use serde::Serialize;

use super::clock::Clock;
use super::commands::{Command, ValidatedRequest};
use super::journal::{Journal, Record};
use super::snapshot::Snapshot;
use super::state_guard::StateGuard;
use crate::domain::State;

/// Holds the journal and the state, and reads as the state. A crash between recording a command and applying it loses
/// nothing: the command is applied when the journal is replayed.
pub(crate) struct Transaction<'a> {
    pub(super) journal: MutexGuard<'a, Option<Journal>>,
    pub(super) state: StateGuard<'a>,
}

/// Why a command had no effect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error("The sandbox cannot write to its file, so nothing was done: {0}")]
    NotRecorded(#[from] io::Error),
    /// The state does not allow it.
    #[error("{0}")]
    Rejected(&'static str),
}

impl<'a> Transaction<'a> {
    pub(super) fn new(journal: MutexGuard<'a, Option<Journal>>, state: StateGuard<'a>) -> Self {
        Self { journal, state }
    }

    /// Records a command and applies it.
    pub(crate) fn apply(&mut self, command: Command) -> Result<(), CommandError> {
        self.record(&command)?;
        self.apply_unrecorded(command).map_err(CommandError::Rejected)
    }

    /// Applies a command even when it cannot be recorded, for callers that cannot be refused. Then nothing else is
    /// recorded until the file has a new snapshot.
    pub(crate) fn apply_always(&mut self, command: Command) {
        if self.record(&command).is_err() {
            self.note_unrecorded();
        }
        let _ = self.apply_unrecorded(command);
    }

    /// Applies a command that is not to be recorded, since the file has what it leads to.
    pub(crate) fn apply_unrecorded(&mut self, command: Command) -> Result<(), &'static str> {
        let applied = command.apply(&mut self.state);
        self.state.drop_excess();
        applied
    }

    /// Replaces the state, though that cannot be recorded.
    pub(crate) fn replace_unrecorded(&mut self, state: State) {
        self.note_unrecorded();
        *self.state = state;
    }

    /// Records an operation of the API and runs it.
    pub(crate) fn run<R>(
        &mut self,
        request: ValidatedRequest,
        run: impl FnOnce(&mut State, ValidatedRequest) -> R,
    ) -> io::Result<R> {
        self.record(OperationRef::Operation(&request))?;
        if request.is_submission() {
            self.state.count_submission(request.account);
        }
        Ok(run(&mut self.state, request))
    }

    /// Records the clock when a restart from what the file has would show an earlier time, or run at another pace.
    pub(super) fn keep_clock(&mut self, clock: &Clock) {
        let clock = clock.reading();
        let is_kept = self.state.clock.is_some_and(|kept| kept.covers(&clock));
        if !is_kept && self.journal.as_ref().is_some_and(|journal| !journal.is_behind()) {
            // When that fails, the next transaction tries again.
            let _ = self.apply(Command::SetClock { clock: clock.ahead() });
        }
    }

    /// Records where a scaled clock is, so that a restart goes on from there and not from a moment later.
    pub(super) fn stop_clock(&mut self, clock: &Clock) {
        let clock = clock.reading();
        if clock.is_scaled() {
            // The time that was recorded before is later, and no less true.
            let _ = self.record(Command::SetClock { clock });
        }
    }

    /// The whole state, with the clock as it is now.
    pub(super) fn snapshot(mut self, clock: &Clock) -> Snapshot {
        self.state.clock = Some(clock.reading().ahead());
        Snapshot::of(&self.state)
    }

    /// Counts a submission that had no effect, of this account if it is known. One that cannot be recorded counts until
    /// the next restart.
    pub(crate) fn count_submission(&mut self, account: Option<i64>) {
        let command = Command::CountSubmission { account };
        let _ = self.record(&command);
        let _ = self.apply_unrecorded(command);
    }

    pub(super) fn into_state(self) -> StateGuard<'a> {
        self.state
    }

    fn record(&mut self, command: impl Serialize) -> io::Result<()> {
        let time = self.state.now;
        self.journal.as_mut().map_or(Ok(()), |journal| journal.write(&Record { time, command }))
    }

    fn note_unrecorded(&mut self) {
        self.journal.iter_mut().for_each(Journal::note_unrecorded);
    }
}

/// A borrowed [`Command::Operation`], with the same encoding.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum OperationRef<'a> {
    Operation(&'a ValidatedRequest),
}

impl Deref for Transaction<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}
