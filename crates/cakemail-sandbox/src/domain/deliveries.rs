//! An account's deliveries to its webhooks, pending and past. The crate's docs list the assumptions.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use cakemail_webhook::{SignatureHeader, sign};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::emails::{Email, derived_id};
use super::index::Table;
use super::time::Time;
use super::webhook_faults::WebhookFaults;
use super::webhook_payload as payload;
use super::webhooks::Webhook;

/// The delays in seconds before each retry. A delivery fails after the last one.
const BACKOFF: [u64; 5] = [10, 60, 300, 1800, 7200];

/// How many deliveries are stored. The oldest are dropped, pending ones too.
const MAX_COUNT: usize = 10_000;

/// The memory that deliveries may take, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// About how much memory a delivery takes besides its body, in bytes.
const OVERHEAD: usize = 1024;

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Deliveries {
    /// A copy of the state's faults.
    #[serde(skip)]
    pub(crate) webhook_faults: WebhookFaults,
    /// Oldest first.
    #[serde(skip)]
    all: VecDeque<Delivery>,
    /// How many were dropped from the front.
    dropped: u64,
    /// How many were ever planned.
    planned: i64,
    /// The number of each delivery: how many were planned before it.
    #[serde(skip)]
    index: HashMap<Uuid, u64>,
    #[serde(skip)]
    bytes: usize,
    /// The pending deliveries of each webhook.
    #[serde(skip)]
    queues: BTreeMap<String, Queue>,
    /// The deliveries that are being sent, and their URLs.
    #[serde(skip)]
    in_flight: BTreeMap<Uuid, String>,
}

/// When a delivery is due, and its order among those that are due at the same time.
type Turn = (Time, i64);

#[derive(Default)]
struct Queue {
    due: BTreeMap<Turn, u64>,
    /// The second or minute in which a delivery was last sent, and how many were sent in it.
    window: Option<Time>,
    used: i64,
}

/// An event for a webhook.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) id: Uuid,
    pub(crate) webhook_id: String,
    pub(crate) event: String,
    pub(crate) email_id: Uuid,
    pub(crate) url: String,
    pub(crate) planned: Time,
    pub(crate) state: DeliveryState,
    /// When the next attempt is due, or when the last one ended.
    pub(crate) due: Time,
    order: i64,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) tampered: bool,
    header: SignatureHeader,
    signature: String,
    /// The body that was signed.
    body: String,
}

/// The state of a delivery to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryState {
    /// An attempt is due, or a retry.
    Pending,
    /// The receiver answered 2xx.
    Delivered,
    /// The last attempt failed.
    Failed,
    /// The sandbox refuses to call this URL.
    Refused,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) time: Time,
    /// The status of the response, if there was one.
    pub(crate) status: Option<u16>,
    /// Why there was no response.
    pub(crate) error: Option<String>,
    pub(crate) millis: f64,
}

/// Why an attempt has no response.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryError {
    /// The sandbox refuses to call this URL. There is no retry.
    Refused(String),
    /// The receiver did not respond.
    NoResponse(String),
}

