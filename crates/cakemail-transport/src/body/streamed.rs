//! A body of which some parts are read while it is sent.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use bytes::Bytes;

/// A part of a [`Body`](crate::Body).
#[derive(Clone)]
pub enum Part {
    /// Bytes in memory.
    Bytes(Bytes),
    /// A source that is read while the body is sent.
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

/// A source of bytes of a known length, such as a file. Each attempt opens it once.
pub trait Source: Send + Sync + 'static {
    /// The length in bytes. It must not change.
    fn length(&self) -> u64;

    /// Opens the source at its start. The reader should hold its last bytes back until it knows that no more follow, so
    /// that a server never receives a complete request with a truncated part.
    fn open(&self) -> SourceReader;
}

/// Reads an open [`Source`] chunk by chunk. It must not block.
pub type SourceReader = Pin<Box<dyn http_body::Body<Data = Bytes, Error = io::Error> + Send + Sync>>;

/// The parts of a body, and how far they have been sent.
pub(super) struct StreamedBody {
    parts: Arc<[Part]>,
    /// The index of the part that is being sent.
    current: usize,
    reader: Option<SourceReader>,
    /// The bytes left of the source that is open.
    left_of_part: u64,
    /// The bytes left of the body.
    left: u64,
}

impl StreamedBody {
    pub(super) fn new(parts: Arc<[Part]>) -> Self {
        let left = parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.len()));
        Self { parts, current: 0, reader: None, left_of_part: 0, left }
    }

    pub(super) fn len(&self) -> u64 {
        self.left
    }

    pub(super) fn is_end(&self) -> bool {
        self.current == self.parts.len()
    }

    /// Gives the next bytes, at least one. Ends after an error.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        while let Some(part) = self.parts.get(self.current) {
            let data = match (part, &mut self.reader) {
                (Part::Bytes(bytes), _) => {
                    self.current += 1;
                    bytes.clone()
                }
                (Part::Source(source), None) => {
                    self.left_of_part = source.length();
                    self.reader = Some(source.open());
                    continue;
                }
                (Part::Source(_), Some(reader)) => match ready!(reader.as_mut().poll_frame(context)) {
                    Some(Ok(frame)) => {
                        let data = frame.into_data().unwrap_or_default();
                        let Some(left) = self.left_of_part.checked_sub(data.len() as u64) else {
                            return self.fail(wrong_length());
                        };
                        self.left_of_part = left;
                        data
                    }
                    Some(Err(cause)) => return self.fail(cause),
                    None if self.left_of_part > 0 => return self.fail(wrong_length()),
                    None => {
                        self.reader = None;
                        self.current += 1;
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

    fn fail(&mut self, cause: io::Error) -> Poll<Option<io::Result<Bytes>>> {
        self.current = self.parts.len();
        self.reader = None;
        Poll::Ready(Some(Err(io::Error::other(SourceError(cause)))))
    }
}

impl Clone for StreamedBody {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.parts))
    }
}

fn wrong_length() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a part of the body has another length than its source announced")
}

/// The error of a body whose source failed. A transport looks for it among the causes of a failure, to tell it from an
/// error of the network.
#[derive(Debug, thiserror::Error)]
#[error("a part of the body cannot be read")]
pub(crate) struct SourceError(#[source] io::Error);
