//! Keeps the state in a file: reads it at the start, replaces it by a new snapshot when the commands after the last one
//! are many, and at the end.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::data_file::{self, Replacement};
use super::journal::{DataStatus, Journal, Record};
use super::snapshot::{self, Lines, Loaded, Snapshot};
use super::{Command, CommandError, Engine, Topic, ValidatedRequest, lock};
use crate::domain::{ClockReading, State, Time};

/// The thread that compacts the journal. It ends when the journal is closed.
pub(super) type Compactor = JoinHandle<()>;

impl Engine {
    /// Keeps the state in a file from now on. When the file holds a state already, that is taken over first: its snapshot
    /// is loaded, and the commands after it are applied again. `run` applies an operation of the API.
    pub(crate) fn open_journal(
        self: &Arc<Self>,
        path: &Path,
        mut run: impl FnMut(&mut State, ValidatedRequest),
    ) -> io::Result<()> {
        let (wake, wakes) = sync_channel(1);
        let (journal, state) = Journal::open(path, wake, |state, Record { time, command }| {
            state.advance_to(time);
            command.replay(state, &mut run);
        })?;
        let is_new = state.is_none();
        if let Some(mut state) = state {
            state.set_bounds(self.bounds);
            self.restore_clock(&state, state.now);
            *lock(&self.state) = state;
        }
        let must_compact = journal.must_compact();
        *lock(&self.journal) = Some(journal);
        if must_compact {
            // A file that has a state is read even when no other can be written.
            self.compact().or_else(|error| if is_new { Err(error) } else { Ok(()) })?;
        }
        // Tells whether anything can be written.
        let _ = self.record_clock(None, Duration::ZERO);
        *lock(&self.compactor) = Some(spawn(self, wakes)?);
        Ok(())
    }

    /// The condition of the file, if the state is kept in one.
    pub(crate) fn data_status(&self) -> Option<DataStatus> {
        lock(&self.journal).as_ref().map(Journal::status)
    }

    /// Records what the clock will show once its pace is changed and it was advanced, which the caller does after that.
    pub(crate) fn record_clock(&self, pace: Option<f64>, by: Duration) -> Result<(), CommandError> {
        let mut transaction = self.begin();
        let clock = self.clock.reading();
        let clock = ClockReading { time: clock.time.plus(by), pace: pace.unwrap_or(clock.pace), ..clock };
        transaction.apply(Command::SetClock { clock: clock.ahead() })
    }

    /// Replaces the file by one with a snapshot of the present state. Commands go on meanwhile: those since are copied
    /// at the end.
    pub(crate) fn compact(&self) -> io::Result<()> {
        let _rewriting = lock(&self.rewriting);
        let compacted = self.try_compact();
        if let (Err(error), Some(journal)) = (&compacted, lock(&self.journal).as_mut()) {
            journal.note_failed_compaction(error);
        }
        compacted
    }

    fn try_compact(&self) -> io::Result<()> {
        let (snapshot, start, covered, path) = {
            let transaction = self.begin();
            let Some(journal) = transaction.journal.as_ref() else { return Ok(()) };
            let place = (journal.end, journal.unrecorded(), journal.path().to_owned());
            let (start, covered, path) = place;
            (transaction.snapshot(&self.clock), start, covered, path)
        };
        // Not the journal's own handle, whose place in the file each command moves.
        let old = File::open(&path)?;
        let mut new = write(snapshot, &path)?;
        let length = new.length();
        // Most of the commands since are copied before the lock is taken, so that sends hardly wait.
        let Some(copied) = self.written() else { return Ok(()) };
        new.copy(&old, start.length, copied)?;
        new.sync()?;
        let mut journal = lock(&self.journal);
        let Some(journal) = journal.as_mut() else { return Ok(()) };
        new.copy(&old, copied, journal.end.length)?;
        let commands = journal.end.commands - start.commands;
        journal.go_on_in(new, length, commands, covered)?;
        data_file::sync_folder(&path)
    }

    /// How far the journal is written, in bytes.
    fn written(&self) -> Option<u64> {
        lock(&self.journal).as_ref().map(|journal| journal.end.length)
    }

    /// Replaces the state by that of an exported snapshot.
    ///
    /// # Errors
    /// When the snapshot cannot be read (`InvalidData`), or the file cannot be written. Nothing was done then.
    pub(crate) fn import(&self, snapshot: impl io::BufRead) -> io::Result<()> {
        let mut lines = Lines::new(snapshot);
        let Loaded { state, .. } = snapshot::read(&mut lines)?;
        if !lines.at_end()? {
            return Err(lines.invalid("more follows after the end"));
        }
        self.replace(state)
    }

    /// Replaces the state, in the file first. When that cannot be written, the state stays as it was.
    pub(crate) fn replace(&self, mut state: State) -> io::Result<()> {
        let _rewriting = lock(&self.rewriting);
        state.set_bounds(self.bounds);
        let path = lock(&self.journal).as_ref().map(|journal| journal.path().to_owned());
        if let Some(path) = path {
            let mut new = write(Snapshot::of(&state), &path)?;
            new.sync()?;
            let length = new.length();
            let mut journal = lock(&self.journal);
            let mut present = lock(&self.state);
            if let Some(journal) = journal.as_mut() {
                let covered = journal.unrecorded();
                journal.go_on_in(new, length, 0, covered)?;
            }
            self.restore_clock(&state, state.now.max(self.clock.time()));
            *present = state;
            drop((present, journal));
            data_file::sync_folder(&path)?;
        } else {
            let mut present = lock(&self.state);
            self.restore_clock(&state, state.now.max(self.clock.time()));
            *present = state;
        }
        self.notify(&Topic::ALL);
        Ok(())
    }

    /// Lets the clock run on from where it was in a state. It shows at least `reached`.
    fn restore_clock(&self, state: &State, reached: Time) {
        match state.clock {
            Some(reading) => self.clock.restore(reading, reached),
            None => self.clock.advance(reached.since(self.clock.time())),
        }
    }

    /// Writes everything to the file, and closes it. Later changes are in memory only.
    pub(crate) fn close(&self) -> io::Result<()> {
        if self.begin().journal.as_ref().is_some_and(Journal::has_tail) {
            self.compact()?;
        }
        self.begin().stop_clock(&self.clock);
        // The compactor ends when nobody can wake it.
        let journal = lock(&self.journal).take();
        let synced = journal.as_ref().map_or(Ok(()), Journal::sync);
        drop(journal);
        if let Some(compactor) = lock(&self.compactor).take() {
            // It has nothing to return.
            let _ = compactor.join();
        }
        synced
    }
}

/// A snapshot in a file beside this one.
fn write(snapshot: Snapshot, path: &Path) -> io::Result<Replacement> {
    let mut new = Replacement::create(path)?;
    for line in snapshot {
        new.write(&line?)?;
    }
    Ok(new)
}

fn spawn(engine: &Arc<Engine>, wakes: Receiver<()>) -> io::Result<Compactor> {
    let engine = Arc::downgrade(engine);
    let run = move || {
        while wakes.recv().is_ok() {
            let Some(engine) = engine.upgrade() else { return };
            // The journal has noted a failure.
            let _ = engine.compact();
        }
    };
    thread::Builder::new().name("cakemail-sandbox-journal".into()).spawn(run)
}
