//! An account's deliveries to its webhooks, pending and past. The crate's docs list the assumptions.

mod delivery;
#[cfg(test)]
mod tests;
mod window;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cakemail_webhook::sign;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::emails::{Email, derived_id};
use super::index::{Key, Numbers, Table};
use super::time::Time;
use super::webhook_faults::WebhookFaults;
use super::webhook_payload as payload;
use super::webhooks::Webhook;
pub use delivery::DeliveryState;
pub(crate) use delivery::{Attempt, Delivery, DeliveryError, OutgoingDelivery};
use window::Window;

/// How long a receiver may take: in real time, or when the clock is advanced, by the clock.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// How many deliveries that are not pending are stored.
const MAX_PAST: u64 = 10_000;

/// The memory that deliveries may take, in bytes.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Beyond the bounds, deliveries that are not pending are dropped first, the oldest first.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Deliveries {
    /// A copy of the state's faults.
    #[serde(skip)]
    pub(crate) webhook_faults: WebhookFaults,
    #[serde(skip)]
    all: Table<Delivery>,
    /// How many were dropped while they were pending.
    #[serde(default)]
    dropped_pending: u64,
    /// How many were ever planned.
    planned: i64,
    /// How far each webhook has used up its rate limit.
    #[serde(default)]
    windows: BTreeMap<String, Window>,
    /// Those that are not pending.
    #[serde(skip)]
    past: Numbers,
    #[serde(skip)]
    bytes: usize,
    /// The pending deliveries of each webhook.
    #[serde(skip)]
    queues: BTreeMap<String, BTreeMap<Turn, u32>>,
    /// The deliveries that are being sent, by their URLs.
    #[serde(skip)]
    in_flight: BTreeMap<String, InFlight>,
    /// The URLs whose receivers took too long the last time.
    #[serde(skip)]
    silent: BTreeSet<String>,
}

/// When a delivery is due, and its order among those that are due at the same time.
type Turn = (Time, i64);

/// A delivery that is being sent.
struct InFlight {
    id: Uuid,
    deadline: Time,
}

/// How a delivery is replayed.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ReplayOptions {
    pub(crate) tamper: bool,
    pub(crate) times: usize,
    pub(crate) delay_ms: u64,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        Self { tamper: false, times: 1, delay_ms: 0 }
    }
}

impl Deliveries {
    /// Adds a delivery of a snapshot, in their order.
    pub(super) fn restore(&mut self, delivery: Delivery) {
        self.all.push(delivery);
    }

    /// Rebuilds what is not stored, after the deliveries were read from a snapshot.
    pub(crate) fn rebuild(&mut self) {
        self.bytes = self.all.iter().map(|delivery| delivery.cost()).sum();
        for (number, delivery) in self.all.rows().iter() {
            if delivery.state == DeliveryState::Pending {
                self.queues.entry(delivery.webhook_id.clone()).or_default().insert(delivery.turn(), number);
            } else {
                self.past.insert(number);
            }
        }
    }

    /// Plans the deliveries of an email's last event.
    pub(crate) fn plan(&mut self, account_id: i64, webhooks: &Table<Webhook>, email: &Email) {
        let Some(event) = email.events.last() else { return };
        let Some(name) = payload::webhook_event(event.kind) else { return };
        let of_event = webhooks.select("event", name.as_str());
        let webhooks = of_event.iter().filter_map(|number| webhooks.get(number));
        for webhook in webhooks.filter(|webhook| webhook.archived.is_none()) {
            let body = payload::body(account_id, email, event, name.clone(), self.webhook_faults.dialect);
            let delivery = Delivery {
                id: event.id(email.id),
                webhook_id: webhook.id.clone(),
                event: name.as_str().into(),
                email_id: email.id,
                url: webhook.url.clone(),
                planned: event.time,
                state: DeliveryState::Pending,
                due: event.time.plus(self.webhook_faults.delay),
                order: 0,
                attempts: Vec::new(),
                tampered: self.webhook_faults.tamper,
                header: self.webhook_faults.header,
                signature: sign(&webhook.key.as_str().into(), body.as_bytes()),
                body,
            };
            for _ in 0..=usize::from(self.webhook_faults.duplicate) {
                self.add(delivery.clone());
            }
        }
    }

    /// Plans copies of a delivery.
    pub(crate) fn replay(&mut self, id: Uuid, options: ReplayOptions, now: Time) {
        let Some(delivery) = self.get(id) else { return };
        let copy = Delivery {
            planned: now,
            state: DeliveryState::Pending,
            due: now.plus(Duration::from_millis(options.delay_ms)),
            attempts: Vec::new(),
            tampered: options.tamper,
            ..delivery.clone()
        };
        for _ in 0..options.times {
            self.add(copy.clone());
        }
    }

    /// Stores a delivery under a new id.
    fn add(&mut self, mut delivery: Delivery) {
        self.planned += 1;
        delivery.order = if self.webhook_faults.reorder { -self.planned } else { self.planned };
        delivery.id = derived_id(delivery.id, self.planned.unsigned_abs());
        self.bytes += delivery.cost();
        let (webhook, turn) = (delivery.webhook_id.clone(), delivery.turn());
        let number = self.all.push(delivery);
        self.queues.entry(webhook).or_default().insert(turn, number);
        self.drop_excess();
    }

