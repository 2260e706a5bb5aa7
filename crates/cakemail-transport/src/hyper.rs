//! The transport over hyper alone.

use std::future::poll_fn;
use std::pin::pin;

use bytes::Bytes;
use http::uri::Scheme;
use http::{Uri, Version};
use hyper::body::{Body as _, Incoming};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::answer::Pieces;
use crate::connect::Connector;
use crate::settings::unusable;
use crate::transport::Answer;
use crate::{Body, Dispatch, Request, Response, Settings, Transport, TransportError, TransportErrorKind, answer};

/// A transport over `hyper` alone: fewer crates, less work per request.
///
/// HTTP/1.1 with a pool of connections, rustls with ring. Proxies from the environment and the system are used for
/// `https`; a plain `http` request always goes straight to its server, and a proxy is itself spoken to in plain HTTP:
/// `ReqwestTransport` knows more kinds of proxy.
///
/// A clone shares the connections.
#[derive(Clone, Debug)]
pub struct HyperTransport {
    client: Client<Connector, Body>,
    response_limit: u64,
}

impl HyperTransport {
    /// With the default [`Settings`].
    ///
    /// # Errors
    ///
    /// [`TransportErrorKind::Request`] when TLS cannot be set up.
    pub fn new() -> Result<Self, TransportError> {
        Self::with(Settings::new())
    }

    /// With these settings.
    ///
    /// # Errors
    ///
    /// [`TransportErrorKind::Request`] when the settings cannot be used.
    pub fn with(settings: Settings) -> Result<Self, TransportError> {
        let client = Client::builder(TokioExecutor::new())
            .retry_canceled_requests(false)
            .pool_timer(TokioTimer::new())
            .build(Connector::new(&settings)?);
        Ok(Self { client, response_limit: settings.response_limit })
    }
}

impl Transport for HyperTransport {
    fn send<'a: 'b, 'b>(&'a self, mut request: Request) -> Answer<'b> {
        if let Err(error) = check(request.uri()) {
            return Box::pin(async { Err(error) });
        }
        *request.version_mut() = Version::HTTP_11;
        let response = self.client.request(request); // which does nothing before it is polled
        Box::pin(async move {
            let (parts, body) = response.await.map_err(failed)?.into_parts();
            let body = read(body, self.response_limit).await?;
            Ok(Response::from_parts(parts, body))
        })
    }
}

/// Here, because hyper would call a wrong scheme a failed connection.
fn check(uri: &Uri) -> Result<(), TransportError> {
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS => Ok(()),
        _ => Err(unusable("the URI of the request is not absolute, or neither http nor https")),
    }
}

/// The whole body, unless it is longer than `limit` bytes.
async fn read(body: Incoming, limit: u64) -> Result<Bytes, TransportError> {
    let mut body = pin!(body);
    let mut pieces = Pieces::new(body.size_hint().lower(), limit)?;
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        if let Ok(data) = frame.map_err(answer::broken)?.into_data() {
            pieces.push(data)?;
        }
    }
    Ok(pieces.join())
}

fn failed(error: Error) -> TransportError {
    // Before anything else: a connect timeout is a timeout too, but proves more.
    if error.is_connect() {
        TransportError::new(TransportErrorKind::Connect, Dispatch::NotSent, error)
    } else {
        answer::broken(error)
    }
}
