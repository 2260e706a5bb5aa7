//! All that the sandbox knows, in one place.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::app::builder::Login;

use super::{Account, Ids, Profile, Rules, Time, Tokens, WebhookFaults};

/// The memory that emails must have for each recipient that is added to a list, in bytes: a contact takes a fifth of that
/// besides, and stays when its emails are forgotten.
const PER_RECIPIENT: usize = 2048;

/// How much is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Emails of each account.
    pub(crate) keep: Option<usize>,
    /// Bytes of all emails.
    pub(crate) memory: usize,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct State {
    /// The time up to which everything has happened.
    pub(crate) now: Time,
    /// Each one sees only its own.
    pub(crate) accounts: Vec<Account>,
    pub(crate) tokens: Tokens,
    pub(crate) ids: Arc<Ids>,
    pub(crate) profile: Profile,
    pub(crate) rules: Arc<Rules>,
    pub(crate) webhook_faults: WebhookFaults,
    /// How often an email was posted, whatever became of it.
    pub(crate) posts: u64,
    #[serde(skip, default = "Bounds::none")]
    bounds: Bounds,
}

impl Bounds {
    pub(super) fn none() -> Self {
        Self { keep: None, memory: usize::MAX }
    }

    /// How many contacts a list may have for one more recipient to be added to it.
    pub(crate) fn recipients(self) -> usize {
        self.keep.unwrap_or(usize::MAX).min(self.memory / PER_RECIPIENT)
    }
}

impl State {
    pub(crate) fn new(logins: &[Login], profile: Profile, now: Time, bounds: Bounds) -> Self {
        let ids = Ids::default();
        let accounts = logins.iter().map(|login| Account::new(login, now, &ids, bounds)).collect();
        Self {
            now,
            accounts,
            tokens: Tokens::default(),
            ids: Arc::new(ids),
            profile,
            rules: Arc::default(),
            webhook_faults: WebhookFaults::default(),
            posts: 0,
            bounds,
        }
    }

    pub(crate) fn account(&self, id: i64) -> Option<&Account> {
        self.accounts.iter().find(|it| it.id == id)
    }

    pub(crate) fn account_mut(&mut self, id: i64) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|it| it.id == id)
    }

    /// Ends an account; tells whether there was one.
    pub(crate) fn remove(&mut self, id: i64) -> bool {
        self.tokens.end(id);
        let before = self.accounts.len();
        self.accounts.retain(|it| it.id != id);
        self.accounts.len() < before
    }

    /// Lets everything happen that is due; tells whether anything did.
    pub(crate) fn settle(&mut self, now: Time) -> bool {
        self.now = now;
        let webhook_faults = self.webhook_faults;
        self.accounts.iter_mut().fold(false, |happened, account| {
            account.deliveries.webhook_faults = webhook_faults;
            account.settle(now) || happened
        })
    }

    /// When something will happen next.
    pub(crate) fn next_due(&self) -> Option<Time> {
        let next = |account: &Account| [account.emails.next_due(), account.deliveries.next_due(&account.webhooks)];
        self.accounts.iter().flat_map(next).flatten().min()
    }

    /// What the emails and their deliveries cost in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.accounts.iter().map(|account| account.emails.bytes() + account.deliveries.bytes()).sum()
    }

    pub(crate) fn memory(&self) -> usize {
        self.bounds.memory
    }

    /// Drops the oldest emails that memory has no room for.
    pub(crate) fn shrink(&mut self) {
        while self.bytes() > self.bounds.memory {
            let oldest = |account: &&mut Account| account.emails.iter().next().map(|email| email.submitted);
            let fullest = self.accounts.iter_mut().filter(|it| it.emails.len() > 0).min_by_key(oldest);
            let Some(account) = fullest else { return };
            account.emails.drop_oldest();
            account.deliveries.drop_oldest();
        }
    }

    /// Makes what is not stored, after it was read.
    pub(crate) fn restore(&mut self, bounds: Bounds) {
        self.bounds = bounds;
        for account in &mut self.accounts {
            account.bounds = bounds;
            account.emails.restore(bounds.keep);
            account.deliveries.restore();
        }
    }

    /// The account that signs in with these fields.
    pub(crate) fn signing_in(&self, fields: &serde_json::Value) -> Option<i64> {
        let text = |name| fields[name].as_str();
        let named = |name: &str| self.accounts.iter().find(|it| it.email.eq_ignore_ascii_case(name)).map(|it| it.id);
        let renewed = || self.tokens.refreshable(text("refresh_token")?);
        let challenged = || self.tokens.challenged(text("challenge")?, self.now);
        text("username").and_then(named).or_else(renewed).or_else(challenged)
    }

    /// Whether a word is a token, a challenge, a webhook's key or the id of a confirmation.
    pub(crate) fn knows_secret(&self, word: &str) -> bool {
        let keys = || self.accounts.iter().flat_map(|it| &it.webhooks).any(|webhook| webhook.key == word);
        let senders = || self.accounts.iter().flat_map(|it| &it.senders);
        let confirmed = || senders().flat_map(|it| &it.confirmations).any(|(id, _)| id == word);
        self.tokens.knows(word) || keys() || confirmed()
    }

    /// Remembers whether the answer that accepted an email went out.
    pub(crate) fn answered(&mut self, id: uuid::Uuid, answered: bool) {
        self.accounts.iter_mut().for_each(|account| account.emails.answered(id, answered));
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("accounts", &self.accounts).finish_non_exhaustive()
    }
}
