//! The handle to a running sandbox.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::accepted_email::AcceptedEmail;
use super::context::App;
use super::fault_handle::FaultHandle;
use super::mail::{self, Mail};
use super::shared::SharedSandbox;
use super::tenant::Tenant;
use super::wait::Wait;
use crate::domain::{Login, WebhookFaults};
use crate::engine::clock::Clock;
use crate::engine::{Command, Topic};
use crate::faults::{Fault, Limit, Preset};
use crate::inspect::findings::{self, Finding};
use crate::inspect::ledger::Ledger;
use crate::inspect::requests::SeenRequest;
use crate::webhooks::{WebhookDelivery, dispatcher};

/// A running sandbox. It listens at [`url`](Self::url) until it is dropped or [closed](Self::close).
pub struct Sandbox {
    app: Arc<App>,
    login: Login,
    server: JoinHandle<()>,
}

impl Sandbox {
    pub(crate) fn new(app: Arc<App>, login: Login, server: JoinHandle<()>) -> Self {
        Self { app, login, server }
    }

    pub(super) fn share(&self) -> SharedSandbox {
        SharedSandbox { app: Arc::clone(&self.app) }
    }

    /// The base URL for a client, such as `http://127.0.0.1:40123`: the
    /// [public URL](crate::Builder::public_url), if one was set.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.base
    }

    /// The address that it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.app.listener.addr()
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

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.app.clock()
    }

    /// The confirmation emails that Cakemail itself would have sent to `address`, oldest first.
    #[must_use]
    pub fn mailbox(&self, address: &str) -> Vec<Mail> {
        mail::to(&self.app, address, None)
    }

    /// All accepted emails, account by account, oldest first. Those with the status `rejected` are among them.
    #[must_use]
    pub fn emails(&self) -> Vec<AcceptedEmail> {
        let state = self.app.state();
        state.accounts.iter().flat_map(|account| account.emails.iter()).map(AcceptedEmail::from).collect()
    }

    /// Waits for an email that matches `query`: words of its subject, its recipient or its text, `to:`, `from:`,
    /// `subject:`, `tag:`, `status:`, `has:attachment`, `is:unread`, `is:read`, `before:`, `after:`; `-` negates a term,
    /// quotes keep words together.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use cakemail_sandbox::Sandbox;
    /// # use std::time::Duration;
    /// # let sandbox = Sandbox::start().await?;
    /// let nobody = sandbox.wait("tag:welcome status:delivered").within(Duration::from_millis(10)).await;
    /// assert!(nobody.unwrap_err().to_string().contains("0 of 1 emails matched"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait(&self, query: &str) -> Wait {
        Wait::new(&self.app, query, None)
    }

    /// Creates an account with a list and a confirmed sender, for a test that shares this sandbox with others.
    #[must_use]
    pub fn tenant(&self) -> Tenant {
        Tenant::create(&self.app)
    }

    /// Goes back to the accounts that it was set up with, and removes everything else: emails, lists, tokens, faults,
    /// requests. The time stays.
    pub fn reset(&self) {
        if self.app.reset().is_err() {
            self.app.reset_unrecorded();
        }
    }

    /// The requests and their responses, oldest first: the last ten thousand, or as many as
    /// [`Builder::keep`](crate::Builder::keep) says, in 32 MiB at most. Requests to `/_sandbox/…` and those of the sandbox's
    /// own pages are not among them.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.app.requests.all(None)
    }

    /// Mistakes of clients, oldest first: the last thousand.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.app.findings.of(None)
    }

    /// Checks that no client made a mistake.
    ///
    /// # Panics
    /// When there are [`findings`](Self::findings), with their messages.
    #[track_caller]
    pub fn assert_no_findings(&self) {
        findings::assert_none(&self.findings());
    }

    /// Moves the time forward. When this returns, every event that is due by then has happened at its time, and so has every
    /// webhook delivery with its retries. [`Clock::advance`] does not wait for deliveries.
    ///
    /// A receiver that does not respond within 5 seconds of real time is waited for no longer: it times out when the time
    /// is moved past its 10 seconds. After that it has a tenth of a second for each attempt, until it responds again.
    pub async fn advance(&self, by: Duration) {
        dispatcher::advance(&self.app.engine, by).await;
    }

    /// The deliveries to webhooks, account by account, oldest first: those that are pending, and the last ten
    /// thousand of each account that are not. They take 64 MiB of an account at most: beyond that the oldest are dropped,
    /// pending ones last, which `/_sandbox/health` counts.
    #[must_use]
    pub fn deliveries(&self) -> Vec<WebhookDelivery> {
        let state = self.app.state();
        state.accounts.iter().flat_map(|account| account.deliveries.iter()).map(WebhookDelivery::from).collect()
    }

    /// Sets the faults of webhook deliveries for events from now on. [`WebhookFaults::default`] removes them.
    pub fn webhook_faults(&self, webhook_faults: WebhookFaults) {
        self.app.engine.begin().apply_always(Command::SetWebhookFaults { webhook_faults });
        self.app.engine.notify(&[Topic::Settings]);
    }

    /// Makes the DNS checks of all accounts' domains pass (as at the start) or fail. When they fail, an email is refused
    /// unless [`Profile::unauthenticated_domain`](crate::Profile::unauthenticated_domain) says otherwise.
    pub fn set_domains_valid(&self, valid: bool) {
        self.app.engine.begin().apply_always(Command::SetDomainsValid { valid });
        self.app.engine.notify(&[Topic::Settings]);
    }

    /// Injects a fault from now on, until it is [removed](FaultHandle::remove) or all are [cleared](Self::clear_faults).
    ///
    /// When several faults pick a request in one phase, the one that was set first takes effect, and each counts the
    /// request. Requests to `/_sandbox/…` have no faults.
    pub fn fault(&self, fault: Fault) -> FaultHandle {
        FaultHandle { active: self.app.faults.change_always(|set| set.add(fault)), app: Arc::clone(&self.app) }
    }

    /// Sets all faults of a [`Preset`], and its limit. The same seed gives the same faults to the same requests.
    pub fn preset(&self, preset: Preset, seed: u64) {
        let now = self.app.clock().time();
        self.app.faults.change_always(|set| set.set_preset(preset, seed, now));
    }

    /// Limits the rate of requests to the API, of all operations together, by the sandbox's clock. It replaces an earlier
    /// limit.
    pub fn limit(&self, limit: Limit) {
        let now = self.app.clock().time();
        self.app.faults.change_always(|set| set.set_limit(limit, now));
    }

    /// Delays events in logs, summary, reports and tags. An email itself shows them at once.
    pub fn lag_logs(&self, lag: Duration) {
        self.app.faults.change_always(|set| set.set_lag(lag));
    }

    /// Closes the listener for a time of the sandbox's clock, so that the system refuses connections. Zero opens it again
    /// at once. Existing connections stay.
    ///
    /// The refusal is that of a server that does not run. Only this proves to a client that nothing was sent. A fault at
    /// [`Phase::Accept`](crate::Phase::Accept) comes later: the client has connected by then.
    ///
    /// # Errors
    /// When the system does not return the port.
    pub fn refuse_connections_for(&self, time: Duration) -> io::Result<()> {
        self.app.refuse_connections_for(time)
    }

    /// Removes all faults, the limit and the lag, opens the listener, and ends connections that a fault holds.
    pub fn clear_faults(&self) {
        self.app.clear_faults_always();
    }

    /// How often each email was accepted, as of now.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        Ledger::of(&self.app.state(), None)
    }

    /// Stops the sandbox, and returns when the port is free again. New connections are refused, idle ones are closed, and
    /// requests in flight have 5 seconds of real time to get their responses. Dropping the sandbox stops it a moment later,
    /// and cuts them off.
    pub async fn close(mut self) {
        self.app.closing.begin();
        // Its result is that of a task which has ended.
        let _ = (&mut self.server).await;
        let engine = Arc::clone(&self.app.engine);
        // Everything that was confirmed is in the file already: this only shortens it.
        let _ = tokio::task::spawn_blocking(move || engine.close()).await;
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
