//! The certificate of the proxy, for `localhost`.

use std::sync::{Arc, LazyLock};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use crate::Result;

/// A certificate that signs itself, and the TLS of a server that has it.
#[derive(Clone)]
pub struct Certificate {
    pub pem: String,
    pub acceptor: TlsAcceptor,
}

/// The certificate of all proxies.
pub fn certificate() -> Result<Certificate> {
    static CERTIFICATE: LazyLock<std::result::Result<Certificate, String>> =
        LazyLock::new(|| create().map_err(|error| error.to_string()));
    CERTIFICATE.clone().map_err(Into::into)
}

fn create() -> Result<Certificate> {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivateKeyDer::try_from(signed.signing_key.serialize_der())?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key)?;
    Ok(Certificate { pem: signed.cert.pem(), acceptor: TlsAcceptor::from(Arc::new(config)) })
}
