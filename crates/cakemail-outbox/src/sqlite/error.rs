//! What SQLite reports, as errors that say what to do.

use rusqlite::ffi::ErrorCode;

use crate::Error;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let hint = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => "the disk is full: nothing was changed; make room",
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                "the database cannot be written: check the permissions of its file and folder"
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another connection kept the database locked: end its transaction"
            }
            Some(ErrorCode::CannotOpen) => "the database cannot be opened: check its path and the permissions",
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "the file is not an intact SQLite database",
            _ => return Self::Database(Box::new(error)),
        };
        Self::Database(Box::new(Failure { hint, error }))
    }
}

/// An error of SQLite with its remedy.
#[derive(Debug, thiserror::Error)]
#[error("{hint}")]
struct Failure {
    hint: &'static str,
    #[source]
    error: rusqlite::Error,
}
