//! The whole state of a sandbox.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::account::{Account, Login};
use super::accounts::Accounts;
use super::bounds::Bounds;
use super::clock_reading::ClockReading;
use super::deliveries::{DeliveryError, OutgoingDelivery, ReplayOptions};
use super::emails::{ChangedEmails, Emails};
use super::ids::Ids;
use super::lifecycle::EventKind;
use super::profile::Profile;
use super::rules::{Rule, Rules};
use super::senders::{CONFIRMATIONS, Sender};
use super::time::Time;
use super::tokens::Tokens;
use super::webhook_faults::WebhookFaults;

#[derive(Serialize, Deserialize)]
pub(crate) struct State {
    /// The time up to which every planned event has been recorded.
    pub(crate) now: Time,
    /// What the clock showed when it was last changed. `None` in a state that has no clock yet.
    pub(crate) clock: Option<ClockReading>,
    /// Accounts share nothing.
    #[serde(skip)]
    pub(crate) accounts: Accounts,
    pub(crate) tokens: Tokens,
    pub(crate) ids: Arc<Ids>,
    pub(crate) profile: Profile,
    pub(crate) rules: Arc<Rules>,
    pub(crate) webhook_faults: WebhookFaults,
    /// The injected faults of requests, as the module `faults` writes them. `null` when none were ever set.
    pub(crate) faults: Value,
    /// How many requests to submit an email were read, accepted or not.
    pub(crate) submissions: u64,
    /// Those that hold. A replay needs them, since what is dropped depends on them.
    bounds: Bounds,
    /// How many attempts to deliver have ended since the start.
    #[serde(skip)]
    delivery_attempts: u64,
}

impl State {
    pub(crate) fn new(logins: &[Login], profile: Profile, now: Time, bounds: Bounds) -> Self {
        let ids = Ids::default();
        let accounts = logins.iter().map(|login| Account::new(login, now, &ids, bounds)).collect();
        Self {
            now,
            clock: None,
            accounts,
            tokens: Tokens::default(),
            ids: Arc::new(ids),
            profile,
            rules: Arc::default(),
            webhook_faults: WebhookFaults::default(),
            faults: Value::Null,
            submissions: 0,
            bounds,
            delivery_attempts: 0,
        }
    }

    /// Rebuilds what is not stored, after the state was read from a snapshot.
    pub(super) fn rebuild(&mut self) {
        self.accounts.change_all(Account::rebuild);
        for account in &self.accounts {
            account.secrets().for_each(|secret| self.ids.remember(secret));
        }
        self.set_bounds(self.bounds);
    }

    pub(crate) fn set_bounds(&mut self, bounds: Bounds) {
        self.bounds = bounds;
        self.accounts.change_all(|account| account.set_bounds(bounds));
        self.drop_excess();
    }

    /// Records every planned event that is due. Returns whether there was any.
    pub(crate) fn advance_to(&mut self, now: Time) -> bool {
        self.now = now;
        self.accounts.set_webhook_faults(self.webhook_faults);
        let mut any = false;
        while let Some((_, id)) = self.accounts.next_event().filter(|(time, _)| *time <= now) {
            any |= self.accounts.change(id, |account| account.advance_to(now)) == Some(true);
        }
        any
    }

    /// When the next planned event or webhook delivery is due.
    pub(crate) fn next_due(&self) -> Option<Time> {
        let next = [self.accounts.next_event(), self.accounts.next_delivery()];
        next.into_iter().flatten().map(|(time, _)| time).min()
    }

    /// When the next planned event is due.
    pub(crate) fn next_event(&self) -> Option<Time> {
        self.accounts.next_event().map(|(time, _)| time)
    }

    /// The emails that changed since this was last asked, by account.
    pub(crate) fn take_changed_emails(&mut self) -> Vec<(i64, ChangedEmails)> {
        self.accounts.take_changed_emails()
    }

    /// When the next webhook delivery is due, or an event that may cause one.
    pub(crate) fn next_delivery(&self) -> Option<Time> {
        let next = [self.accounts.next_delivery(), self.accounts.next_watched_event()];
        next.into_iter().flatten().map(|(time, _)| time).min()
    }

    /// Whether every webhook delivery that was due has been delivered, or has failed.
    pub(crate) fn is_delivered(&self) -> bool {
        self.accounts.in_flight().next().is_none() && self.next_delivery().is_none_or(|time| time > self.now)
    }

    /// Whether a webhook's receiver that is being called is not known to take too long.
    pub(crate) fn expects_response(&self) -> bool {
        self.accounts.in_flight().any(|account| account.deliveries.expects_response())
    }

