//! What both transports let their user set.

use std::fmt;
use std::time::Duration;

use http::Uri;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::{Dispatch, TransportError, TransportErrorKind};

/// How a transport connects, and how much of an answer it accepts.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) response_limit: u64,
    pub(crate) roots: Roots,
    pub(crate) proxy: Proxy,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            response_limit: Self::RESPONSE_LIMIT,
            roots: Roots::default(),
            proxy: Proxy::System,
        }
    }
}

impl Settings {
    /// The largest body of an answer, in bytes, unless set otherwise: 16 MiB.
    pub const RESPONSE_LIMIT: u64 = 16 * 1024 * 1024;

    /// The defaults: 10 seconds to connect, 16 MiB of answer, the system's proxy, the system's root certificates.
    pub fn new() -> Self {
        Self::default()
    }

    /// The time to connect: name lookup, TCP, proxy and TLS together. 10 seconds by default.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// The largest body of an answer, in bytes; a larger one is a [`TransportErrorKind::Response`]. The status line
    /// and headers are limited besides, to some 400 KiB and 100 headers.
    #[must_use]
    pub fn response_limit(mut self, bytes: u64) -> Self {
        self.response_limit = bytes;
        self
    }

    /// Root certificates (PEM, one or more) to trust beside those of the system, of a company's proxy for example.
    ///
    /// # Errors
    ///
    /// [`TransportErrorKind::Request`] when there is no certificate in `pem`, or a malformed one.
    pub fn root_certificates(mut self, pem: impl AsRef<[u8]>) -> Result<Self, TransportError> {
        let before = self.roots.0.len();
        for root in CertificateDer::pem_slice_iter(pem.as_ref()) {
            self.roots.0.push(root.map_err(unusable)?);
        }
        if self.roots.0.len() == before {
            return Err(unusable("there is no PEM certificate in the root certificates"));
        }
        Ok(self)
    }

    /// An HTTP proxy to use in place of the system's. User and password may stand in its URI.
    #[must_use]
    pub fn proxy(mut self, proxy: Uri) -> Self {
        self.proxy = Proxy::At(proxy);
        self
    }

    /// No proxy, whatever `HTTPS_PROXY`, `ALL_PROXY` and the like, or the system's settings, say.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxy::Off;
        self
    }
}

/// Certificates to trust beside the system's.
#[derive(Clone, Default)]
pub(crate) struct Roots(pub(crate) Vec<CertificateDer<'static>>);

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} certificates", self.0.len())
    }
}

/// Which proxy is between us and the server.
#[derive(Clone)]
pub(crate) enum Proxy {
    System,
    Off,
    At(Uri),
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("System"),
            Self::Off => f.write_str("Off"),
            // Without the password that may stand in it.
            Self::At(uri) => write!(f, "At({})", uri.host().unwrap_or_default()),
        }
    }
}

/// Settings, or a request, of which nothing can be sent.
pub(crate) fn unusable(cause: impl Into<crate::error::BoxError>) -> TransportError {
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
