//! The client's error type: what failed, whether the call took effect, and how to fix it.

mod hint;
mod key_conflict;
mod response;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cakemail_model::{EmailId, EmailStatus, FieldError, Secret};
use cakemail_transport::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};

pub use key_conflict::{KeyConflict, KeyDifference};

pub(crate) use response::{request_id, request_id_text, request_id_value};

/// The result of every call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error of code that the client calls, such as a [`CredentialProvider`](crate::CredentialProvider).
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The error of a failed call.
///
/// `Display` says what failed, why, and how to fix it. Neither `Display` nor `Debug` shows a token, a body, an address or
/// a query. A clone is cheap.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    outcome: Outcome,
    operation: Option<&'static str>,
    status: Option<StatusCode>,
    message: Cow<'static, str>,
    fields: Vec<FieldError>,
    code: Option<i64>,
    challenge: Option<Secret>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: u32,
    refused: Option<Box<RefusedEmail>>,
    conflict: Option<Box<KeyConflict>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// An email that the server recorded and did not send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RefusedEmail {
    /// Its id: the logs of the email have the reason.
    pub id: EmailId,
    /// Its status: `rejected` or `error`, unless the server only says that it was not submitted.
    pub status: EmailStatus,
}

/// The kind of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is misconfigured: no credentials, no transport, or an invalid base URL.
    Configuration,
    /// The request is invalid, or an attachment cannot be read. The client found this before it had sent the whole
    /// request. See [`Error::fields`].
    Invalid,
    /// The server rejected the credentials or the access token (401), or the credential provider failed.
    Authentication,
    /// The account requires multi-factor authentication, and no code was given.
    MfaRequired,
    /// The account is not allowed to do this (403, or 400 with the code 8004).
    Forbidden,
    /// The resource does not exist (404).
    NotFound,
    /// The server rejected the request (400, 422 and other 4xx). See [`Error::fields`].
    BadRequest,
    /// The server received too many requests (429), or the rate limit left no time before the deadline. See
    /// [`Error::retry_after`].
    RateLimited,
    /// The server returned 5xx or 408.
    Server,
    /// No connection could be established.
    Connect,
    /// No connection could be established: the server's certificate is not trusted, expired, or of another host.
    Certificate,
    /// The attempt timeout or the deadline passed.
    Timeout,
    /// The connection was lost before the response was complete.
    ConnectionLost,
    /// The response is not one of the API: from another server, a redirect, or without a required identifier.
    UnexpectedResponse,
    /// The email will not be delivered: the server refused it in its response to the submission, or it can no longer
    /// reach the milestone that was waited for because it bounced, was rejected or failed.
    Undeliverable,
    /// The idempotency key was used for another email. See [`Error::key_conflict`].
    KeyConflict,
}

/// Whether the server did what a call requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did not. Nothing changed, and repeating the call is safe.
    NotDone,
    /// It did, although the call failed: its response cannot be read.
    Done,
    /// It may have. Repeating the call may do it twice.
    Unknown,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Inner {
            kind,
            outcome: Outcome::NotDone,
            operation: None,
            status: None,
            message: message.into(),
            fields: Vec::new(),
            code: None,
            challenge: None,
            request_id: None,
            retry_after: None,
            attempts: 0,
            refused: None,
            conflict: None,
            source: None,
        }))
    }

    pub(crate) fn invalid(
        operation: &'static str,
        message: impl Into<Cow<'static, str>>,
        fields: Vec<FieldError>,
    ) -> Self {
        Self::new(ErrorKind::Invalid, message).in_operation(operation).with_fields(fields)
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    pub(crate) fn in_operation(self, operation: &'static str) -> Self {
        self.with(|inner| inner.operation = Some(operation))
    }

    pub(crate) fn with_fields(self, fields: Vec<FieldError>) -> Self {
        self.with(|inner| inner.fields = fields)
    }

    pub(crate) fn with_outcome(self, outcome: Outcome) -> Self {
        self.with(|inner| inner.outcome = outcome)
    }

    pub(crate) fn with_attempts(self, attempts: u32) -> Self {
        self.with(|inner| inner.attempts = attempts)
    }

    /// The error of an email that the server recorded and did not send.
    pub(crate) fn refused(message: impl Into<Cow<'static, str>>, id: EmailId, status: EmailStatus) -> Self {
        let refused = RefusedEmail { id, status };
        Self::new(ErrorKind::Undeliverable, message).with(|inner| inner.refused = Some(Box::new(refused)))
    }

    pub(crate) fn with_source(self, source: impl Into<BoxError>) -> Self {
        self.with(|inner| inner.source = Some(source.into().into()))
    }

    /// Adds what a response says beside its body.
    pub(crate) fn with_response(self, response: &Response) -> Self {
        self.with(|inner| {
            inner.status = Some(response.status());
            inner.request_id = request_id(response).map(str::to_owned);
            inner.retry_after = response::retry_after(response.headers());
        })
    }

    pub(crate) fn with_detail(self, detail: cakemail_model::Detail) -> Self {
        self.with(|inner| {
            inner.fields = detail.errors;
            inner.code = detail.code;
            inner.challenge = detail.challenge;
        })
    }

    /// The kind of the failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the server did what the call requested.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// The id of the operation that failed, such as `submitEmail`. `None` when the failure is not of one operation.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The status of the response. `None` when there was none.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Each invalid field, with its path and the reason: found by the client, or reported by the server.
    ///
    /// A message of the server that names no field has an empty path: the text of a proxy's page is one, too. It may quote
    /// the request. `Display` leaves addresses out of it.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// The fields as `Display` shows them: without addresses, and without words that are long enough to be a token.
    pub fn redacted_fields(&self) -> Vec<FieldError> {
        let redacted = |field: &FieldError| FieldError::new(redact(&field.field), redact(&field.message));
        self.fields().iter().map(redacted).collect()
    }

    /// The API's error code, if the server gave one.
    pub fn code(&self) -> Option<i64> {
        self.0.code
    }

    /// The server's id of the request (`X-Request-Id`), if it gave one. Cakemail's support asks for it.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The delay that the server asks for before the next request, if it gave one.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The number of attempts: 0 when nothing was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The email that the server recorded and did not send, if that is the failure. A suppressed recipient is one cause.
    pub fn refused_email(&self) -> Option<&RefusedEmail> {
        self.0.refused.as_deref()
    }

    /// How to fix the cause, if it is known.
    pub fn hint(&self) -> Option<&'static str> {
        hint::hint(self)
    }

    /// The challenge of a second factor that the server sent with its 401.
    pub(crate) fn challenge(&self) -> Option<&Secret> {
        self.0.challenge.as_ref()
    }

    /// What failed and why, without the operation and the hint.
    pub(crate) fn reason(&self) -> Reason<'_> {
        Reason(&self.0)
    }
}

