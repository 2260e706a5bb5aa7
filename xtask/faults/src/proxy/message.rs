//! HTTP/1.1 messages with a `content-length`, read as bytes.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// The first bytes of a request, which have its method and the start of its path.
pub const START: usize = 20;

/// A message that is read as far as needed.
#[derive(Default)]
pub struct Message {
    /// What was read.
    pub bytes: Vec<u8>,
}

impl Message {
    /// Reads the first bytes. Returns `false` when the connection was closed before them.
    pub async fn read_start(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<bool> {
        while self.bytes.len() < START {
            if !self.read_at_most(stream, START - self.bytes.len()).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads the head and at most a few bytes of the body: one byte at a time, so that the others stay unread.
    pub async fn read_into_body(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
        while self.head_length().is_none_or(|length| self.bytes.len() < length + 10) && !self.is_whole() {
            if !self.read_at_most(stream, 1).await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// Reads the whole head.
    pub async fn read_head(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
        while self.head_length().is_none() {
            if !self.read_at_most(stream, 4096).await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// Reads the rest.
    pub async fn read_whole(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
        self.read_head(stream).await?;
        let whole = self.head_length().unwrap_or_default() + self.content_length();
        while self.bytes.len() < whole {
            if !self.read_at_most(stream, 64 * 1024).await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    /// The length of the head with the empty line, once it was read.
    pub fn head_length(&self) -> Option<usize> {
        self.bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|position| position + 4)
    }

    /// The length of the body.
    pub fn content_length(&self) -> usize {
        let head = String::from_utf8_lossy(&self.bytes[..self.head_length().unwrap_or_default()]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        length.unwrap_or_default()
    }

    fn is_whole(&self) -> bool {
        self.head_length().is_some_and(|length| self.bytes.len() >= length + self.content_length())
    }

    async fn read_at_most(&mut self, stream: &mut (impl AsyncRead + Unpin), length: usize) -> io::Result<bool> {
        let before = self.bytes.len();
        self.bytes.resize(before + length, 0);
        let read = stream.read(&mut self.bytes[before..]).await;
        self.bytes.truncate(before + read.as_ref().copied().unwrap_or_default());
        Ok(read? > 0)
    }
}
