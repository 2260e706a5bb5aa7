//! Logs: what happened to emails, line by line and email by email.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::logs::{EmailLog, EmailSummary, ListEmailLogs, ListEmailSummaries, LogQuery, SummaryQuery};

use crate::listing::Paged;
use crate::{Client, Listing};

/// Logs: what happened to emails, line by line and email by email.
#[derive(Debug, Clone, Copy)]
pub struct Logs<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Logs: what happened to emails, line by line and email by email.
    pub fn logs(&self) -> Logs<'_> {
        Logs { client: self }
    }
}

impl Logs<'_> {
    /// Lists submitted emails, one row for each, with what became of them.
    ///
    /// Where the logs have one entry for each event, this has one for each email. Without
    /// `start_time` the window is presumably the last seven days, as for the logs, and older emails
    /// are left out without a word. How soon an event shows up is unknown, so absence is never
    /// proof that an email was not sent. The answer says whether there are more pages, but holds no
    /// total.
    ///
    /// `GET /logs/emails-summary`
    pub fn summaries(&self, query: SummaryQuery) -> Listing<EmailSummary> {
        Listing::new(self.client, ListEmailSummaries { query })
    }

    /// Lists what happened to emails, one entry for each event.
    ///
    /// Without `start_time` the window is the last seven days: older events are left out without a
    /// word, so give a time when you look for an older email. How soon an event shows up is
    /// unknown, so absence is never proof that an email was not sent. The answer says whether there
    /// are more pages, but holds no total.
    ///
    /// `GET /v2/logs/emails`
    pub fn list(&self, query: LogQuery) -> Listing<EmailLog> {
        Listing::new(self.client, ListEmailLogs { query })
    }
}

impl Paged for ListEmailSummaries {
    type Item = EmailSummary;

    fn page(&self) -> u64 {
        self.query.page.unwrap_or(1)
    }

    fn per_page(&self) -> Option<u64> {
        self.query.per_page
    }

    fn advance(&mut self, _: Option<&str>) {
        self.query.page = Some(self.page().saturating_add(1));
    }
}

impl Paged for ListEmailLogs {
    type Item = EmailLog;

    fn page(&self) -> u64 {
        self.query.page.unwrap_or(1)
    }

    fn per_page(&self) -> Option<u64> {
        self.query.per_page
    }

    fn advance(&mut self, _: Option<&str>) {
        self.query.page = Some(self.page().saturating_add(1));
    }
}
