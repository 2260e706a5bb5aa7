//! Connects the hyper transport: TCP, a proxy's tunnel and TLS, within one time limit.

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
use tower_service::Service;

use super::counted::CountedStream;
use crate::error::BoxError;
use crate::response::connect_error;
use crate::{Settings, TransportError, tls};

/// A connection to a server, with or without TLS.
pub(super) type Stream = MaybeHttpsStream<CountedStream>;

/// The TCP stream of a connection.
pub(super) fn tcp(stream: &Stream) -> &CountedStream {
    match stream {
        MaybeHttpsStream::Http(tcp) => tcp,
        MaybeHttpsStream::Https(tls) => tls.inner().get_ref().0.inner(),
    }
}

type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// Opens connections to servers within the connect timeout.
#[derive(Debug)]
pub(super) struct Connector {
    https: HttpsConnector<Tcp>,
    timeout: Duration,
}

impl Connector {
    pub(super) fn new(settings: &Settings) -> Result<Self, TransportError> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        #[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
        http.set_tcp_user_timeout(Some(settings.tcp_user_timeout));
        let tcp = Tcp { http, proxy: Arc::new(settings.proxy.matcher()?) };
        let https = (tcp, tls::config(&settings.roots)?).into();
        Ok(Self { https, timeout: settings.connect_timeout })
    }

    /// Connects to a server. Sends nothing of a request.
    pub(super) async fn connect(&self, server: Uri) -> Result<Stream, TransportError> {
        let connecting = tokio::time::timeout(self.timeout, self.https.clone().call(server));
        match connecting.await {
            Ok(stream) => stream.map_err(connect_error),
            Err(_) => Err(connect_error("the connect timeout passed")),
        }
    }
}

/// Opens TCP connections, through a proxy's tunnel where a proxy is set for the server.
#[derive(Clone, Debug)]
struct Tcp {
    http: HttpConnector,
    proxy: Arc<Matcher>,
}

impl Service<Uri> for Tcp {
    type Response = CountedStream;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.http.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let proxy = self.proxy.intercept(&server).filter(|_| server.scheme() == Some(&Scheme::HTTPS));
        let Some(proxy) = proxy else {
            let direct = self.http.call(server);
            return Box::pin(async move { Ok(CountedStream::new(direct.await?)) });
        };
        // A tunnel's request is sent in the clear with the proxy's password, so only to a plain HTTP proxy.
        if proxy.uri().scheme() != Some(&Scheme::HTTP) {
            return Box::pin(async { Err("only proxies with an http:// address are supported".into()) });
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.http.clone());
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        let connecting = tunnel.call(server);
        Box::pin(async move { Ok(CountedStream::new(connecting.await?)) })
    }
}
