//! The content of an attachment: base64 in memory, or a source that is encoded while it is read.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::AttachmentError;
use crate::base64::encode;

/// The content of an attachment.
///
/// Both variants serialize as base64; serializing a source reads it to its end. `Debug` shows the length only.
#[derive(Clone, PartialEq)]
pub enum AttachmentContent {
    /// Standard base64 with padding, in memory.
    Base64(String),
    /// A source that is read and encoded when the email is sent.
    Source(AttachmentSource),
}

impl From<String> for AttachmentContent {
    fn from(base64: String) -> Self {
        Self::Base64(base64)
    }
}

impl From<&str> for AttachmentContent {
    fn from(base64: &str) -> Self {
        Self::Base64(base64.to_owned())
    }
}

impl From<AttachmentSource> for AttachmentContent {
    fn from(source: AttachmentSource) -> Self {
        Self::Source(source)
    }
}

impl Serialize for AttachmentContent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Base64(base64) => serializer.serialize_str(base64),
            Self::Source(source) => serializer.serialize_str(&source.base64().map_err(serde::ser::Error::custom)?),
        }
    }
}

impl<'de> Deserialize<'de> for AttachmentContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::Base64)
    }
}

impl fmt::Debug for AttachmentContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base64(base64) => write!(f, "Base64({} bytes)", base64.len()),
            Self::Source(source) => source.fmt(f),
        }
    }
}

type OpenFn = dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync;

/// A source of an attachment's bytes, which can be opened several times.
///
/// A source is equal to its clones only.
#[derive(Clone)]
pub struct AttachmentSource {
    length: u64,
    open: Arc<OpenFn>,
}

impl AttachmentSource {
    /// A source of `length` bytes, from the reader that `open` gives each time.
    pub fn new<R: Read + Send + 'static>(
        length: u64,
        open: impl Fn() -> io::Result<R> + Send + Sync + 'static,
    ) -> Self {
        Self { length, open: Arc::new(move || Ok(Box::new(open()?))) }
    }

    /// The length of the base64, in bytes.
    pub fn base64_length(&self) -> u64 {
        self.length.div_ceil(3).saturating_mul(4)
    }

    /// Reads and encodes the whole source. May block.
    ///
    /// # Errors
    /// [`AttachmentError::Read`] or [`AttachmentError::Changed`].
    pub fn base64(&self) -> Result<String, AttachmentError> {
        self.chunks().collect()
    }

    /// Reads and encodes the source chunk by chunk. The first call of `next` opens the source; each call may block.
    pub fn chunks(&self) -> AttachmentChunks {
        AttachmentChunks { source: self.clone(), left: self.length, state: State::Closed }
    }
}

impl PartialEq for AttachmentSource {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.open, &other.open)
    }
}

impl fmt::Debug for AttachmentSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({} bytes)", self.length)
    }
}

/// The base64 of an [`AttachmentSource`], in chunks of at most 64 KiB.
///
/// The last chunk is given only after the source ended at its announced length, so a truncated file never looks complete.
/// The iterator ends after an error.
pub struct AttachmentChunks {
    source: AttachmentSource,
    /// The number of bytes left to read.
    left: u64,
    state: State,
}

enum State {
    Closed,
    Open(Box<dyn Read + Send>),
    Ended,
}

/// The bytes of a chunk: a multiple of three, so that the base64 of chunks can be concatenated.
const CHUNK: u64 = 48 * 1024;

impl AttachmentChunks {
    fn read_chunk(&mut self, mut reader: Box<dyn Read + Send>) -> Result<String, AttachmentError> {
        let length = self.left.min(CHUNK);
        self.left -= length;
        let mut bytes = vec![0; length as usize];
        reader.read_exact(&mut bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => AttachmentError::Changed,
            _ => AttachmentError::Read(error),
        })?;
        if self.left > 0 {
            self.state = State::Open(reader);
        } else if io::copy(&mut reader.take(1), &mut io::sink()).map_err(AttachmentError::Read)? > 0 {
            return Err(AttachmentError::Changed);
        }
        Ok(encode(bytes))
    }
}

