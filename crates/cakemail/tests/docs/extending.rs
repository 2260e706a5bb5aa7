//! The snippets of `docs/sending.md` that implement traits of the client.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use cakemail::{
    AccessToken, AttemptFinished, BoxError, Client, CredentialProvider, Observer, ReplayTransport, TracingObserver,
};

#[derive(Debug)]
struct Vault;

impl Vault {
    async fn read(&self) -> Result<String, BoxError> {
        Ok("token".to_owned())
    }
}

#[async_trait]
impl CredentialProvider for Vault {
    async fn token(&self) -> Result<AccessToken, BoxError> {
        Ok(AccessToken::new(self.read().await?)?)
    }

    fn invalidate(&self, _: &AccessToken) -> bool {
        true // the server rejected the token, and the vault may have a new one
    }
}

#[derive(Debug, Default)]
struct RateLimitCounter(AtomicU64);

impl Observer for RateLimitCounter {
    fn attempt_finished(&self, attempt: &AttemptFinished<'_>) {
        if attempt.status.is_some_and(|status| status == 429) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn a_credential_provider_and_an_observer() -> crate::Result {
    let transport = ReplayTransport::new().respond(200, r#"{"data": {"id": 7}}"#);

    let client = Client::builder()
        .credential_provider(Vault)
        .observer((TracingObserver, RateLimitCounter::default())) // both see everything
        .transport(transport.clone())
        .build()?;

    client.users().me().await?;
    assert_eq!(transport.requests()[0].headers()["authorization"], "Bearer token");
    Ok(())
}
