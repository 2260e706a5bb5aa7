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
        // `Authority::port_u16` ignores a port that is none.
        let port = authority.as_str()[authority.host().len()..].trim_start_matches(':');
        if !port.is_empty() && authority.port_u16().is_none() {
            return Err(invalid("has a port that is not a number up to 65535"));
        }
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        if path.query().is_some() {
            return Err(invalid("contains a query"));
        }
        Ok(Self { scheme, authority, prefix: path.path().trim_end_matches('/').to_owned() })
    }

    /// Whether the API is on this machine, which is reached without a proxy.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = bare(self.authority.host());
        let is_address = host.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback());
        is_address || host == "localhost" || host.ends_with(".localhost")
    }

    /// Refuses plain `http` to another machine, which would show secrets to every machine between, unless the host is
    /// allowed by name.
    pub(crate) fn require_encryption(&self, allowed_hosts: &[String]) -> Result<()> {
        let host = bare(self.authority.host());
        if self.scheme == Scheme::HTTPS || self.is_loopback() || allowed_hosts.iter().any(|name| bare(name) == host) {
            return Ok(());
        }
        let message = format!(
            "the base URL is refused: `http` would send passwords, tokens and emails to `{host}` unencrypted. Use https, or \
             allow the host by its name: set CAKEMAIL_ALLOW_HTTP={host}, or call `allow_http` of the builder"
        );
        Err(Error::new(ErrorKind::Configuration, message))
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

/// A host in lower case, without the brackets of an IPv6 address and the dot of a root domain.
fn bare(host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::BaseUrl;

    #[test]
    fn plain_http_is_for_this_machine_and_hosts_that_are_allowed_by_name() {
        let allowed = ["sandbox", "10.0.0.7", "FD00::7", ""].map(str::to_owned);
        for (url, is_accepted) in [
            ("https://api.cakemail.dev", true),
            ("https://10.0.0.8", true),
            ("http://localhost:8025", true),
            ("http://LOCALHOST", true),
            ("http://localhost./", true),
            ("http://shop.localhost:8025/api", true),
            ("http://127.0.0.1:8025", true),
            ("http://127.8.9.10", true),
            ("http://[::1]:8025", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://sandbox:8025", true),
            ("http://Sandbox.", true),
            ("http://10.0.0.7:8025", true),
            ("http://[fd00::7]:80", true),
            ("http://api.cakemail.dev", false),
            ("http://10.0.0.8", false),
            ("http://127.0.0.1.example.com", false),
            ("http://localhost.example.com", false),
            ("http://notlocalhost", false),
            ("http://xsandbox", false),
            ("http://sandbox.example.com", false),
            ("http://0.0.0.0", false),
            ("http://[::]", false),
        ] {
            let result = BaseUrl::parse(url).unwrap().require_encryption(&allowed);
            assert_eq!(result.is_ok(), is_accepted, "{url}");
            if let Err(error) = result {
                assert!(error.to_string().contains("CAKEMAIL_ALLOW_HTTP"), "{error}");
            }
        }
    }

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
