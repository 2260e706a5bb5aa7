//! What is read while it is sent: a source that does as a test says.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use cakemail_transport::{Body, Part, Reading, Source};
use http_body::Frame;

/// A source that gives `count` times the same 60 KiB, and then ends or breaks.
#[derive(Clone, Copy)]
pub struct Pieces {
    pub count: u64,
    /// How many it says it will give.
    pub said: u64,
    pub breaks: bool,
}

pub const PIECE: usize = 60 * 1024;

impl Pieces {
    pub const fn whole(count: u64) -> Self {
        Self { count, said: count, breaks: false }
    }

    /// The body that has it between two texts.
    pub fn between(self, before: &'static str, after: &'static str) -> Body {
        Body::from_parts([Part::Bytes(before.into()), Part::Source(Arc::new(self)), Part::Bytes(after.into())])
    }
}

impl Source for Pieces {
    fn length(&self) -> u64 {
        self.said * PIECE as u64
    }

    fn open(&self) -> Reading {
        Box::pin(Open { left: *self, waits: true })
    }
}

struct Open {
    left: Pieces,
    /// Whether the next piece has to be asked for twice.
    waits: bool,
}

impl http_body::Body for Open {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if std::mem::take(&mut self.waits) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.waits = true;
        Poll::Ready(match self.left.count.checked_sub(1) {
            Some(left) => {
                self.left.count = left;
                Some(Ok(Frame::data(vec![b'a'; PIECE].into())))
            }
            // Of a kind that could be taken for the network's.
            None if self.left.breaks => Some(Err(io::ErrorKind::TimedOut.into())),
            None => None,
        })
    }
}
