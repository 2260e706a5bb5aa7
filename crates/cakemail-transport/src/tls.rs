//! The TLS configuration of both transports: rustls, and the roots that it trusts.

use std::sync::{Arc, LazyLock};

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};

use crate::TransportError;
use crate::settings::{Roots, invalid_request};

/// The roots of the system, loaded once: loading takes milliseconds, and a test suite creates many transports.
static SYSTEM_ROOTS: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Arc::new(or_mozilla_roots(roots))
});

/// Builds the configuration. It uses the cryptography provider that the application installed for its process, or ring;
/// it installs none. It trusts the system's roots, which may include a company's own, or Mozilla's if the system has none
/// (a bare container).
pub(crate) fn config(extra: &Roots) -> Result<ClientConfig, TransportError> {
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
    let mut roots = Arc::clone(&SYSTEM_ROOTS);
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
    fn installs_no_provider_for_the_process() {
        config(&Roots::default()).unwrap();
        assert!(CryptoProvider::get_default().is_none());
    }
}
