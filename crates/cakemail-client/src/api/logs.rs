//! Logs: what happened to emails, line by line and email by email.

use cakemail_model::Page;
use cakemail_model::logs::{EmailLog, EmailSummary, ListEmailLogs, ListEmailSummaries, LogQuery, SummaryQuery};

use crate::listing::paged;
use crate::{Listing, Result};

group! {
    /// Logs: what happened to emails, line by line and email by email.
    ///
    /// Without a `start_time` the API searches the last seven days only. That an email is not in the logs does not
    /// prove that it was not accepted.
    Logs, logs
}

paged! {
    ListEmailLogs => EmailLog,
    ListEmailSummaries => EmailSummary,
}

impl Logs<'_> {
    /// What happened, one line for each event, the newest first. `GET /v2/logs/emails`
    pub fn list(&self, query: LogQuery) -> Listing<EmailLog> {
        Listing::new(self.client, ListEmailLogs { query })
    }

    /// One page of that.
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn page(&self, query: LogQuery) -> Result<Page<EmailLog>> {
        self.client.execute(&ListEmailLogs { query }).await
    }

    /// What became of each email, one row for each. `GET /logs/emails-summary`
    pub fn summaries(&self, query: SummaryQuery) -> Listing<EmailSummary> {
        Listing::new(self.client, ListEmailSummaries { query })
    }
}
