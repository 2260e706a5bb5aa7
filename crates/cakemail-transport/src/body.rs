//! The body of a request.

mod streamed;

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{fmt, io};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};

#[cfg(any(feature = "reqwest", feature = "hyper"))]
pub(crate) use streamed::Unreadable;
pub use streamed::{Part, Reading, Source};

use streamed::Streamed;

/// The body of a [`Request`](crate::Request), of a known length.
///
/// Its bytes are in memory, or come in part from a [`Source`] that is read while they are sent. A clone shares the bytes
/// and opens the sources anew, so that the attempts of one call cost one copy; clone it before it is sent. `Debug` shows
/// the length only.
#[derive(Clone, Default)]
pub struct Body {
    content: Content,
}

#[derive(Clone)]
enum Content {
    Bytes(Bytes),
    Streamed(Box<Streamed>),
}

impl Default for Content {
    fn default() -> Self {
        Self::Bytes(Bytes::new())
    }
}

impl Body {
    /// No body.
    pub const fn empty() -> Self {
        Self { content: Content::Bytes(Bytes::new()) }
    }

    /// One part after the other. The body breaks, and the request with it, where a source is not of the length that it
    /// says or cannot be read: see [`TransportErrorKind::Body`](crate::TransportErrorKind::Body).
    pub fn from_parts(parts: impl IntoIterator<Item = Part>) -> Self {
        Self { content: Content::Streamed(Box::new(Streamed::new(parts.into_iter().collect()))) }
    }

    /// The bytes left to send.
    pub fn len(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Streamed(streamed) => streamed.len(),
        }
    }

    /// Whether nothing is left to send.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All bytes, when they are in memory; `None` when some of them are read while they are sent. See
    /// [`read`](Self::read).
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes),
            Content::Streamed(_) => None,
        }
    }

    /// All bytes, wherever they come from: for a transport that needs them whole, and for tests.
    ///
    /// # Errors
    ///
    /// When a source cannot be read, or is not of the length that it says.
    pub async fn read(mut self) -> io::Result<Bytes> {
        let streamed = match &mut self.content {
            Content::Bytes(bytes) => return Ok(std::mem::take(bytes)),
            Content::Streamed(streamed) => streamed,
        };
        let mut all = BytesMut::new();
        while let Some(data) = poll_fn(|context| streamed.poll(context)).await.transpose()? {
            all.extend_from_slice(&data);
        }
        Ok(all.freeze())
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self { content: Content::Bytes(bytes.into()) }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut self.content {
            Content::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Content::Streamed(streamed) => streamed.poll(context).map(|data| data.map(|data| data.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Bytes(bytes) => bytes.is_empty(),
            Content::Streamed(streamed) => streamed.is_over(),
        }
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
    use std::sync::Arc;

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
        let parts = [Part::Bytes("secret".into()), Part::Source(Arc::new(Pieces::of(3, &["abc"])))];
        assert_eq!(
            format!("{parts:?} {:?}", Body::from_parts(parts.clone())),
            "[Part(6 bytes), Part(3 bytes)] Body(9 bytes)"
        );
    }

    /// A source that says a length, and gives these pieces; each after it was asked twice.
    #[derive(Clone)]
    struct Pieces(u64, Vec<&'static str>, bool);

    impl Pieces {
        fn of(length: u64, pieces: &[&'static str]) -> Self {
            Self(length, pieces.iter().rev().copied().collect(), false)
        }
    }

    impl Source for Pieces {
        fn length(&self) -> u64 {
            self.0
        }

        fn open(&self) -> Reading {
            Box::pin(self.clone())
        }
    }

    impl http_body::Body for Pieces {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
            self.2 = !self.2;
            if self.2 {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(self.1.pop().map(|piece| match piece {
                "broken" => Err(io::ErrorKind::TimedOut.into()),
                piece => Ok(Frame::data(piece.into())),
            }))
        }
    }

    fn streamed(source: Pieces) -> Body {
        Body::from_parts([Part::Bytes("<".into()), Part::Source(Arc::new(source)), Part::Bytes(">".into())])
    }

    #[tokio::test]
    async fn parts_are_sent_in_order_and_each_clone_from_the_start() {
        for (source, whole) in
            [(Pieces::of(6, &["abc", "", "def"]), "<abcdef>"), (Pieces::of(0, &[]), "<>"), (Pieces::of(0, &[""]), "<>")]
        {
            let body = streamed(source);
            assert!(body.as_bytes().is_none() && !body.is_empty());
            let mut sent = body.clone();
            assert_eq!(sent.size_hint().exact(), Some(whole.len() as u64));
            assert_eq!(frame(&mut sent).as_deref(), Some(&b"<"[..]));
            assert_eq!((sent.len(), sent.is_end_stream()), (whole.len() as u64 - 1, false));
            assert_eq!(sent.clone().read().await.unwrap(), whole);
            assert_eq!(sent.read().await.unwrap(), whole[1..]);
            assert_eq!(body.read().await.unwrap(), whole);
        }
        assert_eq!(Body::from("abc").read().await.unwrap(), "abc");
        assert!(Body::from_parts([]).is_end_stream());
    }

    #[tokio::test]
    async fn a_source_of_another_length_breaks_the_body_and_ends_it() {
        for (length, pieces) in [
            (6, &["abc"][..]),
            (6, &[]),
            (3, &["abc", "d"]),
            (0, &["a"]),
            (u64::MAX, &["abc"]),
            (6, &["abc", "broken", "def"]),
        ] {
            let mut body = streamed(Pieces::of(length, pieces));
            let error = body.clone().read().await.unwrap_err();
            assert_eq!(error.to_string(), "a part of the body cannot be read");
            let mut given = Vec::new();
            while let Some(data) = poll_fn(|context| pin!(&mut body).poll_frame(context)).await {
                given.push(data.is_ok());
            }
            assert_eq!(given.iter().filter(|whole| !**whole).count(), 1);
            assert!(!given[given.len() - 1] && body.is_end_stream(), "the end was sent");
        }
    }
}