    fn drop_excess(&mut self) {
        while self.past.len() > MAX_PAST || self.bytes > MAX_BYTES {
            self.drop_oldest();
        }
    }

    /// Drops the oldest delivery that is not pending, or else the oldest one.
    pub(crate) fn drop_oldest(&mut self) {
        let Some(number) = self.past.min().or_else(|| self.all.rows().first()) else { return };
        let Some(delivery) = self.all.remove(number) else { return };
        self.bytes -= delivery.cost();
        if !self.past.remove(number) {
            self.dropped_pending += 1;
        }
        if let Some(queue) = self.queues.get_mut(&delivery.webhook_id) {
            queue.remove(&delivery.turn());
        }
    }

    /// Takes the next delivery that is due. There is never more than one in flight to one URL, so that they arrive in
    /// order.
    pub(crate) fn take_due(
        &mut self,
        account_id: i64,
        webhooks: &Table<Webhook>,
        now: Time,
    ) -> Option<OutgoingDelivery> {
        let (_, webhook) = self.turns(webhooks).min_by_key(|(turn, _)| *turn).filter(|((due, _), _)| *due <= now)?;
        let (_, number) = self.queues.get_mut(&webhook.id)?.pop_first()?;
        self.windows.entry(webhook.id.clone()).or_default().count(webhook, now);
        self.all.change(number, |delivery| delivery.url.clone_from(&webhook.url));
        let (delivery, deadline) = (self.all.get(number)?, now.plus(TIMEOUT));
        let outgoing = OutgoingDelivery {
            account_id,
            id: delivery.id,
            deadline,
            url: webhook.url.clone(),
            archived: webhook.archived.is_some(),
            headers: delivery.headers().into(),
            body: delivery.body().into_owned(),
        };
        self.in_flight.insert(outgoing.url.clone(), InFlight { id: outgoing.id, deadline });
        Some(outgoing)
    }

    /// Records an attempt, and plans the next one when it failed. `result` is the status of the response.
    pub(crate) fn record_attempt(
        &mut self,
        webhooks: &Table<Webhook>,
        id: Uuid,
        result: Result<u16, DeliveryError>,
        now: Time,
        millis: f64,
    ) {
        let Some(number) = self.all.find("id", Key::Id(id)) else {
            return self.in_flight.retain(|_, it| it.id != id);
        };
        let Some(before) = self.all.get(number).cloned() else { return };
        if self.in_flight.remove(&before.url).is_none() {
            // A journal is replayed: no delivery was taken.
            let webhook = webhooks.row("id", Key::Text(&before.webhook_id));
            let window = self.windows.entry(before.webhook_id.clone()).or_default();
            webhook.into_iter().for_each(|webhook| window.count(webhook, now));
        }
        match result {
            Err(DeliveryError::NoResponse(_)) => self.silent.insert(before.url.clone()),
            _ => self.silent.remove(&before.url),
        };
        let after = self.all.change(number, |delivery| {
            delivery.record_attempt(result, now, millis);
            (delivery.state, delivery.turn())
        });
        let queue = self.queues.entry(before.webhook_id.clone()).or_default();
        queue.remove(&before.turn());
        match after {
            Some((DeliveryState::Pending, turn)) => drop(queue.insert(turn, number)),
            _ => drop(self.past.insert(number)),
        }
        self.drop_excess();
    }

    /// When the next delivery is due, apart from those that wait for one in flight.
    pub(crate) fn next_due(&self, webhooks: &Table<Webhook>) -> Option<Time> {
        self.turns(webhooks).map(|((due, _), _)| due).min()
    }

    pub(crate) fn any_in_flight(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// Whether a receiver that is being called is not known to take too long.
    pub(crate) fn expects_response(&self) -> bool {
        self.in_flight.keys().any(|url| !self.silent.contains(url))
    }

    /// Notes that the receivers that are being called take too long.
    pub(crate) fn lose_patience(&mut self) {
        self.silent.extend(self.in_flight.keys().cloned());
    }

    /// When the next receiver that is being called times out.
    pub(crate) fn next_timeout(&self) -> Option<Time> {
        self.in_flight.values().map(|it| it.deadline).min()
    }

    /// The next turn of each webhook that has no delivery in flight.
    fn turns<'w>(&self, webhooks: &'w Table<Webhook>) -> impl Iterator<Item = (Turn, &'w Webhook)> {
        let free = |webhook: &&'w Webhook| !self.in_flight.contains_key(&webhook.url);
        let turn = |webhook: &'w Webhook| {
            let ((due, order), _) = self.queues.get(&webhook.id)?.first_key_value()?;
            let window = self.windows.get(&webhook.id).copied().unwrap_or_default();
            Some(((window.allows(webhook, *due), *order), webhook))
        };
        webhooks.iter().map(|webhook| &**webhook).filter(free).filter_map(turn)
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Delivery> {
        self.all.row("id", Key::Id(id))
    }

    /// All deliveries, by number in the order in which they were planned.
    pub(crate) fn table(&self) -> &Table<Delivery> {
        &self.all
    }

    pub(crate) fn pending(&self) -> u64 {
        self.all.numbers().len() - self.past.len()
    }

    /// How many were dropped while they were pending, because all took too much memory.
    pub(crate) fn dropped_pending(&self) -> u64 {
        self.dropped_pending
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Delivery> {
        self.all.iter().map(|delivery| &**delivery)
    }

    /// The memory that they take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}