/// What failed and why.
pub(crate) struct Reason<'a>(&'a Inner);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(status) = self.0.status {
            write!(f, " ({})", status.as_u16())?;
        }
        for (index, field) in self.0.fields.iter().take(20).enumerate() {
            let separator = if index == 0 { ": " } else { "; " };
            write!(f, "{separator}{}", redact(&field.to_string()))?;
        }
        match self.0.source.as_deref() {
            // Without its cause, nobody knows what to do about it.
            Some(source)
                if matches!(self.0.kind, ErrorKind::Connect | ErrorKind::Certificate | ErrorKind::Configuration) =>
            {
                let cause = root_cause(source).to_string();
                // The number of an error of the operating system says no more than its text.
                write!(f, ": {}", redact(cause.split(" (os error").next().unwrap_or_default()))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        self.reason().fmt(f)?;
        if self.0.outcome == Outcome::Unknown {
            f.write_str(". The server may have processed the request")?;
        }
        if let Some(hint) = self.hint() {
            write!(f, ". {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.0.kind).field("outcome", &self.0.outcome);
        debug.field("status", &self.0.status.map(|status| status.as_u16()));
        debug.field("attempts", &self.0.attempts).field("request_id", &self.0.request_id);
        debug.field("message", &self.to_string()).finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// The last error of a chain of sources.
fn root_cause<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error)
}

/// A server's message without what must not be logged: addresses, and words long enough to be a token.
fn redact(message: &str) -> String {
    const MAX_LENGTH: usize = 300;
    const MAX_WORD: usize = 40;
    let redact_word = |word: &str| {
        let is_address = word.contains('@') && word.contains(char::is_alphanumeric); // not an `@` alone
        // In a path of the API each segment counts as a word.
        let separator = if word.starts_with('/') { '/' } else { ' ' };
        let is_long = word.split(separator).any(|part| part.chars().count() > MAX_WORD);
        if is_address || is_long { "…".to_owned() } else { word.to_owned() }
    };
    let mut text = message.split_whitespace().map(redact_word).collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = text.char_indices().nth(MAX_LENGTH) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use cakemail_model::FieldError;

    use super::{Error, ErrorKind, redact};

    #[test]
    fn display_has_the_operation_the_message_the_fields_and_the_hint() {
        let fields = vec![FieldError::new("list_id", "is missing")];
        let error = Error::invalid("submitEmail", "not sent: the email is invalid", fields);
        let text = error.to_string();
        assert!(text.starts_with("submitEmail: not sent: the email is invalid: list_id: is missing. "), "{text}");
        assert!(text.contains(error.hint().unwrap()));
    }

    #[test]
    fn addresses_and_tokens_are_redacted_from_a_servers_message() {
        let message = format!("'ada@example.com' is invalid, and <bob@example.com>, {}", "x".repeat(64));
        assert_eq!(redact(&message), "… is invalid, and … …");
        assert_eq!(redact("nothing precedes the `@`"), "nothing precedes the `@`");
        let path = "see /brands/default/senders/1008/resend-confirmation-email";
        assert_eq!(redact(path), path);
        assert_eq!(redact(&format!("/{}", "x".repeat(64))), "…");
        assert!(redact(&"word ".repeat(1000)).chars().count() <= 301);
    }

    #[test]
    fn changing_a_clone_leaves_the_original_unchanged() {
        let original = Error::new(ErrorKind::Server, "failed");
        let clone = original.clone().with_attempts(3);
        assert_eq!((original.attempts(), clone.attempts()), (0, 3));
    }
}
