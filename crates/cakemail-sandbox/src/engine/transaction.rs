//! A change of the state by commands, each of which is recorded before it is applied.

use std::io;
use std::ops::Deref;
use std::sync::MutexGuard;

use serde::Serialize;

use super::commands::{Command, ValidatedRequest};
use super::journal::{Journal, Record};
use crate::domain::State;

/// Holds the journal and the state, and reads as the state. A crash between recording a command and applying it loses
/// nothing: the command is applied when the journal is replayed.
pub(crate) struct Transaction<'a> {
    journal: MutexGuard<'a, Option<Journal>>,
    state: MutexGuard<'a, State>,
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
    pub(super) fn new(journal: MutexGuard<'a, Option<Journal>>, state: MutexGuard<'a, State>) -> Self {
        Self { journal, state }
    }

    /// Records a command and applies it.
    pub(crate) fn apply(&mut self, command: Command) -> Result<(), CommandError> {
        self.record(&command)?;
        self.apply_unrecorded(command).map_err(CommandError::Rejected)
    }

    /// Applies a command even when it cannot be recorded; a restart does not know of it then.
    pub(crate) fn apply_always(&mut self, command: Command) {
        let _ = self.record(&command);
        let _ = self.apply_unrecorded(command);
    }

    /// Applies a command without recording it.
    pub(crate) fn apply_unrecorded(&mut self, command: Command) -> Result<(), &'static str> {
        let applied = command.apply(&mut self.state);
        self.state.drop_excess();
        applied
    }

    /// Records an operation of the API and runs it.
    pub(crate) fn run<R>(
        &mut self,
        request: ValidatedRequest,
        run: impl FnOnce(&mut State, ValidatedRequest) -> R,
    ) -> io::Result<R> {
        self.record(OperationRef::Operation(&request))?;
        Ok(run(&mut self.state, request))
    }

    fn record(&mut self, command: impl Serialize) -> io::Result<()> {
        let time = self.state.now;
        self.journal.as_mut().map_or(Ok(()), |journal| journal.write(&Record { time, command }))
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
