//! The transport over hyper.

use std::future::poll_fn;
use std::pin::pin;

use bytes::Bytes;
use http::uri::Scheme;
use http::{Uri, Version};
use hyper::body::{Body as _, Incoming};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::connect::Connector;
use crate::response::{BodyBuffer, connection_error};
use crate::settings::invalid_request;
use crate::transport::ResponseFuture;
use crate::{Body, Dispatch, Request, Response, Settings, Transport, TransportError, TransportErrorKind};

/// A transport over `hyper`: fewer crates and less work per request than `ReqwestTransport`.
///
/// It uses HTTP/1.1 with a connection pool, and rustls with ring. `https` requests use the proxies of the environment and
/// the system, if the proxy's own address is `http://`. Plain `http` requests never use a proxy. `ReqwestTransport`
/// supports more kinds of proxy.
///
/// A clone shares the connection pool.
#[derive(Clone, Debug)]
pub struct HyperTransport {
    client: Client<Connector, Body>,
    response_limit: u64,
}

impl HyperTransport {
    /// Creates a transport with the default [`Settings`].
    ///
    /// # Errors
    ///
    /// [`TransportErrorKind::Request`] when TLS cannot be set up.
    pub fn new() -> Result<Self, TransportError> {
        Self::with_settings(Settings::new())
    }

    /// Creates a transport with these settings.
    ///
    /// # Errors
    ///
    /// [`TransportErrorKind::Request`] when the settings are invalid.
    pub fn with_settings(settings: Settings) -> Result<Self, TransportError> {
        let client = Client::builder(TokioExecutor::new())
            .retry_canceled_requests(false)
            .pool_timer(TokioTimer::new())
            .build(Connector::new(&settings)?);
        Ok(Self { client, response_limit: settings.response_limit })
    }
}

impl Transport for HyperTransport {
    fn send<'a: 'b, 'b>(&'a self, mut request: Request) -> ResponseFuture<'b> {
        if let Err(error) = check_scheme(request.uri()) {
            return Box::pin(async { Err(error) });
        }
        *request.version_mut() = Version::HTTP_11;
        let response = self.client.request(request); // sends nothing before it is polled
        Box::pin(async move {
            let (parts, body) = response.await.map_err(transport_error)?.into_parts();
            let body = read_body(body, self.response_limit).await?;
            Ok(Response::from_parts(parts, body))
        })
    }
}

/// Refuses other schemes here, since hyper would report them as a failed connection.
fn check_scheme(uri: &Uri) -> Result<(), TransportError> {
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS => Ok(()),
        _ => Err(invalid_request("the URI of the request is not absolute, or neither http nor https")),
    }
}

/// Reads a body of at most `limit` bytes.
async fn read_body(body: Incoming, limit: u64) -> Result<Bytes, TransportError> {
    let mut body = pin!(body);
    let mut buffer = BodyBuffer::new(body.size_hint().lower(), limit)?;
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        if let Ok(data) = frame.map_err(connection_error)?.into_data() {
            buffer.push(data)?;
        }
    }
    Ok(buffer.into_bytes())
}

fn transport_error(error: Error) -> TransportError {
    // A connect timeout is both; as a failed connection it proves that nothing was sent.
    if error.is_connect() {
        TransportError::new(TransportErrorKind::Connect, Dispatch::NotSent, error)
    } else {
        connection_error(error)
    }
}
