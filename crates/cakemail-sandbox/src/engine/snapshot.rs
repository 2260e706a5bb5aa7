//! A whole state as lines of JSON, as the export and the journal have it: a header, a line for each part of the state,
//! and one that says how many there were. It is written and read line by line.

use std::io::{self, BufRead};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use serde::{Deserialize, Serialize};

use super::version2;
use crate::domain::{Line, Loading, State};

const FORMAT: &str = "cakemail-sandbox-journal";

/// The version of the format, of journals too. Version 1, of unpublished builds, depended on the compiler's hasher.
/// Version 2 had the whole state in one line.
const VERSION: u64 = 3;

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u64,
}

/// The last line of a snapshot.
#[derive(Serialize, Deserialize)]
struct End {
    /// The lines before it, without the header.
    end: u64,
}

/// The lines of a state as it was when this was made, each with its line feed.
pub(crate) struct Snapshot {
    lines: Box<dyn Iterator<Item = io::Result<Vec<u8>>> + Send>,
    /// The lines so far. `None` after the last one.
    count: Option<u64>,
}

impl Snapshot {
    pub(super) fn of(state: &State) -> Self {
        let header = encode(&Header { format: FORMAT.into(), version: VERSION });
        Self { lines: Box::new(std::iter::once(header).chain(state.lines(|line| encode(line)))), count: Some(0) }
    }
}

impl Iterator for Snapshot {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        let count = self.count?;
        let line = self.lines.next();
        self.count = line.is_some().then_some(count + 1);
        // The header does not count.
        Some(line.unwrap_or_else(|| encode(&End { end: count.saturating_sub(1) })))
    }
}

/// A value as a line of JSON.
pub(super) fn encode(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// The complete lines of a file, which are counted for errors.
pub(super) struct Lines<R> {
    reader: R,
    line: Vec<u8>,
    /// The number of the last line, from 1.
    number: u64,
    /// The bytes of the complete lines that were read.
    pub(super) length: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, line: Vec::new(), number: 0, length: 0 }
    }

    /// The next complete line. One without a line feed at the end is not.
    pub(super) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        self.reader.read_until(b'\n', &mut self.line)?;
        if self.line.last() != Some(&b'\n') {
            return Ok(None);
        }
        self.number += 1;
        self.length += self.line.len() as u64;
        Ok(Some(&self.line))
    }

    /// Whether nothing follows.
    pub(super) fn at_end(&mut self) -> io::Result<bool> {
        Ok(self.reader.fill_buf()?.is_empty())
    }

    /// What was read of an incomplete line.
    fn rest(&self) -> &[u8] {
        &self.line
    }

    /// An error about the last line.
    pub(super) fn invalid(&self, reason: impl std::fmt::Display) -> io::Error {
        invalid(format!("line {}: {reason}", self.number))
    }
}

/// A state that was read, and the version of the format that it had.
pub(super) struct Loaded {
    pub(super) state: State,
    pub(super) is_current: bool,
}

/// Reads a snapshot: one of this version, or one of version 2.
pub(super) fn read<R: BufRead>(lines: &mut Lines<R>) -> io::Result<Loaded> {
    let first = lines.next()?.map(<[u8]>::to_vec);
    // An export of version 2 is one line, without a line feed.
    let first = first.unwrap_or_else(|| lines.rest().to_vec());
    match version(&first)? {
        Version::Current => Ok(Loaded { state: read_lines(lines)?, is_current: true }),
        Version::Two => {
            let snapshot = lines.next()?.ok_or_else(|| invalid("it ends after its header".into()))?;
            let state = version2::read(snapshot).map_err(|reason| lines.invalid(reason))?;
            Ok(Loaded { state, is_current: false })
        }
        Version::TwoExported => Ok(Loaded { state: version2::read(&first).map_err(invalid)?, is_current: false }),
    }
}

/// How many lines are handed over at once.
const BATCH: usize = 256;

