//! Emails: send one, look at one, follow one.

use std::time::Duration;

use cakemail_model::EmailId;
use cakemail_model::emails::{Email, GetEmail, NewEmail, RenderEmail, RenderEmailQuery};
use futures_core::Stream;

use crate::Result;
use crate::bulk::{BulkOptions, BulkResults};
use crate::idempotent::{IdempotencyKey, ReconcilePolicy, send_idempotent};
use crate::send::{self, Sent};
use crate::wait::{Milestone, wait_for};

group! {
    /// Emails: send one, look at one, follow one.
    Emails, emails
}

impl Emails<'_> {
    /// Checks an email and submits it. `POST /v2/emails`
    ///
    /// It is never submitted twice: when the answer is lost the error's [`outcome`](crate::Error::outcome) is
    /// [`Unknown`](crate::Outcome::Unknown). [`send_idempotent`](Self::send_idempotent) can then find out.
    ///
    /// What is attached from a path or a reader is read while it is sent, anew for each attempt, in the runtime's threads
    /// for that. When it cannot be read to the end it had when it was attached, the email is not sent whole, no server
    /// can have taken it, and it is not tried again.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), with every fault, when it cannot be right, and nothing is sent
    /// then; or when a file cannot be read. Else as [`Error`](crate::Error) says. A suppressed recipient is no error: the status says `rejected`.
    pub async fn send(&self, email: &NewEmail) -> Result<Sent> {
        send::send(self.client, email).await
    }

    /// Submits an email under a key, unless the logs have an email with that key; and when the answer is lost, looks
    /// for the key in the logs before anything else. `POST /v2/emails`, `GET /v2/logs/emails`
    ///
    /// The key travels as a tag. The same key again, from this or another process, answers the first email's id once
    /// the logs have it. What this cannot promise: how soon they have it is not documented, so two calls with one key
    /// at the same moment may both submit, and an email that was accepted may not be found in time.
    ///
    /// # Errors
    /// As [`send`](Self::send). The outcome is [`Unknown`](crate::Outcome::Unknown) when the logs did not have it
    /// within the policy's window; to call again with the same key is then the way to find out.
    pub async fn send_idempotent(
        &self,
        email: &NewEmail,
        key: &IdempotencyKey,
        policy: &ReconcilePolicy,
    ) -> Result<Sent> {
        send_idempotent(self.client, email, key, policy).await
    }

    /// Sends many emails, each with a name of the caller's, and streams the outcomes as they come. Constant memory,
    /// whatever their number.
    pub fn send_all<K, S>(&self, emails: S, options: BulkOptions) -> BulkResults<K>
    where
        S: Stream<Item = (K, NewEmail)> + Send + 'static,
    {
        BulkResults::new(self.client, emails, options)
    }

    /// What has become of an email. `GET /v2/emails/{email_id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn get(&self, id: &EmailId) -> Result<Email> {
        self.client.execute(&GetEmail { email_id: id.clone() }).await
    }

    /// The email as its recipient sees it, or as it was submitted: HTML. `GET /v2/emails/{email_id}/render`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn render(&self, id: &EmailId, query: RenderEmailQuery) -> Result<String> {
        self.client.execute(&RenderEmail { email_id: id.clone(), query }).await
    }

    /// Waits until an email has come as far as `milestone`, for at most `timeout`.
    ///
    /// Looks at it again and again, ever less often: after half a second at first, every five seconds in the end.
    ///
    /// # Errors
    /// [`ErrorKind::Undeliverable`](crate::ErrorKind::Undeliverable) as soon as it can no longer come so far: it
    /// bounced, was rejected or failed. [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when timeout is at its end.
    /// Else as [`Error`](crate::Error) says.
    pub async fn wait_for(&self, id: &EmailId, milestone: Milestone, timeout: Duration) -> Result<Email> {
        wait_for(self, id, milestone, timeout).await
    }
}
