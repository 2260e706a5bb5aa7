//! The outcome that the client reports for an email, checked against the sandbox's ledger.

use std::fmt;

use cakemail::sandbox::Ledger;
use cakemail::{Outcome, Result, Sent};

/// The outcome that the client reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    Accepted,
    /// The server refused it.
    Refused,
    /// The server did not receive it.
    NotSent,
    Unknown,
}

impl Report {
    pub fn of(result: &Result<Sent>) -> Self {
        match result {
            Ok(_) => Self::Accepted,
            Err(error) => match error.outcome() {
                Outcome::Done => Self::Accepted,
                Outcome::Unknown => Self::Unknown,
                Outcome::NotDone if error.status().is_some() => Self::Refused,
                Outcome::NotDone => Self::NotSent,
            },
        }
    }

    /// Whether it is true of an email that the server accepted this many times.
    fn is_true_of(self, accepted: u64) -> bool {
        match self {
            Self::Accepted => accepted == 1,
            Self::Refused | Self::NotSent => accepted == 0,
            Self::Unknown => accepted <= 1,
        }
    }

    /// The contradiction between this report and the ledger, if there is one.
    pub fn contradiction(self, ledger: &Ledger, recipient: &str) -> Option<String> {
        let accepted = ledger.accepted(recipient);
        (!self.is_true_of(accepted))
            .then(|| format!("the client reports {self} for {recipient}, which was accepted {accepted} times"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::NotSent => "not sent",
            Self::Unknown => "unknown",
        })
    }
}

/// How many attempts the client reports.
pub fn attempts(result: &Result<Sent>) -> u32 {
    match result {
        Ok(sent) => sent.attempts,
        Err(error) => error.attempts(),
    }
}
