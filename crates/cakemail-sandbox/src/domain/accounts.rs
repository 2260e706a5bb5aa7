//! The accounts of a sandbox, and what has to be known of all of them at once: what is due next, and how much memory they
//! take. It costs the same for one account and for many.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Deref;

use super::account::Account;
use super::emails::ChangedEmails;
use super::index::Key;
use super::time::Time;
use super::webhook_faults::WebhookFaults;

/// The accounts, by their ids. They are changed through [`change`](Self::change) only, which keeps the rest up to date.
#[derive(Default)]
pub(crate) struct Accounts {
    all: Vec<Account>,
    /// The ids, by the email addresses in lower case.
    ids: HashMap<String, i64>,
    webhook_faults: WebhookFaults,
    agendas: BTreeMap<i64, Agenda>,
    events: Schedule,
    deliveries: Schedule,
    watched_events: Schedule,
    oldest_emails: Schedule,
    in_flight: BTreeSet<i64>,
    bytes: usize,
    /// The accounts that may have changed since their changes were last taken.
    changed: BTreeSet<i64>,
}

/// What is known of an account.
#[derive(Default, Clone, Copy, PartialEq)]
struct Agenda {
    /// When the next planned event is due.
    event: Option<Time>,
    /// When the next webhook delivery is due.
    delivery: Option<Time>,
    /// When the next planned event is due, if a webhook may get it.
    watched_event: Option<Time>,
    /// When the oldest email was submitted.
    oldest_email: Option<Time>,
    /// Whether a webhook is being called.
    in_flight: bool,
    bytes: usize,
}

/// Accounts by a time.
#[derive(Default)]
struct Schedule(BTreeSet<(Time, i64)>);

impl Accounts {
    pub(crate) fn get(&self, id: i64) -> Option<&Account> {
        self.all.get(self.place(id).ok()?)
    }

    /// The account with an email address, without regard to case.
    pub(crate) fn by_email(&self, email: &str) -> Option<&Account> {
        self.get(*self.ids.get(&email.to_lowercase())?)
    }

    pub(super) fn push(&mut self, mut account: Account) {
        account.deliveries.webhook_faults = self.webhook_faults;
        let (id, agenda) = (account.id, Agenda::of(&account));
        self.ids.entry(account.email.to_lowercase()).or_insert(id);
        let (Ok(place) | Err(place)) = self.place(id);
        self.all.insert(place, account);
        self.update(id, agenda);
    }

    pub(super) fn remove(&mut self, id: i64) {
        let Ok(place) = self.place(id) else { return };
        let account = self.all.remove(place);
        self.ids.remove(&account.email.to_lowercase());
        self.update(id, Agenda::default());
        self.agendas.remove(&id);
    }

    /// Changes an account, and returns what `change` returns.
    pub(super) fn change<T>(&mut self, id: i64, change: impl FnOnce(&mut Account) -> T) -> Option<T> {
        let place = self.place(id).ok()?;
        let account = self.all.get_mut(place)?;
        let result = change(account);
        let agenda = Agenda::of(account);
        self.update(id, agenda);
        Some(result)
    }

    pub(crate) fn change_all(&mut self, mut change: impl FnMut(&mut Account)) {
        let ids: Vec<_> = self.all.iter().map(|account| account.id).collect();
        for id in ids {
            self.change(id, &mut change);
        }
    }

    /// An account, for what concerns it alone. While a snapshot is read, [`change_all`](Self::change_all) has to follow.
    pub(super) fn get_mut(&mut self, id: i64) -> Option<&mut Account> {
        let place = self.place(id).ok()?;
        self.all.get_mut(place)
    }

    /// Sets the faults of deliveries that are planned from now on.
    pub(super) fn set_webhook_faults(&mut self, webhook_faults: WebhookFaults) {
        if self.webhook_faults != webhook_faults {
            self.webhook_faults = webhook_faults;
            self.all.iter_mut().for_each(|account| account.deliveries.webhook_faults = webhook_faults);
        }
    }

    /// The account with the next planned event, and when that is due.
    pub(super) fn next_event(&self) -> Option<(Time, i64)> {
        self.events.first()
    }

    /// The account with the next webhook delivery, and when that is due.
    pub(super) fn next_delivery(&self) -> Option<(Time, i64)> {
        self.deliveries.first()
    }

    /// The account with the next planned event that a webhook may get, and when that is due.
    pub(super) fn next_watched_event(&self) -> Option<(Time, i64)> {
        self.watched_events.first()
    }

    /// The account with the oldest email.
    pub(super) fn with_oldest_email(&self) -> Option<i64> {
        self.oldest_emails.first().map(|(_, id)| id)
    }

    /// The accounts whose webhooks are being called.
    pub(super) fn in_flight(&self) -> impl Iterator<Item = &Account> {
        self.in_flight.iter().filter_map(|id| self.get(*id))
    }

    /// The emails that changed since this was last asked, by account.
    pub(super) fn take_changed_emails(&mut self) -> Vec<(i64, ChangedEmails)> {
        let changed = std::mem::take(&mut self.changed);
        let changes = changed.into_iter().filter_map(|id| Some((id, self.get_mut(id)?.emails.take_changed()?)));
        changes.collect()
    }

