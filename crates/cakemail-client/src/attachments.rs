//! Attachments: an email's JSON, into which files are read, and made base64, while it is sent.

use std::fmt;
use std::io;
use std::iter::successors;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use cakemail_model::emails::NewEmail;
use cakemail_model::{AttachmentContent, AttachmentError, AttachmentPieces, AttachmentSource, FieldError};
use cakemail_transport::http_body::{self, Frame};
use cakemail_transport::{Body, Part, Source, SourceReader, TransportError};
use tokio::task::{JoinHandle, spawn_blocking};

/// Whether something is attached that is yet to be read.
pub(crate) fn are_read(email: &NewEmail) -> bool {
    email.attachment.iter().flatten().any(|attachment| matches!(attachment.content, AttachmentContent::Source(_)))
}

/// The email as JSON, in parts: in memory, but for the files. `None` when it cannot be written.
pub(crate) fn body(email: &NewEmail) -> Option<Body> {
    let mut email = email.clone();
    let attached = email.attachment.take().unwrap_or_default();
    let mut parts = Vec::new();
    let mut json = serde_json::to_vec(&email).ok()?;
    reopen(&mut json, "}")?;
    json.extend_from_slice(br#","attachment":["#);
    for (index, mut attachment) in attached.into_iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        match attachment.content {
            AttachmentContent::Base64(_) => serde_json::to_writer(&mut json, &attachment).ok()?,
            AttachmentContent::Source(source) => {
                attachment.content = String::new().into();
                serde_json::to_writer(&mut json, &attachment).ok()?;
                reopen(&mut json, r#""}"#).filter(|()| json.ends_with(br#""content":""#))?;
                parts.push(Part::Bytes(mem::take(&mut json).into()));
                let field = format!("attachment[{index}].content");
                parts.push(Part::Source(Arc::new(File { source, field, name: attachment.filename.into() })));
                json.extend_from_slice(br#""}"#);
            }
        }
    }
    json.extend_from_slice(b"]}");
    parts.push(Part::Bytes(json.into()));
    Some(Body::from_parts(parts))
}

/// Takes the end off what is written, so that more can be written in its place.
fn reopen(json: &mut Vec<u8>, end: &str) -> Option<()> {
    let length = json.strip_suffix(end.as_bytes())?.len();
    json.truncate(length);
    Some(())
}

/// What is wrong with a file, when that is why an attempt failed.
pub(crate) fn fault(error: &TransportError) -> Option<FieldError> {
    let mut causes = successors(Some(error as &dyn std::error::Error), |error| (*error).source());
    let unread = causes.find_map(|cause| cause.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref::<Unread>());
    unread.map(|unread| unread.0.clone())
}

/// Why a file cannot be sent.
#[derive(Debug)]
struct Unread(FieldError, AttachmentError);

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Unread {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.1)
    }
}

/// A file of an email, by its name and its place in it.
#[derive(Clone)]
struct File {
    source: AttachmentSource,
    field: String,
    name: Arc<str>,
}

impl File {
    fn unread(&self, error: AttachmentError) -> io::Error {
        let name = &self.name;
        // The kind only: what a reader of the caller's says is in the cause.
        let message = match &error {
            AttachmentError::Read(error) => {
                format!("`{name}` cannot be read ({}): keep it in place until the email is sent", error.kind())
            }
            _ => format!(
                "`{name}` has a different length than when it was attached: attach it again when it is complete"
            ),
        };
        io::Error::other(Unread(FieldError::new(self.field.clone(), message), error))
    }
}

impl Source for File {
    fn length(&self) -> u64 {
        self.source.base64_length()
    }

    fn open(&self) -> SourceReader {
        Box::pin(Open { file: self.clone(), next: Some(read(self.source.pieces())) })
    }
}

/// A file that is being read: the next piece is on its way while the one before it is sent.
struct Open {
    file: File,
    next: Option<JoinHandle<Read>>,
}

/// A piece, and where the others come from.
type Read = (Option<Result<String, AttachmentError>>, AttachmentPieces);

fn read(mut pieces: AttachmentPieces) -> JoinHandle<Read> {
    spawn_blocking(move || (pieces.next(), pieces))
}

impl http_body::Body for Open {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some(next) = &mut self.next else { return Poll::Ready(None) };
        let read_next = ready!(Pin::new(next).poll(context));
        self.next = None;
        Poll::Ready(match read_next {
            Ok((Some(Ok(piece)), pieces)) => {
                self.next = Some(read(pieces));
                Some(Ok(Frame::data(piece.into())))
            }
            Ok((Some(Err(error)), _)) => Some(Err(self.file.unread(error))),
            Ok((None, _)) => None,
            // A reader that panicked, or a runtime that shuts down.
            Err(error) => Some(Err(self.file.unread(AttachmentError::Read(io::Error::other(error))))),
        })
    }
}
