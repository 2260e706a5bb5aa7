//! A scripted source for a request's body.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use cakemail_transport::{Body, Part, Source, SourceReader};
use http_body::Frame;

/// A source that gives `count` chunks of 60 KiB and then ends or fails.
#[derive(Clone, Copy)]
pub struct Chunks {
    pub count: u64,
    /// The number of chunks that it announces.
    pub announced: u64,
    pub fails: bool,
}

pub const CHUNK: usize = 60 * 1024;

impl Chunks {
    pub const fn complete(count: u64) -> Self {
        Self { count, announced: count, fails: false }
    }

    /// A body with these chunks between two texts.
    pub fn between(self, before: &'static str, after: &'static str) -> Body {
        Body::from_parts([Part::Bytes(before.into()), Part::Source(Arc::new(self)), Part::Bytes(after.into())])
    }
}

impl Source for Chunks {
    fn length(&self) -> u64 {
        self.announced * CHUNK as u64
    }

    fn open(&self) -> SourceReader {
        Box::pin(OpenChunks { left: *self, pending: true })
    }
}

struct OpenChunks {
    left: Chunks,
    /// Whether the next poll is pending.
    pending: bool,
}

impl http_body::Body for OpenChunks {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if std::mem::take(&mut self.pending) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.pending = true;
        Poll::Ready(match self.left.count.checked_sub(1) {
            Some(left) => {
                self.left.count = left;
                Some(Ok(Frame::data(vec![b'a'; CHUNK].into())))
            }
            // A kind that the network's errors have, too.
            None if self.left.fails => Some(Err(io::ErrorKind::TimedOut.into())),
            None => None,
        })
    }
}
