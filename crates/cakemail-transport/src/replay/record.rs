//! A transport that records the exchanges of another.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::RecordedRequest;
use super::format::to_json;
use super::redact::Redactor;
use crate::{Body, Dispatch, Request, Response, Transport, TransportError, TransportErrorKind};

/// Records the exchanges of another transport, for a [`ReplayTransport`](crate::ReplayTransport).
///
/// [`save`](Self::save) writes them without secrets and addresses:
///
/// - A secret becomes `***`: the bearer token, and each value of a field whose name contains `password`, `token`,
///   `secret`, `api_key`, `private_key`, `authorization`, `challenge`, `confirmation_id` or `mfa_code`. From 8 bytes on,
///   it is also replaced wherever else it occurs: in subjects, tags, HTML.
/// - An email address becomes `address-1@recorded.example` and so on, the same address always the same.
/// - Of the headers, only `content-type`, `retry-after` and `x-request-id` of responses are recorded.
///
/// Names, subjects, texts and ids stay. What is encoded is not searched: check a recording with attachments before you
/// publish it. A request whose future was dropped is not recorded. Bodies are read into memory before they are sent.
///
/// ```
/// use cakemail_transport::http::{Method, Request};
/// use cakemail_transport::{Body, RecordingTransport, ReplayTransport, Transport};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let file = folder.path().join("users.json");
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// // A real transport, in place of this one.
/// let server = ReplayTransport::new().respond(200, r#"{"data": {"email": "ada@example.com"}}"#);
/// let recording = RecordingTransport::new(server);
/// let request = || Request::get("https://api.cakemail.dev/users/self").body(Body::empty()).unwrap();
/// recording.send(request()).await.unwrap();
/// recording.save(&file).unwrap();
///
/// let response = ReplayTransport::from_file(&file).unwrap().send(request()).await.unwrap();
/// assert_eq!(response.body(), r#"{"data":{"email":"address-1@recorded.example"}}"#);
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct RecordingTransport<T> {
    inner: T,
    exchanges: Arc<Mutex<Vec<RecordedExchange>>>,
}

/// A request, and its outcome once it is known.
#[derive(Debug)]
pub(super) struct RecordedExchange {
    pub(super) request: RecordedRequest,
    pub(super) outcome: Option<Result<Response, (TransportErrorKind, Dispatch)>>,
}

impl<T: Transport> RecordingTransport<T> {
    /// Records the exchanges of this transport. A clone shares the recording.
    pub fn new(inner: T) -> Self {
        Self { inner, exchanges: Arc::default() }
    }

    /// Writes the exchanges so far to a JSON file, in the order in which the requests were sent. The file is replaced in
    /// one step.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        let mut new = path.as_os_str().to_owned();
        new.push(format!(".{}.new", std::process::id()));
        let json = self.json();
        let written = File::create(&new).and_then(|mut file| {
            file.write_all(json.as_bytes())?;
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&new, path)).inspect_err(|_| drop(fs::remove_file(&new)))
    }

    fn json(&self) -> String {
        let exchanges = self.exchanges();
        let mut redactor = Redactor::default();
        // The first pass finds the secrets, also for the exchanges before the one that marks them.
        to_json(&exchanges, &mut redactor);
        format!("{:#}\n", to_json(&exchanges, &mut redactor))
    }

    fn exchanges(&self) -> MutexGuard<'_, Vec<RecordedExchange>> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl<T: Transport> Transport for RecordingTransport<T> {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let (parts, body) = request.into_parts();
        let request = RecordedRequest::read(http::Request::from_parts(parts.clone(), body)).await?;
        let body = Body::from(request.body.clone());
        let place = {
            let mut exchanges = self.exchanges();
            exchanges.push(RecordedExchange { request, outcome: None });
            exchanges.len() - 1
        };
        let outcome = self.inner.send(http::Request::from_parts(parts, body)).await;
        let recorded = outcome.as_ref().cloned().map_err(|error| (error.kind(), error.dispatch()));
        self.exchanges()[place].outcome = Some(recorded);
        outcome
    }

    fn holds_send_by(&self) -> bool {
        self.inner.holds_send_by()
    }
}
