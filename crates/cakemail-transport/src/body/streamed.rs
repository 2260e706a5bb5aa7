//! A body of which some is read while it is sent.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use bytes::Bytes;

/// A part of a [`Body`](crate::Body).
#[derive(Clone)]
pub enum Part {
    /// In memory.
    Bytes(Bytes),
    /// Read while it is sent.
    Source(Arc<dyn Source>),
}

impl Part {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Source(source) => source.length(),
        }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Part({} bytes)", self.len())
    }
}

/// What a part of a body is read from, as often as it is sent.
pub trait Source: Send + Sync + 'static {
    /// Its length in bytes, which never changes.
    fn length(&self) -> u64;

    /// Begins to read it, from the start. It should give its last bytes only when it knows that there are no more, so
    /// that what is not whole is never sent whole.
    fn open(&self) -> Reading;
}

/// A [`Source`] that is being read, piece by piece. It must not block.
pub type Reading = Pin<Box<dyn http_body::Body<Data = Bytes, Error = io::Error> + Send + Sync>>;

/// Parts, and how far they have been sent.
pub(super) struct Streamed {
    parts: Arc<[Part]>,
    /// The part that is next, or being read.
    at: usize,
    reading: Option<Reading>,
    /// The bytes left, of the part that is being read and of them all.
    of_part: u64,
    left: u64,
}

impl Streamed {
    pub(super) fn new(parts: Arc<[Part]>) -> Self {
        let left = parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.len()));
        Self { parts, at: 0, reading: None, of_part: 0, left }
    }

    pub(super) fn len(&self) -> u64 {
        self.left
    }

    pub(super) fn is_over(&self) -> bool {
        self.at == self.parts.len()
    }

    /// The next bytes, never none of them. Nothing comes after an error.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        while let Some(part) = self.parts.get(self.at) {
            let data = match (part, &mut self.reading) {
                (Part::Bytes(bytes), _) => {
                    self.at += 1;
                    bytes.clone()
                }
                (Part::Source(source), None) => {
                    self.of_part = source.length();
                    self.reading = Some(source.open());
                    continue;
                }
                (Part::Source(_), Some(reading)) => match ready!(reading.as_mut().poll_frame(context)) {
                    Some(Ok(frame)) => {
                        let data = frame.into_data().unwrap_or_default();
                        let Some(left) = self.of_part.checked_sub(data.len() as u64) else {
                            return self.breaks(wrong_length());
                        };
                        self.of_part = left;
                        data
                    }
                    Some(Err(cause)) => return self.breaks(cause),
                    None if self.of_part > 0 => return self.breaks(wrong_length()),
                    None => {
                        self.reading = None;
                        self.at += 1;
                        continue;
                    }
                },
            };
            if !data.is_empty() {
                self.left = self.left.saturating_sub(data.len() as u64);
                return Poll::Ready(Some(Ok(data)));
            }
        }
        Poll::Ready(None)
    }

    fn breaks(&mut self, cause: io::Error) -> Poll<Option<io::Result<Bytes>>> {
        self.at = self.parts.len();
        self.reading = None;
        Poll::Ready(Some(Err(io::Error::other(Unreadable(cause)))))
    }
}

impl Clone for Streamed {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.parts))
    }
}

fn wrong_length() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a part of the body is not of the length that it should be")
}

/// Why a body broke: what a transport looks for among the causes of a failure, to know that it was not the network.
#[derive(Debug, thiserror::Error)]
#[error("a part of the body cannot be read")]
pub(crate) struct Unreadable(#[source] io::Error);

impl Unreadable {
    /// Whether it is this error itself, as the body gave it.
    #[cfg(any(feature = "reqwest", feature = "hyper"))]
    pub(crate) fn is(error: &(dyn std::error::Error + 'static)) -> bool {
        let error = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        error.is_some_and(|error| error.is::<Self>())
    }
}
