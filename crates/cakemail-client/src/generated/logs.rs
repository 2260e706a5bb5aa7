//! Logs: the events of emails, and a summary of each email.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::logs::{EmailLog, EmailSummary, ListEmailLogs, ListEmailSummaries, LogQuery, SummaryQuery};

use crate::listing::Paged;
use crate::{Client, Listing};

/// Logs: the events of emails, and a summary of each email.
#[derive(Debug, Clone, Copy)]
pub struct Logs<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Logs: the events of emails, and a summary of each email.
    pub fn logs(&self) -> Logs<'_> {
        Logs { client: self }
    }
}

impl Logs<'_> {
    /// Lists submitted emails, one row for each, with its state.
    ///
    /// Returns one row for each email; the logs have one for each event. Without `start_time` the
    /// window is the last seven days, and older emails are left out. Events appear after an
    /// unspecified delay: a missing row does not prove that an email was not sent. The response
    /// says whether there are more pages, but has no total.
    ///
    /// `GET /logs/emails-summary`
    pub fn summaries(&self, query: SummaryQuery) -> Listing<EmailSummary> {
        Listing::new(self.client, ListEmailSummaries { query })
    }

    /// Lists the events of emails, one entry for each.
    ///
    /// Without `start_time` the window is the last seven days, and older events are left out: give
    /// a time to find an older email. Events appear after an unspecified delay: a missing entry
    /// does not prove that an email was not sent. The response says whether there are more pages,
    /// but has no total.
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

    fn pin_end(&mut self, end: cakemail_model::Timestamp) {
        self.query.end_time.get_or_insert(end);
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

    fn pin_end(&mut self, end: cakemail_model::Timestamp) {
        self.query.end_time.get_or_insert(end);
    }

    fn advance(&mut self, _: Option<&str>) {
        self.query.page = Some(self.page().saturating_add(1));
    }
}
