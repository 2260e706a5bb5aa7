//! Emails: send one, look at one, follow one.

use std::time::Duration;

use cakemail_model::emails::{Email, GetEmail, NewEmail, RenderEmail, RenderEmailQuery, Submission, SubmitEmail};
use cakemail_model::{EmailId, Operation};

use crate::wait::{Milestone, wait_for};
use crate::{Error, Result};

group! {
    /// Emails: send one, look at one, follow one.
    Emails, emails
}

impl Emails<'_> {
    /// Checks an email and submits it. `POST /v2/emails`
    ///
    /// It is never submitted twice: when the answer is lost the error's [`outcome`](Error::outcome) is
    /// [`Unknown`](crate::Outcome::Unknown).
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid), with every fault, when it cannot be right; nothing is sent
    /// then. Else as [`Error`] says. A suppressed recipient is no error: the submission's status says `rejected`.
    pub async fn send(&self, email: &NewEmail) -> Result<Submission> {
        email.validate().map_err(|faults| Error::invalid(SubmitEmail::ID, faults.into_vec()))?;
        Ok(self.client.execute(&SubmitEmail { body: email }).await?.data)
    }

    /// What has become of an email. `GET /v2/emails/{email_id}`
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn get(&self, id: &EmailId) -> Result<Email> {
        self.client.execute(&GetEmail { email_id: id.clone() }).await
    }

    /// The email as its recipient sees it, or as it was submitted: HTML. `GET /v2/emails/{email_id}/render`
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn render(&self, id: &EmailId, query: RenderEmailQuery) -> Result<String> {
        self.client.execute(&RenderEmail { email_id: id.clone(), query }).await
    }

    /// Waits until an email has come as far as `milestone`, for at most `patience`.
    ///
    /// Looks at it again and again, ever less often: after half a second at first, every five seconds in the end.
    ///
    /// # Errors
    /// [`ErrorKind::Undeliverable`](crate::ErrorKind::Undeliverable) as soon as it can no longer come so far: it
    /// bounced, was rejected or failed. [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when patience is at its end.
    /// Else as [`Error`] says.
    pub async fn wait_for(&self, id: &EmailId, milestone: Milestone, patience: Duration) -> Result<Email> {
        wait_for(self, id, milestone, patience).await
    }
}
