//! The ledger: how often each email was accepted.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use crate::domain::{Account, Email, State};

/// How often each email was accepted, at the time of the call of [`Sandbox::ledger`](crate::Sandbox::ledger).
///
/// An email is accepted when the sandbox stores it, with any status (`rejected` too), even if its response was lost.
/// Rows exist for the emails that are still stored ([`Builder::keep`](crate::Builder::keep)); counts include all.
#[derive(Debug, Clone)]
pub struct Ledger {
    posts: u64,
    accepted: u64,
    unanswered: u64,
    duplicates: u64,
    rows: Vec<LedgerRow>,
    /// Account and fingerprint of each row.
    fingerprints: Vec<(i64, u64)>,
    recipients: HashMap<String, u64>,
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
}

impl From<&Email> for LedgerRow {
    fn from(email: &Email) -> Self {
        Self {
            id: email.id.to_string(),
            recipient: email.recipient.clone(),
            tags: email.tags().map(str::to_owned).collect(),
            accepted_at: email.submitted.system(),
            answered: email.answered,
        }
    }
}

impl Ledger {
    /// The ledger of an account, or of all.
    pub(crate) fn of(state: &State, account: Option<i64>) -> Self {
        let accounts = || state.accounts.iter().filter(|it| account.is_none_or(|id| id == it.id));
        let emails = || accounts().flat_map(|account| account.emails.iter());
        let counts = || accounts().map(|account| account.emails.counts());
        let mut recipients = HashMap::new();
        for email in emails() {
            *recipients.entry(email.recipient.to_lowercase()).or_default() += 1;
        }
        Self {
            posts: match account {
                None => state.submissions,
                Some(_) => accounts().map(|it| it.submissions).sum(),
            },
            accepted: counts().map(|it| it.accepted).sum(),
            unanswered: counts().map(|it| it.unanswered).sum(),
            duplicates: counts().map(|it| it.duplicates).sum(),
            rows: emails().map(LedgerRow::from).collect(),
            fingerprints: accounts().flat_map(Account::fingerprints).collect(),
            recipients,
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
        self.accepted
    }

    /// How many emails were accepted without a whole response.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        self.unanswered
    }

    /// How many emails to `recipient` were accepted, without regard to case; of those that are still stored.
    #[must_use]
    pub fn accepted(&self, recipient: &str) -> u64 {
        self.recipients.get(&recipient.to_lowercase()).copied().unwrap_or_default()
    }

    /// How many emails were accepted that had been accepted before, by the same account: the same recipient and the
    /// same
    /// `key-…` tag, or without such a tag the same submission, in any order of its fields.
    #[must_use]
    pub fn duplicate_count(&self) -> u64 {
        self.duplicates
    }

    /// The emails that had been accepted before; of those that are still stored.
    #[must_use]
    pub fn duplicates(&self) -> Vec<&LedgerRow> {
        let mut seen = HashSet::new();
        let duplicates = self.rows.iter().zip(&self.fingerprints).filter(|(_, fingerprint)| !seen.insert(*fingerprint));
        duplicates.map(|(row, _)| row).collect()
    }

    /// The emails, oldest first, account by account.
    #[must_use]
    pub fn rows(&self) -> &[LedgerRow] {
        &self.rows
    }
}