/// Reads the lines on this thread, and adds them to the state on another.
fn read_lines<R: BufRead>(lines: &mut Lines<R>) -> io::Result<State> {
    thread::scope(|scope| {
        let (batches, received) = mpsc::sync_channel(4);
        let adding = scope.spawn(move || add_lines(received));
        let parsed = parse_lines(lines, &batches);
        drop(batches);
        let added = adding.join().map_err(|_| io::Error::other("the thread that adds lines has panicked"))?;
        // A line that cannot be added comes before one that cannot be read.
        let state = added.map_err(|(number, reason)| invalid(format!("line {number}: {reason}")))?;
        parsed?;
        state.finish().map_err(invalid)
    })
}

/// A line, and its number.
type Numbered = (u64, Line);

fn add_lines(batches: Receiver<Vec<Numbered>>) -> Result<Loading, (u64, String)> {
    let mut loading = Loading::default();
    for (number, line) in batches.into_iter().flatten() {
        loading.add(line).map_err(|reason| (number, reason))?;
    }
    Ok(loading)
}

/// Hands over all lines up to the last one. Ends early when nobody takes them.
fn parse_lines<R: BufRead>(lines: &mut Lines<R>, batches: &SyncSender<Vec<Numbered>>) -> io::Result<()> {
    let (mut batch, mut count) = (Vec::with_capacity(BATCH), 0);
    loop {
        let Some(line) = lines.next()? else { return Err(invalid("it ends before its last line".into())) };
        match serde_json::from_slice::<Line>(line) {
            Ok(line) => batch.push((lines.number, line)),
            Err(error) => {
                let ends = match serde_json::from_slice::<End>(line) {
                    Ok(End { end }) if end == count => Ok(()),
                    Ok(End { end }) => Err(format!("it should come after {end} lines, and there are {count}")),
                    Err(_) => Err(error.to_string()),
                };
                // When nobody takes them, the error is theirs.
                let _ = batches.send(batch);
                return ends.map_err(|reason| lines.invalid(reason));
            }
        }
        count += 1;
        if batch.len() == BATCH && batches.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).is_err() {
            return Ok(());
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Version {
    Current,
    /// A journal, whose second line is its snapshot.
    Two,
    /// A snapshot without a journal's header.
    TwoExported,
}

/// The version of a file, by its first line. One that this release cannot read is refused, with the reason.
fn version(line: &[u8]) -> io::Result<Version> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum First {
        Header(Header),
        Snapshot { cakemail_sandbox: u64 },
    }
    let value: serde_json::Value =
        serde_json::from_slice(line).map_err(|error| invalid(format!("this is not a state of a sandbox: {error}")))?;
    let other = |version| {
        invalid(format!("it has version {version} of the sandbox's format, and this release reads 2 and {VERSION}"))
    };
    match First::deserialize(&value) {
        Ok(First::Header(Header { format, version })) if format == FORMAT => match version {
            VERSION => Ok(Version::Current),
            2 => Ok(Version::Two),
            version => Err(other(version)),
        },
        Ok(First::Snapshot { cakemail_sandbox: 2 }) => Ok(Version::TwoExported),
        Ok(First::Snapshot { cakemail_sandbox }) => Err(other(cakemail_sandbox)),
        _ => Err(invalid("this is not a state of a sandbox".into())),
    }
}

fn invalid(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_format_or_version_is_refused_with_the_reason() {
        for (line, expected) in [
            (r#"{"format":"cakemail-sandbox-journal","version":3}"#, Version::Current),
            (r#"{"format":"cakemail-sandbox-journal","version":2}"#, Version::Two),
            (r#"{"cakemail_sandbox":2,"state":{}}"#, Version::TwoExported),
        ] {
            assert_eq!(version(line.as_bytes()).unwrap(), expected, "{line}");
        }
        for (line, reason) in [
            (r#"{"format":"cakemail-sandbox-journal","version":4}"#, "version 4"),
            (r#"{"cakemail_sandbox":1,"state":{}}"#, "version 1"),
            (r#"{"format":"something else","version":2}"#, "not a state of a sandbox"),
            (r#"{"a":"b"}"#, "not a state of a sandbox"),
            ("a,b,c", "not a state of a sandbox"),
            ("", "not a state of a sandbox"),
        ] {
            let error = version(line.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(reason), "{line}: {error}");
        }
    }
}
