//! Writes bytes directly to a connection that an HTTP server would not write.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

use super::Faults;
use crate::engine::clock::Clock;
use crate::engine::run_until;

/// Bytes, and the end of the connection after them. hyper has released the connection by then.
pub(crate) struct Script {
    pub(super) bytes: Vec<u8>,
    /// The time between two bytes; `None` when they are written at once.
    pub(super) interval: Option<Duration>,
    pub(super) ending: Ending,
    /// The email that was accepted, when the bytes are the whole response.
    pub(crate) accepted: Option<Uuid>,
    /// The generation of the faults when this was created.
    pub(super) generation: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Ending {
    Close,
    Reset,
    Stall,
    Headers,
}

impl Script {
    /// Plays the script until the client disconnects or all faults are cleared. `on_last_byte` runs before the last
    /// byte is written.
    pub(crate) async fn play(self, mut stream: TcpStream, clock: &Clock, faults: &Faults, on_last_byte: impl FnOnce()) {
        let cleared = faults.cleared(self.generation);
        // An I/O error is a client that has disconnected.
        let _ = run_until(cleared, self.perform(&mut stream, clock, on_last_byte)).await;
    }

    async fn perform(self, stream: &mut TcpStream, clock: &Clock, on_last_byte: impl FnOnce()) -> io::Result<()> {
        let (start, last) = self.bytes.split_at(self.bytes.len().saturating_sub(1));
        match self.interval {
            None => stream.write_all(start).await?,
            Some(interval) => {
                for byte in start {
                    let next = clock.time().plus(interval);
                    stream.write_all(&[*byte]).await?;
                    clock.wait_until(next).await;
                }
            }
        }
        on_last_byte();
        stream.write_all(last).await?;
        match self.ending {
            Ending::Close => stream.shutdown().await?,
            Ending::Reset => return stream.set_zero_linger(),
            Ending::Headers => loop {
                stream.write_all(b"X-Endless: and another header\r\n").await?;
            },
            Ending::Stall => {}
        }
        // Closing with unread bytes would reset the connection.
        while stream.read(&mut [0; 1024]).await? > 0 {}
        Ok(())
    }
}

/// The head of a response as bytes, for a connection that closes after it, and its body.
pub(super) fn serialize(response: Response<Bytes>) -> (Vec<u8>, Bytes) {
    let (head, body) = response.into_parts();
    let mut bytes = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    for (name, value) in &head.headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()).as_bytes());
    (bytes, body)
}
