//! What is kept in a file: the state as it was at the start, and every deed since. Read again, and done again, they make
//! the same state.
//!
//! A deed is written before it is done, and what was done is answered after that: whoever was answered finds it there
//! after a crash. A last line that was cut off was never answered.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::State;
use crate::engine::commands::Deed;

/// The version of the file's form.
const FORM: u32 = 1;

/// A state, as a file and `/_sandbox/export` hold it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Snapshot<S> {
    cakemail_sandbox: u32,
    pub(crate) state: S,
}

impl<'a> Snapshot<&'a State> {
    pub(crate) fn of(state: &'a State) -> Self {
        Self { cakemail_sandbox: FORM, state }
    }
}

impl Snapshot<State> {
    /// Reads one, or says why it is none.
    pub(crate) fn read(value: serde_json::Value) -> Result<State, String> {
        let form = value.get("cakemail_sandbox").and_then(serde_json::Value::as_u64);
        if form != Some(u64::from(FORM)) {
            return Err(format!("this is not a sandbox's state of form {FORM}"));
        }
        serde_json::from_value(value).map(|snapshot: Self| snapshot.state).map_err(|error| error.to_string())
    }
}

pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes that are whole.
    length: u64,
    /// Held as long as this lives, so that no other sandbox writes here.
    _lock: File,
}

/// What a file held.
pub(crate) struct Kept {
    pub(crate) state: State,
    pub(crate) deeds: Vec<Deed>,
}

impl Journal {
    /// Takes the file, and reads what it holds; nothing when it is new.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, Option<Kept>)> {
        let lock = File::create(sibling(path, "lock"))?;
        lock.try_lock().map_err(|_| io::Error::new(io::ErrorKind::ResourceBusy, "another sandbox has it"))?;
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let kept = read(&file)?;
        let length = file.metadata()?.len();
        Ok((Self { path: path.into(), file, length, _lock: lock }, kept))
    }

    /// Begins anew with a state.
    pub(crate) fn begin(&mut self, state: &State) -> io::Result<()> {
        let fresh = sibling(&self.path, "new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&fresh)?;
        let mut line = serde_json::to_vec(&Snapshot::of(state))?;
        line.push(b'\n');
        file.write_all(&line)?;
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        self.file = OpenOptions::new().append(true).open(&self.path)?;
        self.length = line.len() as u64;
        Ok(())
    }

    /// Writes a deed down. One that could not be written whole is taken back.
    pub(crate) fn write(&mut self, deed: &Deed) -> io::Result<()> {
        let mut line = serde_json::to_vec(deed)?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            self.file.set_len(self.length)?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

/// The state and the deeds of a file.
fn read(file: &File) -> io::Result<Option<Kept>> {
    let mut lines = BufReader::new(file).split(b'\n');
    let Some(first) = lines.next().transpose()? else { return Ok(None) };
    let wrong = |error: String| io::Error::new(io::ErrorKind::InvalidData, error);
    let state = serde_json::from_slice(&first)
        .map_err(|error| wrong(error.to_string()))
        .and_then(|value| Snapshot::read(value).map_err(wrong))?;
    let mut deeds = Vec::new();
    let mut lines = lines.peekable();
    while let Some(line) = lines.next().transpose()? {
        match serde_json::from_slice(&line) {
            Ok(deed) => deeds.push(deed),
            Err(_) if lines.peek().is_none() => break,
            Err(error) => return Err(wrong(format!("deed {}: {error}", deeds.len() + 1))),
        }
    }
    Ok(Some(Kept { state, deeds }))
}

/// A file beside another: `state.json` has `state.json.new`.
fn sibling(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}
