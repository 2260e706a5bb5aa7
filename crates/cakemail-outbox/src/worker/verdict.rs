//! What the result of a submission or a search means: for its email, and for the emails after it.

use std::time::Duration;

use cakemail_client::{Error, ErrorKind, LoggedEmail, Outcome, Sent};

use crate::state::{Event, Reason, Remote};

/// What the result of a submission means.
#[derive(Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) event: Event,
    /// `None` if it says nothing about other submissions.
    pub(super) signal: Option<Signal>,
}

impl Verdict {
    /// A verdict that says nothing about other emails.
    pub(super) fn of_the_email(event: Event) -> Self {
        Self { event, signal: None }
    }
}

/// What the result of a submission says about the emails after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// The API decided about this email.
    Answered,
    /// Too many requests. The delay is the one that the server asks for.
    Limited(Option<Duration>),
    /// The API did not decide: the network or the server failed.
    Failed,
    /// Every email fails like this until someone acts: the credentials, the account or the configuration is wrong.
    Rejected,
}

/// The verdict on a submission.
pub(super) fn submission(result: Result<Sent, Error>) -> Verdict {
    let error = match result {
        Ok(sent) => return answered(Event::Accepted(Remote::new(sent.id))),
        Err(error) => error,
    };
    match error.outcome() {
        Outcome::Done => answered(Event::Accepted(Remote::new(None))),
        Outcome::Unknown => Verdict { event: Event::Lost(reason(&error)), signal: Some(Signal::Failed) },
        Outcome::NotDone => match signal(&error) {
            Signal::Answered => answered(Event::Refused(reason(&error))),
            signal => Verdict { event: not_sent(&error), signal: Some(signal) },
        },
    }
}

fn answered(event: Event) -> Verdict {
    Verdict { event, signal: Some(Signal::Answered) }
}

/// What a failure says about the emails after it, when this one was not accepted.
fn signal(error: &Error) -> Signal {
    match error.kind() {
        ErrorKind::Invalid | ErrorKind::Undeliverable | ErrorKind::KeyConflict => Signal::Answered,
        ErrorKind::BadRequest if is_of_the_email(error) => Signal::Answered,
        ErrorKind::NotFound if names_a_field(error) => Signal::Answered,
        ErrorKind::RateLimited => Signal::Limited(error.retry_after()),
        ErrorKind::Configuration | ErrorKind::Authentication | ErrorKind::MfaRequired | ErrorKind::Certificate => {
            Signal::Rejected
        }
        // The network, the server, a gateway that has another path, an account that may send nothing or not this email.
        _ => Signal::Failed,
    }
}

/// Whether a rejection judges the email, and not the path, the method or the state of the account.
fn is_of_the_email(error: &Error) -> bool {
    error.status().is_none_or(|status| matches!(status.as_u16(), 400 | 413 | 422))
}

/// A 404 that names none is one of a wrong base URL as well.
fn names_a_field(error: &Error) -> bool {
    error.fields().iter().any(|field| !field.field.is_empty())
}

fn not_sent(error: &Error) -> Event {
    Event::NotSent { reason: reason(error), retry_after: error.retry_after() }
}

/// The event of a search of the logs. `None` when they do not have the email.
pub(super) fn search(result: Result<Option<LoggedEmail>, Error>) -> Option<Event> {
    match result {
        Ok(None) => None,
        Ok(Some(email)) if email.is_refused() => {
            let message = format!("the logs have the email as {}: the server did not send it", email.status);
            Some(Event::Refused(Reason::new("Undeliverable", message)))
        }
        Ok(Some(email)) => Some(Event::Accepted(Remote::new(email.id))),
        Err(error) if error.kind() == ErrorKind::KeyConflict => Some(Event::KeyConflict(reason(&error))),
        Err(error) => Some(Event::LookFailed(reason(&error))),
    }
}

/// Why a call failed. `Display` of the error shows no address and no content.
fn reason(error: &Error) -> Reason {
    let mut reason = Reason::new(format!("{:?}", error.kind()), error.to_string());
    reason.fields = error.redacted_fields();
    reason.request_id = error.request_id().map(str::to_owned);
    reason
}
