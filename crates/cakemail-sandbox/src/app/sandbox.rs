//! A running sandbox, as the program that started it sees it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::app::builder::Login;
use crate::app::context::Core;
use crate::app::wait::Wait;
use crate::domain::Email;
use crate::faults::Active;
use crate::inspect::findings;
use crate::webhooks::dispatcher;
use crate::{
    Builder, Clock, Fault, Finding, Ledger, Limit, Preset, SeenRequest, StartError, Tenant, WebhookDelivery,
    WebhookFaults,
};

/// A Cakemail of one's own, reachable at [`url`](Self::url) until it is dropped or [closed](Self::close).
pub struct Sandbox {
    core: Arc<Core>,
    login: Login,
    server: JoinHandle<()>,
}

/// A mail that Cakemail itself would have sent, to confirm a sender. [`Sandbox::mailbox`] holds them.
#[derive(Clone)]
#[non_exhaustive]
pub struct Mail {
    /// The recipient.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The body.
    pub text: String,
    /// The link that confirms the sender when it is opened.
    pub link: String,
    /// What `POST /brands/default/senders/confirm-email` takes.
    pub confirmation_id: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("to", &self.to).field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// An email that was accepted: answered with 201.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AcceptedEmail {
    /// Its id.
    pub id: String,
    /// Its recipient.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its status now, in the API's word: `queued`, `delivered`, `open`, `bounce`, `rejected`, …
    pub status: &'static str,
    /// The whole submission, as it arrived.
    pub submission: Value,
}

impl From<&Email> for AcceptedEmail {
    fn from(email: &Email) -> Self {
        Self {
            id: email.id.to_string(),
            recipient: email.recipient.clone(),
            subject: email.subject().into(),
            tags: email.tags().map(str::to_owned).collect(),
            status: email.status().word(),
            submission: Value::Object(email.request.clone()),
        }
    }
}

