//! A transport that answers from a recording.

mod format;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, fs, io};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Uri};

use crate::{Dispatch, Request, Response, Transport, TransportError, TransportErrorKind};

/// Recorded answers, given in order, and the requests that they were given to.
///
/// A request that nothing is recorded for, or another than the one expected next, is answered by an error of the kind
/// [`TransportErrorKind::Request`] that names both; the recording stays where it is. A body is read to its end, as a
/// server would; one that breaks gives [`TransportErrorKind::Body`], and counts as no request. A clone shares the recording, so
/// a test keeps one and gives one away.
///
/// ```
/// use cakemail_transport::http::{Method, Request};
/// use cakemail_transport::{Body, ReplayTransport, Transport};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let transport = ReplayTransport::new()
///     .on(Method::POST, "/token").answer(200, r#"{"access_token":"t"}"#)
///     .answer(201, r#"{"submitted":true}"#); // to whatever comes next
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
/// In JSON, a recording is a list; `method` and `path` may be left out, and so may `headers` and `body`. A `body` that
/// is a string is sent as it is, anything else as JSON:
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
    tape: Arc<Mutex<Tape>>,
}

#[derive(Default)]
struct Tape {
    ahead: VecDeque<Exchange>,
    seen: Vec<Recorded>,
}

/// A request that is expected, and what comes of it.
struct Exchange {
    expected: Expected,
    outcome: Result<Response, TransportError>,
}

impl ReplayTransport {
    /// Nothing recorded yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A recording in JSON.
    ///
    /// # Errors
    ///
    /// When it is not JSON, or not a recording.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        let tape = Tape { ahead: serde_json::from_str(json)?, seen: Vec::new() };
        Ok(Self { tape: Arc::new(Mutex::new(tape)) })
    }

    /// A recording in a file of JSON.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is not a recording.
    pub fn from_file(path: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self::from_json(&fs::read_to_string(path)?)?)
    }

    /// Expects a request, whose answer is to follow. The path may have a query, which then counts.
    pub fn on(self, method: Method, path: impl Into<String>) -> On {
        On { transport: self, expected: Expected { method: Some(method), path: Some(path.into()) } }
    }

    /// Answers the next request, whatever it is: `body` is taken for JSON.
    #[must_use]
    pub fn answer(self, status: u16, body: impl Into<Bytes>) -> Self {
        self.any().answer(status, body)
    }

    /// Answers the next request, whatever it is, with all that an answer may have.
    #[must_use]
    pub fn respond(self, response: http::Response<impl Into<Bytes>>) -> Self {
        self.any().respond(response)
    }

    /// Lets the next request fail, whatever it is.
    #[must_use]
    pub fn fail(self, error: TransportError) -> Self {
        self.any().fail(error)
    }

    /// The requests so far, those that were not expected too.
    pub fn requests(&self) -> Vec<Recorded> {
        self.tape().seen.clone()
    }

    /// Checks that every recorded answer was given.
    ///
    /// # Panics
    ///
    /// When one was not, naming the request it is for.
    #[track_caller]
    pub fn assert_exhausted(&self) {
        let tape = self.tape();
        let next = tape.ahead.front().map_or(String::new(), |exchange| exchange.expected.to_string());
        assert!(
            tape.ahead.is_empty(),
            "{} recorded answers were not asked for; the next is for {next}",
            tape.ahead.len()
        );
    }

    fn any(self) -> On {
        On { transport: self, expected: Expected { method: None, path: None } }
    }

    fn tape(&self) -> MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ReplayTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tape = self.tape();
        f.debug_struct("ReplayTransport").field("ahead", &tape.ahead.len()).field("seen", &tape.seen).finish()
    }
}

#[async_trait]
impl Transport for ReplayTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let request = Recorded::read(request).await?;
        let mut tape = self.tape();
        let outcome = match tape.ahead.front() {
            Some(next) if next.expected.admits(&request) => tape.ahead.pop_front().map(|next| next.outcome),
            Some(next) => Some(Err(unexpected(format!("{} was expected, {request} came", next.expected)))),
            None => None,
        };
        let outcome = outcome.unwrap_or_else(|| Err(unexpected(format!("no answer is left for {request}"))));
        tape.seen.push(request);
        outcome
    }
}

fn unexpected(cause: String) -> TransportError {
    TransportError::new(TransportErrorKind::Request, Dispatch::NotSent, cause)
}

/// A request that a [`ReplayTransport`] expects, and that needs an answer.
#[must_use]
pub struct On {
    transport: ReplayTransport,
    expected: Expected,
}

impl On {
    /// Answers it: `body` is taken for JSON. A status that is none lets it fail.
    pub fn answer(self, status: u16, body: impl Into<Bytes>) -> ReplayTransport {
        let json = HeaderValue::from_static("application/json");
        match http::Response::builder().status(status).header(CONTENT_TYPE, json).body(body) {
            Ok(response) => self.respond(response),
            Err(error) => self.fail(TransportError::new(TransportErrorKind::Response, Dispatch::MaybeSent, error)),
        }
    }

    /// Answers it with all that an answer may have.
    pub fn respond(self, response: http::Response<impl Into<Bytes>>) -> ReplayTransport {
        self.record(Ok(response.map(Into::into)))
    }

    /// Lets it fail.
    pub fn fail(self, error: TransportError) -> ReplayTransport {
        self.record(Err(error))
    }

    fn record(self, outcome: Result<Response, TransportError>) -> ReplayTransport {
        let Self { transport, expected } = self;
        transport.tape().ahead.push_back(Exchange { expected, outcome });
        transport
    }
}

/// What a request must be; `None` is whatever it is.
struct Expected {
    method: Option<Method>,
    path: Option<String>,
}

impl Expected {
    fn admits(&self, request: &Recorded) -> bool {
        let same_path = |path: &String| match path.contains('?') {
            true => request.uri.path_and_query().is_some_and(|uri| uri == path.as_str()),
            false => request.uri.path() == path,
        };
        self.method.as_ref().is_none_or(|method| *method == request.method) && self.path.as_ref().is_none_or(same_path)
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.method.as_ref().map_or("any method", Method::as_str);
        write!(f, "{method} {}", self.path.as_deref().unwrap_or("any path"))
    }
}

/// A request that a [`ReplayTransport`] saw. `Debug` and `Display` show the method and the path alone.
#[derive(Clone)]
pub struct Recorded {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Recorded {
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

    /// The whole URI, with the query.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The headers, secrets and all.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.uri.path())
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recorded({self}, {} headers, {} bytes)", self.headers.len(), self.body.len())
    }
}

#[cfg(test)]
mod tests;
