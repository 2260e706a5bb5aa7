//! One client on trial, and what it says of a send held against what the sandbox knows.

use std::time::Duration;

use cakemail::sandbox::{Ledger, Sandbox};
use cakemail::senders::NewSender;
use cakemail::{
    Client, Content, Credentials, HyperTransport, IdempotencyKey, ListId, NewEmail, Outcome, RateLimit,
    ReconcilePolicy, ReqwestTransport, Result, RetryPolicy, SenderId, Sent,
};

/// What ends the program: anything that says why.
pub type Anyhow<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Over {
    Reqwest,
    Hyper,
}

impl Over {
    pub const BOTH: [Self; 2] = [Self::Reqwest, Self::Hyper];
}

/// Patience that keeps the trials short: what matters is what happens, not how long it takes.
const ATTEMPT: Duration = Duration::from_secs(2);
const WINDOW: Duration = Duration::from_millis(600);

/// A client of a sandbox, by its transport and credentials.
pub fn client(sandbox: &Sandbox, over: Over, credentials: Credentials) -> Anyhow<Client> {
    let mut retry = RetryPolicy::default();
    retry.initial_backoff = Duration::from_millis(5);
    let settings = cakemail::transport::Settings::new().no_proxy();
    let builder = Client::builder().base_url(sandbox.url()).credentials(credentials);
    // A 429 by chance says nothing of a pace.
    let builder = builder.retry_policy(retry).attempt_timeout(ATTEMPT).rate_limit(RateLimit::Unlimited);
    Ok(match over {
        Over::Reqwest => builder.transport(ReqwestTransport::with(settings)?).build()?,
        Over::Hyper => builder.transport(HyperTransport::with(settings)?).build()?,
    })
}

/// The sandbox's own user.
pub fn user(sandbox: &Sandbox) -> Credentials {
    Credentials::password(sandbox.email(), sandbox.password())
}

/// What emails are sent from and to.
pub struct Desk {
    sender: SenderId,
    list: ListId,
}

impl Desk {
    pub async fn new(client: &Client, sandbox: &Sandbox) -> Result<Self> {
        let sender = client.senders().create(&NewSender::new("Trial", sandbox.email())).await?.id;
        let mut lists = client.lists().list(Default::default()).all().await?;
        Ok(Self { sender, list: lists.remove(0).id })
    }

    pub fn email(&self, recipient: &str) -> NewEmail {
        NewEmail::transactional(
            self.sender.clone(),
            self.list,
            recipient,
            Content::text("Trial", "Does it arrive once?"),
        )
    }
}

/// How to find out what became of a lost answer.
pub fn policy() -> ReconcilePolicy {
    ReconcilePolicy::new().window(WINDOW)
}

pub async fn send(client: &Client, email: &NewEmail, keyed: bool) -> Result<Sent> {
    match keyed {
        true => client.emails().send_idempotent(email, &IdempotencyKey::random(), &policy()).await,
        false => client.emails().send(email).await,
    }
}

/// What a client says has become of an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    Accepted,
    Refused,
    NotSent,
    Unknown,
}

impl Report {
    pub fn of(result: &Result<Sent>) -> Self {
        match result {
            Ok(_) => Self::Accepted,
            Err(error) => match error.outcome() {
                Outcome::Done => Self::Accepted,
                Outcome::Unknown => Self::Unknown,
                Outcome::NotDone if error.status().is_some() => Self::Refused,
                Outcome::NotDone => Self::NotSent,
            },
        }
    }

    /// Whether this can be said of an email that was accepted so often.
    pub fn is_true_of(self, accepted: u64) -> bool {
        match self {
            Self::Accepted => accepted == 1,
            Self::Refused | Self::NotSent => accepted == 0,
            Self::Unknown => accepted <= 1,
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::NotSent => "not sent",
            Self::Unknown => "unknown",
        })
    }
}

/// How many attempts a client says it made.
pub fn attempts(result: &Result<Sent>) -> u32 {
    match result {
        Ok(sent) => sent.attempts,
        Err(error) => error.attempts(),
    }
}

/// What is wrong with a report, by the ledger.
pub fn contradiction(ledger: &Ledger, recipient: &str, report: Report) -> Option<String> {
    let accepted = ledger.accepted(recipient);
    (!report.is_true_of(accepted))
        .then(|| format!("{recipient} is reported {report}, and was accepted {accepted} times"))
}
