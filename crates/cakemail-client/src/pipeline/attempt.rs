//! One attempt: a span, a time limit, the transport, and what its answer or failure means.

use std::pin::Pin;

use cakemail_transport::{Dispatch, Response, TransportError, TransportErrorKind};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, Timeout, timeout_at};
use tracing::{Instrument, debug_span};

use super::request::Call;
use super::{answer, if_delivered, later};
use crate::attachments;
use crate::error::{Error, ErrorKind, Outcome};
use crate::tokens::Access;

type Sent<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

/// When an attempt that is made now has to end; `None` when there is no time for one.
pub(super) fn limit(call: &Call<'_>, deadline: Instant) -> Option<Instant> {
    let now = Instant::now();
    (now < deadline).then(|| deadline.min(later(now, call.pipeline.attempt_timeout)))
}

/// Makes one attempt, once it is polled.
pub(super) fn make<'a>(call: &Call<'a>, token: Option<&Access>, number: u32, limit: Instant) -> Timeout<Sent<'a>> {
    let span = debug_span!("cakemail", operation = call.route.id, route = call.route.path, attempt = number);
    let sent = call.pipeline.transport.send(call.request(token.map(Access::authorization)));
    // Boxed again only when somebody listens.
    timeout_at(limit, if span.is_disabled() { sent } else { Box::pin(sent.instrument(span)) })
}

/// What has come of it. A successful status is `Ok`; all else is an error that knows its outcome.
pub(super) fn meaning(
    call: &Call<'_>,
    made: Result<Result<Response, TransportError>, Elapsed>,
) -> Result<Response, Error> {
    match made {
        Ok(Ok(response)) => answer::accept(call, response),
        Ok(Err(error)) => Err(failed(call, error)),
        Err(_) => Err(Error::new(ErrorKind::Timeout, "no response arrived in time")
            .in_operation(call.route.id)
            .with_outcome(if_delivered(call.route.effect))),
    }
}

fn failed(call: &Call<'_>, error: TransportError) -> Error {
    let errors = attachments::fault(&error).into_iter().collect();
    let (kind, message) = match error.kind() {
        TransportErrorKind::Connect => (ErrorKind::Connect, "no connection could be established"),
        TransportErrorKind::Timeout => (ErrorKind::Timeout, "no response arrived in time"),
        TransportErrorKind::ConnectionLost => {
            (ErrorKind::ConnectionLost, "the connection was lost before the response was complete")
        }
        TransportErrorKind::Request => (ErrorKind::Configuration, "the transport cannot send this request"),
        TransportErrorKind::Body => (ErrorKind::Invalid, "not sent completely: an attachment cannot be read"),
        _ => (ErrorKind::UnexpectedResponse, "the response is not valid HTTP, or is too large"),
    };
    let outcome = match error.dispatch() {
        Dispatch::NotSent => Outcome::NotDone,
        Dispatch::MaybeSent => if_delivered(call.route.effect),
    };
    Error::new(kind, message).in_operation(call.route.id).with_fields(errors).with_outcome(outcome).with_source(error)
}
