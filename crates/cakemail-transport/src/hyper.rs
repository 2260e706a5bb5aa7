//! The transport over hyper.

mod call_waker;
mod connect;
mod connection;
mod counted;
mod deferring;
mod pool;

use std::pin::pin;
use std::sync::Arc;

use http::header::{HOST, HeaderValue};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Uri, Version};
use tokio::runtime::Handle;

use self::connect::Connector;
use self::connection::{Connection, Failure, Progress};
use self::pool::{Origin, Pool};
use crate::limit::Limit;
use crate::response::connection_error;
use crate::settings::invalid_request;
use crate::transport::ResponseFuture;
use crate::{Dispatch, Request, Response, Settings, Transport, TransportError, TransportErrorKind};

/// A transport over `hyper`: fewer crates, less work per request, and more failures that are proven to be
/// [`Dispatch::NotSent`] than with `ReqwestTransport`.
///
/// It uses HTTP/1.1 with a connection pool of its own, and rustls with ring. It has no background task: a connection
/// belongs to the call that uses it. `https` requests use the proxies of the environment and the system, if the proxy's
/// own address is `http://`. Plain `http` requests never use a proxy. `ReqwestTransport` supports more kinds of proxy.
///
/// It writes nothing of a request after its [`SendBy`](crate::SendBy).
///
/// A clone shares the connection pool. `Debug` shows how many connections are in use and idle.
#[derive(Clone, Debug)]
pub struct HyperTransport(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connector: Connector,
    in_use: Limit,
    idle: Pool,
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
        Ok(Self(Arc::new(Inner {
            connector: Connector::new(&settings)?,
            in_use: Limit::new(settings.max_connections),
            idle: Pool::new(&settings),
            response_limit: settings.response_limit,
        })))
    }
}

impl Transport for HyperTransport {
    fn send<'a: 'b, 'b>(&'a self, request: Request) -> ResponseFuture<'b> {
        Box::pin(self.0.send(request))
    }

    fn holds_send_by(&self) -> bool {
        true
    }
}

impl Inner {
    // Not an `async fn`, whose future would hold the request twice.
    #[allow(clippy::manual_async_fn)]
    fn send(&self, mut request: Request) -> impl Future<Output = Result<Response, TransportError>> {
        async move {
            let watch = request.body_mut().take_watch();
            let server = std::mem::take(request.uri_mut());
            let origin = prepare(&mut request, &server)?;
            if let Some(watch) = &watch {
                watch.begin();
            }
            let progress = Progress::new(&request, watch.as_ref());
            let permit = self.in_use.acquire().await;
            let (connection, result) = loop {
                let idle = self.idle.take(&origin);
                let is_new = idle.is_none();
                let mut connection = match idle {
                    Some(connection) => connection,
                    // Boxed, because it is rare: the future of a request stays small.
                    None => Box::pin(self.connect(&server)).await?,
                };
                let head = pin!(connection.send(request));
                match connection.receive(head, self.response_limit, &progress).await {
                    Ok(response) => break (connection, Ok(response)),
                    Err(Failure::Error(error)) => break (connection, Err(error)),
                    // Still the first attempt: nothing of the request was written.
                    Err(Failure::Unused(unused)) if !is_new => request = *unused,
                    Err(Failure::Unused(_)) => break (connection, Err(closed())),
                }
            };
            if result.is_ok() {
                self.keep(origin, connection);
            }
            drop(permit);
            result
        }
    }

    async fn connect(&self, server: &Uri) -> Result<Box<Connection>, TransportError> {
        self.idle.shrink(self.in_use.max() - self.in_use.in_use());
        let stream = self.connector.connect(server.clone()).await?;
        let connection = Connection::open(stream).await.map_err(connection_error)?;
        Ok(Box::new(connection))
    }

    /// Keeps the connection, if it can be used again.
    fn keep(&self, origin: Origin, mut connection: Box<Connection>) {
        if connection.is_ready() {
            self.idle.put(origin, connection);
        }
    }
}

/// Prepares the head of a request to `server`, which hyper writes unchanged.
fn prepare(request: &mut Request, server: &Uri) -> Result<Origin, TransportError> {
    let (Some(scheme), Some(authority)) = (server.scheme(), server.authority()) else {
        return Err(invalid_request("the URI of the request is not absolute"));
    };
    if *scheme != Scheme::HTTP && *scheme != Scheme::HTTPS {
        return Err(invalid_request("the URI of the request is neither http nor https"));
    }
    // `Authority::port_u16` ignores a port that is none.
    let port = authority.as_str().rsplit_once('@').map_or(authority.as_str(), |(_, server)| server);
    let port = port[authority.host().len()..].trim_start_matches(':');
    if !port.is_empty() && authority.port_u16().is_none() {
        return Err(invalid_request("the port of the request's URI is not a number up to 65535"));
    }
    let runtime = Handle::try_current().map_err(invalid_request)?.id();
    if !request.headers().contains_key(HOST) {
        request.headers_mut().insert(HOST, host(scheme, authority)?);
    }
    let target = server.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    *request.uri_mut() = target.into();
    *request.version_mut() = Version::HTTP_11;
    Ok(Origin { scheme: scheme.clone(), authority: authority.clone(), runtime })
}

fn host(scheme: &Scheme, authority: &Authority) -> Result<HeaderValue, TransportError> {
    let default_port = if *scheme == Scheme::HTTPS { 443 } else { 80 };
    match authority.port_u16() {
        Some(port) if port != default_port => HeaderValue::try_from(format!("{}:{port}", authority.host())),
        _ => HeaderValue::try_from(authority.host()),
    }
    .map_err(invalid_request)
}

fn closed() -> TransportError {
    let cause = "the server closed the connection before the request was sent";
    TransportError::new(TransportErrorKind::ConnectionLost, Dispatch::NotSent, cause)
}
