//! A tenant: a handle to a separate account.

use std::fmt;
use std::sync::Arc;

use cakemail_model::{AccountId, ListId, SenderId};
use uuid::Uuid;

use super::accepted_email::AcceptedEmail;
use super::context::App;
use super::fault_handle::FaultHandle;
use super::mail::{self, Mail};
use super::wait::Wait;
use crate::domain::Account;
use crate::engine::{Command, Topic};
use crate::faults::Fault;
use crate::inspect::findings::{self, Finding};
use crate::inspect::ledger::Ledger;
use crate::inspect::requests::SeenRequest;
use crate::webhooks::WebhookDelivery;

/// An account that shares nothing with the other accounts of its sandbox, so that several tests can use one sandbox. It
/// starts with a list and a confirmed sender. [`Sandbox::tenant`](crate::Sandbox::tenant) creates one.
#[derive(Clone)]
pub struct Tenant {
    app: Arc<App>,
    account_id: i64,
    email: String,
    password: String,
    sender_id: SenderId,
    list_id: ListId,
}

impl Tenant {
    /// Creates an account with an unused email address.
    pub(super) fn create(app: &Arc<App>) -> Self {
        let email = format!("tenant-{}@example.com", Uuid::new_v4().simple());
        let mut transaction = app.engine.begin();
        transaction.apply_always(Command::CreateTenant { email: Some(email.clone()), password: None });
        let account = transaction.accounts.last();
        let text = |field: fn(&Account) -> Option<String>| account.and_then(field).unwrap_or_default();
        let tenant = Self {
            app: Arc::clone(app),
            account_id: account.map_or(0, |account| account.id),
            email,
            password: text(|account| Some(account.password.clone())),
            sender_id: text(|account| Some(account.senders.iter().next()?.id.clone())).into(),
            list_id: ListId::new(
                account.and_then(|it| it.lists.iter().next()).map_or(0, |list| list.id.unsigned_abs()),
            ),
        };
        drop(transaction);
        app.engine.notify(&[Topic::Settings]);
        tenant
    }

    /// The base URL for a client, which is the sandbox's.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.base
    }

    /// The account's id.
    #[must_use]
    pub fn account_id(&self) -> AccountId {
        AccountId::new(self.account_id.to_string())
    }

    /// Its user name.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// Its password.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Its confirmed sender, which has the account's own address.
    #[must_use]
    pub fn sender_id(&self) -> &SenderId {
        &self.sender_id
    }

    /// Its list.
    #[must_use]
    pub fn list_id(&self) -> ListId {
        self.list_id
    }

    /// Its accepted emails, oldest first.
    #[must_use]
    pub fn emails(&self) -> Vec<AcceptedEmail> {
        let state = self.app.state();
        state.account(self.account_id).into_iter().flat_map(|it| it.emails.iter()).map(AcceptedEmail::from).collect()
    }

    /// Waits for its emails, as [`Sandbox::wait`](crate::Sandbox::wait) does.
    pub fn wait(&self, query: &str) -> Wait {
        Wait::new(&self.app, query, Some(self.account_id))
    }

    /// The confirmation emails that Cakemail itself would have sent to `address` for its senders, oldest first.
    #[must_use]
    pub fn mailbox(&self, address: &str) -> Vec<Mail> {
        mail::to(&self.app, address, Some(self.account_id))
    }

    /// Its requests and their responses, oldest first, among the latest of the whole sandbox.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.app.requests.all(Some(self.account_id))
    }

    /// The deliveries to its webhooks, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<WebhookDelivery> {
        let state = self.app.state();
        let account = state.account(self.account_id).into_iter();
        account.flat_map(|it| it.deliveries.iter()).map(WebhookDelivery::from).collect()
    }

    /// Injects a fault into its requests only, as [`Sandbox::fault`](crate::Sandbox::fault) does into those of all
    /// accounts.
    pub fn fault(&self, fault: Fault) -> FaultHandle {
        let fault = fault.of_account(self.account_id);
        FaultHandle { active: self.app.faults.change_always(|set| set.add(fault)), app: Arc::clone(&self.app) }
    }

    /// How often each of its emails was accepted.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        Ledger::of(&self.app.state(), Some(self.account_id))
    }

    /// Mistakes of its clients, oldest first.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.app.findings.of(Some(self.account_id))
    }

    /// Checks that its clients made no mistake.
    ///
    /// # Panics
    /// When there are [`findings`](Self::findings), with their messages.
    #[track_caller]
    pub fn assert_no_findings(&self) {
        findings::assert_none(&self.findings());
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant")
            .field("account_id", &self.account_id)
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}
