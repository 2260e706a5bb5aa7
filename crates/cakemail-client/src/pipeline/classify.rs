//! Classifies the end of an attempt: which kind of failure it is, and whether the server did what was requested.

use cakemail_model::{Detail, DetailKind, Idempotency};
use cakemail_transport::{Dispatch, Response, TransportError, TransportErrorKind};
use http::StatusCode;
use http::header::CONTENT_ENCODING;

use super::prepare::Route;
use crate::attachments;
use crate::error::{Error, ErrorKind, Outcome, Result};

/// The outcome of a request that may have been processed, but whose response is unknown.
pub(super) fn outcome_if_sent(idempotency: Idempotency) -> Outcome {
    match idempotency {
        Idempotency::Safe => Outcome::NotDone,
        Idempotency::Idempotent | Idempotency::NonIdempotent => Outcome::Unknown,
    }
}

/// Returns a response with the status of a success; any other is an error.
pub(super) fn classify_response(route: &Route, response: Response) -> Result<Response> {
    let status = response.status();
    if status.is_success() {
        return match compression(&response) {
            None => Ok(response),
            Some(message) => Err(Error::new(ErrorKind::UnexpectedResponse, message)
                .in_operation(route.operation)
                .with_response(&response)
                .with_outcome(outcome_if_sent(route.idempotency))),
        };
    }
    let detail = Detail::parse(response.body());
    let (kind, message) = classify_status(status, &detail);
    // A rejected request changed nothing. A server that failed may have processed the request first.
    let may_be_done = status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
    let outcome = if may_be_done { outcome_if_sent(route.idempotency) } else { Outcome::NotDone };
    Err(Error::new(kind, message)
        .in_operation(route.operation)
        .with_response(&response)
        .with_detail(detail)
        .with_outcome(outcome))
}

/// What is wrong with a body that is compressed although the client did not accept that.
fn compression(response: &Response) -> Option<String> {
    let encoding = response.headers().get(CONTENT_ENCODING).filter(|_| !response.body().is_empty())?;
    let encoding = encoding.to_str().unwrap_or_default().trim();
    let is_identity = encoding.is_empty() || encoding.eq_ignore_ascii_case("identity");
    let name: String = encoding.chars().take(20).collect();
    (!is_identity).then(|| format!("the response is compressed ({name}), which the client does not accept"))
}

/// Code 8004 of the API: the account is not allowed to do this. Its status is 400.
const NOT_ALLOWED: i64 = 8004;

const FOREIGN: &str = "the response is not from Cakemail";

fn classify_status(status: StatusCode, detail: &Detail) -> (ErrorKind, &'static str) {
    match status.as_u16() {
        _ if detail.challenge.is_some() => (ErrorKind::MfaRequired, "multi-factor authentication is required"),
        401 => (ErrorKind::Authentication, "the credentials or the access token were rejected"),
        _ if detail.code == Some(NOT_ALLOWED) => (ErrorKind::Forbidden, "the account is not allowed to do this"),
        403 => (ErrorKind::Forbidden, "the account is not allowed to do this"),
        // The API describes these errors in JSON; another web server does not.
        400 | 404 | 405 if detail.kind == DetailKind::Other => (ErrorKind::UnexpectedResponse, FOREIGN),
        // A gateway that has no such route.
        404 | 405 if detail.kind == DetailKind::Message => (ErrorKind::UnexpectedResponse, FOREIGN),
        404 => (ErrorKind::NotFound, "the resource does not exist"),
        408 | 500..=599 => (ErrorKind::Server, "the server failed"),
        429 => (ErrorKind::RateLimited, "too many requests"),
        300..=399 => (ErrorKind::UnexpectedResponse, "the response is a redirect, and redirects are not followed"),
        _ => (ErrorKind::BadRequest, "the server rejected the request"),
    }
}

/// The error of an attempt to which the transport returned no response.
pub(super) fn classify_transport_error(route: &Route, error: TransportError) -> Error {
    let fields = attachments::field_error(&error).into_iter().collect();
    let (kind, message) = match error.kind() {
        TransportErrorKind::Connect => (ErrorKind::Connect, "no connection could be established"),
        TransportErrorKind::Certificate => (ErrorKind::Certificate, "the server's certificate was rejected"),
        TransportErrorKind::Timeout => (ErrorKind::Timeout, TIMEOUT),
        TransportErrorKind::ConnectionLost => {
            (ErrorKind::ConnectionLost, "the connection was lost before the response was complete")
        }
        TransportErrorKind::Request => (ErrorKind::Configuration, "the transport cannot send this request"),
        TransportErrorKind::Body => (ErrorKind::Invalid, "not sent completely: an attachment cannot be read"),
        _ => (ErrorKind::UnexpectedResponse, "the response is not valid HTTP, or is too large"),
    };
    let outcome = outcome_of(route, error.dispatch());
    Error::new(kind, message).in_operation(route.operation).with_fields(fields).with_outcome(outcome).with_source(error)
}

/// The error of an attempt that took longer than the attempt timeout.
pub(super) fn classify_timeout(route: &Route, dispatch: Dispatch) -> Error {
    let message = match dispatch {
        Dispatch::NotSent => "the request could not be sent in time",
        Dispatch::MaybeSent => TIMEOUT,
    };
    Error::new(ErrorKind::Timeout, message).in_operation(route.operation).with_outcome(outcome_of(route, dispatch))
}

/// The outcome of a request without a response.
fn outcome_of(route: &Route, dispatch: Dispatch) -> Outcome {
    match dispatch {
        Dispatch::NotSent => Outcome::NotDone,
        Dispatch::MaybeSent => outcome_if_sent(route.idempotency),
    }
}

const TIMEOUT: &str = "no response arrived in time";
