//! Following an email until it has come as far as it should.

use std::time::Duration;

use cakemail_model::emails::{Email, GetEmail};
use cakemail_model::{EmailId, EmailStatus, Operation};
use tokio::time::Instant;

use crate::pipeline::after;
use crate::{Emails, Error, ErrorKind, Result};

/// How far an email is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Milestone {
    /// It waits for delivery, or is further.
    Queued,
    /// It is at the recipient's mail server, or further.
    Delivered,
    /// It was opened.
    Opened,
    /// A link in it was clicked.
    Clicked,
}

/// The first and the longest pause between two looks.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(5);

pub(crate) async fn wait_for(
    emails: &Emails<'_>,
    id: &EmailId,
    milestone: Milestone,
    timeout: Duration,
) -> Result<Email> {
    let until = after(timeout);
    let mut pause = FIRST;
    loop {
        let email = match tokio::time::timeout_at(until, emails.get(id)).await {
            Ok(email) => email?,
            Err(_) => return Err(impatient(None)),
        };
        if milestone.is_reached(&email) {
            return Ok(email);
        }
        if is_lost(&email) {
            let message = format!("the email cannot reach the milestone: its status is {}", email.status);
            return Err(Error::new(ErrorKind::Undeliverable, message).in_operation(GetEmail::ID).with_attempts(1));
        }
        if Instant::now() + pause >= until {
            return Err(impatient(Some(&email.status)));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(LONGEST);
    }
}

impl Milestone {
    fn is_reached(self, email: &Email) -> bool {
        let status = &email.status;
        let clicked = *status == EmailStatus::Clicked || email.click > 0;
        let opened = clicked || *status == EmailStatus::Opened || email.open > 0;
        let delivered = opened || status.is_delivered();
        match self {
            Self::Queued => delivered || matches!(status, EmailStatus::Queued | EmailStatus::Sent),
            Self::Delivered => delivered,
            Self::Opened => opened,
            Self::Clicked => clicked,
        }
    }
}

/// Whether it will come no further. A soft bounce may still be followed by a delivery.
fn is_lost(email: &Email) -> bool {
    email.hard_bounced || (email.status.is_failure() && !email.soft_bounced)
}

fn impatient(status: Option<&EmailStatus>) -> Error {
    let message = match status {
        Some(status) => format!("the email did not reach the milestone in time: its status is {status}"),
        None => "the email's status could not be retrieved in time".to_owned(),
    };
    Error::new(ErrorKind::Timeout, message).in_operation(GetEmail::ID).with_attempts(1)
}
