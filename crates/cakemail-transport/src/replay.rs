//! A transport that replays recorded responses.

mod difference;
mod format;
mod record;
mod redact;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, fs, io};

use async_trait::async_trait;
use bytes::Bytes;
use difference::RequestPattern;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Uri};
pub use record::RecordingTransport;

use crate::{Dispatch, Request, Response, Transport, TransportError, TransportErrorKind};

/// Returns recorded responses in order, and records the requests.
///
/// A request other than the expected one, or one after the last response, fails with [`TransportErrorKind::Request`]; the
/// error names both requests with what differs between them, and a later recorded request that is closer; it shows no
/// values. The next response stays the same. The transport reads each body to its end, as a server
/// would. If a body cannot be read, the attempt fails with [`TransportErrorKind::Body`] and no request is recorded. A
/// clone shares the recording, so a test can keep one and hand the other to a client.
///
/// ```
/// use cakemail_transport::http::{Method, Request};
/// use cakemail_transport::{Body, ReplayTransport, Transport};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let transport = ReplayTransport::new()
///     .on(Method::POST, "/token").respond(200, r#"{"access_token":"t"}"#)
///     .respond(201, r#"{"submitted":true}"#); // to any request
///
/// for path in ["token", "v2/emails"] {
///     let request = Request::post(format!("https://api.cakemail.dev/{path}")).body(Body::from("{}")).unwrap();
///     assert!(transport.send(request).await.unwrap().status().is_success());
/// }
/// transport.assert_exhausted();
/// assert_eq!(transport.requests()[1].uri().path(), "/v2/emails");
/// # });
/// ```
///
/// In JSON, a recording is a list, as [`RecordingTransport`] writes it. Only `status` or `error` is required. A
/// `request_body` must be equal to the request's, without its secrets, and with the same addresses in the same places. A `body` that is a string is sent
/// verbatim, any other value as JSON:
///
/// ```
/// # use cakemail_transport::ReplayTransport;
/// let transport = ReplayTransport::from_json(r#"[
///     {"method": "POST", "path": "/token", "status": 200, "body": {"access_token": "t"}},
///     {"status": 429, "headers": {"retry-after": "2"}},
///     {"error": {"kind": "connection_lost", "dispatch": "maybe_sent"}}
/// ]"#);
/// assert!(transport.is_ok());
/// ```
#[derive(Clone, Default)]
pub struct ReplayTransport {
    recording: Arc<Mutex<Recording>>,
}

#[derive(Default)]
struct Recording {
    remaining: VecDeque<Exchange>,
    requests: Vec<RecordedRequest>,
}

/// An expected request and its outcome.
struct Exchange {
    expected: RequestPattern,
    outcome: Result<Response, TransportError>,
}

impl ReplayTransport {
    /// An empty recording.
    pub fn new() -> Self {
        Self::default()
    }

    /// Parses a recording.
    ///
    /// # Errors
    ///
    /// When `json` is not JSON or not a recording.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        let recording = Recording { remaining: serde_json::from_str(json)?, requests: Vec::new() };
        Ok(Self { recording: Arc::new(Mutex::new(recording)) })
    }

    /// Reads a recording from a JSON file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is not a recording.
    pub fn from_file(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self::from_json(&fs::read_to_string(path)?)?)
    }

    /// Expects this request next. If `path` has a query, the request's query must be the same.
    pub fn on(self, method: Method, path: impl Into<String>) -> Expectation {
        Expectation {
            transport: self,
            expected: RequestPattern { method: Some(method), path: Some(path.into()), body: None },
        }
    }

    /// Responds to the next request, any request, with this status and JSON body.
    #[must_use]
    pub fn respond(self, status: u16, body: impl Into<Bytes>) -> Self {
        self.any().respond(status, body)
    }

    /// Responds to the next request, any request, with this response.
    #[must_use]
    pub fn respond_with(self, response: http::Response<impl Into<Bytes>>) -> Self {
        self.any().respond_with(response)
    }

    /// Fails the next request, any request, with this error.
    #[must_use]
    pub fn fail(self, error: TransportError) -> Self {
        self.any().fail(error)
    }

    /// The requests so far, including unexpected ones.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.recording().requests.clone()
    }

    /// Asserts that every recorded response was used.
    ///
    /// # Panics
    ///
    /// When one was not. The message names the next expected request.
    #[track_caller]
    pub fn assert_exhausted(&self) {
        let recording = self.recording();
        let next = recording.remaining.front().map_or(String::new(), |exchange| exchange.expected.to_string());
        assert!(
            recording.remaining.is_empty(),
            "{} recorded responses were not used; the next is for {next}",
            recording.remaining.len()
        );
    }

    fn any(self) -> Expectation {
        Expectation { transport: self, expected: RequestPattern::default() }
    }

    fn recording(&self) -> MutexGuard<'_, Recording> {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ReplayTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let recording = self.recording();
        f.debug_struct("ReplayTransport")
            .field("remaining", &recording.remaining.len())
            .field("requests", &recording.requests)
            .finish()
    }
}

