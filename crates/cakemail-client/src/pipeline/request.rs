//! An operation as an HTTP request.

use std::borrow::Cow;
use std::marker::PhantomData;

use bytes::Bytes;
use cakemail_model::{FieldError, Format, Idempotency, Operation};
use cakemail_transport::{Body, Request};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderName, Method, Uri};
use serde::Serialize;

use super::Pipeline;
use crate::call::Options;
use crate::error::{Error, ErrorKind};
use crate::tokens::Tokens;

/// Where the API is.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    scheme: Scheme,
    authority: Authority,
    /// What stands before every path, without a slash at its end.
    prefix: String,
}

impl Base {
    /// Reads a base URL, such as `https://api.cakemail.dev`.
    pub(crate) fn read(url: &str) -> Result<Self, Error> {
        let wrong = |why: &str| {
            Error::new(
                ErrorKind::Configuration,
                format!("the base URL {why}: give one such as https://api.cakemail.dev"),
            )
        };
        let uri: Uri = url.trim().parse().map_err(|_| wrong("is not a URL"))?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(wrong("has no scheme or no host"));
        };
        if scheme != Scheme::HTTPS && scheme != Scheme::HTTP {
            return Err(wrong("is neither https nor http"));
        }
        if authority.as_str().contains('@') {
            return Err(wrong("contains a user name: pass credentials to the builder instead"));
        }
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        if path.query().is_some() {
            return Err(wrong("contains a query"));
        }
        Ok(Self { scheme, authority, prefix: path.path().trim_end_matches('/').to_owned() })
    }

    /// Whether the API is on this machine, where no proxy leads.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.authority.host().trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
    }

    /// The value of the header `Host`.
    pub(crate) fn host(&self) -> Result<HeaderValue, Error> {
        let usual = if self.scheme == Scheme::HTTPS { 443 } else { 80 };
        let host = match self.authority.port_u16() {
            Some(port) if port == usual => self.authority.host(),
            _ => self.authority.as_str(),
        };
        HeaderValue::try_from(host)
            .map_err(|_| Error::new(ErrorKind::Configuration, "the base URL's host is no valid `Host` header"))
    }

    fn join(&self, path_and_query: Cow<'static, str>) -> Result<Uri, http::Error> {
        let path_and_query = match (self.prefix.as_str(), path_and_query) {
            ("", Cow::Borrowed(fixed)) => Bytes::from_static(fixed.as_bytes()),
            ("", Cow::Owned(written)) => written.into(),
            (prefix, rest) => format!("{prefix}{rest}").into(),
        };
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(PathAndQuery::from_maybe_shared(path_and_query)?);
        Ok(Uri::from_parts(parts)?)
    }
}

/// The headers of a handle's calls: what it was given, and with that, once, what the usual call carries.
#[derive(Debug, Clone)]
pub(crate) struct Headers {
    given: HeaderMap,
    /// For JSON out, JSON back, and a token that is yet to take its place.
    usual: HeaderMap,
}

impl Headers {
    pub(crate) fn new(given: HeaderMap) -> Self {
        let usual = with_formats(given.clone(), Some(Format::Json), Format::Json, Some(HeaderValue::from_static("")));
        Self { given, usual }
    }

    /// The same and one more.
    pub(crate) fn with(&self, name: HeaderName, value: HeaderValue) -> Self {
        let mut given = self.given.clone();
        given.insert(name, value);
        Self::new(given)
    }

    fn of(&self, body: Option<Format>, output: Format, authorization: Option<HeaderValue>) -> HeaderMap {
        match (body, output, authorization) {
            (Some(Format::Json), Format::Json, Some(authorization)) => {
                let mut headers = self.usual.clone();
                headers.insert(AUTHORIZATION, authorization);
                headers
            }
            (body, output, authorization) => with_formats(self.given.clone(), body, output, authorization),
        }
    }
}

fn with_formats(
    mut headers: HeaderMap,
    body: Option<Format>,
    output: Format,
    authorization: Option<HeaderValue>,
) -> HeaderMap {
    headers.entry(ACCEPT).or_insert(accepted(output));
    if let Some(body) = body {
        headers.insert(CONTENT_TYPE, content_type(body));
    }
    if let Some(authorization) = authorization {
        headers.insert(AUTHORIZATION, authorization);
    }
    headers
}

/// What every call of an operation has in common.
pub(crate) struct Route {
    pub(crate) id: &'static str,
    /// The path's template: what may be shown of it.
    pub(crate) path: &'static str,
    pub(crate) effect: Idempotency,
    method: Method,
    body: Format,
    output: Format,
}

struct Of<O>(PhantomData<O>);

impl<O: Operation> Of<O> {
    const ROUTE: &'static Route = &Route {
        id: O::ID,
        path: O::PATH,
        effect: O::IDEMPOTENCY,
        method: method(O::METHOD),
        body: O::BODY,
        output: O::OUTPUT,
    };
}

