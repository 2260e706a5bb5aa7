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
/// The time limit of the last poll, which starts when the timeout has passed.
const LAST_POLL: Duration = Duration::from_secs(1);

pub(crate) async fn wait_for(client: &Client, id: &EmailId, milestone: Milestone, timeout: Duration) -> Result<Email> {
    let deadline = time::from_now(timeout);
    let operation = GetEmail { email_id: id.clone() };
    let mut interval = FIRST_INTERVAL;
    let mut seen = None;
    loop {
        let is_last = Instant::now() >= deadline;
        let poll_end = if is_last { time::from_now(LAST_POLL) } else { deadline };
        // A poll that the deadline ends is the last one: the server does not respond.
        let Ok(polled) = tokio::time::timeout_at(poll_end, client.execute(&operation)).await else {
            return Err(timed_out(seen.filter(Result::is_err)));
        };
        match polled {
            Ok(email) if milestone.is_reached(&email) => return Ok(email),
            Ok(email) if is_final_failure(&email) => {
                let message = format!("the email cannot reach the milestone: its status is {}", email.status);
                return Err(failure(ErrorKind::Undeliverable, message));
            }
            Err(error) if !may_pass(error.kind()) => return Err(error),
            polled => seen = Some(polled.map(|email| email.status)),
        }
        if is_last {
            return Err(timed_out(seen));
        }
        tokio::time::sleep_until(deadline.min(Instant::now() + interval)).await;
        interval = (interval * 3 / 2).min(MAX_INTERVAL);
    }
}

/// Whether a later poll may succeed where this one failed. A new email may not be found at first.
fn may_pass(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::RateLimited
            | ErrorKind::Server
            | ErrorKind::Connect
            | ErrorKind::Timeout
            | ErrorKind::ConnectionLost
            | ErrorKind::UnexpectedResponse
    )
}

impl Milestone {
    fn is_reached(self, email: &Email) -> bool {
        let status = &email.status;
        let clicked = *status == EmailStatus::Clicked || email.clicks > 0;
        let opened = clicked || *status == EmailStatus::Opened || email.opens > 0;
        let delivered = opened || status.is_delivered();
        match self {
            Self::Queued => delivered || was_queued(email),
            Self::Delivered => delivered,
            Self::Opened => opened,
            Self::Clicked => clicked,
        }
    }
}

/// Whether the email is or was queued. An email that bounced had been queued.
fn was_queued(email: &Email) -> bool {
    let bounced = email.soft_bounced || email.hard_bounced;
    bounced || matches!(email.status, EmailStatus::Queued | EmailStatus::Sent | EmailStatus::Bounced)
}

/// Whether the email failed for good. After a soft bounce it may still be delivered.
fn is_final_failure(email: &Email) -> bool {
    email.hard_bounced || (email.status.is_failure() && !email.soft_bounced)
}

/// The error at the end of the timeout: it says what the last poll that ended has seen.
fn timed_out(seen: Option<Result<EmailStatus>>) -> Error {
    match seen {
        // The id may be wrong.
        Some(Err(error)) if error.kind() == ErrorKind::NotFound => error,
        Some(Err(error)) => failure(ErrorKind::Timeout, NOT_RETRIEVED.to_owned()).with_source(error),
        Some(Ok(status)) => {
            let message = format!("the email did not reach the milestone in time: its status is {status}");
            failure(ErrorKind::Timeout, message)
        }
        None => failure(ErrorKind::Timeout, NOT_RETRIEVED.to_owned()),
    }
}

const NOT_RETRIEVED: &str = "the email's status could not be retrieved in time";

fn failure(kind: ErrorKind, message: String) -> Error {
    Error::new(kind, message).in_operation(GetEmail::ID).with_attempts(1)
}
