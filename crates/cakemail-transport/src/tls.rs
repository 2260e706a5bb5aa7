//! TLS for both transports: rustls, and whom it trusts.

use std::sync::{Arc, LazyLock};

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};

use crate::TransportError;
use crate::settings::{Roots, unusable};

/// The roots of the system, read once: that takes milliseconds, and a test suite makes many transports.
static SYSTEM: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Arc::new(or_mozilla(roots))
});

/// The cryptography is the application's own choice where it has installed one for its process, else ring; nothing
/// is installed here. Trusted are the roots of the system, so that a company's own are honoured; where a system has
/// none (a bare container) Mozilla's, so that `https` works everywhere.
pub(crate) fn config(extra: &Roots) -> Result<ClientConfig, TransportError> {
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
    let mut roots = Arc::clone(&SYSTEM);
    for root in &extra.0 {
        Arc::make_mut(&mut roots).add(root.clone()).map_err(unusable)?;
    }
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn or_mozilla(mut roots: RootCertStore) -> RootCertStore {
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_without_roots_trusts_mozillas() {
        let roots = or_mozilla(RootCertStore::empty());
        assert_eq!(roots.len(), webpki_roots::TLS_SERVER_ROOTS.len());
        let one = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().take(1).cloned());
        assert_eq!(or_mozilla(one).len(), 1);
    }

    #[test]
    fn no_provider_is_installed_for_the_process() {
        config(&Roots::default()).unwrap();
        assert!(CryptoProvider::get_default().is_none());
    }
}
