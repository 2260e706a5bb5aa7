//! The settings of `ReqwestTransport` and `HyperTransport`.

use std::fmt;
use std::time::Duration;

use http::Uri;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::proxy::Proxy;
use crate::{Dispatch, TransportError, TransportErrorKind};

/// How a transport connects, which connections it keeps, and how large a response it accepts.
///
/// Unless the settings say otherwise, these variables of the environment are read when the transport is created. A
/// variable that is set to something unusable is an error that names it:
///
/// | variable | meaning |
/// | --- | --- |
/// | `SSL_CERT_FILE` | a PEM file of root certificates, in place of the system's |
/// | `SSL_CERT_DIR` | folders of root certificates (OpenSSL's layout, separated like `PATH`), in place of the system's |
/// | `HTTPS_PROXY`, `ALL_PROXY` | the proxy for `https` requests, such as `http://proxy.example:3128` |
/// | `HTTP_PROXY` | the proxy for plain `http` requests; `HyperTransport` uses none |
/// | `NO_PROXY` | servers without a proxy: hosts, domains, addresses and networks, separated by commas |
///
/// The proxy variables may be in lower case. On macOS and Windows, the system's own proxy settings apply when they are not
/// set. The root certificates are read once per process.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) response_limit: u64,
    pub(crate) roots: Roots,
    pub(crate) proxy: Proxy,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_idle_connections: usize,
    pub(crate) max_connections: usize,
    pub(crate) tcp_user_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            response_limit: Self::RESPONSE_LIMIT,
            roots: Roots::default(),
            proxy: Proxy::System,
            // Below the 60 seconds after which common load balancers close a connection.
            idle_timeout: Duration::from_secs(50),
            max_idle_connections: 64,
            // A quarter of the files that a process may commonly open.
            max_connections: 256,
            tcp_user_timeout: Duration::from_secs(30),
        }
    }
}

impl Settings {
    /// The default limit on the body of a response: 16 MiB, in bytes.
    pub const RESPONSE_LIMIT: u64 = 16 * 1024 * 1024;

    /// The defaults: a connect timeout of 10 seconds, responses up to 16 MiB, the system's proxy and root certificates, and
    /// at most 256 connections, of which 64 stay open for 50 seconds when they are idle.
    pub fn new() -> Self {
        Self::default()
    }

    /// The time limit for name lookup, TCP, proxy and TLS together. 10 seconds by default.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The limit on the body of a response, in bytes; a larger body is a [`TransportErrorKind::Response`]. The status
    /// line and headers have their own limit of about 400 KiB and 100 headers.
    #[must_use]
    pub fn response_limit(mut self, bytes: u64) -> Self {
        self.response_limit = bytes;
        self
    }

    /// The time after which an idle connection is not used again: 50 seconds by default. Set it below the time after which
    /// the server, or a load balancer before it, closes idle connections.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// The most idle connections that are kept open: 64 by default, 0 to open a connection for each request.
    /// `ReqwestTransport` counts those to each server.
    #[must_use]
    pub fn max_idle_connections(mut self, connections: usize) -> Self {
        self.max_idle_connections = connections;
        self
    }

    /// The most connections that are open at the same time: 256 by default, at least 1. Further requests wait for one, in
    /// the order in which they came. `ReqwestTransport` does not count idle connections.
    #[must_use]
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// The time for which written bytes may stay unacknowledged before the operating system closes the connection
    /// (`TCP_USER_TIMEOUT`; only on Linux): 30 seconds by default. Bytes of a request arrive at most this long after they
    /// were written.
    #[must_use]
    pub fn tcp_user_timeout(mut self, timeout: Duration) -> Self {
        self.tcp_user_timeout = timeout;
        self
    }

    /// Adds root certificates (PEM, one or more) to those of the system, for example those of a company's proxy.
    ///
    /// # Errors
    ///
    /// [`TransportErrorKind::Request`] when `pem` has no certificate or a malformed one.
    pub fn root_certificates(mut self, pem: impl AsRef<[u8]>) -> Result<Self, TransportError> {
        let before = self.roots.0.len();
        for root in CertificateDer::pem_slice_iter(pem.as_ref()) {
            self.roots.0.push(root.map_err(invalid_request)?);
        }
        if self.roots.0.len() == before {
            return Err(invalid_request("the root certificates contain no PEM certificate"));
        }
        Ok(self)
    }

    /// Uses this HTTP proxy in place of the system's. The URI may contain a user and a password. Creating the transport
    /// fails when it does not support the URI's scheme.
    #[must_use]
    pub fn proxy(mut self, proxy: Uri) -> Self {
        self.proxy = Proxy::Custom(proxy);
        self
    }

    /// Uses no proxy, even if the environment (`HTTPS_PROXY`, `ALL_PROXY`) or the system sets one.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxy::Off;
        self
    }
}

/// Certificates to trust in addition to the system's.
#[derive(Clone, Default)]
pub(crate) struct Roots(pub(crate) Vec<CertificateDer<'static>>);

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} certificates", self.0.len())
    }
}

/// The error of an invalid request or of invalid settings.
pub(crate) fn invalid_request(cause: impl Into<crate::error::BoxError>) -> TransportError {
    TransportError::new(TransportErrorKind::Request, Dispatch::NotSent, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_certificates_must_be_certificates() {
        for pem in ["", "no PEM at all", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"] {
            let error = Settings::new().root_certificates(pem).unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::Request, "{pem}");
        }
    }

    #[test]
    fn debug_hides_the_password_of_a_proxy() {
        let settings = Settings::new().proxy(Uri::from_static("http://me:secret@proxy.example:3128"));
        let debug = format!("{settings:?}");
        assert!(debug.contains("proxy.example") && !debug.contains("secret"), "{debug}");
    }
}
