//! An answer as it arrives: its body up to a limit, and what breaks it.

use std::error::Error;
use std::io;
use std::iter::successors;

use bytes::{Bytes, BytesMut};

use crate::body::Unreadable;
use crate::error::BoxError;
use crate::{Dispatch, Settings, TransportError, TransportErrorKind};

/// A body as it arrives. Most arrive in one piece, which is then not copied.
pub(crate) struct Pieces {
    first: Bytes,
    all: BytesMut,
    expected: u64,
    limit: u64,
}

impl Pieces {
    /// Of a body that is announced to be of at least `expected` bytes, and may be of `limit`.
    pub(crate) fn new(expected: u64, limit: u64) -> Result<Self, TransportError> {
        let pieces = Self { first: Bytes::new(), all: BytesMut::new(), expected, limit };
        if expected > limit { Err(too_long(limit)) } else { Ok(pieces) }
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
            self.all.reserve(self.expected.min(Settings::RESPONSE_LIMIT) as usize); // announced, not yet believed
            self.all.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.all.extend_from_slice(&data);
        Ok(())
    }

    pub(crate) fn join(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }
}

fn too_long(limit: u64) -> TransportError {
    let cause = format!("the body of the answer is longer than the limit of {limit} bytes");
    TransportError::new(TransportErrorKind::Response, Dispatch::MaybeSent, cause)
}

/// What a failure means that came after a connection was had.
pub(crate) fn broken(error: impl Into<BoxError>) -> TransportError {
    let error = error.into();
    let (kind, dispatch) = meaning(&*error);
    TransportError::new(kind, dispatch, error)
}

/// Whether it was the body that broke, and not the connection.
#[cfg(feature = "reqwest")]
pub(crate) fn is_of_body(error: &(dyn Error + 'static)) -> bool {
    successors(Some(error), |error| (*error).source()).any(Unreadable::is)
}

/// The meaning of the first cause that has one.
fn meaning(error: &(dyn Error + 'static)) -> (TransportErrorKind, Dispatch) {
    let mut causes = successors(Some(error), |error| (*error).source());
    causes.find_map(judge).unwrap_or((TransportErrorKind::ConnectionLost, Dispatch::MaybeSent))
}

fn judge(cause: &(dyn Error + 'static)) -> Option<(TransportErrorKind, Dispatch)> {
    if Unreadable::is(cause) {
        // Some of the body was never there to be sent, so that what the server has of the request is not whole.
        return Some((TransportErrorKind::Body, Dispatch::NotSent));
    }
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        return match error {
            // hyper hands the message back untouched: the connection closed before it was taken up.
            error if error.is_canceled() => Some((TransportErrorKind::ConnectionLost, Dispatch::NotSent)),
            error if error.is_parse() => Some((TransportErrorKind::Response, Dispatch::MaybeSent)),
            error if error.is_timeout() => Some((TransportErrorKind::Timeout, Dispatch::MaybeSent)),
            _ => None,
        };
    }
    match cause.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::TimedOut => Some((TransportErrorKind::Timeout, Dispatch::MaybeSent)),
        // A chunk's size that is none.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Some((TransportErrorKind::Response, Dispatch::MaybeSent))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(pieces: &[&'static str], expected: u64, limit: u64) -> Result<Bytes, TransportErrorKind> {
        let mut all = Pieces::new(expected, limit).map_err(|error| error.kind())?;
        for piece in pieces {
            all.push((*piece).into()).map_err(|error| error.kind())?;
        }
        Ok(all.join())
    }

    #[test]
    fn joins_what_arrives_in_pieces() {
        for whole in [&[][..], &["abcdef"], &["abc", "def"], &["a", "", "bcd", "ef"], &["", "abcdef"]] {
            for expected in [0, 6] {
                assert_eq!(joined(whole, expected, 6).unwrap(), whole.concat());
            }
        }
    }

    #[test]
    fn takes_the_limit_and_not_a_byte_more() {
        assert!(joined(&["abc", "def"], 6, 6).is_ok());
        assert_eq!(joined(&["abc", "defg"], 0, 6), Err(TransportErrorKind::Response));
        assert_eq!(joined(&["abcdefg"], 0, 6), Err(TransportErrorKind::Response));
        assert_eq!(joined(&[], 7, 6), Err(TransportErrorKind::Response));
    }

    #[test]
    fn the_cause_decides_what_broke() {
        use io::ErrorKind::*;
        for (cause, kind) in [
            (TimedOut, TransportErrorKind::Timeout),
            (InvalidInput, TransportErrorKind::Response),
            (ConnectionReset, TransportErrorKind::ConnectionLost),
            (UnexpectedEof, TransportErrorKind::ConnectionLost),
        ] {
            let error = broken(io::Error::from(cause));
            assert_eq!((error.kind(), error.dispatch()), (kind, Dispatch::MaybeSent), "{cause}");
        }
    }
}