impl Sandbox {
    /// Starts with the defaults: a free port of 127.0.0.1, one account, real time.
    ///
    /// # Errors
    /// When no port can be listened on.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Sets up a sandbox.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn new(core: Arc<Core>, login: Login, server: JoinHandle<()>) -> Self {
        Self { core, login, server }
    }

    #[cfg(test)]
    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    /// Where it is, such as `http://127.0.0.1:40123`: the base URL for a client.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.core.base
    }

    /// The address that it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.core.door.addr()
    }

    /// The user name of the first account.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.login.email
    }

    /// The password of the first account.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.login.password
    }

    /// The time that it lives in.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.core.clock
    }

    /// The mails that Cakemail sent to `address`, oldest first.
    #[must_use]
    pub fn mailbox(&self, address: &str) -> Vec<Mail> {
        self.core.mails(address)
    }

    /// All emails that were accepted, oldest first, account by account; among them those that were then rejected.
    #[must_use]
    pub fn emails(&self) -> Vec<AcceptedEmail> {
        let state = self.core.state();
        state.accounts.iter().flat_map(|account| account.emails.iter()).map(AcceptedEmail::from).collect()
    }

    /// Waits for an email that is as `query` says: words of its subject, its recipient or its text, `to:`, `from:`,
    /// `subject:`, `tag:`, `status:`, `has:attachment`, `before:`, `after:`; `-` turns a word round, quotes keep words
    /// together.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use cakemail_sandbox::Sandbox;
    /// # use std::time::Duration;
    /// # let sandbox = Sandbox::start().await?;
    /// let nobody = sandbox.wait("tag:welcome status:delivered").within(Duration::from_millis(10)).await;
    /// assert!(nobody.unwrap_err().to_string().contains("0 were there"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait(&self, query: &str) -> Wait {
        Wait::new(&self.core, query, None)
    }

    /// Makes a fresh account, with a list and a confirmed sender: one for each test that shares this sandbox.
    #[must_use]
    pub fn tenant(&self) -> Tenant {
        Tenant::new(&self.core, self.core.new_tenant())
    }

    /// Forgets all but the accounts that it was set up with: emails, lists, tokens, faults, requests. The time stays.
    pub fn reset(&self) {
        // Without a file nothing can fail; with one that cannot be written, it is reset and not kept.
        if self.core.control("resetSandbox", json!({})).is_err() {
            self.core.reset();
        }
    }

    /// The requests that were read, oldest first, with what they were answered; the last ten thousand of them, or as many
    /// as [`Builder::keep`] says, in 32 MiB at most. Those to `/_sandbox/…` and of the sandbox's own pages are not among
    /// them.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.core.requests.all()
    }

    /// What clients did wrong, oldest first; the last thousand.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.core.findings.of(None)
    }

    /// Passes when no client did anything wrong.
    ///
    /// # Panics
    /// With all [`findings`](Self::findings), in words, when there are any.
    #[track_caller]
    pub fn assert_no_findings(&self) {
        findings::assert_none(&self.findings());
    }

    /// Moves the time forward. All that is due by then has happened when this returns, each at its time: what webhooks are
    /// told and told again after a failure, too. [`Clock::advance`] does not wait for these.
    ///
    /// A receiver that does not answer is given up after 10 seconds of real time, for each attempt that is due.
    pub async fn advance(&self, by: Duration) {
        dispatcher::advance(&self.core, by).await;
    }

    /// The events that were on their way to webhooks, oldest first, account by account: the last ten thousand of each, in
    /// 16 MiB at most.
    #[must_use]
    pub fn deliveries(&self) -> Vec<WebhookDelivery> {
        let state = self.core.state();
        state.accounts.iter().flat_map(|account| account.deliveries.iter()).map(WebhookDelivery::from).collect()
    }

    /// Lets deliveries of what happens from now on go wrong, or right again: [`WebhookFaults::default`].
    pub fn webhook_faults(&self, webhook_faults: WebhookFaults) {
        if self.core.control("setWebhookFaults", json!(webhook_faults)).is_err() {
            self.core.state().webhook_faults = webhook_faults;
        }
    }

    /// Makes the DNS checks of all accounts' domains pass (as at the start) or fail. With failing ones an email is refused,
    /// unless [`Profile::unauthenticated_domain`](crate::Profile::unauthenticated_domain) says otherwise.
    pub fn set_domains_valid(&self, valid: bool) {
        if self.core.control("setDomainChecks", json!({"valid": valid})).is_err() {
            self.core.state().accounts.iter_mut().for_each(|account| account.domains.valid = valid);
        }
    }

    /// Lets something go wrong from now on, until the fault is [removed](FaultHandle::remove) or all are
    /// [cleared](Self::clear_faults).
    ///
    /// Of several faults that pick a request in one phase the one that was set first takes effect; each counts the request.
    /// `/_sandbox/…` is never touched.
    pub fn fault(&self, fault: Fault) -> FaultHandle {
        FaultHandle { active: self.core.faults.add(fault), core: Arc::clone(&self.core) }
    }

    /// Sets all faults of a [`Preset`], and its limit. The same seed gives the same faults to the same requests.
    pub fn preset(&self, preset: Preset, seed: u64) {
        self.core.preset(preset, seed);
    }

    /// Limits the rate of requests to the API, all operations together, in place of a limit that was there. It fills by the
    /// sandbox's clock.
    pub fn limit(&self, limit: Limit) {
        self.core.faults.set_limit(limit, self.core.clock.time());
    }

    /// Lets logs, summary, reports and tags know what happened only so much later. An email itself is shown at once.
    pub fn lag_logs(&self, lag: Duration) {
        self.core.faults.set_lag(lag);
    }

    /// Closes the listener, so that the system refuses whoever connects, for as long as the sandbox's clock takes; zero
    /// opens it again at once. Connections that are there stay.
    ///
    /// This is a refusal as of a server that does not run, and the only thing that proves to a client that nothing was
    /// sent. A fault at [`Phase::Accept`](crate::Phase::Accept) comes later: the client has connected by then.
    ///
    /// # Errors
    /// When the system does not let the port be taken again.
    pub fn refuse_connections_for(&self, time: Duration) -> io::Result<()> {
        self.core.refuse_for(time)
    }

    /// Ends all faults, limit and lag, opens the listener, and lets go of connections that a fault holds.
    pub fn clear_faults(&self) {
        self.core.clear_faults();
    }

    /// How often each email was accepted, as of now.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        Ledger::of(&self.core.state(), |_| true)
    }

    /// Stops, and returns when the port is free again. Dropping it stops it as well, a moment later.
    pub async fn close(mut self) {
        self.server.abort();
        // It can only have been cancelled.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("url", &self.url()).field("clock", self.clock()).finish_non_exhaustive()
    }
}

/// A [`Fault`] that was set. Dropping this leaves it there.
#[derive(Clone)]
pub struct FaultHandle {
    active: Arc<Active>,
    core: Arc<Core>,
}

impl FaultHandle {
    /// How many requests fitted its conditions, picked or not.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.active.seen()
    }

    /// How many requests it has struck.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.active.hits()
    }

    /// Takes it away.
    pub fn remove(&self) {
        self.core.faults.remove(self.active.id);
    }
}

impl fmt::Debug for FaultHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Active { id, fault, .. } = &*self.active;
        write!(f, "FaultHandle({id}: {fault}; {} of {})", self.hits(), self.seen())
    }
}
