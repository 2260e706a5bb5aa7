//! How the transport over hyper connects: TCP, a proxy's tunnel, TLS, and a limit on the time for all.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::error::BoxError;
use crate::settings::{Proxy, Settings};
use crate::{TransportError, tls};

type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// A connection to the server, ready for a request, within the time allowed.
///
/// The client clones it several times for each request, whether it connects or not.
#[derive(Clone, Debug)]
pub(crate) struct Connector(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    https: HttpsConnector<Tcp>,
    limit: Duration,
}

impl Connector {
    pub(crate) fn new(settings: &Settings) -> Result<Self, TransportError> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        let proxy = match &settings.proxy {
            Proxy::System => Matcher::from_system(),
            Proxy::Off => Matcher::builder().build(),
            Proxy::At(uri) => Matcher::builder().all(uri.to_string()).build(),
        };
        let tcp = Tcp { http, proxy: Arc::new(proxy) };
        let https = (tcp, tls::config(&settings.roots)?).into();
        Ok(Self(Arc::new(Parts { https, limit: settings.connect_timeout })))
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(())) // as the parts always are
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.0.limit, self.0.https.clone().call(server));
        Box::pin(async move { connecting.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))? })
    }
}

/// A TCP connection to the server, through a proxy's tunnel where one is set for it.
#[derive(Clone, Debug)]
struct Tcp {
    http: HttpConnector,
    proxy: Arc<Matcher>,
}

impl Service<Uri> for Tcp {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.http.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let proxy = self.proxy.intercept(&server).filter(|_| server.scheme() == Some(&Scheme::HTTPS));
        let Some(proxy) = proxy else {
            let direct = self.http.call(server);
            return Box::pin(async move { Ok(direct.await?) });
        };
        // In the clear a tunnel's request, and the password in it, must not go to what is no plain HTTP proxy.
        if proxy.uri().scheme() != Some(&Scheme::HTTP) {
            return Box::pin(async { Err("only proxies with an http:// address are supported".into()) });
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.http.clone());
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        let tunnelled = tunnel.call(server);
        Box::pin(async move { Ok(tunnelled.await?) })
    }
}
