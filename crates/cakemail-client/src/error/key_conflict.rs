//! The error of a key that was used for another email.

use std::fmt;

use cakemail_model::EmailId;

use super::{Error, ErrorKind};

/// The email that an idempotency key was used for, when it is not the email of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyConflict {
    /// Its id. `None` if the client does not know it: its submission has not ended, or its response was lost.
    pub id: Option<EmailId>,
    /// What differs between the two emails.
    pub difference: KeyDifference,
}

/// What differs between two emails with the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyDifference {
    /// The recipient.
    Recipient,
    /// The subject.
    Subject,
    /// Another part, such as the body, an attachment or the sender. Only the client that submitted the first email notices
    /// it.
    Content,
}

impl fmt::Display for KeyDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recipient => "recipient",
            Self::Subject => "subject",
            Self::Content => "content",
        })
    }
}

impl Error {
    /// The error of a call whose key was used for another email.
    pub(crate) fn conflict(id: Option<EmailId>, difference: KeyDifference) -> Self {
        let message = format!("the key was used for another email, with another {difference}");
        let conflict = Some(Box::new(KeyConflict { id, difference }));
        Self::new(ErrorKind::KeyConflict, message).with(|inner| inner.conflict = conflict)
    }

    /// The email that the call's idempotency key was used for, if that is the failure.
    pub fn key_conflict(&self) -> Option<&KeyConflict> {
        self.0.conflict.as_deref()
    }
}
