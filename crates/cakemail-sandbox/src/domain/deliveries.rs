//! An account's deliveries to its webhooks: what is on its way, and what became of the rest. The crate's docs say what
//! of this is assumed.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use cakemail_webhook::sign;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::emails::event_id;
use super::{Email, State, Webhook};
use crate::domain::Time;
use crate::domain::{SignatureHeader, WebhookFaults, webhook_payload as payload};
use crate::webhooks::attempt::Failure;

/// The seconds that are waited after each failure. A delivery has failed when they are used up.
pub(crate) const BACKOFF: [u64; 5] = [10, 60, 300, 1800, 7200];

/// How many deliveries are remembered. The oldest are forgotten, whatever was to become of them.
const KEEP: usize = 10_000;

/// How many bytes these may take.
const BYTES: usize = 16 * 1024 * 1024;

/// What a delivery costs besides its body, in bytes, about.
const OVERHEAD: usize = 1024;

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Deliveries {
    /// The state's.
    #[serde(skip)]
    pub(crate) webhook_faults: WebhookFaults,
    /// Oldest first.
    all: VecDeque<Delivery>,
    /// How many were dropped from the front.
    dropped: u64,
    /// How many there ever were.
    planned: i64,
    /// Each one's place among all that ever were.
    #[serde(skip)]
    index: HashMap<Uuid, u64>,
    #[serde(skip)]
    bytes: usize,
    /// What each webhook will get.
    #[serde(skip)]
    queues: BTreeMap<String, Queue>,
    /// What is being sent, and where to.
    #[serde(skip)]
    under_way: BTreeMap<Uuid, String>,
}

/// When a delivery is due, and its place among those of the moment.
type Turn = (Time, i64);

#[derive(Default)]
struct Queue {
    due: BTreeMap<Turn, u64>,
    /// The start of the second or minute that something was last sent in, and how often it was.
    window: Option<Time>,
    used: i64,
}

/// An event on its way to a webhook.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) id: Uuid,
    pub(crate) webhook_id: String,
    pub(crate) event: String,
    pub(crate) email_id: Uuid,
    pub(crate) url: String,
    pub(crate) planned: Time,
    pub(crate) state: DeliveryState,
    /// When the next attempt is, or the last one was.
    pub(crate) due: Time,
    order: i64,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) tampered: bool,
    header: SignatureHeader,
    signature: String,
    /// As it was signed.
    body: String,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryState {
    /// It is to be sent, or sent again.
    Pending,
    /// The receiver answered 2xx.
    Delivered,
    /// It was tried for the last time.
    Failed,
    /// The sandbox does not call such a receiver.
    Refused,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) time: Time,
    /// The receiver's answer, when there was one.
    pub(crate) status: Option<u16>,
    /// Why there was none.
    pub(crate) error: Option<String>,
    pub(crate) millis: f64,
}

/// A delivery to be sent now.
pub(crate) struct Letter {
    pub(crate) account_id: i64,
    pub(crate) id: Uuid,
    pub(crate) url: String,
    pub(crate) archived: bool,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// How a delivery is made again.
#[derive(Clone, Copy, Deserialize)]
#[serde(default)]
pub(crate) struct Again {
    pub(crate) tamper: bool,
    pub(crate) times: usize,
    pub(crate) delay_ms: u64,
}

impl Default for Again {
    fn default() -> Self {
        Self { tamper: false, times: 1, delay_ms: 0 }
    }
}

impl Deliveries {
    /// Makes what is not stored, after it was read.
    pub(crate) fn restore(&mut self) {
        self.index = self.all.iter().map(|delivery| delivery.id).zip(self.dropped..).collect();
        self.bytes = self.all.iter().map(Delivery::cost).sum();
        for (delivery, place) in self.all.iter().zip(self.dropped..) {
            if delivery.state == DeliveryState::Pending {
                self.queues.entry(delivery.webhook_id.clone()).or_default().due.insert(delivery.turn(), place);
            }
        }
    }

