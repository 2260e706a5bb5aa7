//! The error of an attempt: what failed, and whether the server may have acted on the request.

use std::fmt;

/// The cause of a [`TransportError`].
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The error of an attempt that ended without a usable response.
///
/// A status is never an error here: a 500 is a response. `Display` names the kind and the dispatch, and
/// [`source`](std::error::Error::source) gives the cause. Neither contains the query, a header or the body of the
/// request.
#[derive(Debug, thiserror::Error)]
#[error("{kind}; {dispatch}")]
pub struct TransportError {
    kind: TransportErrorKind,
    dispatch: Dispatch,
    #[source]
    source: BoxError,
}

impl TransportError {
    /// Creates an error. Claim [`Dispatch::NotSent`] only where it is proven. The cause must contain nothing of the
    /// request that should not be logged.
    pub fn new(
        kind: TransportErrorKind,
        dispatch: Dispatch,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { kind, dispatch, source: source.into() }
    }

    /// The same error, where a client may have made other attempts that it did not report.
    #[cfg(feature = "reqwest")]
    pub(crate) fn with_unknown_attempts(self) -> Self {
        Self { dispatch: Dispatch::MaybeSent, ..self }
    }

    /// The step that failed.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the server may have acted on the request.
    pub fn dispatch(&self) -> Dispatch {
        self.dispatch
    }
}

/// The step of an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The request or the transport's settings are invalid. A retry fails as well.
    Request,
    /// No connection: name lookup, TCP, TLS or the proxy failed, or together took too long.
    Connect,
    /// The attempt timed out.
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
    use std::error::Error as _;

    use super::*;

    #[test]
    fn displays_the_kind_and_the_dispatch() {
        let error = TransportError::new(TransportErrorKind::Connect, Dispatch::NotSent, "refused");
        assert_eq!(error.kind(), TransportErrorKind::Connect);
        assert_eq!(error.dispatch(), Dispatch::NotSent);
        assert_eq!(error.to_string(), "no connection could be made; the request was not sent");
        assert_eq!(error.source().unwrap().to_string(), "refused");
    }
}