#[async_trait]
impl Transport for ReplayTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let request = RecordedRequest::read(request).await?;
        let mut recording = self.recording();
        let outcome = match recording.remaining.pop_front() {
            Some(next) => match next.expected.differences(&request) {
                differences if differences.is_empty() => next.outcome,
                differences => {
                    let mut cause = mismatch(&next.expected, &request, &differences);
                    cause += &closer(&recording.remaining, &request, differences.len());
                    recording.remaining.push_front(next);
                    Err(unexpected(cause))
                }
            },
            None => Err(unexpected(format!("no response is left for {request}"))),
        };
        recording.requests.push(request);
        outcome
    }
}

fn mismatch(expected: &RequestPattern, request: &RecordedRequest, differences: &[String]) -> String {
    format!("expected {expected}, got {request}, which differs in {}", differences.join(", "))
}

/// Names the later exchange that differs least from a request, if it differs in fewer places than the next one.
fn closer(later: &VecDeque<Exchange>, request: &RecordedRequest, differences: usize) -> String {
    let later = later.iter().enumerate().map(|(place, it)| (place, it, it.expected.differences(request)));
    match later.min_by_key(|(.., differences)| differences.len()) {
        Some((place, exchange, found)) if found.len() < differences => {
            let differs = if found.is_empty() { "matches".into() } else { format!("differs in {}", found.join(", ")) };
            format!("; {}, {} requests later, {differs}", exchange.expected, place + 1)
        }
        _ => String::new(),
    }
}

fn unexpected(cause: String) -> TransportError {
    TransportError::new(TransportErrorKind::Request, Dispatch::NotSent, cause)
}

/// A request that a [`ReplayTransport`] expects. Give it a response or an error.
#[must_use]
pub struct Expectation {
    transport: ReplayTransport,
    expected: RequestPattern,
}

impl Expectation {
    /// Responds with this status and JSON body. With an invalid status the request fails.
    pub fn respond(self, status: u16, body: impl Into<Bytes>) -> ReplayTransport {
        let json = HeaderValue::from_static("application/json");
        match http::Response::builder().status(status).header(CONTENT_TYPE, json).body(body) {
            Ok(response) => self.respond_with(response),
            Err(error) => self.fail(TransportError::new(TransportErrorKind::Response, Dispatch::MaybeSent, error)),
        }
    }

    /// Responds with this response.
    pub fn respond_with(self, response: http::Response<impl Into<Bytes>>) -> ReplayTransport {
        self.record(Ok(response.map(Into::into)))
    }

    /// Fails with this error.
    pub fn fail(self, error: TransportError) -> ReplayTransport {
        self.record(Err(error))
    }

    fn record(self, outcome: Result<Response, TransportError>) -> ReplayTransport {
        let Self { transport, expected } = self;
        transport.recording().remaining.push_back(Exchange { expected, outcome });
        transport
    }
}

/// A request that a [`ReplayTransport`] received. `Debug` and `Display` show only the method and the path.
#[derive(Clone)]
pub struct RecordedRequest {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl RecordedRequest {
    async fn read(request: Request) -> Result<Self, TransportError> {
        let (parts, body) = request.into_parts();
        let body = body.read().await;
        let body = body.map_err(|error| TransportError::new(TransportErrorKind::Body, Dispatch::NotSent, error))?;
        Ok(Self { method: parts.method, uri: parts.uri, headers: parts.headers, body })
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URI with its query.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The headers, including secrets.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Display for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.uri.path())
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordedRequest({self}, {} headers, {} bytes)", self.headers.len(), self.body.len())
    }
}

#[cfg(test)]
mod tests;
