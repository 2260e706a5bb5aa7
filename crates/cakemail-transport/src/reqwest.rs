//! The transport over reqwest.

mod clients;

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Uri;
use http_body::{Frame, SizeHint};
use reqwest::{Client, ClientBuilder, Url, redirect, retry};

use self::clients::Clients;
use crate::limit::Limit;
use crate::proxy::Proxy;
use crate::response::{BodyBuffer, connect_error, connection_error, is_source_error};
use crate::settings::invalid_request;
use crate::transport::ResponseFuture;
use crate::{
    Body, Dispatch, DispatchWatch, Request, Response, Settings, Transport, TransportError, TransportErrorKind, tls,
};

/// A transport over `reqwest`, for most applications.
///
/// It uses HTTP/1.1 with a connection pool, rustls with ring, and the proxies of the environment and the system. It
/// does not decompress bodies. It does not use HTTP/2, which costs more than it saves for this traffic. It does not hold a
/// request's [`SendBy`](crate::SendBy).
///
/// A clone shares the connection pool. With [`new`](Self::new) and [`with_settings`](Self::with_settings) each runtime has
/// a pool of its own, since reqwest's connections make no progress while the runtime that opened them does not run.
#[derive(Clone)]
pub struct ReqwestTransport {
    clients: Arc<Clients>,
    response_limit: u64,
    in_use: Arc<Limit>,
    /// Whether the client is known to make one attempt per request, so that a failed connection proves that nothing was
    /// sent.
    single_attempt: bool,
    /// The URL of the first request. URLs of the same server are derived from it, which is cheaper than parsing.
    first_url: Arc<OnceLock<(Uri, Url)>>,
}

impl ReqwestTransport {
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
        let in_use = Arc::new(Limit::new(settings.max_connections));
        let response_limit = settings.response_limit;
        let clients = Arc::new(Clients::per_runtime(settings)?);
        Ok(Self { clients, response_limit, in_use, single_attempt: true, first_url: Arc::default() })
    }

    /// Creates a transport over a client that you configure. Retries and redirects are switched off in any case.
    ///
    /// # Errors
    ///
    /// [`TransportErrorKind::Request`] when the client cannot be built.
    pub fn from_builder(builder: ClientBuilder) -> Result<Self, TransportError> {
        let client = single_attempt(builder).build();
        Ok(Self { single_attempt: true, ..Self::from_client(client.map_err(builder_error)?) })
    }

    /// Creates a transport over your own client, with its pool, its TLS and its policies unchanged.
    ///
    /// If the client retries or follows redirects, one [`send`](Transport::send) may make several requests. The
    /// transport cannot see that, so it reports every failure of the client as [`Dispatch::MaybeSent`], even a failed
    /// connection, and the Cakemail client does not retry such a submission. Prefer
    /// [`from_builder`](Self::from_builder), or build the client with `retry(reqwest::retry::never())` and
    /// `redirect(reqwest::redirect::Policy::none())`.
    pub fn from_client(client: Client) -> Self {
        // Without a limit of its own: the client's settings are the user's.
        let in_use = Arc::new(Limit::new(usize::MAX));
        let response_limit = Settings::RESPONSE_LIMIT;
        let clients = Arc::new(Clients::Given(client));
        Self { clients, response_limit, in_use, single_attempt: false, first_url: Arc::default() }
    }

    fn transport_error(&self, error: reqwest::Error) -> TransportError {
        let error = error.without_url();
        // A connect timeout is both; as a failed connection it proves that nothing was sent.
        let failed = if error.is_connect() {
            connect_error(error)
        } else if error.is_builder() {
            invalid_request(error)
        } else if error.is_timeout() && !is_source_error(&error) {
            TransportError::new(TransportErrorKind::Timeout, Dispatch::MaybeSent, error)
        } else {
            connection_error(error)
        };
        if self.single_attempt { failed } else { failed.with_dispatch(Dispatch::MaybeSent) }
    }
}

impl Transport for ReqwestTransport {
    fn send<'a: 'b, 'b>(&'a self, request: Request) -> ResponseFuture<'b> {
        let client = self.clients.current();
        let response = match client.and_then(|client| Ok((client, self.to_reqwest(request)?))) {
            Ok((client, request)) => client.execute(request), // sends nothing before it is polled
            Err(error) => return Box::pin(async { Err(error) }),
        };
        Box::pin(async move {
            let _permit = self.in_use.acquire().await;
            let mut response = response.await.map_err(|error| self.transport_error(error))?;
            let mut body = BodyBuffer::new(response.content_length().unwrap_or(0), self.response_limit)?;
            while let Some(data) = response.chunk().await.map_err(|error| self.transport_error(error))? {
                body.push(data)?;
            }
            let mut received = Response::new(body.into_bytes());
            *received.status_mut() = response.status();
            *received.version_mut() = response.version();
            *received.headers_mut() = std::mem::take(response.headers_mut());
            Ok(received)
        })
    }
}