/// A delivery that is to be sent now.
pub(crate) struct OutgoingDelivery {
    pub(crate) account_id: i64,
    pub(crate) id: Uuid,
    pub(crate) url: String,
    pub(crate) archived: bool,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
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
        self.all.push_back(delivery);
    }

    /// Rebuilds what is not stored, after the deliveries were read from a snapshot.
    pub(crate) fn rebuild(&mut self) {
        self.index = self.all.iter().map(|delivery| delivery.id).zip(self.dropped..).collect();
        self.bytes = self.all.iter().map(Delivery::cost).sum();
        for (delivery, number) in self.all.iter().zip(self.dropped..) {
            if delivery.state == DeliveryState::Pending {
                self.queues.entry(delivery.webhook_id.clone()).or_default().due.insert(delivery.turn(), number);
            }
        }
    }

    /// Plans the deliveries of an email's last event.
    pub(crate) fn plan(&mut self, account_id: i64, webhooks: &Table<Webhook>, email: &Email) {
        let Some(event) = email.events.last() else { return };
        let Some(name) = payload::webhook_event(event.kind) else { return };
        for webhook in webhooks.iter().filter(|it| it.archived.is_none() && it.event == name.as_str()) {
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
        let number = self.dropped + self.all.len() as u64;
        self.queues.entry(delivery.webhook_id.clone()).or_default().due.insert(delivery.turn(), number);
        self.index.insert(delivery.id, number);
        self.bytes += delivery.cost();
        self.all.push_back(delivery);
        while self.all.len() > MAX_COUNT || self.bytes > MAX_BYTES {
            self.drop_oldest();
        }
    }

    pub(crate) fn drop_oldest(&mut self) {
        let Some(delivery) = self.all.pop_front() else { return };
        self.dropped += 1;
        self.bytes -= delivery.cost();
        self.index.remove(&delivery.id);
        if let Some(queue) = self.queues.get_mut(&delivery.webhook_id) {
            queue.due.remove(&delivery.turn());
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
        let number = self.queues.get_mut(&webhook.id)?.pop(webhook, now)?;
        let delivery = self.get_mut(number)?;
        delivery.url.clone_from(&webhook.url);
        let outgoing = OutgoingDelivery {
            account_id,
            id: delivery.id,
            url: webhook.url.clone(),
            archived: webhook.archived.is_some(),
            headers: delivery.headers().into(),
            body: delivery.body().into_owned(),
        };
        self.in_flight.insert(outgoing.id, outgoing.url.clone());
        Some(outgoing)
    }

    /// Records an attempt, and plans the next one when it failed. `result` is the status of the response.
    pub(crate) fn record_attempt(&mut self, id: Uuid, result: Result<u16, DeliveryError>, now: Time, millis: f64) {
        self.in_flight.remove(&id);
        let Some(number) = self.index.get(&id).copied() else { return };
        let Some(delivery) = self.get_mut(number) else { return };
        let (webhook, turn) = (delivery.webhook_id.clone(), delivery.turn());
        delivery.record_attempt(result, now, millis);
        let retry = (delivery.state == DeliveryState::Pending).then(|| delivery.turn());
        let queue = self.queues.entry(webhook).or_default();
        // Still queued when a journal is replayed, where no delivery was taken.
        queue.due.remove(&turn);
        queue.due.extend(retry.map(|turn| (turn, number)));
    }

    /// When the next delivery is due, apart from those that wait for one in flight.
    pub(crate) fn next_due(&self, webhooks: &Table<Webhook>) -> Option<Time> {
        self.turns(webhooks).map(|((due, _), _)| due).min()
    }

    pub(crate) fn any_in_flight(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// The next turn of each webhook that has no delivery in flight.
    fn turns<'w>(&self, webhooks: &'w Table<Webhook>) -> impl Iterator<Item = (Turn, &'w Webhook)> {
        let free = |webhook: &&Webhook| !self.in_flight.values().any(|url| *url == webhook.url);
        let turn = |webhook: &'w Webhook| Some((self.queues.get(&webhook.id)?.turn(webhook)?, webhook));
        webhooks.iter().map(|webhook| &**webhook).filter(free).filter_map(turn)
    }

    fn get_mut(&mut self, number: u64) -> Option<&mut Delivery> {
        self.all.get_mut(usize::try_from(number.checked_sub(self.dropped)?).ok()?)
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Delivery> {
        self.all.get(usize::try_from(self.index.get(&id)? - self.dropped).ok()?)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Delivery> {
        self.all.iter()
    }

    /// The memory that they take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Queue {
    /// The next turn, at the time when the rate limit allows it.
    fn turn(&self, webhook: &Webhook) -> Option<Turn> {
        let ((due, order), _) = self.due.first_key_value()?;
        let full = self.window.filter(|_| self.used >= webhook.rate_limit.max(1));
        Some((full.map_or(*due, |window| window.plus(period(webhook)).max(*due)), *order))
    }

    fn pop(&mut self, webhook: &Webhook, now: Time) -> Option<u64> {
        let length = i64::try_from(period(webhook).as_millis()).unwrap_or(i64::MAX);
        let window = Some(Time(now.0 - now.0.rem_euclid(length)));
        if self.window != window {
            (self.window, self.used) = (window, 0);
        }
        self.used += 1;
        self.due.pop_first().map(|(_, number)| number)
    }
}

fn period(webhook: &Webhook) -> Duration {
    Duration::from_secs(if webhook.rate_limit_period == "minute" { 60 } else { 1 })
}

impl Delivery {
    fn turn(&self) -> Turn {
        (self.due, self.order)
    }

    fn cost(&self) -> usize {
        self.body.len() + OVERHEAD
    }

    /// The headers that it is sent with, apart from those that HTTP itself needs.
    pub(crate) fn headers(&self) -> [(&'static str, String); 3] {
        [
            ("content-type", "application/json".into()),
            ("user-agent", concat!("cakemail-sandbox/", env!("CARGO_PKG_VERSION")).into()),
            (self.header.name(), self.signature.clone()),
        ]
    }

    /// The body that is sent.
    pub(crate) fn body(&self) -> Cow<'_, str> {
        if self.tampered { payload::tampered(&self.body).into() } else { self.body.as_str().into() }
    }

    fn record_attempt(&mut self, result: Result<u16, DeliveryError>, now: Time, millis: f64) {
        self.due = now;
        self.state = match &result {
            Ok(200..300) => DeliveryState::Delivered,
            Err(DeliveryError::Refused(_)) => DeliveryState::Refused,
            _ => match BACKOFF.get(self.attempts.len()) {
                Some(delay) => {
                    self.due = now.plus(Duration::from_secs(*delay));
                    DeliveryState::Pending
                }
                None => DeliveryState::Failed,
            },
        };
        let (status, error) = match result {
            Ok(status) => (Some(status), None),
            Err(DeliveryError::Refused(error) | DeliveryError::NoResponse(error)) => (None, Some(error)),
        };
        self.attempts.push(Attempt { time: now, status, error, millis });
    }
}
