//! Waits until an email reaches a milestone, by polling its status.

use std::time::Duration;

use cakemail_model::emails::{Email, GetEmail};
use cakemail_model::{EmailId, EmailStatus, Operation};
use tokio::time::Instant;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::time;

/// A milestone in the life of an email. An email that has passed it has reached it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Milestone {
    /// It is queued for delivery.
    Queued,
    /// The recipient's mail server accepted it.
    Delivered,
    /// The recipient opened it.
    Opened,
    /// The recipient clicked a link in it.
    Clicked,
}

/// The first interval between two polls. It grows by half each time.
const FIRST_INTERVAL: Duration = Duration::from_millis(500);
const MAX_INTERVAL: Duration = Duration::from_secs(5);

pub(crate) async fn wait_for(client: &Client, id: &EmailId, milestone: Milestone, timeout: Duration) -> Result<Email> {
    let deadline = time::from_now(timeout);
    let operation = GetEmail { email_id: id.clone() };
    let mut interval = FIRST_INTERVAL;
    loop {
        let email = match tokio::time::timeout_at(deadline, client.execute(&operation)).await {
            Ok(email) => email?,
            Err(_) => return Err(timed_out(None)),
        };
        if milestone.is_reached(&email) {
            return Ok(email);
        }
        if is_final_failure(&email) {
            let message = format!("the email cannot reach the milestone: its status is {}", email.status);
            return Err(failure(ErrorKind::Undeliverable, message));
        }
        if Instant::now() + interval >= deadline {
            return Err(timed_out(Some(&email.status)));
        }
        tokio::time::sleep(interval).await;
        interval = (interval * 3 / 2).min(MAX_INTERVAL);
    }
}

impl Milestone {
    fn is_reached(self, email: &Email) -> bool {
        let status = &email.status;
        let clicked = *status == EmailStatus::Clicked || email.clicks > 0;
        let opened = clicked || *status == EmailStatus::Opened || email.opens > 0;
        let delivered = opened || status.is_delivered();
        match self {
            Self::Queued => delivered || matches!(status, EmailStatus::Queued | EmailStatus::Sent),
            Self::Delivered => delivered,
            Self::Opened => opened,
            Self::Clicked => clicked,
        }
    }
}

/// Whether the email failed for good. After a soft bounce it may still be delivered.
fn is_final_failure(email: &Email) -> bool {
    email.hard_bounced || (email.status.is_failure() && !email.soft_bounced)
}

fn timed_out(status: Option<&EmailStatus>) -> Error {
    let message = match status {
        Some(status) => format!("the email did not reach the milestone in time: its status is {status}"),
        None => "the email's status could not be retrieved in time".to_owned(),
    };
    failure(ErrorKind::Timeout, message)
}

fn failure(kind: ErrorKind, message: String) -> Error {
    Error::new(kind, message).in_operation(GetEmail::ID).with_attempts(1)
}
