//! What is in an attached file: base64 in hand, or a source that it is made from while it is read.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::AttachmentError;

/// What is in an attached file.
///
/// On the wire it is base64, in either case: writing one with serde reads its source to the end. `Debug` tells the
/// length alone.
#[derive(Clone, PartialEq)]
pub enum AttachmentContent {
    /// Standard base64 with padding, in hand.
    Base64(String),
    /// What is read, and made base64, when it is needed.
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

type Open = dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync;

/// Where the bytes of an attached file come from, as often as they are needed.
///
/// A clone is the same source, and equal to it; two that were made apart are not.
#[derive(Clone)]
pub struct AttachmentSource {
    length: u64,
    open: Arc<Open>,
}

impl AttachmentSource {
    /// So many bytes, from a reader that `open` gives anew each time.
    pub fn new<R: Read + Send + 'static>(
        length: u64,
        open: impl Fn() -> io::Result<R> + Send + Sync + 'static,
    ) -> Self {
        Self { length, open: Arc::new(move || Ok(Box::new(open()?))) }
    }

    /// How long it is in base64, in bytes.
    pub fn base64_length(&self) -> u64 {
        self.length.div_ceil(3).saturating_mul(4)
    }

    /// Its base64, whole. May block.
    ///
    /// # Errors
    /// When it cannot be read, or is not of the length that it was said to be.
    pub fn base64(&self) -> Result<String, AttachmentError> {
        self.pieces().collect()
    }

    /// Its base64 from the beginning, a piece at a time. Nothing is opened before the first piece is asked for; each may
    /// block.
    pub fn pieces(&self) -> AttachmentPieces {
        AttachmentPieces { source: self.clone(), left: self.length, state: State::Closed }
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

/// The base64 of an [`AttachmentSource`], in pieces of at most 64 KiB.
///
/// The last piece is given only when the source has ended where it should, so that what is not whole never looks whole.
/// Nothing comes after an error.
pub struct AttachmentPieces {
    source: AttachmentSource,
    /// The bytes that are yet to be read.
    left: u64,
    state: State,
}

enum State {
    Closed,
    Open(Box<dyn Read + Send>),
    Ended,
}

/// How many bytes make a piece: a multiple of three, so that pieces of base64 join to base64.
const PIECE: u64 = 48 * 1024;

impl AttachmentPieces {
    fn piece(&mut self, mut reader: Box<dyn Read + Send>) -> Result<String, AttachmentError> {
        let length = self.left.min(PIECE);
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
        Ok(STANDARD.encode(bytes))
    }
}

impl Iterator for AttachmentPieces {
    type Item = Result<String, AttachmentError>;

    fn next(&mut self) -> Option<Self::Item> {
        let reader = match std::mem::replace(&mut self.state, State::Ended) {
            State::Closed => (self.source.open)().map_err(AttachmentError::Read),
            State::Open(reader) => Ok(reader),
            State::Ended => return None,
        };
        Some(reader.and_then(|reader| self.piece(reader)))
    }
}

impl fmt::Debug for AttachmentPieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttachmentPieces({} bytes left)", self.left)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, Read};

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::{AttachmentContent, AttachmentSource, PIECE};
    use crate::AttachmentError;

    /// Gives its bytes in odd portions, and is interrupted now and then.
    struct Halting(Cursor<Vec<u8>>, bool);

    impl Read for Halting {
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

    /// A source that says `said` and has `has` bytes.
    fn source(said: u64, has: u64) -> AttachmentSource {
        AttachmentSource::new(said, move || Ok(Halting(Cursor::new(bytes(has)), false)))
    }

    #[test]
    fn pieces_join_to_the_base64_of_the_whole_each_time() {
        for length in [0, 1, 2, 3, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7] {
            let source = source(length, length);
            let whole = STANDARD.encode(bytes(length));
            assert_eq!(source.base64_length(), whole.len() as u64);
            for _ in 0..2 {
                let pieces: Vec<_> = source.pieces().map(Result::unwrap).collect();
                assert!(pieces.iter().all(|piece| piece.len() <= 64 * 1024));
                assert_eq!(pieces.concat(), whole, "{length}");
            }
        }
    }

    #[test]
    fn what_is_shorter_or_longer_than_it_was_is_never_whole() {
        for (said, has) in [(0, 1), (1, 0), (PIECE, PIECE - 1), (PIECE, PIECE + 1), (2 * PIECE, PIECE), (7, 7 * PIECE)]
        {
            let source = source(said, has);
            let mut pieces = source.pieces();
            let given: u64 = pieces.by_ref().map_while(Result::ok).map(|piece| piece.len() as u64).sum();
            assert!(given < source.base64_length().max(1), "{said}, {has}");
            assert!(pieces.next().is_none());
            assert!(matches!(source.pieces().last(), Some(Err(AttachmentError::Changed))), "{said}, {has}");
        }
    }

    #[test]
    fn a_source_that_cannot_be_read_is_an_error_once() {
        let source = AttachmentSource::new(3, || Err::<io::Empty, _>(io::ErrorKind::NotFound.into()));
        let mut pieces = source.pieces();
        assert!(matches!(pieces.next(), Some(Err(AttachmentError::Read(_)))));
        assert!(pieces.next().is_none());
        assert!(serde_json::to_string(&AttachmentContent::from(source)).is_err());
    }

    #[test]
    fn on_the_wire_it_is_base64_and_in_debug_a_length() {
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
