//! The certificate of the proxy, signed by an authority of its own.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::{HOST, Result};

/// The names of the files of the proxy.
pub const CERTIFICATE: &str = "certificate.pem";
pub const KEY: &str = "key.pem";
/// The name of the file with the certificate of the authority, in the folder of a proxy.
pub const AUTHORITY: &str = "authority.pem";

/// Writes a certificate for [`HOST`] and this machine, its key, and the certificate of its authority.
pub fn write(folder: &Path) -> Result {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Where both have one name, OpenSSL takes the certificate for its own authority.
    authority.distinguished_name.push(DnType::CommonName, "authority of a test");
    let authority_key = KeyPair::generate()?;
    fs::write(folder.join(AUTHORITY), authority.self_signed(&authority_key)?.pem())?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new([HOST, "localhost", "127.0.0.1"].map(str::to_owned))?;
    let certificate = certificate.signed_by(&key, &Issuer::new(authority, authority_key))?;
    fs::write(folder.join(CERTIFICATE), certificate.pem())?;
    fs::write(folder.join(KEY), key.serialize_pem())?;
    Ok(())
}

/// Makes ring the cryptography of the process. Without one, reqwest builds no client once it has TLS.
pub fn use_ring() {
    // An error says that the process has one.
    let _ = ring::default_provider().install_default();
}

/// The TLS configuration of a client that trusts only the authority.
pub fn trusting(folder: &Path) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join(AUTHORITY))?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(config.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth())
}