impl Iterator for AttachmentChunks {
    type Item = Result<String, AttachmentError>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = match std::mem::replace(&mut self.state, State::Ended) {
            State::Closed => (self.source.open)().map_err(AttachmentError::Read),
            State::Open(reader) => Ok(reader),
            State::Ended => return None,
        };
        Some(reader.and_then(|reader| self.read_chunk(reader)))
    }
}

impl fmt::Debug for AttachmentChunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttachmentChunks({} bytes left)", self.left)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, Read};

    use super::{AttachmentContent, AttachmentSource, CHUNK};
    use crate::AttachmentError;
    use crate::base64::encode;

    /// A reader with short reads, every other one interrupted.
    struct InterruptedReader(Cursor<Vec<u8>>, bool);

    impl Read for InterruptedReader {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let length = buffer.len().min(1001);
            self.0.read(&mut buffer[..length])
        }
    }

    fn bytes(length: u64) -> Vec<u8> {
        (0..length).map(|index| (index * 31 % 251) as u8).collect()
    }

    /// A source that announces `announced` bytes and has `actual` bytes.
    fn source(announced: u64, actual: u64) -> AttachmentSource {
        AttachmentSource::new(announced, move || Ok(InterruptedReader(Cursor::new(bytes(actual)), false)))
    }

    #[test]
    fn chunks_concatenate_to_the_base64_of_the_source_each_time() {
        for length in [0, 1, 2, 3, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
            let source = source(length, length);
            let expected = encode(bytes(length));
            assert_eq!(source.base64_length(), expected.len() as u64);
            for _ in 0..2 {
                let chunks: Vec<_> = source.chunks().map(Result::unwrap).collect();
                assert!(chunks.iter().all(|chunk| chunk.len() <= 64 * 1024));
                assert_eq!(chunks.concat(), expected, "{length}");
            }
        }
    }

    #[test]
    fn a_source_of_another_length_never_gives_complete_base64() {
        for (announced, actual) in
            [(0, 1), (1, 0), (CHUNK, CHUNK - 1), (CHUNK, CHUNK + 1), (2 * CHUNK, CHUNK), (7, 7 * CHUNK)]
        {
            let source = source(announced, actual);
            let mut chunks = source.chunks();
            let given: u64 = chunks.by_ref().map_while(Result::ok).map(|chunk| chunk.len() as u64).sum();
            assert!(given < source.base64_length().max(1), "{announced}, {actual}");
            assert!(chunks.next().is_none());
            assert!(matches!(source.chunks().last(), Some(Err(AttachmentError::Changed))), "{announced}, {actual}");
        }
    }

    #[test]
    fn a_source_that_cannot_be_opened_is_an_error_once() {
        let source = AttachmentSource::new(3, || Err::<io::Empty, _>(io::ErrorKind::NotFound.into()));
        let mut chunks = source.chunks();
        assert!(matches!(chunks.next(), Some(Err(AttachmentError::Read(_)))));
        assert!(chunks.next().is_none());
        assert!(serde_json::to_string(&AttachmentContent::from(source)).is_err());
    }

    #[test]
    fn serializes_as_base64_and_debug_shows_the_length() {
        let held = AttachmentContent::from("c2VjcmV0");
        let read = AttachmentContent::from(AttachmentSource::new(6, || Ok(Cursor::new("secret"))));
        for content in [&held, &read] {
            assert_eq!(serde_json::to_string(content).unwrap(), r#""c2VjcmV0""#);
        }
        assert_eq!(serde_json::from_str::<AttachmentContent>(r#""c2VjcmV0""#).unwrap(), held);
        assert!(read == read.clone() && read != held);
        assert_eq!(format!("{held:?} {read:?}"), "Base64(8 bytes) Source(6 bytes)");
    }
}
