//! What the server does with a request.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Frame};

use crate::api::response::ApiResponse;
use crate::faults::{Injected, Script};

pub(crate) enum Reply {
    Response(ApiResponse),
    /// Bytes that a fault writes to the connection instead of a response.
    Script(Script),
    /// A response that waits for something.
    Pending(PendingResponse),
    /// A response whose body is made while it is sent.
    Body(StreamedResponse),
    /// The response to an import, once its body was read.
    Import,
}

pub(crate) type PendingResponse = Pin<Box<dyn Future<Output = ApiResponse> + Send>>;

/// A response of the HTTP server. An error of its body breaks the connection, so that the client does not take what it
/// has received for the whole.
pub(crate) type StreamedResponse = Response<UnsyncBoxBody<Bytes, io::Error>>;

impl From<Injected> for Reply {
    fn from(injected: Injected) -> Self {
        match injected {
            Injected::Response(response) => Self::Response(response),
            Injected::Script(script) => Self::Script(script),
        }
    }
}

/// 200 with a body that is made while it is sent, and is never whole in memory.
pub(crate) fn streamed(
    content_type: &'static str,
    body: impl Body<Data = Bytes, Error = io::Error> + Send + 'static,
) -> StreamedResponse {
    let mut response = Response::new(UnsyncBoxBody::new(body));
    for (name, value) in [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("x-sandbox-fidelity"), "assumed"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A body of chunks. Each is made when the client has room for it.
pub(crate) struct Chunks<I>(pub(crate) I);

impl<I: Iterator<Item = io::Result<Bytes>> + Unpin> Body for Chunks<I> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.0.next().map(|chunk| chunk.map(Frame::data)))
    }
}
