//! Connects: the URL, TLS, and the settings of a connection.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::connection::Connection;
use super::database;
use crate::{Error, Result};

/// A connection that is lost is noticed in this time, so that its locks end on the server too.
const DEAD_AFTER: Duration = Duration::from_secs(20);

/// Settings of each connection that the server knows. A worker that stops inside a transaction must not hold up all others;
/// a server that crashes must not forget a committed claim, since its email would be sent twice. The small plans are right
/// for any number of rows, also before the tables were analyzed; counts do not take the processors from the claims.
const SESSION: &str = "
select set_config(name, value, false) from pg_settings join (values
  ('statement_timeout', '30s'),
  ('lock_timeout', '20s'),
  ('idle_in_transaction_session_timeout', '10s'),
  ('tcp_keepalives_idle', '10'),
  ('tcp_keepalives_interval', '5'),
  ('tcp_keepalives_count', '2'),
  ('tcp_user_timeout', '20000'),
  ('synchronous_commit', 'on'),
  ('plan_cache_mode', 'force_generic_plan'),
  ('enable_seqscan', 'off'),
  ('enable_bitmapscan', 'off'),
  ('enable_hashjoin', 'off'),
  ('enable_mergejoin', 'off'),
  ('max_parallel_workers_per_gather', '0'),
  ('jit', 'off')
) wanted (name, value) using (name)
where name <> 'synchronous_commit' or setting = 'off'";

/// How to connect.
pub(super) struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
}

impl Connector {
    /// # Errors
    /// When the URL is not one, or its certificates cannot be read.
    pub(super) fn new(url: &str) -> Result<Self> {
        let Url { url, certificates, is_verified } = Url::parse(url);
        let mut config: Config = url.parse().map_err(database)?;
        if is_verified {
            config.ssl_mode(SslMode::Require);
        }
        config.connect_timeout(Duration::from_secs(10)).tcp_user_timeout(DEAD_AFTER);
        config.keepalives_idle(DEAD_AFTER / 2).keepalives_interval(DEAD_AFTER / 4).keepalives_retries(2);
        if config.get_application_name().is_none() {
            config.application_name("cakemail-outbox");
        }
        let tls = tls(certificates.as_deref(), config.get_ssl_mode())?;
        Ok(Self { config, tls })
    }

    pub(super) async fn connect(&self) -> Result<Connection> {
        let (client, connection) = self.config.connect(self.tls.clone()).await.map_err(database)?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = &error as &dyn std::error::Error, "the connection to PostgreSQL ended");
            }
        });
        client.batch_execute(SESSION).await.map_err(database)?;
        Ok(Connection::new(client))
    }
}

/// A URL whose parameters of libpq are taken out that tokio-postgres does not know.
struct Url {
    url: String,
    certificates: Option<String>,
    is_verified: bool,
}

impl Url {
    fn parse(url: &str) -> Self {
        let mut parsed = Self { url: url.to_owned(), certificates: None, is_verified: false };
        let Some((base, query)) = url.split_once('?') else { return parsed };
        let is_known = |parameter: &&str| match parameter.split_once('=') {
            Some(("sslrootcert", path)) => {
                parsed.certificates = Some(path.to_owned());
                false
            }
            // Certificates are always verified.
            Some(("sslmode", "verify-ca" | "verify-full")) => {
                parsed.is_verified = true;
                false
            }
            _ => true,
        };
        let query: Vec<&str> = query.split('&').filter(is_known).collect();
        parsed.url = if query.is_empty() { base.to_owned() } else { format!("{base}?{}", query.join("&")) };
        parsed
    }
}

/// TLS by the certificates of the file, or of the system.
fn tls(certificates: Option<&str>, mode: SslMode) -> Result<MakeRustlsConnect> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = certificates {
        let unreadable = |error| Error::Database(format!("the certificates in {path} cannot be read: {error}").into());
        for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
            roots.add(certificate.map_err(unreadable)?).map_err(|error| Error::Database(error.into()))?;
        }
    } else if mode != SslMode::Disable {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = builder.map_err(|error| Error::Database(error.into()))?.with_root_certificates(roots);
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_libpq_about_tls_are_understood() {
        let cases = [
            ("postgres://a/b", "postgres://a/b", None, false),
            ("postgres://a/b?sslmode=require", "postgres://a/b?sslmode=require", None, false),
            ("postgres://a/b?sslmode=verify-full&sslrootcert=/ca.pem", "postgres://a/b", Some("/ca.pem"), true),
            ("postgres://a/b?sslmode=verify-ca&options=-c%20a", "postgres://a/b?options=-c%20a", None, true),
        ];
        for (url, expected, certificates, is_verified) in cases {
            let parsed = Url::parse(url);
            assert_eq!(parsed.url, expected);
            assert_eq!((parsed.certificates.as_deref(), parsed.is_verified), (certificates, is_verified));
        }
    }

    #[test]
    fn a_url_that_is_none_is_an_error_without_the_password() {
        let error = Connector::new("postgres://a:secret@host:port/b").map(|_| ()).unwrap_err();
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
}
