//! The body of a request.

mod streamed;

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{fmt, io};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};

#[cfg(any(feature = "reqwest", feature = "hyper"))]
pub(crate) use streamed::SourceError;
use streamed::StreamedBody;
pub use streamed::{Part, Source, SourceReader};

use crate::DispatchWatch;

/// The body of a [`Request`](crate::Request), of a known length.
///
/// The bytes are in memory, or come from a [`Source`] that is read while the body is sent. A clone shares the bytes and
/// opens each source again, so all attempts of a call share one copy. Clone the body before it is sent. `Debug` shows
/// the length only.
#[derive(Default)]
pub struct Body {
    content: Content,
    watch: Option<DispatchWatch>,
}

#[derive(Clone)]
enum Content {
    Bytes(Bytes),
    Streamed(Box<StreamedBody>),
}

impl Default for Content {
    fn default() -> Self {
        Self::Bytes(Bytes::new())
    }
}

impl Body {
    /// An empty body.
    pub const fn empty() -> Self {
        Self { content: Content::Bytes(Bytes::new()), watch: None }
    }

    /// A body that sends these parts in order. When a source cannot be read, or has another length than it announced,
    /// the attempt fails with [`TransportErrorKind::Body`](crate::TransportErrorKind::Body).
    pub fn from_parts(parts: impl IntoIterator<Item = Part>) -> Self {
        Content::Streamed(Box::new(StreamedBody::new(parts.into_iter().collect()))).into()
    }

    /// The number of bytes left to send.
    pub fn len(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Streamed(streamed) => streamed.len(),
        }
    }

    /// Whether no bytes are left to send.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All bytes when they are in memory, or `None` when the body has a [`Source`]: see [`read`](Self::read).
    pub fn as_bytes(&self) -> Option<&Bytes> {
        self.copied();
        match &self.content {
            Content::Bytes(bytes) => Some(bytes),
            Content::Streamed(_) => None,
        }
    }

    /// Reads the whole body into memory: for tests, and for a transport that cannot stream.
    ///
    /// # Errors
    ///
    /// When a source cannot be read, or has another length than it announced.
    pub async fn read(mut self) -> io::Result<Bytes> {
        self.copied();
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

    /// Watches the dispatch of the request with this body, so that a caller who drops the transport's future knows
    /// whether the request may have been sent. Watch a body just before you send it.
    ///
    /// The watch ends, with [`Dispatch::MaybeSent`](crate::Dispatch::MaybeSent), when the body is copied: cloned or read
    /// by anything but a transport that took the watch.
    pub fn watch(&mut self) -> DispatchWatch {
        self.watch.get_or_insert_default().clone()
    }

    /// For transports that report the dispatch: takes the watch out of the body, if a caller watches it.
    pub fn take_watch(&mut self) -> Option<DispatchWatch> {
        self.watch.take()
    }

    /// Ends the watch: nobody can know which copy is sent.
    fn copied(&self) {
        if let Some(watch) = &self.watch {
            watch.sent();
        }
    }
}

impl Clone for Body {
    fn clone(&self) -> Self {
        self.copied();
        self.content.clone().into()
    }
}

