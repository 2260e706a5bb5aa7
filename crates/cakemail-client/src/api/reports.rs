//! Reports: what happened to emails, counted.

use cakemail_model::reports::{EmailReport, GetEmailReport, ReportQuery};

use crate::Result;

group! {
    /// Reports: what happened to emails, counted.
    Reports, reports
}

impl Reports<'_> {
    /// What happened, counted by interval. `GET /v2/reports/emails`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn emails(&self, query: ReportQuery) -> Result<EmailReport> {
        self.client.execute(&GetEmailReport { query }).await
    }
}
