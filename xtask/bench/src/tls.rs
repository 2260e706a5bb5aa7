//! A certificate for `localhost`, and the TLS configuration of the server and the bare clients.

use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::Result;

/// The files: the certificate of the authority, that of the server, and the key of the server.
const ROOT: &str = "root.pem";
const CERTIFICATE: &str = "server.pem";
const KEY: &str = "key.pem";

/// Creates the certificates.
pub fn write(folder: &Path) -> Result {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate()?;
    fs::write(folder.join(ROOT), authority.self_signed(&authority_key)?.pem())?;

    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(["localhost".to_owned()])?;
    let certificate = certificate.signed_by(&key, &Issuer::new(authority, authority_key))?;
    fs::write(folder.join(CERTIFICATE), certificate.pem())?;
    fs::write(folder.join(KEY), key.serialize_pem())?;
    Ok(())
}

/// The certificate of the authority.
pub fn root(folder: &Path) -> io::Result<Vec<u8>> {
    fs::read(folder.join(ROOT))
}

pub fn server(folder: &Path) -> Result<ServerConfig> {
    let certificate = CertificateDer::from_pem_file(folder.join(CERTIFICATE))?;
    let key = PrivateKeyDer::from_pem_file(folder.join(KEY))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(config.with_safe_default_protocol_versions()?.with_no_client_auth().with_single_cert(vec![certificate], key)?)
}

/// The configuration of the bare clients. Without a folder it trusts no certificate, because the server uses HTTP.
pub fn client(folder: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    if let Some(folder) = folder {
        roots.add(CertificateDer::from_pem_slice(&root(folder)?)?)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(config.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth())
}
