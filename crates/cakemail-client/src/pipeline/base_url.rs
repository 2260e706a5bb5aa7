//! The base URL: where the API is.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use http::{HeaderValue, Uri};

use crate::error::{Error, ErrorKind, Result};

/// Where the API is.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    scheme: Scheme,
    authority: Authority,
    /// Precedes every path. Does not end with a slash.
    prefix: String,
}

impl BaseUrl {
    /// Parses a URL such as `https://api.cakemail.dev`.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let invalid = |why: &str| {
            let message = format!("the base URL {why}: give one such as https://api.cakemail.dev");
            Error::new(ErrorKind::Configuration, message)
        };
        let uri: Uri = url.trim().parse().map_err(|_| invalid("is not a URL"))?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(invalid("has no scheme or no host"));
        };
        if scheme != Scheme::HTTPS && scheme != Scheme::HTTP {
            return Err(invalid("is neither https nor http"));
        }
        if authority.as_str().contains('@') {
            return Err(invalid("contains a user name: pass credentials to the builder instead"));
        }
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        if path.query().is_some() {
            return Err(invalid("contains a query"));
        }
        Ok(Self { scheme, authority, prefix: path.path().trim_end_matches('/').to_owned() })
    }

    /// Whether the API is on this machine, which is reached without a proxy.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.authority.host().trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }

    /// The value of the header `Host`.
    pub(crate) fn host(&self) -> Result<HeaderValue> {
        let default_port = if self.scheme == Scheme::HTTPS { 443 } else { 80 };
        let host = match self.authority.port_u16() {
            Some(port) if port == default_port => self.authority.host(),
            _ => self.authority.as_str(),
        };
        let message = "the host of the base URL cannot be sent in the `Host` header";
        HeaderValue::try_from(host).map_err(|_| Error::new(ErrorKind::Configuration, message))
    }

    /// The URL of a path and query below the base URL.
    pub(super) fn join(&self, path_and_query: Cow<'static, str>) -> Result<Uri, http::Error> {
        let path_and_query = match (self.prefix.as_str(), path_and_query) {
            ("", Cow::Borrowed(path)) => Bytes::from_static(path.as_bytes()),
            ("", Cow::Owned(path)) => path.into(),
            (prefix, path) => format!("{prefix}{path}").into(),
        };
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(PathAndQuery::from_maybe_shared(path_and_query)?);
        Ok(Uri::from_parts(parts)?)
    }
}

#[cfg(test)]
mod tests {
    use super::BaseUrl;

    #[test]
    fn a_base_url_may_have_a_port_and_a_path() {
        for (base, url) in [
            ("https://api.cakemail.dev", "https://api.cakemail.dev/token"),
            ("https://api.cakemail.dev/", "https://api.cakemail.dev/token"),
            (" http://127.0.0.1:8025\n", "http://127.0.0.1:8025/token"),
            ("https://proxy.example/cakemail/", "https://proxy.example/cakemail/token"),
        ] {
            assert_eq!(BaseUrl::parse(base).unwrap().join("/token".into()).unwrap().to_string(), url);
        }
    }

    #[test]
    fn an_invalid_base_url_is_rejected_with_an_example_of_a_valid_one() {
        for url in [
            "",
            "api.cakemail.dev",
            "/token",
            "ftp://x.example",
            "https://u:p@x.example",
            "https://x.example?a=b",
            "https://",
        ] {
            let error = BaseUrl::parse(url).unwrap_err().to_string();
            assert!(error.contains("base URL") && error.contains("https://api.cakemail.dev"), "{url}: {error}");
        }
    }
}
