//! Credential providers of the user: when the client asks for a token, and what a failure becomes.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use cakemail_client::{AccessToken, BoxError, Client, CredentialProvider, Credentials, ErrorKind, Outcome};
use cakemail_transport::http::header::AUTHORIZATION;
use tokio::time::Instant;

use crate::support::{StubServer, advanced, call, email, ok, unauthorized};

/// A vault that holds one token after another, and counts how often it is read.
#[derive(Debug, Clone)]
struct Vault {
    tokens: &'static [&'static str],
    delay: Duration,
    reads: Arc<AtomicUsize>,
    rejections: Arc<AtomicUsize>,
}

impl Vault {
    fn new(tokens: &'static [&'static str]) -> Self {
        Self { tokens, delay: Duration::ZERO, reads: Arc::default(), rejections: Arc::default() }
    }

    fn counts(&self) -> (usize, usize) {
        (self.reads.load(Ordering::SeqCst), self.rejections.load(Ordering::SeqCst))
    }
}

#[async_trait]
impl CredentialProvider for Vault {
    async fn token(&self) -> Result<AccessToken, BoxError> {
        advanced(self.delay).await;
        self.reads.fetch_add(1, Ordering::SeqCst);
        let token = self.tokens.get(self.rejections.load(Ordering::SeqCst)).ok_or("the vault is sealed")?;
        Ok(AccessToken::new(*token)?)
    }

    fn invalidate(&self, token: &AccessToken) -> bool {
        let rejected = self.rejections.fetch_add(1, Ordering::SeqCst);
        assert!(*token == AccessToken::new(self.tokens[rejected]).unwrap());
        true
    }
}

/// A client of a server that accepts one token only.
fn client(vault: &Vault, accepted: &'static str) -> Client {
    let stub = StubServer::new(move |request| {
        let authorization = request.headers().get(AUTHORIZATION).unwrap().to_str().unwrap().to_owned();
        std::future::ready(if authorization == format!("Bearer {accepted}") { ok() } else { unauthorized() })
    });
    stub.builder().credential_provider(vault.clone()).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_sent_with_the_providers_token() {
    let vault = Vault::new(&["a"]);
    let client = client(&vault, "a");
    for _ in 0..3 {
        call(&client).await.unwrap();
    }
    client.authenticate().await.unwrap();
    assert_eq!(vault.counts(), (4, 0));
}

#[tokio::test(start_paused = true)]
async fn a_rejected_token_is_replaced_once() {
    let vault = Vault::new(&["a", "b", "c"]);
    assert_eq!(client(&vault, "b").emails().send(&email()).await.unwrap().attempts, 2);
    assert_eq!(vault.counts(), (2, 1));

    let vault = Vault::new(&["a", "b", "c"]);
    let error = client(&vault, "c").emails().send(&email()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Authentication, Outcome::NotDone, 2));
    assert_eq!(vault.counts(), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_providers_error_is_the_source_of_the_calls_error() {
    let client = client(&Vault::new(&[]), "a");
    for error in [client.emails().send(&email()).await.unwrap_err(), client.authenticate().await.unwrap_err()] {
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Authentication, Outcome::NotDone, 0));
        assert_eq!(error.source().unwrap().to_string(), "the vault is sealed");
        assert_eq!(
            error.to_string(),
            "the credential provider returned no access token. Check the credential provider: the error's source has \
             the cause"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_client_is_passed_on() {
    let error = client(&Vault::new(&["\n"]), "a").users().me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("the access token contains characters"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_a_token_counts_towards_the_deadline() {
    let vault = Vault { delay: Duration::from_secs(10), ..Vault::new(&["a"]) };
    let client = client(&vault, "a");
    let error = client.deadline(Duration::from_secs(9)).users().me().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), vault.counts()), (ErrorKind::Timeout, 0, (0, 0)));
    call(&client.deadline(Duration::from_secs(11))).await.unwrap();
}

/// Never answers, or panics.
#[derive(Debug)]
struct Broken {
    panics: bool,
}

#[async_trait]
impl CredentialProvider for Broken {
    async fn token(&self) -> Result<AccessToken, BoxError> {
        assert!(!self.panics, "the vault is on fire");
        std::future::pending().await
    }

    fn invalidate(&self, _: &AccessToken) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn authenticate_ends_at_the_deadline() {
    let silent = StubServer::script([]).builder().credentials(Credentials::password("ada@example.com", "pw"));
    for builder in [StubServer::always(ok).builder().credential_provider(Broken { panics: false }), silent] {
        let client = builder.build().unwrap();
        for deadline in [Duration::ZERO, Duration::from_millis(1), Duration::from_secs(5)] {
            let start = Instant::now();
            let error = client.deadline(deadline).authenticate().await.unwrap_err();
            assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::NotDone, 0));
            assert_eq!(start.elapsed(), deadline);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_providers_panic_is_an_error_of_the_call() {
    let client = StubServer::always(ok).builder().credential_provider(Broken { panics: true }).build().unwrap();
    for _ in 0..2 {
        let error = client.emails().send(&email()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Authentication, Outcome::NotDone, 0));
        assert_eq!(error.source().unwrap().to_string(), "the vault is on fire");
    }
}