    /// Notes that the receivers that are being called take too long.
    pub(crate) fn lose_patience(&mut self) {
        let called: Vec<_> = self.accounts.in_flight().map(|account| account.id).collect();
        for id in called {
            self.accounts.change(id, |account| account.deliveries.lose_patience());
        }
    }

    /// When the next receiver that is being called times out.
    pub(crate) fn next_timeout(&self) -> Option<Time> {
        self.accounts.in_flight().filter_map(|account| account.deliveries.next_timeout()).min()
    }

    /// How many attempts to deliver have ended since the start.
    pub(crate) fn delivery_attempts(&self) -> u64 {
        self.delivery_attempts
    }

    /// Takes the next webhook delivery that is due.
    pub(crate) fn take_delivery(&mut self) -> Option<OutgoingDelivery> {
        let now = self.now;
        let (_, id) = self.accounts.next_delivery().filter(|(time, _)| *time <= now)?;
        self.accounts.change(id, |it| it.deliveries.take_due(id, &it.webhooks, now))?
    }

    /// Records an attempt to deliver to a webhook. `result` is the status of the response.
    pub(crate) fn record_attempt(
        &mut self,
        account: i64,
        delivery: Uuid,
        result: Result<u16, DeliveryError>,
        millis: f64,
    ) {
        let now = self.now;
        self.delivery_attempts += 1;
        self.accounts.change(account, |it| {
            it.deliveries.record_attempt(&it.webhooks, delivery, result, now, millis);
        });
    }

    /// Counts a request to submit an email, of this account if it is known.
    pub(crate) fn count_submission(&mut self, account: Option<i64>) {
        self.submissions += 1;
        if let Some(id) = account {
            self.accounts.change(id, |account| account.submissions += 1);
        }
    }

    pub(crate) fn account(&self, id: i64) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// Changes an account, and returns what `change` returns.
    pub(crate) fn change_account<T>(&mut self, id: i64, change: impl FnOnce(&mut Account) -> T) -> Option<T> {
        self.accounts.change(id, change)
    }

