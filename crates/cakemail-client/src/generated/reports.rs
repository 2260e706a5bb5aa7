//! Reports: what happened to emails, counted.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::reports::{EmailReport, GetEmailReport, ReportQuery};

use crate::{Client, Result};

/// Reports: what happened to emails, counted.
#[derive(Debug, Clone, Copy)]
pub struct Reports<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Reports: what happened to emails, counted.
    pub fn reports(&self) -> Reports<'_> {
        Reports { client: self }
    }
}

impl Reports<'_> {
    /// Counts events by intervals of time, with rates.
    ///
    /// Every interval is whole but the last, which the end of the window presumably cuts short.
    /// Without `start_time` the window is presumably the last seven days, as for the logs.
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
