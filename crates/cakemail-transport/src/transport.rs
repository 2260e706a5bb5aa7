//! The trait that sends one request and returns one response.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Body, TransportError};

/// A request. Its URI is absolute, `http` or `https`.
pub type Request = http::Request<Body>;

/// A response with its whole body.
pub type Response = http::Response<Bytes>;

/// Sends requests to a server and returns its responses.
///
/// Middleware is a `Transport` that wraps another `Transport`.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Makes exactly one attempt. Any status is `Ok`; redirects are not followed.
    ///
    /// Only connecting has a time limit. Drop the future to abandon the attempt; a [watch](Body::watch) of the body then
    /// says whether the request may have been sent.
    ///
    /// # Errors
    ///
    /// When there is no usable response. [`TransportError::dispatch`] says whether the server may have acted on the
    /// request.
    async fn send(&self, request: Request) -> Result<Response, TransportError>;

    /// Whether the transport writes no byte of a request after its [`SendBy`](crate::SendBy). Say so only if nothing
    /// between the check and the socket keeps bytes: a transport that wraps another says what that one says.
    fn holds_send_by(&self) -> bool {
        false
    }
}

/// The return type that `#[async_trait]` gives `send`. It is written out where forwarding would box the future again, or
/// where the future need not hold the request.
pub(crate) type ResponseFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send<'a: 'b, 'b>(&'a self, request: Request) -> ResponseFuture<'b> {
        (**self).send(request)
    }

    fn holds_send_by(&self) -> bool {
        (**self).holds_send_by()
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send<'a: 'b, 'b>(&'a self, request: Request) -> ResponseFuture<'b> {
        (**self).send(request)
    }

    fn holds_send_by(&self) -> bool {
        (**self).holds_send_by()
    }
}
