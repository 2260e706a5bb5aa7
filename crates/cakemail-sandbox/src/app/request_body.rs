//! Reads the bodies of requests: each within a limit, at a minimum pace, and all together in bounded memory.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::sync::{Semaphore, SemaphorePermit};
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
    pub(crate) async fn read(&self, mut body: Incoming) -> Result<ReadBody<'_>, ApiResponse> {
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
