//! The transport over reqwest.

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::Uri;
use reqwest::{Client, ClientBuilder, Url, redirect, retry};

use crate::answer::Pieces;
use crate::settings::{Proxy, unusable};
use crate::transport::Answer;
use crate::{Dispatch, Request, Response, Settings, Transport, TransportError, TransportErrorKind, answer, tls};

/// A transport over `reqwest`: the usual choice.
///
/// HTTP/1.1 with a pool of connections, rustls with ring, proxies from the environment and the system. Bodies are
/// handed over as they arrive, not decompressed. HTTP/2 is left out: for this traffic it costs more than it saves.
///
/// A clone shares the connections.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: Client,
    response_limit: u64,
    /// Whether the client makes one attempt only, so that a connection that failed proves that nothing was sent.
    single: bool,
    /// The first request's URL, from which the others are made when they go to the same server: nearly all do.
    first: Arc<OnceLock<(Uri, Url)>>,
}

impl ReqwestTransport {
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
        let builder = Client::builder()
            .tls_backend_preconfigured(tls::config(&settings.roots)?)
            .connect_timeout(settings.connect_timeout)
            // What another crate may switch on by a feature of reqwest.
            .http1_only()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd();
        let builder = match &settings.proxy {
            Proxy::System => builder,
            Proxy::Off => builder.no_proxy(),
            Proxy::At(uri) => builder.proxy(reqwest::Proxy::all(uri.to_string()).map_err(rejected)?),
        };
        Ok(Self { response_limit: settings.response_limit, ..Self::from_builder(builder)? })
    }

    /// Over a client of your own making, which will neither retry nor follow redirects, whatever the builder says.
    ///
    /// # Errors
    ///
    /// [`TransportErrorKind::Request`] when the client cannot be built.
    pub fn from_builder(builder: ClientBuilder) -> Result<Self, TransportError> {
        let client = builder.retry(retry::never()).redirect(redirect::Policy::none()).build();
        Ok(Self { single: true, ..Self::from_client(client.map_err(rejected)?) })
    }

    /// Over a client of your own, with its pool, its TLS and its policies as they are.
    ///
    /// If it retries or follows redirects, one [`send`](Transport::send) may be several requests. Since that cannot be
    /// seen from here, [`Dispatch::NotSent`] is not claimed for what the client reports, not even for a connection
    /// that failed, and an email that met one is not sent again by itself. Prefer [`from_builder`](Self::from_builder); otherwise build the client with
    /// `retry(reqwest::retry::never())` and `redirect(reqwest::redirect::Policy::none())`.
    pub fn from_client(client: Client) -> Self {
        Self { client, response_limit: Settings::RESPONSE_LIMIT, single: false, first: Arc::default() }
    }

    fn failed(&self, error: reqwest::Error) -> TransportError {
        let error = error.without_url();
        // A connect timeout is a failed connection and a timeout: the first proves more.
        let failure = if error.is_connect() {
            TransportError::new(TransportErrorKind::Connect, Dispatch::NotSent, error)
        } else if error.is_builder() {
            unusable(error)
        } else if error.is_timeout() && !answer::is_of_body(&error) {
            TransportError::new(TransportErrorKind::Timeout, Dispatch::MaybeSent, error)
        } else {
            answer::broken(error)
        };
        if self.single { failure } else { failure.unproven() }
    }
}

impl Transport for ReqwestTransport {
    fn send<'a: 'b, 'b>(&'a self, request: Request) -> Answer<'b> {
        let response = match self.outgoing(request) {
            Ok(request) => self.client.execute(request), // which does nothing before it is polled
            Err(error) => return Box::pin(async { Err(error) }),
        };
        Box::pin(async move {
            let mut response = response.await.map_err(|error| self.failed(error))?;
            let mut pieces = Pieces::new(response.content_length().unwrap_or(0), self.response_limit)?;
            while let Some(data) = response.chunk().await.map_err(|error| self.failed(error))? {
                pieces.push(data)?;
            }
            let mut answer = Response::new(pieces.join());
            *answer.status_mut() = response.status();
            *answer.version_mut() = response.version();
            *answer.headers_mut() = std::mem::take(response.headers_mut());
            Ok(answer)
        })
    }
}

/// Without the client, whose own form tells default headers and proxies, and thereby secrets.
impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").field("response_limit", &self.response_limit).finish_non_exhaustive()
    }
}

impl ReqwestTransport {
    /// By hand, because `reqwest::Request::try_from(http::Request)` does a good deal more.
    fn outgoing(&self, request: Request) -> Result<reqwest::Request, TransportError> {
        let (parts, body) = request.into_parts();
        let mut request = reqwest::Request::new(parts.method, self.url(&parts.uri)?);
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(match body.as_bytes() {
            Some(bytes) => bytes.clone().into(),
            None => reqwest::Body::wrap(body),
        });
        Ok(request)
    }

    fn url(&self, uri: &Uri) -> Result<Url, TransportError> {
        if let Some((first, url)) = self.first.get()
            && first.scheme() == uri.scheme()
            && first.authority() == uri.authority()
        {
            return beside(url, uri);
        }
        let url = url(uri)?;
        // Names compare without regard to case, user names must not.
        if !uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            let _ = self.first.set((uri.clone(), url.clone())); // unless there is one
        }
        Ok(url)
    }
}

fn url(uri: &Uri) -> Result<Url, TransportError> {
    let url = Url::parse(&uri.to_string()).map_err(unusable)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(unusable("the URI of the request is neither http nor https"));
    }
    unchanged(url, uri)
}

/// Another URL of the same server: what `Url::parse` makes of it, for less.
fn beside(url: &Url, uri: &Uri) -> Result<Url, TransportError> {
    let mut url = url.clone();
    if url.path() != uri.path() {
        url.set_path(uri.path());
    }
    if url.query() != uri.query() {
        url.set_query(uri.query());
    }
    unchanged(url, uri)
}

fn unchanged(url: Url, uri: &Uri) -> Result<Url, TransportError> {
    // A `Url` resolves dot segments, encoded ones too: an id named ".." would become another path.
    if url.path() != uri.path() {
        return Err(unusable(
            "the path cannot be sent as it is: it has a dot segment or a character that needs encoding",
        ));
    }
    Ok(url)
}

fn rejected(error: reqwest::Error) -> TransportError {
    unusable(error.without_url())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_beside_another_is_what_it_is_by_itself() {
        let first = url(&Uri::from_static("http://localhost:8025/v2/emails?a=b")).unwrap();
        for path in
            ["/", "/token", "/v2/emails", "/v2/emails?a=b", "/v2/emails/%2F?tags=a%20b&c='d'", "/a'b?", "/a?x?y"]
        {
            let uri: Uri = format!("http://localhost:8025{path}").parse().unwrap();
            assert_eq!(beside(&first, &uri).unwrap(), url(&uri).unwrap(), "{path}");
        }
        for path in ["/a/../b", "/a/%2e%2E/b", "/.", "/a\"b", "/a{b}"] {
            let uri: Uri = format!("http://localhost:8025{path}").parse().unwrap();
            assert!(beside(&first, &uri).is_err() && url(&uri).is_err(), "{path}");
        }
    }
}