    /// Plans what the last event of an email has for webhooks.
    pub(crate) fn plan(&mut self, account_id: i64, webhooks: &[Webhook], email: &Email) {
        let Some(event) = email.events.last() else { return };
        let name = payload::event(event.kind);
        for webhook in webhooks.iter().filter(|it| it.archived.is_none() && it.event == name) {
            let body = payload::body(account_id, email, event, self.webhook_faults.dialect);
            let delivery = Delivery {
                id: event.id,
                webhook_id: webhook.id.clone(),
                event: name.into(),
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

    /// Plans a delivery once more, or more often; the new ones, or nothing, when there is no such delivery.
    pub(crate) fn again(&mut self, id: Uuid, how: Again, now: Time) -> Option<Vec<Uuid>> {
        let again = Delivery {
            planned: now,
            state: DeliveryState::Pending,
            due: now.plus(Duration::from_millis(how.delay_ms)),
            attempts: Vec::new(),
            tampered: how.tamper,
            ..self.get(id)?.clone()
        };
        Some((0..how.times).map(|_| self.add(again.clone())).collect())
    }

    /// Takes a delivery in, under an id of its own.
    fn add(&mut self, mut delivery: Delivery) -> Uuid {
        self.planned += 1;
        delivery.order = if self.webhook_faults.reorder { -self.planned } else { self.planned };
        delivery.id = event_id(delivery.id, usize::try_from(self.planned).unwrap_or_default());
        let (id, place) = (delivery.id, self.dropped + self.all.len() as u64);
        self.queues.entry(delivery.webhook_id.clone()).or_default().due.insert(delivery.turn(), place);
        self.index.insert(id, place);
        self.bytes += delivery.cost();
        self.all.push_back(delivery);
        while self.all.len() > KEEP || self.bytes > BYTES {
            self.drop_oldest();
        }
        id
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

    /// Takes what is to be sent now, the earliest first and never two at once to one URL, so that they arrive in order.
    pub(crate) fn take(&mut self, account_id: i64, webhooks: &[Webhook], now: Time) -> Option<Letter> {
        let (_, webhook) = self.turns(webhooks).min_by_key(|(turn, _)| *turn).filter(|((due, _), _)| *due <= now)?;
        let place = self.queues.get_mut(&webhook.id)?.pop(webhook, now)?;
        let delivery = self.at(place)?;
        delivery.url.clone_from(&webhook.url);
        let letter = Letter {
            account_id,
            id: delivery.id,
            url: webhook.url.clone(),
            archived: webhook.archived.is_some(),
            headers: delivery.headers().into(),
            body: delivery.body().into_owned(),
        };
        self.under_way.insert(letter.id, letter.url.clone());
        Some(letter)
    }

    /// Remembers what became of a letter, and plans the next attempt.
    pub(crate) fn tried(&mut self, id: Uuid, answer: Result<u16, Failure>, now: Time, millis: f64) {
        self.under_way.remove(&id);
        let Some(place) = self.index.get(&id).copied() else { return };
        let Some(delivery) = self.at(place) else { return };
        let (webhook, turn) = (delivery.webhook_id.clone(), delivery.turn());
        delivery.tried(answer, now, millis);
        let again = (delivery.state == DeliveryState::Pending).then(|| delivery.turn());
        let queue = self.queues.entry(webhook).or_default();
        // Still there when this is read from a journal, without having been taken.
        queue.due.remove(&turn);
        queue.due.extend(again.map(|turn| (turn, place)));
    }

    /// When the next one is to be sent, besides those that wait for one under way.
    pub(crate) fn next_due(&self, webhooks: &[Webhook]) -> Option<Time> {
        self.turns(webhooks).map(|((due, _), _)| due).min()
    }

    pub(crate) fn are_under_way(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// The next turn of each webhook whose receiver is free.
    fn turns<'w>(&self, webhooks: &'w [Webhook]) -> impl Iterator<Item = (Turn, &'w Webhook)> {
        let free = |webhook: &&Webhook| !self.under_way.values().any(|url| *url == webhook.url);
        let turn = |webhook: &'w Webhook| Some((self.queues.get(&webhook.id)?.turn(webhook)?, webhook));
        webhooks.iter().filter(free).filter_map(turn)
    }

    fn at(&mut self, place: u64) -> Option<&mut Delivery> {
        self.all.get_mut(usize::try_from(place.checked_sub(self.dropped)?).ok()?)
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Delivery> {
        self.all.get(usize::try_from(self.index.get(&id)? - self.dropped).ok()?)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Delivery> {
        self.all.iter()
    }

    /// What they cost in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl State {
    /// When there will be something to deliver, as far as is known.
    pub(crate) fn next_delivery(&self) -> Option<Time> {
        let next = self.accounts.iter().flat_map(|account| {
            let planned = account.deliveries.next_due(&account.webhooks);
            let listens = account.webhooks.iter().any(|webhook| webhook.archived.is_none());
            [planned, account.emails.next_due().filter(|_| listens)]
        });
        next.flatten().min()
    }

    /// Whether all that was due has been delivered, or has failed.
    pub(crate) fn is_delivered(&self) -> bool {
        !self.accounts.iter().any(|account| account.deliveries.are_under_way())
            && self.next_delivery().is_none_or(|time| time > self.now)
    }
}

impl Queue {
    /// Whose turn is next, and when the rate allows it.
    fn turn(&self, webhook: &Webhook) -> Option<Turn> {
        let ((due, order), _) = self.due.first_key_value()?;
        let used_up = self.window.filter(|_| self.used >= webhook.rate_limit.max(1));
        Some((used_up.map_or(*due, |window| window.plus(period(webhook)).max(*due)), *order))
    }

    fn pop(&mut self, webhook: &Webhook, now: Time) -> Option<u64> {
        let length = i64::try_from(period(webhook).as_millis()).unwrap_or(i64::MAX);
        let window = Some(Time(now.0 - now.0.rem_euclid(length)));
        if self.window != window {
            (self.window, self.used) = (window, 0);
        }
        self.used += 1;
        self.due.pop_first().map(|(_, place)| place)
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

    /// What it is sent with, besides what HTTP itself needs.
    pub(crate) fn headers(&self) -> [(&'static str, String); 3] {
        [
            ("content-type", "application/json".into()),
            ("user-agent", concat!("cakemail-sandbox/", env!("CARGO_PKG_VERSION")).into()),
            (self.header.name(), self.signature.clone()),
        ]
    }

    /// What is sent.
    pub(crate) fn body(&self) -> Cow<'_, str> {
        if self.tampered { payload::tampered(&self.body).into() } else { self.body.as_str().into() }
    }

    fn tried(&mut self, answer: Result<u16, Failure>, now: Time, millis: f64) {
        self.due = now;
        self.state = match &answer {
            Ok(200..300) => DeliveryState::Delivered,
            Err(Failure::Refused(_)) => DeliveryState::Refused,
            _ => match BACKOFF.get(self.attempts.len()) {
                Some(wait) => {
                    self.due = now.plus(Duration::from_secs(*wait));
                    DeliveryState::Pending
                }
                None => DeliveryState::Failed,
            },
        };
        let (status, error) = match answer {
            Ok(status) => (Some(status), None),
            Err(Failure::Refused(error) | Failure::Silent(error)) => (None, Some(error)),
        };
        self.attempts.push(Attempt { time: now, status, error, millis });
    }
}
