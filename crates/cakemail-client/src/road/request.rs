//! An operation as an HTTP request.

use bytes::Bytes;
use cakemail_model::{Effect, Fault, Format, Operation};
use cakemail_transport::{Body, Request};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Method, Uri};
use serde::Serialize;

use crate::call::Options;
use crate::error::{Error, ErrorKind};

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
            return Err(wrong("holds a user name: give credentials to the builder instead"));
        }
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        if path.query().is_some() {
            return Err(wrong("holds a query"));
        }
        Ok(Self { scheme, authority, prefix: path.path().trim_end_matches('/').to_owned() })
    }

    /// Whether the API is on this machine, where no proxy leads.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.authority.host().trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
    }

    fn join(&self, path_and_query: &str) -> Result<Uri, http::Error> {
        let path = match self.prefix.as_str() {
            "" => PathAndQuery::try_from(path_and_query)?,
            prefix => PathAndQuery::try_from(format!("{prefix}{path_and_query}"))?,
        };
        Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone()).path_and_query(path).build()
    }
}

/// A call, written once and sent as often as it takes.
pub(crate) struct Call {
    pub(crate) id: &'static str,
    /// The path's template: what may be shown of it.
    pub(crate) route: &'static str,
    pub(crate) effect: Effect,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
}

impl Call {
    pub(crate) fn new<O: Operation>(base: &Base, options: &Options, operation: &O) -> Result<Self, Error> {
        let target = target(options, operation)?;
        let uri = base.join(&target).map_err(|_| unwritable::<O>("the path or query"))?;
        let mut headers = options.headers.clone();
        headers.entry(ACCEPT).or_insert(accepted(O::OUTPUT));
        let body = match operation.body() {
            None => Body::empty(),
            Some(body) => {
                headers.insert(CONTENT_TYPE, content_type(O::BODY));
                Body::from(write(O::BODY, body).ok_or_else(|| unwritable::<O>("the body"))?)
            }
        };
        Ok(Self { id: O::ID, route: O::PATH, effect: O::EFFECT, method: method::<O>(), uri, headers, body })
    }

    /// The request for one attempt.
    pub(crate) fn request(&self, authorization: Option<&HeaderValue>) -> Request {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        if let Some(authorization) = authorization {
            request.headers_mut().insert(http::header::AUTHORIZATION, authorization.clone());
        }
        request
    }
}

/// The path and query: everything after the host.
fn target<O: Operation>(options: &Options, operation: &O) -> Result<String, Error> {
    let mut target = operation.path().into_owned();
    // Encoded dots climb too, for whoever normalises paths.
    if target.split('/').skip(1).any(|segment| matches!(segment, "" | "%2E" | "%2E%2E")) {
        let fault = Fault::new("path", "an id is empty or made of dots: it would name another resource");
        return Err(Error::invalid(O::ID, vec![fault]));
    }
    let query = operation.query().map(serde_urlencoded::to_string).transpose();
    let query = query.map_err(|_| unwritable::<O>("the query"))?.unwrap_or_default();
    let mut separator = '?';
    if !query.is_empty() {
        target.push(separator);
        target.push_str(&query);
        separator = '&';
    }
    if let Some(account) = options.account.as_ref().filter(|_| O::ACCOUNT) {
        let pair = serde_urlencoded::to_string([("account_id", account)]).map_err(|_| unwritable::<O>("the query"))?;
        target.push(separator);
        target.push_str(&pair);
    }
    Ok(target)
}

fn unwritable<O: Operation>(what: &str) -> Error {
    Error::new(ErrorKind::Invalid, format!("not sent: {what} cannot be written")).in_operation(O::ID)
}

fn write<T: Serialize + ?Sized>(format: Format, body: &T) -> Option<Bytes> {
    let bytes = match format {
        Format::Form => serde_urlencoded::to_string(body).ok()?.into_bytes(),
        Format::Json | Format::Text => serde_json::to_vec(body).ok()?,
    };
    Some(bytes.into())
}

fn method<O: Operation>() -> Method {
    match O::METHOD {
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
            assert_eq!(Base::read(base).unwrap().join("/token").unwrap().to_string(), uri);
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