    /// The memory that emails and deliveries take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn place(&self, id: i64) -> Result<usize, usize> {
        self.all.binary_search_by_key(&id, |account| account.id)
    }

    fn update(&mut self, id: i64, new: Agenda) {
        self.changed.insert(id);
        let old = self.agendas.insert(id, new).unwrap_or_default();
        if new == old {
            return;
        }
        self.events.update(id, old.event, new.event);
        self.deliveries.update(id, old.delivery, new.delivery);
        self.watched_events.update(id, old.watched_event, new.watched_event);
        self.oldest_emails.update(id, old.oldest_email, new.oldest_email);
        match new.in_flight {
            true => self.in_flight.insert(id),
            false => self.in_flight.remove(&id),
        };
        self.bytes = self.bytes + new.bytes - old.bytes;
    }
}

impl Agenda {
    fn of(account: &Account) -> Self {
        let event = account.emails.next_due();
        Self {
            event,
            delivery: account.deliveries.next_due(&account.webhooks),
            watched_event: event.filter(|_| account.webhooks.find("status", Key::Text("active")).is_some()),
            oldest_email: account.emails.iter().next().map(|email| email.submitted),
            in_flight: account.deliveries.any_in_flight(),
            bytes: account.emails.bytes() + account.deliveries.bytes(),
        }
    }
}

impl Schedule {
    fn first(&self) -> Option<(Time, i64)> {
        self.0.first().copied()
    }

    fn update(&mut self, id: i64, old: Option<Time>, new: Option<Time>) {
        if old != new {
            if let Some(time) = old {
                self.0.remove(&(time, id));
            }
            self.0.extend(new.map(|time| (time, id)));
        }
    }
}

impl Deref for Accounts {
    type Target = [Account];

    fn deref(&self) -> &[Account] {
        &self.all
    }
}

impl<'a> IntoIterator for &'a Accounts {
    type Item = &'a Account;
    type IntoIter = std::slice::Iter<'a, Account>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.iter()
    }
}

impl FromIterator<Account> for Accounts {
    fn from_iter<I: IntoIterator<Item = Account>>(accounts: I) -> Self {
        let mut all = Self::default();
        accounts.into_iter().for_each(|account| all.push(account));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::Login;
    use crate::domain::bounds::Bounds;
    use crate::domain::deliveries::ReplayOptions;
    use crate::domain::ids::Ids;
    use crate::domain::webhooks::Webhook;

    fn account(ids: &Ids, number: usize) -> Account {
        let login = Login { email: format!("Account-{number}@example.com"), password: "p".into(), mfa_code: None };
        Account::new(&login, Time(0), ids, Bounds::default())
    }

    /// Checks what is kept against what the accounts themselves say.
    fn check(accounts: &Accounts) {
        let next = |time: fn(&Agenda) -> Option<Time>| {
            accounts.iter().filter_map(|account| Some((time(&Agenda::of(account))?, account.id))).min()
        };
        assert_eq!(accounts.next_event(), next(|agenda| agenda.event));
        assert_eq!(accounts.next_delivery(), next(|agenda| agenda.delivery));
        assert_eq!(accounts.next_watched_event(), next(|agenda| agenda.watched_event));
        assert_eq!(accounts.with_oldest_email(), next(|agenda| agenda.oldest_email).map(|(_, id)| id));
        assert_eq!(accounts.bytes(), accounts.iter().map(|account| Agenda::of(account).bytes).sum::<usize>());
        let calling: Vec<_> = accounts.iter().filter(|it| it.deliveries.any_in_flight()).map(|it| it.id).collect();
        assert_eq!(accounts.in_flight().map(|account| account.id).collect::<Vec<_>>(), calling);
    }

    #[test]
    fn what_is_known_of_all_accounts_follows_every_change() {
        let ids = Ids::default();
        let mut accounts: Accounts = (0..20).map(|number| account(&ids, number)).collect();
        let all: Vec<_> = accounts.iter().map(|account| account.id).collect();
        for (number, id) in all.iter().enumerate() {
            assert_eq!(accounts.by_email(&format!("ACCOUNT-{number}@example.com")).map(|it| it.id), Some(*id));
            accounts.change(*id, |account| {
                account.webhooks.push(Webhook {
                    id: "w".into(),
                    event: "Email.Queued".into(),
                    url: format!("http://127.0.0.1/{number}"),
                    rate_limit: 2,
                    rate_limit_period: "second".into(),
                    key: "key".into(),
                    archived: None,
                });
                account.deliveries.add_test_delivery("w", Time(1000 - 7 * i64::try_from(number).unwrap()));
            });
            check(&accounts);
        }
        while let Some((time, id)) = accounts.next_delivery().filter(|(time, _)| *time < Time(980)) {
            let taken = accounts.change(id, |it| it.deliveries.take_due(id, &it.webhooks, time)).flatten().unwrap();
            check(&accounts);
            accounts.change(id, |it| it.deliveries.record_attempt(&it.webhooks, taken.id, Ok(200), time, 1.0));
            let again = ReplayOptions { delay_ms: 50, ..ReplayOptions::default() };
            accounts.change(id, |it| it.deliveries.replay(taken.id, again, time));
            check(&accounts);
        }
        accounts.change_all(|account| account.reset(Time(5), &ids));
        check(&accounts);
        accounts.remove(all[3]);
        check(&accounts);
        assert!(accounts.get(all[3]).is_none() && accounts.by_email("account-3@example.com").is_none());
        accounts.push(account(&ids, 3));
        assert!(accounts.by_email("account-3@example.com").is_some());
        assert!(accounts.is_sorted_by_key(|account| account.id) && accounts.len() == 20);
    }
}
