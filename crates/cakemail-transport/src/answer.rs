//! An answer as it arrives: its body up to a limit, and what breaks it.

use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::iter::successors;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use http_body::Body;

use crate::error::BoxError;
use crate::{Delivery, Settings, TransportError, TransportErrorKind};

/// The whole body, unless it is longer than `limit` bytes.
pub(crate) async fn read<B>(
    body: B,
    limit: u64,
    failed: impl Fn(B::Error) -> TransportError,
) -> Result<Bytes, TransportError>
where
    B: Body<Data = Bytes>,
{
    let mut body = pin!(body);
    let mut pieces = Pieces::new(body.size_hint().lower(), limit)?;
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        if let Ok(data) = frame.map_err(&failed)?.into_data() {
            pieces.push(data)?;
        }
    }
    Ok(pieces.join())
}

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
    TransportError::new(TransportErrorKind::Response, Delivery::Unknown, cause)
}

/// What a failure means that came after a connection was had.
pub(crate) fn broken(error: impl Into<BoxError>) -> TransportError {
    let error = error.into();
    let (kind, delivery) = meaning(&*error);
    TransportError::new(kind, delivery, error)
}

/// The meaning of the first cause that has one.
fn meaning(error: &(dyn Error + 'static)) -> (TransportErrorKind, Delivery) {
    let mut causes = successors(Some(error), |error| (*error).source());
    causes.find_map(judge).unwrap_or((TransportErrorKind::Interrupted, Delivery::Unknown))
}

fn judge(cause: &(dyn Error + 'static)) -> Option<(TransportErrorKind, Delivery)> {
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        return match error {
            // hyper hands the message back untouched: the connection closed before it was taken up.
            error if error.is_canceled() => Some((TransportErrorKind::Interrupted, Delivery::NotSent)),
            error if error.is_parse() => Some((TransportErrorKind::Response, Delivery::Unknown)),
            error if error.is_timeout() => Some((TransportErrorKind::Timeout, Delivery::Unknown)),
            _ => None,
        };
    }
    match cause.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::TimedOut => Some((TransportErrorKind::Timeout, Delivery::Unknown)),
        // A chunk's size that is none.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Some((TransportErrorKind::Response, Delivery::Unknown))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use http_body::{Frame, SizeHint};

    use super::*;

    /// A body in pieces, which may announce its length.
    struct Drip(VecDeque<&'static str>, SizeHint);

    impl Body for Drip {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece.into()))))
        }

        fn size_hint(&self) -> SizeHint {
            self.1
        }
    }

    async fn pieces(pieces: &[&'static str], hint: SizeHint, limit: u64) -> Result<Bytes, TransportErrorKind> {
        let body = Drip(pieces.iter().copied().collect(), hint);
        read(body, limit, |never| match never {}).await.map_err(|error| error.kind())
    }

    #[tokio::test]
    async fn joins_what_arrives_in_pieces() {
        for whole in [&[][..], &["abcdef"], &["abc", "def"], &["a", "", "bcd", "ef"], &["", "abcdef"]] {
            let body = pieces(whole, SizeHint::default(), 6).await.unwrap();
            assert_eq!(body, whole.concat());
        }
    }

    #[tokio::test]
    async fn takes_the_limit_and_not_a_byte_more() {
        let exact = SizeHint::with_exact;
        assert!(pieces(&["abc", "def"], exact(6), 6).await.is_ok());
        assert_eq!(pieces(&["abc", "defg"], SizeHint::default(), 6).await, Err(TransportErrorKind::Response));
        assert_eq!(pieces(&["abcdefg"], SizeHint::default(), 6).await, Err(TransportErrorKind::Response));
        assert_eq!(pieces(&[], exact(7), 6).await, Err(TransportErrorKind::Response));
    }

    #[test]
    fn the_cause_decides_what_broke() {
        use io::ErrorKind::*;
        for (cause, kind) in [
            (TimedOut, TransportErrorKind::Timeout),
            (InvalidInput, TransportErrorKind::Response),
            (ConnectionReset, TransportErrorKind::Interrupted),
            (UnexpectedEof, TransportErrorKind::Interrupted),
        ] {
            let error = broken(io::Error::from(cause));
            assert_eq!((error.kind(), error.delivery()), (kind, Delivery::Unknown), "{cause}");
        }
    }
}
