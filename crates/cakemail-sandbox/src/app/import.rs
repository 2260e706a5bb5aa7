//! An import of any size: the body is read while it arrives, and replaces the state when all of it is right.

use std::io::{self, BufRead, ErrorKind, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use hyper::body::Incoming;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::context::App;
use super::request_body;
use crate::api::response::ApiResponse;
use crate::engine::CommandError;

/// How many chunks of the body may wait to be read.
const QUEUE: usize = 4;

/// Replaces the state by that of a body.
pub(super) async fn import(app: &Arc<App>, body: Incoming) -> ApiResponse {
    let (sender, chunks) = mpsc::channel(QUEUE);
    let reading = {
        let app = Arc::clone(app);
        spawn_blocking(move || app.import(ChunkReader { chunks, chunk: Bytes::new() }))
    };
    let received = request_body::forward(body, &sender).await;
    if received.is_err() {
        // It arrives after what was received before, and ends the import.
        let _ = sender.send(Err(ErrorKind::ConnectionAborted.into())).await;
    }
    drop(sender);
    match (received, reading.await) {
        (Err(response), _) => response,
        (Ok(()), Ok(Ok(()))) => ApiResponse::ok(json!({})).assumed(),
        (Ok(()), Ok(Err(error))) if error.kind() == ErrorKind::InvalidData => {
            ApiResponse::bad_request(&["body"], error.to_string()).assumed()
        }
        (Ok(()), Ok(Err(error))) => CommandError::NotRecorded(error).into(),
        (Ok(()), Err(error)) => ApiResponse::internal_error(&error.to_string()),
    }
}

/// Reads chunks that another task sends.
struct ChunkReader {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    chunk: Bytes,
}

impl BufRead for ChunkReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.chunk.is_empty() {
            let Some(chunk) = self.chunks.blocking_recv() else { break };
            self.chunk = chunk?;
        }
        Ok(&self.chunk)
    }

    fn consume(&mut self, count: usize) {
        self.chunk.advance(count);
    }
}

impl Read for ChunkReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}
