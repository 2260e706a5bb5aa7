//! The error of an attempt: what failed, and whether the server may have acted on the request.

use std::error::Error;
use std::iter::successors;
use std::{fmt, io};

/// The cause of a [`TransportError`].
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// The error of an attempt that ended without a usable response.
///
/// A status is never an error here: a 500 is a response. `Display` names the kind, the dispatch and the root cause, such
/// as "Connection refused", and [`source`](std::error::Error::source) starts the chain of causes. None contains the query,
/// a header or the body of the request.
#[derive(Debug, thiserror::Error)]
#[error("{kind}; {dispatch}: {}", self.root_cause())]
pub struct TransportError {
    kind: TransportErrorKind,
    dispatch: Dispatch,
    #[source]
    source: BoxError,
}

impl TransportError {
    /// Creates an error. Claim [`Dispatch::NotSent`] only where it is proven. The cause must contain nothing of the
    /// request that should not be logged.
    pub fn new(kind: TransportErrorKind, dispatch: Dispatch, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, dispatch, source: source.into() }
    }

    #[cfg(any(feature = "reqwest", feature = "hyper"))]
    pub(crate) fn with_dispatch(self, dispatch: Dispatch) -> Self {
        Self { dispatch, ..self }
    }

    /// The step that failed.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the server may have acted on the request.
    pub fn dispatch(&self) -> Dispatch {
        self.dispatch
    }

    /// The text of the last cause in the chain: at most 200 characters.
    pub fn root_cause(&self) -> String {
        const MAX_LENGTH: usize = 200;
        let mut text = causes(&*self.source).last().map_or_else(String::new, ToString::to_string);
        if let Some((end, _)) = text.char_indices().nth(MAX_LENGTH) {
            text.truncate(end);
        }
        text
    }
}

/// An error and its causes, with those that an [`io::Error`] wraps, which its `source` skips.
pub(crate) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or_else(|| error.source())
    })
}

/// The step of an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The request or the transport's settings are invalid. A retry fails as well.
    Request,
    /// No connection: name lookup, TCP, TLS or the proxy failed, or together took too long.
    Connect,
    /// No connection: the server's certificate is not trusted, expired, or of another host. A retry fails as well.
    Certificate,
    /// The attempt timed out, or its [`SendBy`](crate::SendBy) passed before the request was written.
    Timeout,
    /// The connection was lost before the response was complete.
    ConnectionLost,
    /// The response is not HTTP, or is larger than the limit.
    Response,
    /// A [`Source`](crate::Source) of the body cannot be read, or has another length than it announced.
    Body,
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "the request is invalid",
            Self::Connect => "no connection could be made",
            Self::Certificate => "the server's certificate was rejected",
            Self::Timeout => "the attempt timed out",
            Self::ConnectionLost => "the connection was lost",
            Self::Response => "the response is unusable",
            Self::Body => "the body of the request cannot be read",
        })
    }
}

/// Whether the server may have acted on the request. It decides whether a retry is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dispatch {
    /// The server cannot have acted: none of the request was sent, or fewer bytes than its `content-length`.
    NotSent,
    /// The server may have received the whole request and acted on it.
    MaybeSent,
}

impl fmt::Display for Dispatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "the request was not sent",
            Self::MaybeSent => "the server may have acted on the request",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_the_kind_the_dispatch_and_the_root_cause() {
        let error = TransportError::new(TransportErrorKind::Connect, Dispatch::NotSent, "refused");
        assert_eq!(error.kind(), TransportErrorKind::Connect);
        assert_eq!(error.dispatch(), Dispatch::NotSent);
        assert_eq!(error.to_string(), "no connection could be made; the request was not sent: refused");
        assert_eq!(error.source().unwrap().to_string(), "refused");

        let nested = TransportError::new(TransportErrorKind::Connect, Dispatch::NotSent, error);
        assert_eq!(nested.root_cause(), "refused");
        let long = TransportError::new(TransportErrorKind::Connect, Dispatch::NotSent, "é".repeat(1000));
        assert_eq!(long.root_cause().chars().count(), 200);
    }
}
