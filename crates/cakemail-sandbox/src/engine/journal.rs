//! The file that keeps the state. Its lines are JSON: a snapshot of the state, and each command since. Applying the
//! commands to the snapshot again yields the same state.
//!
//! A command is written before it is applied, and its response is sent after that: everything that was
//! confirmed to a client survives the end of the process. An incomplete last line was never confirmed, and is cut off.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::commands::Command;
use super::data_file::{self, Replacement};
use super::snapshot::{self, Lines, Loaded, encode};
use crate::domain::{State, Time};

/// How many commands and bytes may follow the snapshot. A start applies them in a fraction of a second. Beyond either,
/// the file is compacted, which costs as much as the state is large.
const MAX_COMMANDS: u64 = 10_000;
const MAX_TAIL: u64 = 32 * 1024 * 1024;

/// The least time between two attempts to compact, when the first one failed.
const RETRY: Duration = Duration::from_secs(1);

/// A command, and when it was applied.
#[derive(Serialize, Deserialize)]
pub(super) struct Record<C = Command> {
    pub(super) time: Time,
    pub(super) command: C,
}

pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// How far it is written.
    pub(super) end: Position,
    /// The length of its snapshot, in bytes.
    snapshot: u64,
    /// Whether bytes of an incomplete line may follow.
    torn: bool,
    /// The changes of the state that could not be written as commands.
    unrecorded: u64,
    /// How many of these the snapshot has.
    covered: u64,
    /// Why the last attempt to write failed.
    failure: Option<String>,
    /// Wakes the compactor.
    compactor: SyncSender<()>,
    /// When a compaction that failed may be tried again.
    retry: Option<Instant>,
}

/// A place after complete lines of a journal.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Position {
    /// In bytes.
    pub(super) length: u64,
    /// The commands after the snapshot.
    pub(super) commands: u64,
}

/// The condition of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataStatus {
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// Why changes are refused, since it cannot be written.
    pub(crate) read_only: Option<String>,
    /// Whether the state has changes that it lacks.
    pub(crate) is_behind: bool,
}

impl Journal {
    /// Opens a journal, and reads its state. A new file has none. Each command after the snapshot goes to `apply`.
    pub(super) fn open(
        path: &Path,
        compactor: SyncSender<()>,
        mut apply: impl FnMut(&mut State, Record),
    ) -> io::Result<(Self, Option<State>)> {
        let (path, file) = data_file::open(path)?;
        let length = file.metadata()?.len();
        let mut journal = Self {
            path,
            file,
            end: Position::default(),
            snapshot: 0,
            torn: false,
            // It has no snapshot yet.
            unrecorded: 1,
            covered: 0,
            failure: None,
            compactor,
            retry: None,
        };
        if length == 0 {
            return Ok((journal, None));
        }
        let mut lines = Lines::new(BufReader::with_capacity(1 << 18, &journal.file));
        let Loaded { mut state, is_current } = snapshot::read(&mut lines)?;
        journal.snapshot = lines.length;
        while let Some(line) = lines.next()? {
            match serde_json::from_slice(line) {
                Ok(record) => apply(&mut state, record),
                Err(error) => return Err(lines.invalid(error)),
            }
            journal.end.commands += 1;
        }
        journal.end.length = lines.length;
        drop(lines);
        journal.torn = journal.end.length < length;
        // Commands of this version must not follow an older snapshot.
        journal.unrecorded = u64::from(!is_current);
        Ok((journal, Some(state)))
    }

    /// Appends a command. When that fails, nothing of it stays in the file.
    pub(super) fn write(&mut self, record: &Record<impl Serialize>) -> io::Result<()> {
        let written = self.try_write(record);
        self.failure = written.as_ref().err().map(ToString::to_string);
        if self.is_long() || self.is_behind() {
            self.wake_compactor();
        }
        written
    }

    fn wake_compactor(&self) {
        if self.retry.is_none_or(|retry| retry <= Instant::now()) {
            // When it has been woken already, there is nothing to do.
            let _ = self.compactor.try_send(());
        }
    }

    fn try_write(&mut self, record: &Record<impl Serialize>) -> io::Result<()> {
        if self.is_behind() {
            return Err(io::Error::other("the file lacks an earlier change, and has to be replaced first"));
        }
        let line = encode(record)?;
        if self.torn {
            self.file.set_len(self.end.length)?;
            self.torn = false;
        }
        if let Err(error) = self.file.write_all(&line) {
            self.torn = self.file.set_len(self.end.length).is_err();
            return Err(error);
        }
        self.end = Position { length: self.end.length + line.len() as u64, commands: self.end.commands + 1 };
        Ok(())
    }

    /// Notes that the state has changed without a command. Later commands could have other effects in a replay, so none
    /// is written until a new snapshot has the change.
    pub(super) fn note_unrecorded(&mut self) {
        self.unrecorded += 1;
        self.wake_compactor();
    }

    /// Whether the state has changes that the file lacks.
    pub(super) fn is_behind(&self) -> bool {
        self.covered < self.unrecorded
    }

    fn is_long(&self) -> bool {
        self.end.commands > MAX_COMMANDS || self.end.length - self.snapshot > MAX_TAIL
    }

    /// Whether a start has to replace it.
    pub(super) fn must_compact(&self) -> bool {
        self.is_long() || self.is_behind()
    }

    /// Whether a compaction would change anything.
    pub(super) fn has_tail(&self) -> bool {
        self.end.commands > 0 || self.is_behind()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The changes so far that a snapshot of the present state has.
    pub(super) fn unrecorded(&self) -> u64 {
        self.unrecorded
    }

    /// Goes on in a new file, which has a snapshot of `snapshot` bytes, and all commands since.
    pub(super) fn go_on_in(&mut self, new: Replacement, snapshot: u64, commands: u64, covered: u64) -> io::Result<()> {
        let length = new.length();
        self.file = new.replace()?;
        self.end = Position { length, commands };
        (self.snapshot, self.covered) = (snapshot, covered);
        (self.torn, self.failure, self.retry) = (false, None, None);
        Ok(())
    }

    /// Notes that a compaction failed. The commands so far stay in the file.
    pub(super) fn note_failed_compaction(&mut self, error: &io::Error) {
        self.retry = Some(Instant::now() + RETRY);
        if self.is_behind() {
            self.failure = Some(error.to_string());
        }
    }

    pub(super) fn status(&self) -> DataStatus {
        DataStatus { bytes: self.end.length, read_only: self.failure.clone(), is_behind: self.is_behind() }
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }
}
