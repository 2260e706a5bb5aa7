//! Single pages of the logs.

use cakemail_model::Page;
use cakemail_model::logs::{EmailLog, ListEmailLogs, LogQuery};

use crate::{Logs, Result};

impl Logs<'_> {
    /// One page of [`list`](Self::list), with the window and the filters as the server understood them.
    /// `GET /v2/logs/emails`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the query, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn page(&self, query: LogQuery) -> Result<Page<EmailLog>> {
        self.client.execute(&ListEmailLogs { query }).await
    }
}
