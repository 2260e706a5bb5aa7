//! Attachments: from bytes or a file, with the type and the base64 done.

use std::path::Path;
use std::{fmt, fs, io};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::Fault;
use crate::emails::{Attachment, AttachmentType};

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
    Name(Fault),
    /// It cannot be read.
    Read(io::Error),
}

impl fmt::Display for AttachmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(fault) => fault.fmt(f),
            Self::Read(_) => f.write_str("the file to attach cannot be read"),
        }
    }
}

impl std::error::Error for AttachmentError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Name(_) => None,
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
        if let Some(complaint) = check_attachment_name(name) {
            return Err(AttachmentError::Name(Fault::new("attachment.filename", complaint)));
        }
        let extension = name.rsplit('.').next().unwrap_or_default();
        let kind = EXTENSIONS.into_iter().find(|(known, _)| *known == extension).map(|(_, kind)| kind);
        Ok(Self::new(name, kind.unwrap_or_default(), STANDARD.encode(bytes)))
    }

    /// A file, under its own name. Reads it whole, and waits for the disk.
    ///
    /// # Errors
    /// [`AttachmentError::Name`] when the API would refuse the name, [`AttachmentError::Read`] when the file cannot be
    /// read.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, AttachmentError> {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(complaint) = check_attachment_name(&name) {
            return Err(AttachmentError::Name(Fault::new("attachment.filename", complaint)));
        }
        Self::from_bytes(&name, fs::read(path).map_err(AttachmentError::Read)?)
    }
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
        assert_eq!((attachment.kind, attachment.content.as_str()), (AttachmentType::Calendar, "QkVHSU46VkNBTEVOREFS"));
        assert!(matches!(Attachment::from_bytes("a b.pdf", b""), Err(AttachmentError::Name(_))));
    }

    #[test]
    fn a_file_keeps_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        std::fs::write(&path, "a,b\n").unwrap();
        let attachment = Attachment::from_path(&path).unwrap();
        assert_eq!((attachment.filename.as_str(), attachment.content.as_str()), ("report.csv", "YSxiCg=="));
        assert!(matches!(Attachment::from_path(folder.path().join("none.csv")), Err(AttachmentError::Read(_))));
        assert!(matches!(Attachment::from_path(folder.path().join("..")), Err(AttachmentError::Name(_))));
    }
}