impl From<Content> for Body {
    fn from(content: Content) -> Self {
        Self { content, watch: None }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self { content: Content::Bytes(bytes.into()), watch: None }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.copied();
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
            Content::Streamed(streamed) => streamed.is_end(),
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
    fn gives_its_bytes_once_and_tracks_the_length_left() {
        let mut body = Body::from(vec![1, 2, 3]);
        assert_eq!(body.size_hint().exact(), Some(3));
        assert_eq!(frame(&mut body).as_deref(), Some(&[1, 2, 3][..]));
        assert!(body.is_empty() && body.is_end_stream());
        assert_eq!(frame(&mut body), None);
    }

    #[test]
    fn a_clone_shares_the_bytes_and_starts_from_the_beginning() {
        let mut body = Body::from(String::from("hello"));
        let again = body.clone();
        let sent = frame(&mut body).unwrap();
        assert_eq!(again.len(), 5);
        assert_eq!(again.as_bytes().unwrap().as_ptr(), sent.as_ptr());
    }

    #[tokio::test]
    async fn a_copy_of_a_watched_body_ends_the_watch() {
        type Copy = fn(&mut Body);
        let copies: [Copy; 3] =
            [|body| drop(body.clone()), |body| drop(body.as_bytes().cloned()), |body| drop(frame(body))];
        for copy in copies {
            let mut body = Body::from("abc");
            let watch = body.watch();
            watch.begin();
            assert_eq!(watch.dispatch(), crate::Dispatch::NotSent);
            copy(&mut body);
            assert_eq!(watch.dispatch(), crate::Dispatch::MaybeSent);
        }
        let mut body = Body::from("abc");
        let watch = body.watch();
        body.take_watch().unwrap().begin();
        body.read().await.unwrap();
        assert_eq!(watch.dispatch(), crate::Dispatch::NotSent);
    }

    #[test]
    fn is_made_from_strings_slices_and_bytes() {
        for body in [Body::from("abc"), Body::from(&b"abc"[..]), Body::from(Bytes::from_static(b"abc"))] {
            assert_eq!(body.as_bytes().unwrap().as_ref(), b"abc");
        }
        assert!(Body::empty().is_empty() && Body::default().is_empty());
    }

    #[test]
    fn debug_shows_the_length_only() {
        assert_eq!(format!("{:?}", Body::from("secret")), "Body(6 bytes)");
        let parts = [Part::Bytes("secret".into()), Part::Source(Arc::new(Chunks::of(3, &["abc"])))];
        assert_eq!(
            format!("{parts:?} {:?}", Body::from_parts(parts.clone())),
            "[Part(6 bytes), Part(3 bytes)] Body(9 bytes)"
        );
    }

    /// A source that announces a length and gives these chunks. Each chunk is ready at the second poll.
    #[derive(Clone)]
    struct Chunks(u64, Vec<&'static str>, bool);

    impl Chunks {
        fn of(length: u64, chunks: &[&'static str]) -> Self {
            Self(length, chunks.iter().rev().copied().collect(), false)
        }
    }

    impl Source for Chunks {
        fn length(&self) -> u64 {
            self.0
        }

        fn open(&self) -> SourceReader {
            Box::pin(self.clone())
        }
    }

    impl http_body::Body for Chunks {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
            self.2 = !self.2;
            if self.2 {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(self.1.pop().map(|chunk| match chunk {
                "broken" => Err(io::ErrorKind::TimedOut.into()),
                chunk => Ok(Frame::data(chunk.into())),
            }))
        }
    }

    fn streamed(source: Chunks) -> Body {
        Body::from_parts([Part::Bytes("<".into()), Part::Source(Arc::new(source)), Part::Bytes(">".into())])
    }

    #[tokio::test]
    async fn sends_parts_in_order_and_each_clone_from_the_start() {
        for (source, expected) in
            [(Chunks::of(6, &["abc", "", "def"]), "<abcdef>"), (Chunks::of(0, &[]), "<>"), (Chunks::of(0, &[""]), "<>")]
        {
            let body = streamed(source);
            assert!(body.as_bytes().is_none() && !body.is_empty());
            let mut sent = body.clone();
            assert_eq!(sent.size_hint().exact(), Some(expected.len() as u64));
            assert_eq!(frame(&mut sent).as_deref(), Some(&b"<"[..]));
            assert_eq!((sent.len(), sent.is_end_stream()), (expected.len() as u64 - 1, false));
            assert_eq!(sent.clone().read().await.unwrap(), expected);
            assert_eq!(sent.read().await.unwrap(), expected[1..]);
            assert_eq!(body.read().await.unwrap(), expected);
        }
        assert_eq!(Body::from("abc").read().await.unwrap(), "abc");
        assert!(Body::from_parts([]).is_end_stream());
    }

    #[tokio::test]
    async fn a_source_of_another_length_fails_the_body_once_and_ends_it() {
        for (length, chunks) in [
            (6, &["abc"][..]),
            (6, &[]),
            (3, &["abc", "d"]),
            (0, &["a"]),
            (u64::MAX, &["abc"]),
            (6, &["abc", "broken", "def"]),
        ] {
            let mut body = streamed(Chunks::of(length, chunks));
            let error = body.clone().read().await.unwrap_err();
            assert_eq!(error.to_string(), "a part of the body cannot be read");
            let mut frames = Vec::new();
            while let Some(data) = poll_fn(|context| pin!(&mut body).poll_frame(context)).await {
                frames.push(data.is_ok());
            }
            assert_eq!(frames.iter().filter(|ok| !**ok).count(), 1);
            assert!(!frames[frames.len() - 1] && body.is_end_stream(), "bytes followed the error");
        }
    }
}
