//! The rules of webhook deliveries: when each is due, how it ends, and which are stored.

use cakemail_webhook::SignatureHeader;

use super::delivery::BACKOFF;
use super::*;

fn delivery(body: &str) -> Delivery {
    Delivery {
        id: Uuid::from_u128(1),
        webhook_id: "w".into(),
        event: "Email.Queued".into(),
        email_id: Uuid::from_u128(2),
        url: "http://127.0.0.1:9/".into(),
        planned: Time(0),
        state: DeliveryState::Pending,
        due: Time(0),
        order: 0,
        attempts: Vec::new(),
        tampered: false,
        header: SignatureHeader::default(),
        signature: String::new(),
        body: body.into(),
    }
}

fn webhooks(rate_limit: i64) -> Table<Webhook> {
    let webhook = Webhook {
        id: "w".into(),
        event: "Email.Queued".into(),
        url: "http://127.0.0.1:9/".into(),
        rate_limit,
        rate_limit_period: "second".into(),
        key: "key".into(),
        archived: None,
    };
    Table::from_iter([webhook])
}

impl Deliveries {
    /// Adds a pending delivery.
    pub(crate) fn add_test_delivery(&mut self, webhook: &str, due: Time) {
        self.add(Delivery { webhook_id: webhook.into(), due, ..delivery("{}") });
    }
}

/// Deliveries with this many pending ones.
fn pending(count: usize, body: &str) -> Deliveries {
    let mut deliveries = Deliveries::default();
    deliveries.add(delivery(body));
    let first = deliveries.iter().next().unwrap().id;
    deliveries.replay(first, ReplayOptions { times: count - 1, ..ReplayOptions::default() }, Time(0));
    deliveries
}

#[test]
fn twenty_thousand_pending_deliveries_are_all_made() {
    let (mut deliveries, webhooks) = (pending(20_000, "{}"), webhooks(1_000_000));
    assert_eq!((deliveries.pending(), deliveries.dropped_pending()), (20_000, 0));
    let mut orders = Vec::new();
    while let Some(outgoing) = deliveries.take_due(1, &webhooks, Time(0)) {
        orders.push(deliveries.get(outgoing.id).unwrap().order);
        deliveries.record_attempt(&webhooks, outgoing.id, Ok(200), Time(0), 1.0);
    }
    assert_eq!(orders, (1..=20_000).collect::<Vec<_>>());
    assert_eq!((deliveries.pending(), deliveries.dropped_pending()), (0, 0));
    let stored: Vec<_> = deliveries.iter().map(|delivery| delivery.order).collect();
    assert_eq!(stored, (10_001..=20_000).collect::<Vec<_>>(), "the latest of those that were made");
}

#[test]
fn pending_deliveries_beyond_the_memory_are_dropped_and_counted_after_those_that_were_made() {
    let (body, webhooks) = ("x".repeat(1024 * 1024), webhooks(1_000_000));
    let mut deliveries = pending(50, &body);
    for _ in 0..10 {
        let outgoing = deliveries.take_due(1, &webhooks, Time(0)).unwrap();
        deliveries.record_attempt(&webhooks, outgoing.id, Ok(200), Time(0), 1.0);
    }
    let copies = |times| ReplayOptions { times, ..ReplayOptions::default() };
    let last = |deliveries: &Deliveries| deliveries.iter().next_back().unwrap().id;
    deliveries.replay(last(&deliveries), copies(20), Time(1));
    assert_eq!((deliveries.table().len(), deliveries.pending(), deliveries.dropped_pending()), (63, 60, 0));
    deliveries.replay(last(&deliveries), copies(20), Time(2));
    assert_eq!((deliveries.table().len(), deliveries.pending(), deliveries.dropped_pending()), (63, 63, 17));
    assert!(deliveries.bytes() <= MAX_BYTES);
    let first = deliveries.take_due(1, &webhooks, Time(2)).unwrap();
    assert_eq!(deliveries.get(first.id).unwrap().order, 28, "a dropped delivery is not sent");
}

#[test]
fn a_rate_limit_holds_over_a_restart() {
    let (mut deliveries, webhooks) = (pending(3, "{}"), webhooks(2));
    for _ in 0..2 {
        let outgoing = deliveries.take_due(1, &webhooks, Time(100)).unwrap();
        deliveries.record_attempt(&webhooks, outgoing.id, Ok(200), Time(100), 1.0);
    }
    let mut restored: Deliveries = serde_json::from_str(&serde_json::to_string(&deliveries).unwrap()).unwrap();
    deliveries.iter().for_each(|delivery| restored.restore(delivery.clone()));
    restored.rebuild();
    assert_eq!((restored.pending(), restored.next_due(&webhooks)), (1, Some(Time(1000))));

    // The journal has the attempts only.
    let mut replayed = pending(3, "{}");
    for id in deliveries.iter().map(|delivery| delivery.id).take(2) {
        replayed.record_attempt(&webhooks, id, Ok(200), Time(100), 1.0);
    }
    assert_eq!(replayed.next_due(&webhooks), Some(Time(1000)));
}

#[test]
fn the_docs_list_the_delays() {
    let worded = BACKOFF.map(|seconds| match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    });
    let words = format!("again {} later", worded.join(", "));
    assert!(include_str!("../../lib.rs").contains(&words), "{words}");
}
