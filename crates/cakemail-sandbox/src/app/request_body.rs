//! Reads the bodies of requests: each within a limit, at a minimum pace, and all together in bounded memory.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio::time::{Instant, timeout_at};

use crate::api::response::ApiResponse;

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 32 * 1024 * 1024;

/// The bytes of all bodies together that are read at the same time. Beyond them bodies are read one at a time.
const MAX_BYTES: usize = 8 * MAX_BODY;

/// The least number of bytes that a client sends in an interval, unless the body ends.
const MIN_PROGRESS: usize = 1024;
const INTERVAL: Duration = Duration::from_secs(30);

/// The memory for the bodies that are being read.
pub(crate) struct BodyMemory {
    free: Semaphore,
    /// The right to go on without free memory.
    turn: Semaphore,
}

/// A body, and its share of the memory until it is dropped.
pub(crate) struct ReadBody<'a> {
    pub(crate) bytes: Vec<u8>,
    share: Share<'a>,
}

struct Share<'a> {
    memory: &'a BodyMemory,
    permit: Option<SemaphorePermit<'a>>,
    turn: Option<SemaphorePermit<'a>>,
}

impl Default for BodyMemory {
    fn default() -> Self {
        Self::new(MAX_BYTES)
    }
}

impl BodyMemory {
    fn new(bytes: usize) -> Self {
        Self { free: Semaphore::new(bytes), turn: Semaphore::new(1) }
    }

    /// Reads a body. Trailers are ignored.
    ///
    /// # Errors
    /// The response to a request whose body is too large, breaks off or stalls. The rest of it is not read.
    pub(crate) async fn read<B>(&self, mut body: B) -> Result<ReadBody<'_>, ApiResponse>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        // A body that declares more is not read at all.
        if body.size_hint().lower() > MAX_BODY as u64 {
            return Err(ApiResponse::too_large(MAX_BODY));
        }
        let mut read = ReadBody { bytes: Vec::new(), share: Share { memory: self, permit: None, turn: None } };
        let mut pace = Pace::new();
        while let Some(frame) = pace.in_time(body.frame()).await? {
            let frame = frame.map_err(|_| ApiResponse::incomplete_body())?;
            let Ok(data) = frame.into_data() else { continue };
            if read.bytes.len() + data.len() > MAX_BODY {
                return Err(ApiResponse::too_large(MAX_BODY));
            }
            if read.share.grow(data.len()).await {
                // Nobody waited for the client meanwhile.
                pace = Pace::new();
            }
            read.bytes.extend_from_slice(&data);
            pace.progress(data.len());
        }
        Ok(read)
    }
}

/// Passes a body on, chunk by chunk, until it ends or nobody wants more of it.
///
/// # Errors
/// The response to a request whose body breaks off or stalls.
pub(super) async fn forward(mut body: Incoming, to: &mpsc::Sender<io::Result<Bytes>>) -> Result<(), ApiResponse> {
    let mut pace = Pace::new();
    while let Some(frame) = pace.in_time(body.frame()).await? {
        let frame = frame.map_err(|_| ApiResponse::incomplete_body())?;
        let Ok(data) = frame.into_data() else { continue };
        let length = data.len();
        if to.send(Ok(data)).await.is_err() {
            break;
        }
        pace.progress(length);
    }
    Ok(())
}

impl Share<'_> {
    /// Takes more of the memory. When none is left, waits for the turn to go on without, and returns true.
    async fn grow(&mut self, bytes: usize) -> bool {
        if self.turn.is_some() {
            return false;
        }
        let permits = u32::try_from(bytes).unwrap_or(u32::MAX);
        match (self.memory.free.try_acquire_many(permits), &mut self.permit) {
            (Ok(more), Some(permit)) => permit.merge(more),
            (Ok(more), none) => *none = Some(more),
            (Err(_), _) => {
                self.turn = self.memory.turn.acquire().await.ok();
                return true;
            }
        }
        false
    }
}

/// The progress of a client within the present interval.
struct Pace {
    end: Instant,
    bytes: usize,
}

impl Pace {
    fn new() -> Self {
        Self { end: Instant::now() + INTERVAL, bytes: 0 }
    }

    async fn in_time<T>(&self, step: impl Future<Output = T>) -> Result<T, ApiResponse> {
        timeout_at(self.end, step).await.map_err(|_| ApiResponse::body_timeout())
    }

    fn progress(&mut self, bytes: usize) {
        self.bytes += bytes;
        if self.bytes >= MIN_PROGRESS {
            *self = Self::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use hyper::body::Frame;
    use tokio::sync::mpsc;
    use tokio::task::JoinSet;

    use super::*;

    /// A body of the chunks that a test sends. It breaks off when the sender sends an error.
    struct Chunks(mpsc::UnboundedReceiver<Result<Bytes, &'static str>>);

    impl Body for Chunks {
        type Data = Bytes;
        type Error = &'static str;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
            self.0.poll_recv(context).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
        }
    }

    fn chunk(length: usize) -> Result<Bytes, &'static str> {
        Ok(vec![0; length].into())
    }

    #[tokio::test]
    async fn without_free_memory_bodies_are_read_one_at_a_time() {
        let memory: &BodyMemory = Box::leak(Box::new(BodyMemory::new(10)));
        let mut reading = JoinSet::new();
        let mut senders = Vec::new();
        for number in 0..5 {
            let (sender, receiver) = mpsc::unbounded_channel();
            sender.send(chunk(2)).unwrap();
            senders.push(sender);
            reading.spawn(async move { (number, memory.read(Chunks(receiver)).await.map(|body| body.bytes.len())) });
        }
        while memory.free.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        for sender in &senders {
            sender.send(chunk(100)).unwrap();
        }
        while memory.turn.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        // The first to go on ends; the next takes its turn.
        for sender in senders {
            drop(sender);
        }
        while let Some(read) = reading.join_next().await {
            let (number, length) = read.unwrap();
            assert_eq!(length.ok(), Some(102), "{number}");
        }
        assert_eq!((memory.free.available_permits(), memory.turn.available_permits()), (10, 1));
    }

    #[tokio::test]
    async fn a_refused_body_gives_its_memory_back() {
        let memory = BodyMemory::new(10);
        let (sender, receiver) = mpsc::unbounded_channel();
        sender.send(chunk(4)).unwrap();
        sender.send(Err("broken off")).unwrap();
        let refusal = memory.read(Chunks(receiver)).await.err().unwrap();
        assert_eq!((refusal.status, memory.free.available_permits()), (400, 10));
        let large = http_body_util::Full::new(Bytes::from(vec![0; MAX_BODY + 1])).map_err(|_: Infallible| "");
        assert_eq!(memory.read(large).await.err().unwrap().status, 413);
    }
}
