//! An account of one's own, as the program that asked for it sees it.

use std::fmt;
use std::sync::Arc;

use cakemail_model::{AccountId, ListId, SenderId};

use crate::app::context::Core;
use crate::app::sandbox::AcceptedEmail;
use crate::inspect::findings;
use crate::{Finding, Ledger, Wait};

/// An account that sees nothing of the others of its sandbox, and they nothing of it: so many tests can share one sandbox.
/// It begins with a list and a confirmed sender. [`Sandbox::tenant`](crate::Sandbox::tenant) makes one.
#[derive(Clone)]
pub struct Tenant {
    core: Arc<Core>,
    account_id: i64,
    email: String,
    password: String,
    sender_id: SenderId,
    list_id: ListId,
}

impl Tenant {
    pub(crate) fn new(core: &Arc<Core>, account_id: i64) -> Self {
        let state = core.state();
        let account = state.account(account_id);
        let of = |what: fn(&crate::domain::Account) -> String| account.map(what).unwrap_or_default();
        Self {
            core: Arc::clone(core),
            account_id,
            email: of(|it| it.email.clone()),
            password: of(|it| it.password.clone()),
            sender_id: of(|it| it.senders.first().map(|sender| sender.id.clone()).unwrap_or_default()).into(),
            list_id: ListId::new(account.and_then(|it| it.lists.first()).map_or(0, |list| list.id.unsigned_abs())),
        }
    }

    /// The base URL for a client: its sandbox's.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.core.base
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

    /// Its confirmed sender, of its own address.
    #[must_use]
    pub fn sender_id(&self) -> &SenderId {
        &self.sender_id
    }

    /// Its list.
    #[must_use]
    pub fn list_id(&self) -> ListId {
        self.list_id
    }

    /// Its emails that were accepted, oldest first.
    #[must_use]
    pub fn emails(&self) -> Vec<AcceptedEmail> {
        let state = self.core.state();
        state.account(self.account_id).into_iter().flat_map(|it| it.emails.iter()).map(AcceptedEmail::from).collect()
    }

    /// Waits for its emails, as [`Sandbox::wait`](crate::Sandbox::wait) does.
    pub fn wait(&self, query: &str) -> Wait {
        Wait::new(&self.core, query, Some(self.account_id))
    }

    /// How often each of its emails was accepted; [`Ledger::posts`] is of the whole sandbox.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        Ledger::of(&self.core.state(), |id| id == self.account_id)
    }

    /// What its clients did wrong, oldest first.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.core.findings.of(Some(self.account_id))
    }

    /// Passes when its clients did nothing wrong.
    ///
    /// # Panics
    /// With all [`findings`](Self::findings), in words, when there are any.
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
