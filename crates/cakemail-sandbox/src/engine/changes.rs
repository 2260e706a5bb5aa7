//! Tells those who wait what changed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::lock;
use crate::domain::{ChangedEmails, State};

/// What can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// Emails and their events.
    Emails,
    /// Deliveries to webhooks.
    Deliveries,
    Requests,
    Findings,
    /// Anything else of the API: lists, contacts, senders, webhooks.
    Resources,
    /// The sandbox's own: the clock, faults, rules, the profile, tenants, confirmations.
    Settings,
}

impl Topic {
    pub(crate) const ALL: [Self; 6] =
        [Self::Emails, Self::Deliveries, Self::Requests, Self::Findings, Self::Resources, Self::Settings];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Emails => "emails",
            Self::Deliveries => "deliveries",
            Self::Requests => "requests",
            Self::Findings => "findings",
            Self::Resources => "resources",
            Self::Settings => "settings",
        }
    }
}

/// How often each topic has changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Changes([u64; Topic::ALL.len()]);

impl Changes {
    /// How often anything has changed.
    pub(crate) fn serial(self) -> u64 {
        self.0.iter().sum()
    }

    /// The topics that have changed since.
    pub(crate) fn since(self, earlier: Self) -> impl Iterator<Item = Topic> {
        Topic::ALL.into_iter().filter(move |topic| self.0[*topic as usize] != earlier.0[*topic as usize])
    }
}

/// Is told of changes of emails.
pub(crate) trait Watcher: Send {
    /// Some emails of some accounts, each by its id, have changed. The state is locked.
    fn emails_changed(&mut self, state: &State, changed: &[(i64, ChangedEmails)]);
}

/// Those who wait for changes. Lock order: the state, then `watchers`.
#[derive(Default)]
pub(crate) struct Subscribers {
    changes: watch::Sender<Changes>,
    watchers: Mutex<Watchers>,
}

#[derive(Default)]
struct Watchers {
    all: BTreeMap<u64, Box<dyn Watcher>>,
    next: u64,
}

/// Keeps a watcher until it is dropped.
#[must_use]
pub(crate) struct Watching {
    subscribers: Arc<Subscribers>,
    id: u64,
}

impl Subscribers {
    pub(super) fn subscribe(&self) -> watch::Receiver<Changes> {
        self.changes.subscribe()
    }

    pub(super) fn notify(&self, topics: &[Topic]) {
        self.changes.send_modify(|changes| topics.iter().for_each(|topic| changes.0[*topic as usize] += 1));
    }

    pub(super) fn emails_changed(&self, state: &State, changed: &[(i64, ChangedEmails)]) {
        lock(&self.watchers).all.values_mut().for_each(|watcher| watcher.emails_changed(state, changed));
        let mut accounts = changed.iter().filter_map(|(id, _)| state.account(*id));
        let may_deliver = accounts.any(|account| account.webhooks.len() > 0);
        self.notify(if may_deliver { &[Topic::Emails, Topic::Deliveries] } else { &[Topic::Emails] });
    }

    pub(super) fn watch(self: &Arc<Self>, watcher: impl Watcher + 'static) -> Watching {
        let mut watchers = lock(&self.watchers);
        let id = watchers.next;
        watchers.next += 1;
        watchers.all.insert(id, Box::new(watcher));
        drop(watchers);
        // From now on planned events have to be recorded on time.
        self.notify(&[]);
        Watching { subscribers: Arc::clone(self), id }
    }

    pub(super) fn any_watcher(&self) -> bool {
        !lock(&self.watchers).all.is_empty()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        lock(&self.subscribers.watchers).all.remove(&self.id);
    }
}
