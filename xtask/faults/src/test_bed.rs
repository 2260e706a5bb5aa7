//! A client of a sandbox over one of the transports, and the emails that it sends.

use std::time::Duration;

use cakemail::sandbox::Sandbox;
use cakemail::senders::NewSender;
use cakemail::transport::Settings;
use cakemail::{
    Client, Content, Credentials, HyperTransport, IdempotencyKey, ListId, NewEmail, RateLimit, ReconcilePolicy,
    ReqwestTransport, RetryPolicy, SenderId, Sent,
};

use crate::Result;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TransportKind {
    Reqwest,
    Hyper,
}

impl TransportKind {
    pub const ALL: [Self; 2] = [Self::Reqwest, Self::Hyper];
}

// Short, so that a run takes minutes; the outcomes do not depend on them.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
const RECONCILE_WINDOW: Duration = Duration::from_millis(600);

/// A client of this sandbox.
pub fn client(sandbox: &Sandbox, transport: TransportKind, credentials: Credentials) -> Result<Client> {
    let mut retry = RetryPolicy::default();
    retry.initial_backoff = Duration::from_millis(5);
    let settings = Settings::new().no_proxy();
    let builder = Client::builder().base_url(sandbox.url()).credentials(credentials);
    // An injected 429 says nothing about a rate, so the client must not adapt to it.
    let builder = builder.retry_policy(retry).attempt_timeout(ATTEMPT_TIMEOUT).rate_limit(RateLimit::Unlimited);
    Ok(match transport {
        TransportKind::Reqwest => builder.transport(ReqwestTransport::with_settings(settings)?).build()?,
        TransportKind::Hyper => builder.transport(HyperTransport::with_settings(settings)?).build()?,
    })
}

/// The credentials of the sandbox's default user.
pub fn credentials(sandbox: &Sandbox) -> Credentials {
    Credentials::password(sandbox.email(), sandbox.password())
}

/// The sender and the list of the emails.
pub struct TestBed {
    sender: SenderId,
    list: ListId,
}

impl TestBed {
    pub async fn new(client: &Client, sandbox: &Sandbox) -> cakemail::Result<Self> {
        let sender = client.senders().create(&NewSender::new("Ada", sandbox.email())).await?.id;
        let mut lists = client.lists().list(Default::default()).all().await?;
        Ok(Self { sender, list: lists.remove(0).id })
    }

    pub fn email(&self, recipient: &str) -> NewEmail {
        let content = Content::text("Hello", "Does it arrive once?");
        NewEmail::transactional(self.sender.clone(), self.list, recipient, content)
    }
}

/// How an email is sent under a key.
pub fn policy() -> ReconcilePolicy {
    ReconcilePolicy::new().window(RECONCILE_WINDOW)
}

pub async fn send(client: &Client, email: &NewEmail, keyed: bool) -> cakemail::Result<Sent> {
    match keyed {
        true => client.emails().send_idempotent(email, &IdempotencyKey::random(), &policy()).await,
        false => client.emails().send(email).await,
    }
}
