//! Attachments from bytes, files and readers.

mod content;

use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::Path;
use std::{fmt, io};

use crate::FieldError;
use crate::base64::encode;
use crate::emails::{Attachment, AttachmentType};

pub use content::{AttachmentChunks, AttachmentContent, AttachmentSource};

/// The extensions that the API accepts, with the type of each.
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

/// The reason that a file cannot be attached.
#[derive(Debug)]
#[non_exhaustive]
pub enum AttachmentError {
    /// The API does not accept the file's name.
    Name(FieldError),
    /// The file cannot be read.
    Read(io::Error),
    /// The file's length has changed since it was attached.
    Changed,
}

impl fmt::Display for AttachmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Read(_) => f.write_str("the attachment cannot be read"),
            Self::Changed => f.write_str("the attachment's length has changed since it was attached"),
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
    /// An attachment with this name and these bytes. The extension determines the type.
    ///
    /// The attachment's name has the extension as the API accepts it: `SCAN.PDF` becomes `SCAN.pdf`, and `photo.JPG`
    /// becomes `photo.jpeg`. So do the names of files and readers.
    ///
    /// # Errors
    /// [`AttachmentError::Name`] if the API does not accept the name.
    pub fn from_bytes(name: &str, bytes: impl AsRef<[u8]>) -> Result<Self, AttachmentError> {
        let (name, kind) = accepted(name)?;
        Ok(Self::new(name, kind, encode(bytes)))
    }

    /// A file, under its own name. Each attempt reads and encodes it again, chunk by chunk while the email is sent, so the
    /// file must not change before that.
    ///
    /// # Errors
    /// [`AttachmentError::Name`] if the API does not accept the name, [`AttachmentError::Read`] if the path is not a
    /// regular file that can be opened now.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, AttachmentError> {
        let path = path.as_ref().to_owned();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (name, kind) = accepted(&name)?;
        let length = open(&path).and_then(|file| file.metadata()).map_err(AttachmentError::Read)?.len();
        Ok(Self::new(name, kind, AttachmentSource::new(length, move || open(&path))))
    }

    /// The bytes of a reader, under this name. `length` is their number. Each attempt calls `open`, which must give the same
    /// bytes each time. `open` and the reader may block.
    ///
    /// # Errors
    /// [`AttachmentError::Name`] if the API does not accept the name.
    pub fn from_reader<R: Read + Send + 'static>(
        name: &str,
        length: u64,
        open: impl Fn() -> io::Result<R> + Send + Sync + 'static,
    ) -> Result<Self, AttachmentError> {
        let (name, kind) = accepted(name)?;
        Ok(Self::new(name, kind, AttachmentSource::new(length, open)))
    }
}

/// Opens a regular file. Anything else has no length, and opening or reading a pipe or a device may block.
fn open(path: &Path) -> io::Result<File> {
    // Checked before it is opened, since that may block, and afterwards, since another file may have taken its place.
    check_regular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    check_regular(&file.metadata()?)?;
    Ok(file)
}

