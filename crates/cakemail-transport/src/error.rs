//! Why an attempt had no answer, and whether the server may have acted on it all the same.

use std::fmt;

/// Any error at all, as the cause of a [`TransportError`].
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// An attempt that ended without a usable answer.
///
/// A status is never an error here: a 500 is an answer. `Display` names the kind and the dispatch; the cause is in
/// [`source`](std::error::Error::source). Neither holds a query, a header or a body of the request.
#[derive(Debug, thiserror::Error)]
#[error("{kind}; {dispatch}")]
pub struct TransportError {
    kind: TransportErrorKind,
    dispatch: Dispatch,
    #[source]
    source: BoxError,
}

impl TransportError {
    /// An error of a transport. Claim [`Dispatch::NotSent`] only where it is proven, and give a cause that holds
    /// nothing of the request that should not be logged.
    pub fn new(
        kind: TransportErrorKind,
        dispatch: Dispatch,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { kind, dispatch, source: source.into() }
    }

    /// The same, where there may have been other attempts that nobody told of.
    #[cfg(feature = "reqwest")]
    pub(crate) fn unproven(self) -> Self {
        Self { dispatch: Dispatch::MaybeSent, ..self }
    }

    /// What failed.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the server may have acted on the request.
    pub fn dispatch(&self) -> Dispatch {
        self.dispatch
    }
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The request, or the settings of the transport, cannot be used. Trying again fails again.
    Request,
    /// No connection: name, TCP, TLS or proxy, or all of them were too slow.
    Connect,
    /// The time for the attempt ran out.
    Timeout,
    /// The connection broke before the answer was complete.
    ConnectionLost,
    /// The answer is not HTTP, or larger than allowed.
    Response,
    /// A [`Source`](crate::Source) of the body cannot be read, or is not of the length that it says.
    Body,
}

impl fmt::Display for TransportErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "the request cannot be made",
            Self::Connect => "no connection could be made",
            Self::Timeout => "the time ran out",
            Self::ConnectionLost => "the connection broke",
            Self::Response => "the answer cannot be used",
            Self::Body => "the body cannot be read",
        })
    }
}

/// The one question that retrying asks: may the server have acted on the request?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dispatch {
    /// No, and that is proven: nothing of the request was sent, or less than the length that it announced, which no
    /// server can take for a request.
    NotSent,
    /// The server may have received the whole request, and acted on it.
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
    fn says_what_failed_and_what_it_means() {
        let error = TransportError::new(TransportErrorKind::Connect, Dispatch::NotSent, "refused");
        assert_eq!(error.kind(), TransportErrorKind::Connect);
        assert_eq!(error.dispatch(), Dispatch::NotSent);
        assert_eq!(error.to_string(), "no connection could be made; the request was not sent");
        assert_eq!(error.source().unwrap().to_string(), "refused");
    }
}
