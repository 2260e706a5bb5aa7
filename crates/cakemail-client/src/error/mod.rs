//! What went wrong, what became of the call, and what to do.

mod hint;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cakemail_model::{FieldError, Secret};
use http::StatusCode;

/// A call that has failed.
///
/// `Display` says what failed, why, and what to do; neither it nor `Debug` holds a token, a body, an address or a query.
/// A clone shares everything.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    outcome: Outcome,
    /// The operation's id, when the failure belongs to a call.
    operation: Option<&'static str>,
    status: Option<StatusCode>,
    message: Cow<'static, str>,
    fields: Vec<FieldError>,
    code: Option<i64>,
    challenge: Option<Secret>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: u32,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is set up wrongly: no credentials, no transport, a base URL that is none.
    Configuration,
    /// What was to be sent is wrong, or is attached and cannot be read; it was found here, before all of it was sent.
    /// See [`Error::fields`].
    Invalid,
    /// Credentials or token were refused (401).
    Authentication,
    /// A second factor is needed, and nobody is there to give it.
    MfaRequired,
    /// The account may not do this (403, or 400 with the code 8004).
    Forbidden,
    /// There is no such thing (404).
    NotFound,
    /// The server refused what was sent (400, 422 and other 4xx). See [`Error::fields`].
    BadRequest,
    /// Too many requests (429). See [`Error::retry_after`].
    RateLimited,
    /// The server failed (5xx, 408).
    Server,
    /// No connection could be made.
    Connect,
    /// The time ran out.
    Timeout,
    /// The connection broke before the answer was complete.
    ConnectionLost,
    /// The answer is not what the API answers: another server's, a redirect, or one without an identifier.
    UnexpectedResponse,
    /// What was waited for can no longer happen: the email bounced or was rejected.
    Undeliverable,
}

/// What became of the call: whether the server did what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It did not: nothing has changed, and the call may be made again.
    NotDone,
    /// It did, although the call failed: the answer could not be read.
    Done,
    /// Nobody knows: it may have. Making the call again may do it twice.
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

    pub(crate) fn with_source(self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.with(|inner| inner.source = Some(Arc::new(source)))
    }

    pub(crate) fn with_answer(
        self,
        status: StatusCode,
        request_id: Option<String>,
        retry_after: Option<Duration>,
    ) -> Self {
        self.with(|inner| {
            inner.status = Some(status);
            inner.request_id = request_id;
            inner.retry_after = retry_after;
        })
    }

    pub(crate) fn with_detail(self, detail: cakemail_model::Detail) -> Self {
        self.with(|inner| {
            inner.fields = detail.errors;
            inner.code = detail.code;
            inner.challenge = detail.challenge;
        })
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the server did what was asked.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// The status of the answer, when there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Each thing that is wrong, with its field's path: found here, or told by the server in its own words.
    ///
    /// A server's words may repeat what was sent; `Display` leaves addresses out.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// The server's own error number, when it gave one.
    pub fn code(&self) -> Option<i64> {
        self.0.code
    }

    /// The server's name for the request (`X-Request-Id`), when it gave one: support asks for it.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the server asked to wait, when it did.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many attempts were made: 0 when nothing was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        hint::of(self)
    }

    /// The id of the operation that failed, such as `submitEmail`. `None` when the client could not be built.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    pub(crate) fn challenge(&self) -> Option<&Secret> {
        self.0.challenge.as_ref()
    }
}

/// What failed and why, without the operation and without what to do.
pub(crate) struct Brief<'a>(&'a Inner);

impl Error {
    pub(crate) fn brief(&self) -> Brief<'_> {
        Brief(&self.0)
    }
}

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(status) = self.0.status {
            write!(f, " ({})", status.as_u16())?;
        }
        for (index, fault) in self.0.fields.iter().take(20).enumerate() {
            let separator = if index == 0 { ": " } else { "; " };
            write!(f, "{separator}{}", discreet(&fault.to_string()))?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        self.brief().fmt(f)?;
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

/// A server's sentence without what must not be logged: addresses, and words long enough to be a token.
fn discreet(sentence: &str) -> String {
    const LONGEST: usize = 300;
    let word = |word: &str| {
        let address = word.contains('@') && word.contains(char::is_alphanumeric); // an `@` alone is none
        // A path of the API is as long as the longest of its parts.
        let between = if word.starts_with('/') { '/' } else { ' ' };
        let long = word.split(between).any(|part| part.chars().count() > 40);
        if address || long { "…".to_owned() } else { word.to_owned() }
    };
    let mut text = sentence.split_whitespace().map(word).collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use cakemail_model::FieldError;

    use super::{Error, ErrorKind, discreet};

    #[test]
    fn says_what_failed_why_and_what_to_do() {
        let error = Error::invalid(
            "submitEmail",
            "not sent: the email is invalid",
            vec![FieldError::new("list_id", "is missing")],
        );
        let text = error.to_string();
        assert!(text.starts_with("submitEmail: not sent: the email is invalid: list_id: is missing. "), "{text}");
        assert!(text.contains(error.hint().unwrap()));
    }

    #[test]
    fn repeats_no_address_and_no_token_of_a_server() {
        let said = format!("'ada@example.com' is no address, nor <bob@example.com>, {}", "x".repeat(64));
        let text = discreet(&said);
        assert_eq!(text, "… is no address, nor … …");
        assert_eq!(discreet("nothing stands before the `@`"), "nothing stands before the `@`");
        let path = "see /brands/default/senders/1008/resend-confirmation-email";
        assert_eq!(discreet(path), path);
        assert_eq!(discreet(&format!("/{}", "x".repeat(64))), "…");
        assert!(discreet(&"word ".repeat(1000)).chars().count() <= 301);
    }

    #[test]
    fn a_clone_is_unchanged_when_the_other_is_changed() {
        let first = Error::new(ErrorKind::Server, "failed");
        let second = first.clone().with_attempts(3);
        assert_eq!((first.attempts(), second.attempts()), (0, 3));
    }
}
