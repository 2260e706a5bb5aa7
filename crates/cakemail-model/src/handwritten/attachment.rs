//! Attachments: from bytes, a file or a reader, with the type and the base64 done.

mod content;

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::{fmt, io};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::FieldError;
use crate::emails::{Attachment, AttachmentType};

pub use content::{AttachmentContent, AttachmentPieces, AttachmentSource};

/// The extensions that an attachment may have, and the type that goes with each.
const EXTENSIONS: [(&str, AttachmentType); 9] = [
    ("csv", AttachmentType::Csv),
    ("doc", AttachmentType::Doc),
    ("docx", AttachmentType::Docx),
    ("ics", AttachmentType::Calendar),
    ("jpeg", AttachmentType::Jpeg),
    ("pdf", AttachmentType::Pdf),
    ("png", AttachmentType::Png),
    ("xls", AttachmentType::Xls),
    ("xlsx", AttachmentType::Xlsx),
];

/// Why a file cannot be attached.
#[derive(Debug)]
#[non_exhaustive]
pub enum AttachmentError {
    /// The API would refuse its name.
    Name(FieldError),
    /// It cannot be read.
    Read(io::Error),
    /// It has not the length that it had when it was attached.
    Changed,
}

impl fmt::Display for AttachmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(fault) => fault.fmt(f),
            Self::Read(_) => f.write_str("the file to attach cannot be read"),
            Self::Changed => f.write_str("the file to attach has another length than when it was attached"),
        }
    }
}

impl std::error::Error for AttachmentError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Name(_) | Self::Changed => None,
            Self::Read(error) => Some(error),
        }
    }
}

impl Attachment {
    /// A file with this name and these bytes. The type follows from the extension.
    ///
    /// # Errors
    /// [`AttachmentError::Name`] when the API would refuse the name.
    pub fn from_bytes(name: &str, bytes: impl AsRef<[u8]>) -> Result<Self, AttachmentError> {
        Ok(Self::new(name, kind(name)?, STANDARD.encode(bytes)))
    }

    /// A file, under its own name. It is read and made base64 while the email is sent, a piece at a time, and anew for
    /// each attempt: it has to stay as it is until then.
    ///
    /// # Errors
    /// [`AttachmentError::Name`] when the API would refuse the name, [`AttachmentError::Read`] when the file cannot be
    /// opened now, or is no file.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, AttachmentError> {
        let path = path.as_ref().to_owned();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kind = kind(&name)?;
        let length = length(&path).map_err(AttachmentError::Read)?;
        Ok(Self::new(name, kind, AttachmentSource::new(length, move || File::open(&path))))
    }

    /// What a reader gives, of so many bytes, under this name. `open` is called for each attempt to send the email, and
    /// gives the same bytes each time; it and the reader may block.
    ///
    /// # Errors
    /// [`AttachmentError::Name`] when the API would refuse the name.
    pub fn from_reader<R: Read + Send + 'static>(
        name: &str,
        length: u64,
        open: impl Fn() -> io::Result<R> + Send + Sync + 'static,
    ) -> Result<Self, AttachmentError> {
        Ok(Self::new(name, kind(name)?, AttachmentSource::new(length, open)))
    }
}

/// The length of a file that can be opened.
fn length(path: &Path) -> io::Result<u64> {
    // Asked first, since to open a pipe is to wait for its other end.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
    }
    Ok(File::open(path)?.metadata()?.len())
}

/// The type that goes with a name, if the API takes the name.
fn kind(name: &str) -> Result<AttachmentType, AttachmentError> {
    if let Some(complaint) = check_attachment_name(name) {
        return Err(AttachmentError::Name(FieldError::new("attachment.filename", complaint)));
    }
    let extension = name.rsplit('.').next().unwrap_or_default();
    let kind = EXTENSIONS.into_iter().find(|(known, _)| *known == extension).map(|(_, kind)| kind);
    Ok(kind.unwrap_or_default())
}

/// What is wrong with an attachment's file name, or `None`.
///
/// Names are letters, digits, `-` and `_`, and one of nine extensions (`jpg` is not among them).
pub fn check_attachment_name(name: &str) -> Option<&'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    if extension == "jpg" {
        return Some("ends in `jpg`: the API takes `jpeg`");
    }
    if !EXTENSIONS.iter().any(|(known, _)| *known == extension) {
        return Some("has an extension that the API refuses: use csv, doc, docx, ics, jpeg, pdf, png, xls or xlsx");
    }
    if stem.is_empty() || !stem.bytes().all(allowed) {
        return Some("is a name that the API refuses: use letters, digits, `-` and `_` before the extension");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{AttachmentError, check_attachment_name};
    use crate::emails::{Attachment, AttachmentType};

    #[test]
    fn names_follow_the_documents_pattern() {
        for (name, right) in [
            ("a.pdf", true),
            ("A-b_9.jpeg", true),
            ("a.jpg", false),
            ("a.b.pdf", false),
            (".pdf", false),
            ("a", false),
            ("", false),
            ("é.pdf", false),
            ("a.exe", false),
            ("../a.pdf", false),
        ] {
            assert_eq!(check_attachment_name(name).is_none(), right, "{name}");
        }
    }

    #[test]
    fn bytes_become_base64_with_their_type() {
        let attachment = Attachment::from_bytes("invite.ics", b"BEGIN:VCALENDAR").unwrap();
        assert_eq!((attachment.kind, attachment.content), (AttachmentType::Calendar, "QkVHSU46VkNBTEVOREFS".into()));
        assert!(matches!(Attachment::from_bytes("a b.pdf", b""), Err(AttachmentError::Name(_))));
    }

    #[test]
    fn a_file_keeps_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        std::fs::write(&path, "a,b\n").unwrap();
        let attachment = Attachment::from_path(&path).unwrap();
        let json = serde_json::json!({"filename": "report.csv", "type": "csv", "content": "YSxiCg=="});
        assert_eq!(serde_json::to_value(&attachment).unwrap(), json);
        assert!(matches!(Attachment::from_path(folder.path().join("none.csv")), Err(AttachmentError::Read(_))));
        assert!(matches!(Attachment::from_path(folder.path().join("..")), Err(AttachmentError::Name(_))));
        let directory = folder.path().join("folder.csv");
        std::fs::create_dir(&directory).unwrap();
        assert!(matches!(Attachment::from_path(directory), Err(AttachmentError::Read(_))));
    }
}
