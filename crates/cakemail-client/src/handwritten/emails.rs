//! Sending emails, and waiting for their delivery.

use std::time::Duration;

use cakemail_model::emails::{Email, NewEmail};
use cakemail_model::logs::ListEmailLogs;
use cakemail_model::{EmailId, Operation};
use futures_core::Stream;

use crate::bulk::{BulkOptions, BulkResults};
use crate::idempotent::{IdempotencyKey, ReconcilePolicy, send_idempotent};
use crate::log_search::{self, Found, LoggedEmail, Wanted};
use crate::send::{self, Sent};
use crate::wait::{Milestone, wait_for};
use crate::{Emails, Result};

impl Emails<'_> {
    /// Validates an email and submits it. `POST /v2/emails`
    ///
    /// The client never submits it twice: when the response is lost, the error's [`outcome`](crate::Error::outcome) is
    /// [`Unknown`](crate::Outcome::Unknown). [`send_idempotent`](Self::send_idempotent) can then find out.
    ///
    /// An attachment given as a path or a reader is read during each attempt, on the runtime's blocking threads. If
    /// it can no longer be read to the length that it had when it was attached, the request stays incomplete, no server
    /// can have accepted the email, and the client does not try again.
    ///
    /// # Errors
    /// [`Undeliverable`](crate::ErrorKind::Undeliverable) if the server recorded the email and refused to send it, for
    /// instance because the recipient is suppressed: see [`refused_email`](crate::Error::refused_email).
    /// [`Invalid`](crate::ErrorKind::Invalid), with every invalid field, if the email is not valid or an attachment
    /// cannot be read; nothing was accepted then. [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects
    /// the email. Besides, the kinds that [every call](crate::Client::execute) can return.
    pub fn send<'s>(&'s self, email: &'s NewEmail) -> impl Future<Output = Result<Sent>> + Send + 's {
        // Not an `async fn`, which would hold its arguments a second time: a million sends may be in progress.
        send::send(self.client, email)
    }

    /// Submits an email under a key, unless it was submitted under this key before. `POST /v2/emails`,
    /// `GET /v2/logs/emails`
    ///
    /// The key is sent as a tag. When the response is lost, the client looks for the key in the logs before it does
    /// anything else. A call with the same key from this or another process returns the first email's id once the logs
    /// have it. Clones of a client remember the latest 5,000 keys: a call with one of them does not depend on the logs, and
    /// waits while another call with the key is in progress.
    ///
    /// The logs are not immediate, and their delay is not documented. Simultaneous calls with one key from two processes may
    /// therefore both submit, and the client may not find an accepted email in time.
    ///
    /// The call ends at its [deadline](crate::Client::deadline), the search included. It submits nothing in the last quarter
    /// of that time, or in the last 10 seconds if that is less.
    ///
    /// # Errors
    /// [`KeyConflict`](crate::ErrorKind::KeyConflict) if the key was used for an email with another recipient, subject or
    /// content: see [`key_conflict`](crate::Error::key_conflict). [`Timeout`](crate::ErrorKind::Timeout) with the outcome
    /// [`NotDone`](crate::Outcome::NotDone) if another call with the key was in progress until the deadline.
    ///
    /// As for [`send`](Self::send). The outcome is [`Unknown`](crate::Outcome::Unknown) if the logs did not have the
    /// email within the policy's window, or if the client does not understand their response; call again with the same
    /// key to find out. [`Undeliverable`](crate::ErrorKind::Undeliverable) also if the logs have an email with the key
    /// that was refused; to send it after all, use another key.
    pub async fn send_idempotent(
        &self,
        email: &NewEmail,
        key: &IdempotencyKey,
        policy: &ReconcilePolicy,
    ) -> Result<Sent> {
        send_idempotent(self.client, email, key, policy).await
    }

    /// Looks for the email that was submitted under a key in the logs of the last `lookback`, once: an email that was sent,
    /// rather than one that was refused. `GET /v2/logs/emails`
    ///
    /// The key counts as used for this email only: one with the key is it, unless the logs show another recipient or
    /// subject. `None` says that the logs do not have it, which proves nothing: they are not immediate, and their delay is
    /// not documented.
    ///
    /// # Errors
    /// [`KeyConflict`](crate::ErrorKind::KeyConflict) if the logs have the key for another email only: see
    /// [`key_conflict`](crate::Error::key_conflict). [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the
    /// client does not understand the logs, or they may have more entries than they show. Besides, the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn find(
        &self,
        key: &IdempotencyKey,
        email: &NewEmail,
        lookback: Duration,
    ) -> Result<Option<LoggedEmail>> {
        let wanted = Wanted { tag: key.tag(), email, is_unique: true };
        match log_search::find(self.client, wanted, Some(lookback)).await? {
            Found::Email(email) => Ok(Some(email)),
            Found::Nothing => Ok(None),
            Found::Other(conflict) => Err(conflict.in_operation(ListEmailLogs::ID)),
        }
    }

    /// Sends many emails, each with a label of the caller's, and streams the results as they arrive.
    ///
    /// Memory use does not grow with the number of emails.
    pub fn send_all<K, S>(&self, emails: S, options: BulkOptions) -> BulkResults<K>
    where
        S: Stream<Item = (K, NewEmail)> + Send + 'static,
    {
        BulkResults::new(self.client, emails, |_| None, options)
    }

    /// Sends many emails, each under its key as [`send_idempotent`](Self::send_idempotent) does, and streams the results of
    /// the keys as they arrive.
    ///
    /// After a crash, send the same emails under the same keys again: those that the logs have are not submitted again, and
    /// are [`PriorSend`](crate::ConfirmedBy::PriorSend). Each email costs a search of the logs, so leave out those whose
    /// results you stored.
    pub fn send_all_idempotent<S>(&self, emails: S, options: BulkOptions) -> BulkResults<IdempotencyKey>
    where
        S: Stream<Item = (IdempotencyKey, NewEmail)> + Send + 'static,
    {
        BulkResults::new(self.client, emails, |key| Some(key), options)
    }

    /// Waits until an email has reached `milestone`, for `timeout`.
    ///
    /// The client reads the email's status at once, after half a second, and then at growing intervals of up to five
    /// seconds. It reads the status a last time when `timeout` has passed, which may take another second. A read that
    /// fails is repeated, unless the credentials are rejected or the account is not allowed to read the email.
    ///
    /// # Errors
    /// [`Undeliverable`](crate::ErrorKind::Undeliverable) as soon as the email can no longer reach the milestone: it
    /// bounced, was rejected or failed. [`Timeout`](crate::ErrorKind::Timeout) after `timeout`; its source is the error
    /// of the last read, if that failed. [`NotFound`](crate::ErrorKind::NotFound) after `timeout` if the email does not
    /// exist. Besides, those of [`get`](Self::get).
    pub async fn wait_for(&self, id: &EmailId, milestone: Milestone, timeout: Duration) -> Result<Email> {
        wait_for(self.client, id, milestone, timeout).await
    }
}
