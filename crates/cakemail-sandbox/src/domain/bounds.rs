//! The limits of what a sandbox stores.

use serde::{Deserialize, Serialize};

/// The memory in bytes that emails must be allowed for each recipient that is added to a list. A contact takes a fifth
/// of that in addition, and stays when its emails are dropped.
const BYTES_PER_RECIPIENT: usize = 2048;

/// The limits of storage. Beyond them the oldest emails are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bounds {
    /// Emails of each account.
    pub(crate) max_emails: Option<usize>,
    /// Bytes of all emails.
    pub(crate) max_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { max_emails: None, max_bytes: usize::MAX }
    }
}

impl Bounds {
    /// How many contacts a list may have for an unlisted recipient to be added to it.
    pub(crate) fn max_listed_recipients(self) -> usize {
        self.max_emails.unwrap_or(usize::MAX).min(self.max_bytes / BYTES_PER_RECIPIENT)
    }
}
