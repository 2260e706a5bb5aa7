//! Streamed attachments: files that are read and encoded in base64 while the email is sent.

use std::fmt;
use std::io;
use std::iter::successors;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use cakemail_model::emails::NewEmail;
use cakemail_model::{AttachmentChunks, AttachmentContent, AttachmentError, AttachmentSource, FieldError};
use cakemail_transport::http_body::{self, Frame};
use cakemail_transport::{Body, Part, Source, SourceReader, TransportError};
use tokio::task::{JoinHandle, spawn_blocking};

/// Whether an attachment is read while the email is sent.
pub(crate) fn are_streamed(email: &NewEmail) -> bool {
    email.attachment.iter().flatten().any(|attachment| matches!(attachment.content, AttachmentContent::Source(_)))
}

/// The email as JSON, in parts: everything but the files is in memory. `None` when it cannot be serialized.
pub(crate) fn streamed_body(email: &NewEmail) -> Option<Body> {
    let mut email = email.clone();
    let attachments = email.attachment.take().unwrap_or_default();
    let mut parts = Vec::new();
    let mut json = serde_json::to_vec(&email).ok()?;
    reopen(&mut json, "}")?;
    json.extend_from_slice(br#","attachment":["#);
    for (index, mut attachment) in attachments.into_iter().enumerate() {
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

/// Removes the end of the JSON, so that more can be written before it.
fn reopen(json: &mut Vec<u8>, end: &str) -> Option<()> {
    let length = json.strip_suffix(end.as_bytes())?.len();
    json.truncate(length);
    Some(())
}

/// The field of the attachment that could not be read, if an attempt failed because of one.
pub(crate) fn field_error(error: &TransportError) -> Option<FieldError> {
    let mut causes = successors(Some(error as &dyn std::error::Error), |error| (*error).source());
    let unreadable =
        causes.find_map(|cause| cause.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref::<Unreadable>())?;
    Some(unreadable.field.clone())
}

/// An attachment that cannot be read, and why.
#[derive(Debug)]
struct Unreadable {
    field: FieldError,
    cause: AttachmentError,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.field.fmt(f)
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// A file of an email, with its field and its name.
#[derive(Clone)]
struct File {
    source: AttachmentSource,
    field: String,
    name: Arc<str>,
}

impl File {
    fn unreadable(&self, cause: AttachmentError) -> io::Error {
        let name = &self.name;
        // Only the kind of the error: its message may name a path, and is kept in the cause.
        let message = match &cause {
            AttachmentError::Read(error) => {
                format!("`{name}` cannot be read ({}): keep it in place until the email is sent", error.kind())
            }
            _ => format!(
                "`{name}` has a different length than when it was attached: attach it again when it is complete"
            ),
        };
        io::Error::other(Unreadable { field: FieldError::new(self.field.clone(), message), cause })
    }
}

impl Source for File {
    fn length(&self) -> u64 {
        self.source.base64_length()
    }

    fn open(&self) -> SourceReader {
        Box::pin(Open { file: self.clone(), next: Some(read(self.source.chunks())) })
    }
}

/// An open file. The next chunk is read while the previous one is sent.
struct Open {
    file: File,
    next: Option<JoinHandle<Read>>,
}

/// One chunk of a file, and the source of the next ones.
type Read = (Option<Result<String, AttachmentError>>, AttachmentChunks);

fn read(mut chunks: AttachmentChunks) -> JoinHandle<Read> {
    spawn_blocking(move || (chunks.next(), chunks))
}

impl http_body::Body for Open {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some(next) = &mut self.next else { return Poll::Ready(None) };
        let read_next = ready!(Pin::new(next).poll(context));
        self.next = None;
        Poll::Ready(match read_next {
            Ok((Some(Ok(chunk)), chunks)) => {
                self.next = Some(read(chunks));
                Some(Ok(Frame::data(chunk.into())))
            }
            Ok((Some(Err(error)), _)) => Some(Err(self.file.unreadable(error))),
            Ok((None, _)) => None,
            // The reader panicked, or the runtime is shutting down.
            Err(error) => Some(Err(self.file.unreadable(AttachmentError::Read(io::Error::other(error))))),
        })
    }
}
