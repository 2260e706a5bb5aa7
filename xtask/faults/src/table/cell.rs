//! A cell of the table: how a call ends, and whether that is true.

use std::fmt;

use cakemail::{ConfirmedBy, Error, ErrorKind, Outcome, Sent};

use super::happenings::Kind;
use crate::Result;
use cakemail_faults::proxy::Proxy;

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    outcome: Outcome,
    kind: Option<ErrorKind>,
    /// `None` when the call does not tell.
    attempts: Option<u32>,
    found_in_logs: bool,
    /// Unknown, although the server had not read the whole request.
    is_unread: bool,
}

impl Cell {
    pub fn of_call(result: &cakemail::Result<()>) -> Self {
        match result {
            Ok(()) => Self::done(None),
            Err(error) => Self::failed(error),
        }
    }

    pub fn of_send(result: &cakemail::Result<Sent>) -> Self {
        match result {
            Ok(sent) => {
                let found_in_logs = sent.confirmed_by == ConfirmedBy::Reconciliation;
                Self { found_in_logs, ..Self::done(Some(sent.attempts)) }
            }
            Err(error) => Self::failed(error),
        }
    }

    fn done(attempts: Option<u32>) -> Self {
        Self { outcome: Outcome::Done, kind: None, attempts, found_in_logs: false, is_unread: false }
    }

    fn failed(error: &Error) -> Self {
        Self { kind: Some(error.kind()), outcome: error.outcome(), ..Self::done(Some(error.attempts())) }
    }

    /// Compares the report with what the proxy passed on. A call that does not tell its attempts has made as many as
    /// requests arrived.
    ///
    /// # Errors
    /// When the report is false.
    pub fn checked(mut self, kind: Kind, proxy: &Proxy) -> Result<Self> {
        let is_true = match self.outcome {
            // A read does nothing that could be done.
            Outcome::NotDone => kind == Kind::Read || proxy.applied() == 0,
            Outcome::Done => proxy.applied() > 0,
            Outcome::Unknown => true,
        };
        if !is_true {
            return Err(format!("reported {self}, processed {} times", proxy.applied()).into());
        }
        self.is_unread = self.outcome == Outcome::Unknown && proxy.whole_requests() == 0;
        self.attempts = self.attempts.or(u32::try_from(proxy.requests()).ok());
        Ok(self)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.outcome {
            Outcome::NotDone => "not done",
            Outcome::Done => "done",
            Outcome::Unknown => "**unknown**",
        })?;
        if self.is_unread {
            f.write_str("\\*")?;
        }
        if self.found_in_logs {
            f.write_str(", by the logs")?;
        }
        if let Some(kind) = self.kind {
            write!(f, " `{kind:?}`")?;
        }
        match self.attempts {
            None | Some(1) => Ok(()),
            Some(attempts) => write!(f, " ×{attempts}"),
        }
    }
}
