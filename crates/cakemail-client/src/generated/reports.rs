//! Reports: counts of the events of emails.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::reports::{EmailReport, GetEmailReport, ReportQuery};

use crate::{Client, Result};

/// Reports: counts of the events of emails.
#[derive(Debug, Clone, Copy)]
pub struct Reports<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Reports: counts of the events of emails.
    pub fn reports(&self) -> Reports<'_> {
        Reports { client: self }
    }
}

impl Reports<'_> {
    /// Counts events by intervals of time, with rates.
    ///
    /// Every interval is complete except the last one, which ends with the window. Without
    /// `start_time` the window is the last seven days.
    ///
    /// `GET /v2/reports/emails`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request, and the
    /// kinds that [every call](crate::Client::execute) can return.
    pub async fn emails(&self, query: ReportQuery) -> Result<EmailReport> {
        self.client.execute(&GetEmailReport { query }).await
    }
}
