//! A client of a sandbox behind the proxy, and what it calls.

use std::time::Duration;

use cakemail::lists::ListPatch;
use cakemail::sandbox::Sandbox;
use cakemail::senders::NewSender;
use cakemail::tokens::{CreateTokenResponse, GrantType, TokenRequest};
use cakemail::transport::Settings;
use cakemail::{
    Attachment, Client, ClientBuilder, Content, Credentials, HyperTransport, IdempotencyKey, ListId, NewEmail,
    RateLimit, ReconcilePolicy, ReqwestTransport, RetryPolicy, SenderId, Sent,
};

use crate::Result;
use cakemail_faults::proxy::{LARGE, certificate};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportKind {
    Reqwest,
    Hyper,
}

impl TransportKind {
    pub const ALL: [Self; 2] = [Self::Hyper, Self::Reqwest];

    pub fn name(self) -> &'static str {
        match self {
            Self::Reqwest => "ReqwestTransport",
            Self::Hyper => "HyperTransport",
        }
    }
}

/// A builder of clients. The backoff is short, so that a run takes minutes; the outcomes do not depend on it.
pub fn builder(url: &str, transport: TransportKind, connect_timeout: Duration) -> Result<ClientBuilder> {
    let settings = Settings::new().no_proxy().connect_timeout(connect_timeout);
    let settings = settings.root_certificates(certificate()?.pem)?;
    let retry = RetryPolicy::default().initial_backoff(Duration::from_millis(5));
    // An injected 429 says nothing about a rate, so the client must not adapt to it.
    let builder = Client::builder().base_url(url).retry_policy(retry).rate_limit(RateLimit::Unlimited);
    Ok(match transport {
        TransportKind::Reqwest => builder.transport(ReqwestTransport::with_settings(settings)?),
        TransportKind::Hyper => builder.transport(HyperTransport::with_settings(settings)?),
    })
}

/// The credentials of the sandbox's default user.
pub fn credentials(sandbox: &Sandbox) -> Credentials {
    Credentials::password(sandbox.email(), sandbox.password())
}

/// Credentials for a client whose first request is the call.
pub async fn access_token(client: &Client, sandbox: &Sandbox) -> Result<Credentials> {
    let request =
        TokenRequest::new().grant_type(GrantType::Password).username(sandbox.email()).password(sandbox.password());
    match client.tokens().create(&request).await? {
        CreateTokenResponse::Token(token) => Ok(Credentials::access_token(token.access_token)),
        other => Err(format!("the sandbox issued no token: {other:?}").into()),
    }
}

/// The sender and the list of the emails.
#[derive(Clone)]
pub struct TestBed {
    sender: SenderId,
    list: ListId,
}

impl TestBed {
    pub async fn new(client: &Client, sandbox: &Sandbox) -> Result<Self> {
        let sender = client.senders().create(&NewSender::new("Ada", sandbox.email())).await?.id;
        let mut lists = client.lists().list(Default::default()).all().await?;
        Ok(Self { sender, list: lists.remove(0).id })
    }

    pub fn email(&self, recipient: &str) -> NewEmail {
        let content = Content::text("Hello", "Does it arrive once?");
        NewEmail::transactional(self.sender.clone(), self.list, recipient, content)
    }

    /// An email that is larger than the buffers of two sockets.
    pub fn large_email(&self, recipient: &str) -> Result<NewEmail> {
        Ok(self.email(recipient).attach(Attachment::from_bytes("large.pdf", vec![b'a'; LARGE])?))
    }

    pub async fn read(&self, client: &Client) -> cakemail::Result<()> {
        client.lists().get(self.list).await.map(drop)
    }

    pub async fn change(&self, client: &Client) -> cakemail::Result<()> {
        client.lists().update(self.list, &ListPatch::new().name("News of the week")).await.map(drop)
    }
}

/// How an email is sent under a key.
pub fn policy() -> ReconcilePolicy {
    ReconcilePolicy::new().window(Duration::from_millis(600))
}

pub async fn send(client: &Client, email: &NewEmail, keyed: bool) -> cakemail::Result<Sent> {
    match keyed {
        true => client.emails().send_idempotent(email, &IdempotencyKey::random(), &policy()).await,
        false => client.emails().send(email).await,
    }
}
