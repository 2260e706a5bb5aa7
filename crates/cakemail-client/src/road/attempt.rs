//! One attempt: a span, a time limit, the transport, and what its answer or failure means.

use cakemail_transport::{Delivery, Response, TransportError, TransportErrorKind};
use tokio::time::Instant;
use tracing::{Instrument, debug_span};

use super::request::Call;
use super::{Line, after, answer, if_delivered};
use crate::error::{Error, ErrorKind, Outcome};
use crate::tokens::Access;

/// Makes one attempt. A successful status is `Ok`; all else is an error that knows its outcome.
pub(super) async fn make(
    line: &Line,
    call: &Call,
    token: Option<&Access>,
    number: u32,
    deadline: Instant,
) -> Result<Response, Error> {
    let span = debug_span!("cakemail", operation = call.id, route = call.route, attempt = number);
    let limit = deadline.min(after(line.attempt_timeout));
    let sent = line.transport.send(call.request(token.map(Access::authorization)));
    match tokio::time::timeout_at(limit, sent.instrument(span)).await {
        Ok(Ok(response)) => answer::accept(call, response),
        Ok(Err(error)) => Err(failed(call, error)),
        Err(_) => Err(Error::new(ErrorKind::Timeout, "no answer came in time")
            .in_operation(call.id)
            .with_outcome(if_delivered(call.effect))),
    }
}

fn failed(call: &Call, error: TransportError) -> Error {
    let (kind, message) = match error.kind() {
        TransportErrorKind::Connect => (ErrorKind::Connect, "no connection could be made"),
        TransportErrorKind::Timeout => (ErrorKind::Timeout, "no answer came in time"),
        TransportErrorKind::Interrupted => {
            (ErrorKind::Interrupted, "the connection broke before the answer was complete")
        }
        TransportErrorKind::Request => (ErrorKind::Configuration, "the request cannot be made"),
        _ => (ErrorKind::Unexpected, "the answer is not HTTP, or too large"),
    };
    let outcome = match error.delivery() {
        Delivery::NotSent => Outcome::NotDone,
        Delivery::Unknown => if_delivered(call.effect),
    };
    Error::new(kind, message).in_operation(call.id).with_outcome(outcome).with_source(error)
}
