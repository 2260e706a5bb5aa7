//! The file that keeps the state. Its lines are JSON: a header with the format and its version, a snapshot of the state at
//! the last start, and each command since. Applying the commands to the snapshot again yields the same state.
//!
//! A command is written before it is applied, and its response is sent after that: everything that was
//! confirmed to a client survives a crash. An incomplete last line was never confirmed, and is ignored.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::commands::Command;
use super::snapshot::{Snapshot, VERSION, other_version};
use crate::domain::{State, Time};

const FORMAT: &str = "cakemail-sandbox-journal";

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u64,
}

/// A command, and when it was applied.
#[derive(Serialize, Deserialize)]
pub(super) struct Record<C = Command> {
    pub(super) time: Time,
    pub(super) command: C,
}

/// What a journal held when it was opened.
pub(super) struct Contents {
    pub(super) state: State,
    pub(super) records: Vec<Record>,
}

pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// The length of all complete lines, in bytes.
    length: u64,
    /// Locked as long as this lives, so that no other sandbox writes to the file.
    _lock: File,
}

impl Journal {
    /// Opens and reads a journal. A new file has no contents.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Option<Contents>)> {
        let lock = File::create(sibling(path, "lock"))?;
        lock.try_lock().map_err(|_| io::Error::new(io::ErrorKind::ResourceBusy, "another sandbox has it"))?;
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let contents = read(&file)?;
        let length = file.metadata()?.len();
        Ok((Self { path: path.into(), file, length, _lock: lock }, contents))
    }

    /// Replaces the file by one that holds this state and no commands.
    pub(super) fn begin(&mut self, state: &State) -> io::Result<()> {
        let new = sibling(&self.path, "new");
        let header = Header { format: FORMAT.into(), version: VERSION.into() };
        let mut lines = serde_json::to_vec(&header)?;
        lines.push(b'\n');
        serde_json::to_writer(&mut lines, &Snapshot::of(state))?;
        lines.push(b'\n');
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&new)?;
        file.write_all(&lines)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        self.file = OpenOptions::new().append(true).open(&self.path)?;
        self.length = lines.len() as u64;
        Ok(())
    }

    /// Appends a command. When that fails, the incomplete line is removed.
    pub(super) fn write(&mut self, record: &Record<impl Serialize>) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            self.file.set_len(self.length)?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

fn read(file: &File) -> io::Result<Option<Contents>> {
    let mut lines = BufReader::new(file).split(b'\n');
    let Some(first) = lines.next().transpose()? else { return Ok(None) };
    check_header(&first).map_err(invalid)?;
    let snapshot = lines.next().transpose()?.ok_or_else(|| invalid("it ends after its header".into()))?;
    let state = serde_json::from_slice(&snapshot).map_err(|error| invalid(error.to_string()))?;
    let state = Snapshot::read(state).map_err(invalid)?;
    let mut records = Vec::new();
    let mut lines = lines.peekable();
    while let Some(line) = lines.next().transpose()? {
        match serde_json::from_slice(&line) {
            Ok(record) => records.push(record),
            Err(_) if lines.peek().is_none() => break,
            Err(error) => return Err(invalid(format!("command {}: {error}", records.len() + 1))),
        }
    }
    Ok(Some(Contents { state, records }))
}

/// Refuses a file that is no journal of this version, with the reason.
fn check_header(line: &[u8]) -> Result<(), String> {
    let value: Value = serde_json::from_slice(line).map_err(|error| format!("this is not a journal: {error}"))?;
    if let Some(version) = value.get("cakemail_sandbox").and_then(Value::as_u64) {
        // The first line of version 1 is its snapshot.
        return Err(other_version(version));
    }
    match serde_json::from_value(value) {
        Ok(Header { format, version }) if format == FORMAT && version == u64::from(VERSION) => Ok(()),
        Ok(Header { format, version }) if format == FORMAT => Err(other_version(version)),
        _ => Err("this is not a journal of a sandbox".into()),
    }
}

fn invalid(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// The path of a file beside another one: `state.json.new` for `state.json`.
fn sibling(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::check_header;

    #[test]
    fn a_file_of_another_format_or_version_is_refused_with_the_reason() {
        assert_eq!(check_header(br#"{"format":"cakemail-sandbox-journal","version":2}"#), Ok(()));
        for (line, reason) in [
            (r#"{"format":"cakemail-sandbox-journal","version":3}"#, "version 3"),
            (r#"{"cakemail_sandbox":1,"state":{}}"#, "version 1"),
            (r#"{"format":"something else","version":2}"#, "not a journal of a sandbox"),
            (r#"{"a":"b"}"#, "not a journal of a sandbox"),
            ("a,b,c", "not a journal"),
        ] {
            let error = check_header(line.as_bytes()).unwrap_err();
            assert!(error.contains(reason), "{line}: {error}");
        }
    }
}
