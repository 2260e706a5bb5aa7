//! Files that are attached when the email is sent.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use cakemail_model::emails::{Attachment, AttachmentType};
use cakemail_model::{AttachmentError, AttachmentSource, Redacted};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A file to attach. The ledger stores its path, its size and its SHA-256: a file that is missing or has changed is not
/// sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachedFile {
    name: String,
    #[serde(rename = "type")]
    kind: AttachmentType,
    path: String,
    size: u64,
    sha256: String,
}

impl AttachedFile {
    /// Reads the file at this path once. May block.
    ///
    /// # Errors
    /// [`AttachmentError::Name`] if the API does not accept the file's name, [`AttachmentError::Read`] if the path is not a
    /// regular file that can be read, or is not UTF-8.
    pub fn new(path: impl AsRef<Path>) -> Result<Self, AttachmentError> {
        let Attachment { filename, kind, .. } = Attachment::from_path(&path)?;
        let path = std::path::absolute(path).map_err(AttachmentError::Read)?;
        let mut file = Sha256Reader::new(File::open(&path).map_err(AttachmentError::Read)?);
        let size = io::copy(&mut file, &mut io::sink()).map_err(AttachmentError::Read)?;
        let path = path.into_os_string().into_string();
        let path = path.map_err(|_| AttachmentError::Read(io::Error::other("the path is not UTF-8")))?;
        Ok(Self { name: filename, kind, path, size, sha256: file.sha256() })
    }

    /// The attachment, which is read while the email is sent. Reading it fails before its last byte if the file is not the
    /// one that was attached.
    pub(crate) fn attachment(self) -> Attachment {
        let Self { name, kind, path, size, sha256 } = self;
        let open = move || {
            // Checks that it is a regular file: opening or reading anything else may block.
            Attachment::from_path(&path).map_err(into_io)?;
            Ok(Verified { file: Sha256Reader::new(File::open(&path)?), expected: sha256.clone() })
        };
        Attachment::new(name, kind, AttachmentSource::new(size, open))
    }
}

impl fmt::Debug for AttachedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttachedFile")
            .field("name", &Redacted(&self.name))
            .field("kind", &self.kind)
            .field("path", &Redacted(&self.path))
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

fn into_io(error: AttachmentError) -> io::Error {
    match error {
        AttachmentError::Read(error) => error,
        error => io::Error::other(error),
    }
}

struct Sha256Reader {
    file: File,
    hash: Sha256,
}

impl Sha256Reader {
    fn new(file: File) -> Self {
        Self { file, hash: Sha256::new() }
    }

    /// Of what was read, in hexadecimal digits.
    fn sha256(&self) -> String {
        self.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Read for Sha256Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.hash.update(&buffer[..length]);
        Ok(length)
    }
}

/// A file whose end is an error unless all before it is what was expected.
struct Verified {
    file: Sha256Reader,
    expected: String,
}

impl Read for Verified {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        if length == 0 && !buffer.is_empty() && self.file.sha256() != self.expected {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file has changed since it was attached"));
        }
        Ok(length)
    }
}
