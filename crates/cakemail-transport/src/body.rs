//! The body of a request.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::{fmt, io};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// The body of a [`Request`](crate::Request), of a known length.
///
/// A clone shares the bytes, so the attempts of one call cost one copy. `Debug` shows the length only.
#[derive(Clone, Default)]
pub struct Body {
    bytes: Bytes,
}

impl Body {
    /// No body.
    pub const fn empty() -> Self {
        Self { bytes: Bytes::new() }
    }

    /// The bytes left to send.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Whether nothing is left to send.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// All bytes, when they are in memory, as they are in every body that can be made today.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        Some(&self.bytes)
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self { bytes: bytes.into() }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.len())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use http_body::Body as _;

    use super::*;

    fn frame(body: &mut Body) -> Option<Bytes> {
        let mut context = Context::from_waker(std::task::Waker::noop());
        match pin!(body).poll_frame(&mut context) {
            Poll::Ready(frame) => frame.map(|frame| frame.unwrap().into_data().unwrap()),
            Poll::Pending => panic!("bytes in memory are always ready"),
        }
    }

    #[test]
    fn is_sent_once_and_knows_what_is_left() {
        let mut body = Body::from(vec![1, 2, 3]);
        assert_eq!(body.size_hint().exact(), Some(3));
        assert_eq!(frame(&mut body).as_deref(), Some(&[1, 2, 3][..]));
        assert!(body.is_empty() && body.is_end_stream());
        assert_eq!(frame(&mut body), None);
    }

    #[test]
    fn a_clone_shares_the_bytes_and_is_whole() {
        let mut body = Body::from(String::from("hello"));
        let again = body.clone();
        let sent = frame(&mut body).unwrap();
        assert_eq!(again.len(), 5);
        assert_eq!(again.as_bytes().unwrap().as_ptr(), sent.as_ptr());
    }

    #[test]
    fn is_made_from_what_holds_bytes() {
        for body in [Body::from("abc"), Body::from(&b"abc"[..]), Body::from(Bytes::from_static(b"abc"))] {
            assert_eq!(body.as_bytes().unwrap().as_ref(), b"abc");
        }
        assert!(Body::empty().is_empty() && Body::default().is_empty());
    }

    #[test]
    fn debug_is_silent_about_the_content() {
        assert_eq!(format!("{:?}", Body::from("secret")), "Body(6 bytes)");
    }
}
