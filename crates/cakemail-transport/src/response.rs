//! Reads the body of a response up to a limit, and classifies the failures of an attempt.

use std::error::Error;
use std::io;

use bytes::{Bytes, BytesMut};

use crate::body::SourceError;
use crate::error::{BoxError, causes};
use crate::{Dispatch, Settings, TransportError, TransportErrorKind};

/// Collects the chunks of a body. Most bodies arrive in one chunk, which is not copied.
pub(crate) struct BodyBuffer {
    first: Bytes,
    all: BytesMut,
    expected: u64,
    limit: u64,
}

impl BodyBuffer {
    /// A buffer for a body of at least `expected` bytes, as announced, and at most `limit`.
    pub(crate) fn new(expected: u64, limit: u64) -> Result<Self, TransportError> {
        let buffer = Self { first: Bytes::new(), all: BytesMut::new(), expected, limit };
        if expected > limit { Err(too_long(limit)) } else { Ok(buffer) }
    }

    pub(crate) fn push(&mut self, data: Bytes) -> Result<(), TransportError> {
        if (self.first.len() + self.all.len() + data.len()) as u64 > self.limit {
            return Err(too_long(self.limit));
        }
        if self.first.is_empty() && self.all.is_empty() {
            self.first = data;
            return Ok(());
        }
        if self.all.is_empty() {
            // The announced length is not to be trusted beyond the default limit.
            self.all.reserve(self.expected.min(Settings::RESPONSE_LIMIT) as usize);
            self.all.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.all.extend_from_slice(&data);
        Ok(())
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }
}

fn too_long(limit: u64) -> TransportError {
    let cause = format!("the body of the response is longer than the limit of {limit} bytes");
    TransportError::new(TransportErrorKind::Response, Dispatch::MaybeSent, cause)
}

/// Turns a failure to connect into a [`TransportError`].
pub(crate) fn connect_error(error: impl Into<BoxError>) -> TransportError {
    let error = error.into();
    let is_certificate = causes(&*error).any(is_certificate);
    let kind = if is_certificate { TransportErrorKind::Certificate } else { TransportErrorKind::Connect };
    TransportError::new(kind, Dispatch::NotSent, error)
}

/// Whether an error says that the server's certificate was rejected.
fn is_certificate(cause: &(dyn Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
}

/// Turns a failure on an open connection into a [`TransportError`].
pub(crate) fn connection_error(error: impl Into<BoxError>) -> TransportError {
    let error = error.into();
    let (kind, dispatch) = classify(&*error);
    TransportError::new(kind, dispatch, error)
}

/// Whether the body of the request failed, and not the connection.
#[cfg(feature = "reqwest")]
pub(crate) fn is_source_error(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|error| error.is::<SourceError>())
}

/// Classifies an error by the first of its causes that is specific enough.
fn classify(error: &(dyn Error + 'static)) -> (TransportErrorKind, Dispatch) {
    causes(error).find_map(classify_cause).unwrap_or((TransportErrorKind::ConnectionLost, Dispatch::MaybeSent))
}

fn classify_cause(cause: &(dyn Error + 'static)) -> Option<(TransportErrorKind, Dispatch)> {
    if cause.is::<SourceError>() {
        // A part of the body was never read, so the server cannot have the whole request.
        return Some((TransportErrorKind::Body, Dispatch::NotSent));
    }
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        return match error {
            // hyper hands the message back untouched: the connection closed before hyper wrote any of it.
            error if error.is_canceled() => Some((TransportErrorKind::ConnectionLost, Dispatch::NotSent)),
            error if error.is_parse() => Some((TransportErrorKind::Response, Dispatch::MaybeSent)),
            error if error.is_timeout() => Some((TransportErrorKind::Timeout, Dispatch::MaybeSent)),
            _ => None,
        };
    }
    match cause.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::TimedOut => Some((TransportErrorKind::Timeout, Dispatch::MaybeSent)),
        // hyper reports an invalid chunk size as one of these.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Some((TransportErrorKind::Response, Dispatch::MaybeSent))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(chunks: &[&'static str], expected: u64, limit: u64) -> Result<Bytes, TransportErrorKind> {
        let mut buffer = BodyBuffer::new(expected, limit).map_err(|error| error.kind())?;
        for chunk in chunks {
            buffer.push((*chunk).into()).map_err(|error| error.kind())?;
        }
        Ok(buffer.into_bytes())
    }

    #[test]
    fn joins_the_chunks_of_a_body() {
        for chunks in [&[][..], &["abcdef"], &["abc", "def"], &["a", "", "bcd", "ef"], &["", "abcdef"]] {
            for expected in [0, 6] {
                assert_eq!(collect(chunks, expected, 6).unwrap(), chunks.concat());
            }
        }
    }

    #[test]
    fn refuses_a_body_longer_than_the_limit() {
        assert!(collect(&["abc", "def"], 6, 6).is_ok());
        assert_eq!(collect(&["abc", "defg"], 0, 6), Err(TransportErrorKind::Response));
        assert_eq!(collect(&["abcdefg"], 0, 6), Err(TransportErrorKind::Response));
        assert_eq!(collect(&[], 7, 6), Err(TransportErrorKind::Response));
    }

    #[test]
    fn classifies_an_error_by_its_cause() {
        use io::ErrorKind::*;
        for (cause, kind) in [
            (TimedOut, TransportErrorKind::Timeout),
            (InvalidInput, TransportErrorKind::Response),
            (ConnectionReset, TransportErrorKind::ConnectionLost),
            (UnexpectedEof, TransportErrorKind::ConnectionLost),
        ] {
            let error = connection_error(io::Error::from(cause));
            assert_eq!((error.kind(), error.dispatch()), (kind, Dispatch::MaybeSent), "{cause}");
        }
    }
}