/// A call, written once and sent as often as it takes.
pub(crate) struct Call<'a> {
    pub(crate) pipeline: &'a Pipeline,
    pub(crate) tokens: Option<&'a Tokens>,
    pub(crate) options: &'a Options,
    pub(crate) route: &'static Route,
    uri: Uri,
    /// Empty when there is none.
    body: Body,
}

impl<'a> Call<'a> {
    /// Writes it, and its body so.
    pub(crate) fn new<O: Operation>(
        pipeline: &'a Pipeline,
        tokens: Option<&'a Tokens>,
        options: &'a Options,
        operation: &O,
        write: fn(&O::Body) -> Option<Body>,
    ) -> Result<Self, Error> {
        let target = target(options, operation)?;
        let uri = pipeline.base.join(target).map_err(|_| unwritable::<O>("the path or query"))?;
        let write = |body| write(body).ok_or_else(|| unwritable::<O>("the body"));
        let body = operation.body().map(write).transpose()?.unwrap_or_default();
        Ok(Self { pipeline, tokens, options, route: Of::<O>::ROUTE, uri, body })
    }

    /// The request for one attempt.
    pub(crate) fn request(&self, authorization: Option<&HeaderValue>) -> Request {
        let format = (!self.body.is_empty()).then_some(self.route.body);
        let headers = self.options.headers.of(format, self.route.output, authorization.cloned());
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.route.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = headers;
        request
    }
}

/// The path and query: everything after the host.
fn target<O: Operation>(options: &Options, operation: &O) -> Result<Cow<'static, str>, Error> {
    let mut target = operation.path();
    // Encoded dots climb too, for whoever normalises paths. A path without ids is as it was written.
    if matches!(target, Cow::Owned(_))
        && target.split('/').skip(1).any(|segment| matches!(segment, "" | "%2E" | "%2E%2E"))
    {
        let fault = FieldError::new("path", "an id is empty or made of dots: it would name another resource");
        return Err(Error::invalid(O::ID, "not sent: the path is invalid", vec![fault]));
    }
    let query = operation.query().map(serde_urlencoded::to_string).transpose();
    let query = query.map_err(|_| unwritable::<O>("the query"))?.unwrap_or_default();
    let mut separator = '?';
    if !query.is_empty() {
        let target = target.to_mut();
        target.push(separator);
        target.push_str(&query);
        separator = '&';
    }
    if let Some(account) = options.account.as_ref().filter(|_| O::ACCOUNT) {
        let pair = serde_urlencoded::to_string([("account_id", account)]).map_err(|_| unwritable::<O>("the query"))?;
        let target = target.to_mut();
        target.push(separator);
        target.push_str(&pair);
    }
    Ok(target)
}

fn unwritable<O: Operation>(what: &str) -> Error {
    Error::new(ErrorKind::Invalid, format!("not sent: {what} cannot be encoded")).in_operation(O::ID)
}

/// Writes a body in memory; `size` is how long it will be, more or less, in bytes.
pub(crate) fn write<T: Serialize + ?Sized>(format: Format, body: &T, size: usize) -> Option<Body> {
    let bytes = match format {
        Format::Form => serde_urlencoded::to_string(body).ok()?.into_bytes(),
        Format::Json | Format::Text => {
            let mut bytes = Vec::with_capacity(size);
            serde_json::to_writer(&mut bytes, body).ok()?;
            bytes
        }
    };
    Some(bytes.into())
}

const fn method(method: cakemail_model::Method) -> Method {
    match method {
        cakemail_model::Method::Get => Method::GET,
        cakemail_model::Method::Post => Method::POST,
        cakemail_model::Method::Put => Method::PUT,
        cakemail_model::Method::Patch => Method::PATCH,
        cakemail_model::Method::Delete => Method::DELETE,
    }
}

fn content_type(format: Format) -> HeaderValue {
    HeaderValue::from_static(match format {
        Format::Form => "application/x-www-form-urlencoded",
        Format::Json | Format::Text => "application/json",
    })
}

fn accepted(format: Format) -> HeaderValue {
    HeaderValue::from_static(match format {
        Format::Text => "text/html, text/plain;q=0.9, application/json;q=0.8",
        Format::Json | Format::Form => "application/json",
    })
}

#[cfg(test)]
mod tests {
    use super::Base;

    #[test]
    fn a_base_url_may_have_a_port_and_a_prefix() {
        for (base, uri) in [
            ("https://api.cakemail.dev", "https://api.cakemail.dev/token"),
            ("https://api.cakemail.dev/", "https://api.cakemail.dev/token"),
            (" http://127.0.0.1:8025\n", "http://127.0.0.1:8025/token"),
            ("https://proxy.example/cakemail/", "https://proxy.example/cakemail/token"),
        ] {
            assert_eq!(Base::read(base).unwrap().join("/token".into()).unwrap().to_string(), uri);
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused_with_an_example() {
        for url in [
            "",
            "api.cakemail.dev",
            "/token",
            "ftp://x.example",
            "https://u:p@x.example",
            "https://x.example?a=b",
            "https://",
        ] {
            let error = Base::read(url).unwrap_err().to_string();
            assert!(error.contains("base URL") && error.contains("https://api.cakemail.dev"), "{url}: {error}");
        }
    }
}
