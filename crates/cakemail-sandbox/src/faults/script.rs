//! What is written to a connection by hand, when HTTP would not do it.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::app::context::Core;
use crate::engine::run_until::run_until;

/// Bytes, and what comes after them. hyper has let go of the connection by then, so nothing else is written.
pub(crate) struct Script {
    pub(crate) bytes: Vec<u8>,
    /// The time between two bytes; none when they are written at once.
    pub(crate) pace: Option<Duration>,
    pub(crate) ending: Ending,
    /// The email whose whole answer the bytes are.
    pub(crate) answers: Option<Uuid>,
    /// How often faults had been cleared when it was written.
    pub(crate) era: u64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending {
    Close,
    Reset,
    Stall,
    Headers,
}

impl Script {
    /// Ends when the client has gone, or all faults were cleared.
    pub(crate) async fn play(self, mut stream: TcpStream, core: &Core) {
        // A client that has gone is what this waits for.
        let _ = run_until(core.faults.cleared(self.era), self.perform(&mut stream, core)).await;
    }

    async fn perform(self, stream: &mut TcpStream, core: &Core) -> io::Result<()> {
        let (most, last) = self.bytes.split_at(self.bytes.len().saturating_sub(1));
        match self.pace {
            None => stream.write_all(most).await?,
            Some(pace) => {
                for byte in most {
                    let next = core.clock.time().plus(pace);
                    stream.write_all(&[*byte]).await?;
                    core.clock.until(next).await;
                }
            }
        }
        if let Some(id) = self.answers {
            core.answered(id, true);
        }
        stream.write_all(last).await?;
        match self.ending {
            Ending::Close => stream.shutdown().await?,
            Ending::Reset => return stream.set_zero_linger(),
            Ending::Headers => loop {
                stream.write_all(b"X-Endless: and another header\r\n").await?;
            },
            Ending::Stall => {}
        }
        // To close with something unread would be to reset.
        while stream.read(&mut [0; 1024]).await? > 0 {}
        Ok(())
    }
}

/// A response as it is written, for a connection that is then closed.
pub(crate) fn on_the_wire(response: Response<Bytes>) -> (Vec<u8>, Bytes) {
    let (head, body) = response.into_parts();
    let mut text = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    for (name, value) in &head.headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()).as_bytes());
    (text, body)
}
