//! The ledger: how often each email was accepted.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;
use std::time::SystemTime;

use crate::domain::index::Rows;
use crate::domain::{Email, EmailCounts, State};

/// How often each email was accepted, at the time of the call of [`Sandbox::ledger`](crate::Sandbox::ledger).
///
/// An email is accepted when the sandbox stores it, with any status (`rejected` too), even if its response was lost.
/// Rows exist for the emails that are still stored ([`Builder::keep`](crate::Builder::keep)); counts include all.
#[derive(Clone)]
pub struct Ledger {
    posts: u64,
    counts: EmailCounts,
    /// The emails of each account.
    emails: Vec<Rows<Email>>,
    rows: OnceLock<Vec<LedgerRow>>,
    /// How many emails were accepted for each recipient, in lower case.
    recipients: OnceLock<HashMap<String, u64>>,
}

/// An email that was accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LedgerRow {
    /// The email's id.
    pub id: String,
    /// Its recipient, as submitted.
    pub recipient: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was accepted, by the sandbox's clock.
    pub accepted_at: SystemTime,
    /// Whether the whole response was written to the connection: no fault withheld it or cut it off. The client may not
    /// have read it.
    pub answered: bool,
    /// Whether it had been accepted before; see [`Ledger::duplicate_count`].
    pub duplicate: bool,
}

impl From<&Email> for LedgerRow {
    fn from(email: &Email) -> Self {
        Self {
            id: email.id.to_string(),
            recipient: email.recipient.as_ref().into(),
            tags: email.tags().map(str::to_owned).collect(),
            accepted_at: email.submitted.system(),
            answered: email.answered,
            duplicate: email.duplicate,
        }
    }
}

impl Ledger {
    /// The ledger of an account, or of all.
    pub(crate) fn of(state: &State, account: Option<i64>) -> Self {
        let accounts = || state.accounts.iter().filter(|it| account.is_none_or(|id| id == it.id));
        Self {
            posts: match account {
                None => state.submissions,
                Some(_) => accounts().map(|it| it.submissions).sum(),
            },
            counts: accounts().map(|account| account.emails.counts()).sum(),
            emails: accounts().map(|account| account.emails.view()).collect(),
            rows: OnceLock::new(),
            recipients: OnceLock::new(),
        }
    }

    /// How many `POST /v2/emails` were read, accepted or not. A fault at [`Phase::Accept`](crate::Phase::Accept)
    /// prevents reading.
    #[must_use]
    pub fn posts(&self) -> u64 {
        self.posts
    }

    /// How many emails were accepted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.accepted
    }

    /// How many emails were accepted without a whole response.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        self.counts.unanswered
    }

    /// How many of the accepted emails were dropped since, because the sandbox stores only the latest.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.counts.dropped
    }

    /// How many emails to `recipient` were accepted, without regard to case; of those that are still stored.
    #[must_use]
    pub fn accepted(&self, recipient: &str) -> u64 {
        let recipients = self.recipients.get_or_init(|| {
            let mut recipients = HashMap::new();
            for email in self.emails() {
                *recipients.entry(email.recipient.to_lowercase()).or_default() += 1;
            }
            recipients
        });
        recipients.get(&recipient.to_lowercase()).copied().unwrap_or_default()
    }

    /// How many emails were accepted that had been accepted before, by the same account: the same recipient and the
    /// same `key-…` tag, or without such a tag the same submission, in any order of its fields.
    #[must_use]
    pub fn duplicate_count(&self) -> u64 {
        self.counts.duplicates
    }

    /// The emails that had been accepted before; of those that are still stored.
    #[must_use]
    pub fn duplicates(&self) -> Vec<&LedgerRow> {
        self.rows().iter().filter(|row| row.duplicate).collect()
    }

    /// The emails, oldest first, account by account.
    #[must_use]
    pub fn rows(&self) -> &[LedgerRow] {
        self.rows.get_or_init(|| self.emails().map(LedgerRow::from).collect())
    }

    fn emails(&self) -> impl Iterator<Item = &Email> {
        self.emails.iter().flat_map(Rows::iter).map(|(_, email)| &**email)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("posts", &self.posts)
            .field("counts", &self.counts)
            .field("rows", &self.rows())
            .finish_non_exhaustive()
    }
}
