//! The files of a ledger: the database, and a lock file of each owner beside it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use crate::{Error, Owner, OwnerLock, Result};

/// How long a call waits for the transactions of other connections.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How often it tries meanwhile. SQLite's own handler waits up to 100 ms, for transactions that take 2.
const BUSY_INTERVAL: Duration = Duration::from_micros(500);

/// The path of a database, without symbolic links: all processes name the lock files by the same path.
#[derive(Debug, Clone)]
pub(super) struct Files {
    database: PathBuf,
}

impl Files {
    /// Creates the database's file if it is missing, readable by its owner only: emails are personal data. SQLite gives its
    /// other files the same permissions.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let created = match fs::canonicalize(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create_new(path).and_then(|()| fs::canonicalize(path))
            }
            found => found,
        };
        let database =
            created.map_err(|error| Error::Database(format!("{} cannot be opened: {error}", path.display()).into()))?;
        Ok(Self { database })
    }

    /// A connection that syncs the disk at each commit.
    pub(super) fn connect(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.database, flags)?;
        connection.busy_handler(Some(wait))?;
        use_wal(&connection)?;
        connection.execute_batch("pragma synchronous = full; pragma fullfsync = on")?;
        Ok(connection)
    }

    /// Creates and locks the file of an owner, and removes those of owners that have ended. Called in a transaction that
    /// writes, so that no two processes do it at once.
    pub(super) fn lock(&self, owner: Owner) -> Result<OwnerLock> {
        self.remove_free().map_err(failed)?;
        let path = self.lock_file(owner);
        let file = private().open(&path).map_err(failed)?;
        file.try_lock().map_err(|error| failed(error.into()))?;
        Ok(OwnerLock::new(owner, Lock { path, _file: file }))
    }

    /// Whether the owner has ended.
    pub(super) fn is_free(&self, owner: Owner) -> Result<bool> {
        is_free(&self.lock_file(owner)).map_err(failed)
    }

    fn remove_free(&self) -> io::Result<()> {
        let prefix = self.lock_file_prefix();
        for entry in self.database.parent().map(fs::read_dir).transpose()?.into_iter().flatten() {
            let entry = entry?;
            let is_lock_file = entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix));
            if is_lock_file && is_free(&entry.path())? {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    fn lock_file(&self, owner: Owner) -> PathBuf {
        self.database.with_file_name(format!("{}{}", self.lock_file_prefix(), owner.0))
    }

    fn lock_file_prefix(&self) -> String {
        format!("{}-owner-", self.database.file_name().unwrap_or_default().to_string_lossy())
    }
}

/// The locked file of an owner. The operating system ends the lock with the process.
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // What stays is removed when the next owner starts.
        let _ = remove(&self.path);
    }
}

fn is_free(path: &Path) -> io::Result<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Creates a file, also where a symbolic link leads to none. Never opens one that exists: closing it would end the locks
/// that SQLite holds on it in this process.
fn create_new(path: &Path) -> io::Result<()> {
    let mut path = path.to_owned();
    while let Ok(target) = fs::read_link(&path) {
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    match private().open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Waits for the transaction of another connection. Returns whether to try again.
fn wait(attempts: i32) -> bool {
    std::thread::sleep(BUSY_INTERVAL);
    BUSY_INTERVAL.saturating_mul(attempts.unsigned_abs()) < BUSY_TIMEOUT
}

/// Other processes that open a new file make this fail at once, without the wait of other statements.
fn use_wal(connection: &Connection) -> Result<()> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connection.query_row("pragma journal_mode = wal", (), |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                let message = format!("the database needs the journal mode `wal`, and has `{mode}`");
                return Err(Error::Database(message.into()));
            }
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

fn failed(error: io::Error) -> Error {
    Error::Database(Box::new(error))
}