/// Leaves the client out, since its `Debug` shows default headers and proxies, which may be secrets.
impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").field("response_limit", &self.response_limit).finish_non_exhaustive()
    }
}

impl ReqwestTransport {
    /// Field by field, since `reqwest::Request::try_from(http::Request)` does more work.
    fn to_reqwest(&self, request: Request) -> Result<reqwest::Request, TransportError> {
        let (parts, mut body) = request.into_parts();
        let watch = body.take_watch().filter(|_| self.single_attempt);
        let mut request = reqwest::Request::new(parts.method, self.url(&parts.uri)?);
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(match (watch, body.as_bytes()) {
            // What is sent of an empty body cannot be seen.
            (Some(watch), _) if !body.is_empty() => reqwest::Body::wrap(WatchedBody::new(body, watch)),
            (_, Some(bytes)) => bytes.clone().into(),
            (_, None) => reqwest::Body::wrap(body),
        });
        Ok(request)
    }

    fn url(&self, uri: &Uri) -> Result<Url, TransportError> {
        if let Some((first, url)) = self.first_url.get()
            && first.scheme() == uri.scheme()
            && first.authority() == uri.authority()
        {
            return same_origin_url(url, uri);
        }
        let url = parse_url(uri)?;
        // Authorities compare without regard to case, and user names must not.
        if !uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            let _ = self.first_url.set((uri.clone(), url.clone())); // does nothing if it is set already
        }
        Ok(url)
    }
}

/// A body that reports when the client has taken all of it. Until then the server cannot have the whole request.
struct WatchedBody {
    body: Body,
    watch: DispatchWatch,
}

impl WatchedBody {
    fn new(body: Body, watch: DispatchWatch) -> Self {
        watch.begin();
        Self { body, watch }
    }
}

impl http_body::Body for WatchedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if self.body.is_empty() {
            self.watch.sent();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A builder with these settings.
fn builder(settings: &Settings) -> Result<ClientBuilder, TransportError> {
    settings.proxy.check(&["http", "https"])?;
    let builder = single_attempt(Client::builder())
        .tls_backend_preconfigured(tls::config(&settings.roots)?)
        .connect_timeout(settings.connect_timeout)
        .pool_idle_timeout(settings.idle_timeout)
        .pool_max_idle_per_host(settings.max_idle_connections);
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
    let builder = builder.tcp_user_timeout(settings.tcp_user_timeout);
    let builder = builder
        // Features of reqwest that another crate may have enabled.
        .http1_only()
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd();
    Ok(match &settings.proxy {
        Proxy::System => builder,
        Proxy::Off => builder.no_proxy(),
        Proxy::Custom(uri) => builder.proxy(reqwest::Proxy::all(uri.to_string()).map_err(builder_error)?),
    })
}

fn single_attempt(builder: ClientBuilder) -> ClientBuilder {
    builder.retry(retry::never()).redirect(redirect::Policy::none())
}

fn parse_url(uri: &Uri) -> Result<Url, TransportError> {
    let url = Url::parse(&uri.to_string()).map_err(invalid_request)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid_request("the URI of the request is neither http nor https"));
    }
    check_path(url, uri)
}

/// The URL of `uri`, which is on the same server as `url`: the result of `Url::parse`, but cheaper.
fn same_origin_url(url: &Url, uri: &Uri) -> Result<Url, TransportError> {
    let mut url = url.clone();
    if url.path() != uri.path() {
        url.set_path(uri.path());
    }
    if url.query() != uri.query() {
        url.set_query(uri.query());
    }
    check_path(url, uri)
}

fn check_path(url: Url, uri: &Uri) -> Result<Url, TransportError> {
    // `Url` resolves dot segments, even encoded ones: an id of ".." would become another path.
    if url.path() != uri.path() {
        return Err(invalid_request(
            "the path cannot be sent unchanged: it has a dot segment or a character that needs encoding",
        ));
    }
    Ok(url)
}

fn builder_error(error: reqwest::Error) -> TransportError {
    invalid_request(error.without_url())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_same_origin_url_equals_the_parsed_url() {
        let first = parse_url(&Uri::from_static("http://localhost:8025/v2/emails?a=b")).unwrap();
        for path in
            ["/", "/token", "/v2/emails", "/v2/emails?a=b", "/v2/emails/%2F?tags=a%20b&c='d'", "/a'b?", "/a?x?y"]
        {
            let uri: Uri = format!("http://localhost:8025{path}").parse().unwrap();
            assert_eq!(same_origin_url(&first, &uri).unwrap(), parse_url(&uri).unwrap(), "{path}");
        }
        for path in ["/a/../b", "/a/%2e%2E/b", "/.", "/a\"b", "/a{b}"] {
            let uri: Uri = format!("http://localhost:8025{path}").parse().unwrap();
            assert!(same_origin_url(&first, &uri).is_err() && parse_url(&uri).is_err(), "{path}");
        }
    }
}
