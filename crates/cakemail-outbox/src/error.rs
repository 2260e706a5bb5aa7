//! Errors of the outbox.

use cakemail_model::FieldErrors;

/// A result of the outbox.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What failed. None of these says anything about whether an email was sent: the ledger does.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The email cannot be enqueued as it is.
    #[error("the email with the key {key} cannot be enqueued: {errors}")]
    Invalid {
        /// The key's tag.
        key: String,
        /// The fields to correct.
        errors: FieldErrors,
    },
    /// The key was used for another email.
    #[error("the key {key} is in use for another email: use a key of its own for each email")]
    KeyConflict {
        /// The key's tag.
        key: String,
    },
    /// No email has the key.
    #[error("no email has the key {0}")]
    NotFound(String),
    /// The email's state does not allow it.
    #[error(transparent)]
    NotAllowed(#[from] crate::state::NotAllowed),
    /// The client cannot send the emails of an outbox.
    #[error("the client cannot send the emails of an outbox: {0}")]
    Client(#[source] cakemail_client::Error),
    /// A worker's rate is not a number of emails in a second.
    #[error("the rate is {0}: it must be finite and above zero")]
    InvalidRate(f64),
    /// The lock of the owner ended, for instance with the connection to the database. Take another one.
    #[error("the worker's lock ended: its connection to the database was lost")]
    OwnerLost,
    /// A newer version of this crate has changed the tables.
    #[error(
        "the tables of the outbox have version {found}, and this program knows version {known}: update the program"
    )]
    NewerSchema {
        /// The version of the tables.
        found: usize,
        /// The newest version that this crate knows.
        known: usize,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}