    /// Creates an account with a list and a confirmed sender. A missing email address or password is generated.
    pub(crate) fn create_tenant(
        &mut self,
        email: Option<String>,
        password: Option<String>,
    ) -> Result<(), &'static str> {
        let email = email.unwrap_or_else(|| format!("tenant-{}@example.com", self.ids.next()));
        if self.accounts.by_email(&email).is_some() {
            return Err("There is an account with this email address already");
        }
        let password = password.unwrap_or_else(|| self.ids.secret());
        let login = Login { email, password, mfa_code: None };
        let mut account = Account::new(&login, self.now, &self.ids, self.bounds);
        account.starts_with_sender = true;
        account.confirmed_sender(&self.ids, self.now);
        self.accounts.push(account);
        Ok(())
    }

    pub(crate) fn remove_account(&mut self, id: i64) {
        self.tokens.revoke_all(id);
        self.accounts.remove(id);
    }

    /// Empties an account and signs it out.
    pub(crate) fn reset_account(&mut self, id: i64) {
        let (now, ids) = (self.now, Arc::clone(&self.ids));
        self.accounts.change(id, |account| account.reset(now, &ids));
        self.tokens.revoke_all(id);
    }

    /// Adds a confirmed sender to an account that has none.
    pub(crate) fn ensure_sender(&mut self, account: i64) {
        let (now, ids) = (self.now, Arc::clone(&self.ids));
        self.accounts.change(account, |account| drop(account.confirmed_sender(&ids, now)));
    }

    /// Confirms the sender of a confirmation email. The error is a message.
    pub(crate) fn confirm_sender(&mut self, confirmation: &str) -> Result<&Sender, &'static str> {
        let now = self.now;
        let number = |account: &Account| account.senders.select(CONFIRMATIONS, confirmation).min();
        let found = self.accounts.iter().find_map(|account| Some((account.id, number(account)?)));
        let (account, number) = found.ok_or("This confirmation is unknown")?;
        let is_valid =
            |sender: &Sender| sender.confirmations.iter().any(|(id, expires)| id == confirmation && *expires > now);
        self.accounts.change(account, |account| {
            account.senders.change(number, |sender| {
                if sender.confirmed.is_none() && is_valid(sender) {
                    sender.confirmed = Some(now);
                }
            })
        });
        let sender = self.account(account).and_then(|account| account.senders.get(number));
        let confirmed = sender.map(|sender| &**sender).filter(|sender| sender.confirmed.is_some());
        confirmed.ok_or("This confirmation has expired: ask for another with resend-confirmation-email")
    }

    /// Records an event of an email. The error is a message.
    pub(crate) fn record_event(
        &mut self,
        email: Uuid,
        kind: EventKind,
        metadata: Map<String, Value>,
    ) -> Result<(), &'static str> {
        let now = self.now;
        let recorded = self.owner_of(email).and_then(|account| {
            self.accounts.change(account, |account| account.record_event(email, kind, now, metadata))?
        });
        recorded.unwrap_or(Err("The email does not exist"))
    }

    /// Marks an email as read or unread. The error is a message.
    pub(crate) fn set_read(&mut self, email: Uuid, read: bool) -> Result<(), &'static str> {
        self.with_email(email, |emails, number| emails.set_read(number, read))
    }

    /// Deletes an email. The error is a message.
    pub(crate) fn delete_email(&mut self, email: Uuid) -> Result<(), &'static str> {
        self.with_email(email, Emails::remove)
    }

    /// Changes the email with this id. The error is a message.
    fn with_email(&mut self, id: Uuid, change: impl FnOnce(&mut Emails, u32) -> bool) -> Result<(), &'static str> {
        let changed = self.owner_of(id).and_then(|account| {
            let number = self.account(account)?.emails.number(id)?;
            self.accounts.change(account, |account| change(&mut account.emails, number))
        });
        changed.filter(|changed| *changed).map(drop).ok_or("The email does not exist")
    }

    /// Plans a webhook delivery again, once or several times.
    pub(crate) fn replay_delivery(&mut self, id: Uuid, options: ReplayOptions) {
        let now = self.now;
        let account = self.accounts.iter().find(|account| account.deliveries.get(id).is_some());
        if let Some(account) = account.map(|account| account.id) {
            self.accounts.change(account, |account| account.deliveries.replay(id, options, now));
        }
    }

    /// Removes a suppression of any source, from an account or from all.
    pub(crate) fn remove_suppression(&mut self, account: Option<i64>, pattern: &str) {
        let remove = |account: &mut Account| drop(account.suppressions.remove(pattern));
        match account {
            Some(id) => drop(self.accounts.change(id, remove)),
            None => self.accounts.change_all(remove),
        }
    }

    pub(crate) fn add_rule(&mut self, rule: Rule) {
        Arc::make_mut(&mut self.rules).add(rule);
    }

    pub(crate) fn remove_rule(&mut self, id: u64) {
        Arc::make_mut(&mut self.rules).remove(id);
    }

    pub(crate) fn remove_all_rules(&mut self) {
        Arc::make_mut(&mut self.rules).clear();
    }

    pub(crate) fn set_domains_valid(&mut self, valid: bool) {
        self.accounts.change_all(|account| account.domains.valid = valid);
    }

    /// Records whether the whole response that accepted an email was sent.
    pub(crate) fn record_response(&mut self, email: Uuid, complete: bool) {
        if let Some(account) = self.owner_of(email) {
            self.accounts.change(account, |account| account.emails.record_response(email, complete));
        }
    }

    /// The account that has an email.
    fn owner_of(&self, email: Uuid) -> Option<i64> {
        self.accounts.iter().find(|account| account.emails.number(email).is_some()).map(|account| account.id)
    }

    /// The memory that emails and deliveries take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.accounts.bytes()
    }

    pub(crate) fn max_bytes(&self) -> usize {
        self.bounds.max_bytes
    }

    /// Drops the oldest emails while all of them take more memory than allowed.
    pub(crate) fn drop_excess(&mut self) {
        while self.bytes() > self.bounds.max_bytes {
            let Some(account) = self.accounts.with_oldest_email() else { return };
            self.accounts.change(account, |account| {
                account.emails.drop_oldest();
                account.deliveries.drop_oldest();
            });
        }
    }

    /// The account of a sign-in with these fields.
    pub(crate) fn signing_in(&self, fields: &Value) -> Option<i64> {
        let text = |name| fields[name].as_str();
        let by_email = |name: &str| self.accounts.by_email(name).map(|account| account.id);
        let by_refresh_token = || self.tokens.refreshable(text("refresh_token")?);
        let by_challenge = || self.tokens.challenged(text("challenge")?, self.now);
        text("username").and_then(by_email).or_else(by_refresh_token).or_else(by_challenge)
    }

    /// Whether a word is a token, a challenge, a webhook's key or the id of a confirmation.
    pub(crate) fn knows_secret(&self, word: &str) -> bool {
        self.tokens.knows(word) || self.ids.is_secret(word)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("accounts", &&*self.accounts).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn debug_output_has_no_secrets() {
        let login =
            Login { email: "a@example.com".into(), password: "hunter2".into(), mfa_code: Some("654321".into()) };
        let mut state = State::new(&[login], Profile::default(), Time(0), Bounds::default());
        let token = state.tokens.issue(state.accounts[0].id, Time(0), Duration::from_secs(60), &state.ids);
        let printed = format!("{state:?}");
        for secret in ["hunter2", "654321", &token.access, &token.refresh] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