fn check_regular(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() { Ok(()) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")) }
}

/// The name with its extension as the API accepts it, and the type of the attachment.
fn accepted(name: &str) -> Result<(String, AttachmentType), AttachmentError> {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let lower = extension.to_ascii_lowercase();
    let extension = if lower == "jpg" { "jpeg" } else { &lower };
    let name = format!("{stem}.{extension}");
    if let Some(message) = check_attachment_name(&name) {
        return Err(AttachmentError::Name(FieldError::new("attachment.filename", message)));
    }
    let kind = EXTENSIONS.into_iter().find(|(known, _)| *known == extension).map(|(_, kind)| kind);
    Ok((name, kind.unwrap_or_default()))
}

/// Checks the file name of an attachment. Returns what is wrong with it, or `None` if it is valid.
///
/// A name has letters, digits, `-` and `_`, and one of nine extensions in lower case (`jpg` is not one of them). The
/// constructors of [`Attachment`] correct the extension.
pub fn check_attachment_name(name: &str) -> Option<&'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    if extension.eq_ignore_ascii_case("jpg") {
        return Some("ends in `jpg`: the API accepts `jpeg`");
    }
    if EXTENSIONS.iter().any(|(known, _)| *known != extension && known.eq_ignore_ascii_case(extension)) {
        return Some("has an extension in capitals: the API accepts it in lower case");
    }
    if !EXTENSIONS.iter().any(|(known, _)| *known == extension) {
        return Some(
            "has an extension that the API does not accept: use csv, doc, docx, ics, jpeg, pdf, png, xls or xlsx",
        );
    }
    if stem.is_empty() || !stem.bytes().all(allowed) {
        return Some(
            "has a character that the API does not accept: use letters, digits, `-` and `_` before the extension",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{AttachmentError, check_attachment_name};
    use crate::emails::{Attachment, AttachmentType};

    #[test]
    fn checks_names_by_the_documents_pattern() {
        for (name, valid) in [
            ("a.pdf", true),
            ("A-b_9.jpeg", true),
            ("a.jpg", false),
            ("a.JPG", false),
            ("a.PDF", false),
            ("a.b.pdf", false),
            (".pdf", false),
            ("a", false),
            ("", false),
            ("é.pdf", false),
            ("a.exe", false),
            ("../a.pdf", false),
        ] {
            assert_eq!(check_attachment_name(name).is_none(), valid, "{name}");
        }
    }

    #[test]
    fn encodes_bytes_and_derives_the_type() {
        let attachment = Attachment::from_bytes("invite.ics", b"BEGIN:VCALENDAR").unwrap();
        assert_eq!((attachment.kind, attachment.content), (AttachmentType::Calendar, "QkVHSU46VkNBTEVOREFS".into()));
        assert!(matches!(Attachment::from_bytes("a b.pdf", b""), Err(AttachmentError::Name(_))));
    }

    #[test]
    fn attaches_a_file_under_its_name() {
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

    #[test]
    fn corrects_the_extension_to_the_one_that_the_api_accepts() {
        let folder = tempfile::tempdir().unwrap();
        for (given, name, kind) in [
            ("SCAN.PDF", "SCAN.pdf", AttachmentType::Pdf),
            ("photo.JPG", "photo.jpeg", AttachmentType::Jpeg),
            ("photo.jpg", "photo.jpeg", AttachmentType::Jpeg),
            ("photo.Jpeg", "photo.jpeg", AttachmentType::Jpeg),
            ("Sheet.XlsX", "Sheet.xlsx", AttachmentType::Xlsx),
        ] {
            let path = folder.path().join(given);
            std::fs::write(&path, "x").unwrap();
            for attachment in [
                Attachment::from_bytes(given, b"x").unwrap(),
                Attachment::from_path(&path).unwrap(),
                Attachment::from_reader(given, 1, || Ok(&b"x"[..])).unwrap(),
            ] {
                assert_eq!((attachment.filename.as_str(), &attachment.kind), (name, &kind));
                assert_eq!(check_attachment_name(&attachment.filename), None);
            }
        }
        for name in ["", ".", "a", "a.", ".PDF", "a b.PDF", "PDF"] {
            assert!(matches!(Attachment::from_bytes(name, b""), Err(AttachmentError::Name(_))), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_a_device_a_socket_and_a_folder_are_refused_without_blocking() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let pipe = |path| assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        pipe(at("pipe.pdf"));
        std::os::unix::fs::symlink("/dev/zero", at("device.pdf")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket.pdf")).unwrap();
        std::fs::create_dir(at("folder.pdf")).unwrap();
        for name in ["pipe.pdf", "device.pdf", "socket.pdf", "folder.pdf"] {
            let error = Attachment::from_path(at(name)).unwrap_err();
            assert!(matches!(error, AttachmentError::Read(_)), "{name}: {error}");
        }
        std::fs::write(at("file.pdf"), "x").unwrap();
        std::os::unix::fs::symlink(at("file.pdf"), at("link.pdf")).unwrap();
        let attachment = Attachment::from_path(at("link.pdf")).unwrap();
        std::fs::remove_file(at("file.pdf")).unwrap();
        pipe(at("file.pdf"));
        assert!(serde_json::to_string(&attachment).is_err(), "the file became a pipe");
    }
}
