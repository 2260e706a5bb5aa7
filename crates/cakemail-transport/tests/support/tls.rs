//! A certificate for a server on the loopback address.

use std::sync::Arc;

use cakemail_transport::Settings;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

use super::settings;

/// What a test over TCP and over TLS needs: the scheme, an acceptor for the server, and settings for the transport.
pub fn securities() -> [(&'static str, Option<TlsAcceptor>, Settings); 2] {
    let (acceptor, trusting) = certificate_and_settings();
    [("http", None, settings()), ("https", Some(acceptor), trusting)]
}

/// A server certificate for the loopback address, and settings that trust its authority.
pub fn certificate_and_settings() -> (TlsAcceptor, Settings) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();

    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = server.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), settings().root_certificates(root.pem()).unwrap())
}
