//! The seam: one request in, one response out.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Body, TransportError};

/// A request, with an absolute `http` or `https` URI.
pub type Request = http::Request<Body>;

/// An answer, read to its end.
pub type Response = http::Response<Bytes>;

/// What carries a request to a server and the answer back.
///
/// Middleware is a `Transport` around a `Transport`.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Makes exactly one attempt. Any status is `Ok`; redirects are not followed.
    ///
    /// There is no time limit but for connecting: drop the future to abandon the attempt.
    ///
    /// # Errors
    ///
    /// When there is no usable answer. [`TransportError::dispatch`] tells whether the server may have acted.
    async fn send(&self, request: Request) -> Result<Response, TransportError>;
}

/// What `#[async_trait]` makes of the answer; written out where forwarding would box it again, or where the request
/// need not be in the box.
pub(crate) type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send<'a: 'b, 'b>(&'a self, request: Request) -> Answer<'b> {
        (**self).send(request)
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send<'a: 'b, 'b>(&'a self, request: Request) -> Answer<'b> {
        (**self).send(request)
    }
}
