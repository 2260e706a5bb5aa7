//! The TLS configuration of both transports: rustls, and the roots that it trusts.

use std::env;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::{CertificateResult, load_certs_from_paths, load_native_certs};

use crate::TransportError;
use crate::settings::{Roots, invalid_request};

/// The roots of the environment or the system, loaded once: loading takes milliseconds, and a test suite creates many
/// transports.
static ROOTS: LazyLock<Result<Arc<RootCertStore>, String>> = LazyLock::new(|| {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
    let (file, folders) = (variable("SSL_CERT_FILE"), variable("SSL_CERT_DIR"));
    let mut roots = RootCertStore::empty();
    if file.is_none() && folders.is_none() {
        roots.add_parsable_certificates(load_native_certs().certs);
        return Ok(Arc::new(or_mozilla_roots(roots)));
    }
    if let Some(file) = &file {
        roots.add_parsable_certificates(named_roots("SSL_CERT_FILE", file.as_ref(), |path| {
            load_certs_from_paths(Some(path), None)
        })?);
    }
    for folder in folders.iter().flat_map(env::split_paths) {
        roots.add_parsable_certificates(named_roots("SSL_CERT_DIR", &folder, |path| {
            load_certs_from_paths(None, Some(path))
        })?);
    }
    Ok(Arc::new(roots))
});

/// The certificates at a path that the environment names. There must be one: another trust store in its place would be a
/// surprise.
fn named_roots(
    variable: &str,
    path: &Path,
    load: impl FnOnce(&Path) -> CertificateResult,
) -> Result<Vec<CertificateDer<'static>>, String> {
    let loaded = load(path);
    let is_usable = |certificate: &CertificateDer<'static>| RootCertStore::empty().add(certificate.clone()).is_ok();
    if loaded.certs.iter().any(is_usable) {
        return Ok(loaded.certs);
    }
    let cause = loaded.errors.first().map_or("it has no certificate".to_owned(), ToString::to_string);
    Err(format!("the environment variable {variable} names {}, which cannot be used: {cause}", path.display()))
}

/// Builds the configuration. It uses the cryptography provider that the application installed for its process, or ring;
/// it installs none. It trusts the roots that the environment names, or else the system's, which may include a company's own,
/// or else Mozilla's (in a bare container).
pub(crate) fn config(extra: &Roots) -> Result<ClientConfig, TransportError> {
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
    let mut roots = ROOTS.as_ref().map(Arc::clone).map_err(|error| invalid_request(error.as_str()))?;
    for root in &extra.0 {
        Arc::make_mut(&mut roots).add(root.clone()).map_err(invalid_request)?;
    }
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(invalid_request)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn or_mozilla_roots(mut roots: RootCertStore) -> RootCertStore {
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trusts_mozillas_roots_when_the_system_has_none() {
        let roots = or_mozilla_roots(RootCertStore::empty());
        assert_eq!(roots.len(), webpki_roots::TLS_SERVER_ROOTS.len());
        let one = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().take(1).cloned());
        assert_eq!(or_mozilla_roots(one).len(), 1);
    }

    #[test]
    fn a_named_path_without_a_certificate_is_an_error_that_names_the_variable_and_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let (missing, empty) = (folder.path().join("missing.pem"), folder.path().join("empty.pem"));
        std::fs::write(&empty, "not a certificate").unwrap();
        for (variable, path) in [("SSL_CERT_FILE", &missing), ("SSL_CERT_FILE", &empty)] {
            let error = named_roots(variable, path, |path| load_certs_from_paths(Some(path), None)).unwrap_err();
            assert!(error.contains(variable) && error.contains(path.to_str().unwrap()), "{error}");
        }
        for path in [&missing, &folder.path().to_owned()] {
            let error = named_roots("SSL_CERT_DIR", path, |path| load_certs_from_paths(None, Some(path))).unwrap_err();
            assert!(error.contains("SSL_CERT_DIR") && error.contains(path.to_str().unwrap()), "{error}");
        }
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&empty, certified.cert.pem()).unwrap();
        let roots = named_roots("SSL_CERT_FILE", &empty, |path| load_certs_from_paths(Some(path), None));
        assert_eq!(roots.unwrap().len(), 1);
    }

    #[test]
    fn installs_no_provider_for_the_process() {
        config(&Roots::default()).unwrap();
        assert!(CryptoProvider::get_default().is_none());
    }
}
